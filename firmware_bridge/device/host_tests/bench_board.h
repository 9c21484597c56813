// A sensor on the bench: its interrupt, its loop and its line, a millisecond at a time.
#pragma once

#include <cstring>

#include "emg_scale.h"
#include "frame_text.h"
#include "sensor.h"

namespace bench {

constexpr char kName[] = "", kFirmware[] = "bench", kPrefilter[] = "HP:20Hz";
constexpr char kSite1[] = "left-calf", kSite2[] = "right-calf";

inline crampwatch::Description description(uint8_t channels = 1, bool has_acc = true) {
  using namespace crampwatch;
  Description who = {};
  for (uint8_t i = 0; i < 8; ++i) who.hardware_id[i] = static_cast<uint8_t>(0x10 + i);
  who.boot_id = 0x1FF;
  who.reset_cause = ResetCause::kWatchdog;
  who.channels = channels;
  who.emg_scale = emg_scale(4, 5000, 200);
  who.has_acc = has_acc;
  who.acc_scale = {-2048, 2047, Unit::kG, {-4096, -3}, {4094, -3}};
  who.name = kName;
  who.firmware = kFirmware;
  who.prefilter = kPrefilter;
  who.sites[0] = kSite1;
  who.sites[1] = kSite2;
  return who;
}

class Board {
 public:
  explicit Board(const crampwatch::Description& description, bool watched = false)
      : description_(description), samples_(description.channels), sensor_(description_, samples_) {
    sensor_.start(watched, now_ms);
  }

  // Runs on; the line takes at most `line_bytes` a millisecond (11 at 115200 baud).
  void run(uint32_t ms, unsigned line_bytes = 11) {
    for (uint32_t i = 0; i < ms; ++i) {
      sample();
      if (samples_.acc_due()) samples_.put_acc(acc);
      sensor_.tick(now_ms, pins);
      for (unsigned sent = 0; sent < line_bytes && sensor_.line().waiting() > 0; ++sent) {
        line.push_back(sensor_.line().take());
      }
      ++now_ms;
    }
  }

  void hear(const Bytes& bytes) {
    for (const uint8_t byte : bytes) sensor_.hear(byte, now_ms);
  }
  void command(crampwatch::FrameType type, const Bytes& payload) { hear(sealed(static_cast<uint8_t>(type), payload)); }
  void keepalive(bool watching = true) { command(crampwatch::FrameType::kKeepalive, {watching}); }

  // What has been said since the last call, of one type or of all.
  std::vector<Frame> said() {
    const std::vector<Frame> frames = frames_in(line);
    line.clear();
    return frames;
  }
  std::vector<Frame> said(crampwatch::FrameType type) {
    std::vector<Frame> chosen;
    for (const Frame& frame : said()) {
      if (frame.type == static_cast<uint8_t>(type)) chosen.push_back(frame);
    }
    return chosen;
  }

  crampwatch::Drive drive() { return sensor_.drive(now_ms); }
  bool watched() const { return sensor_.watched(); }

  uint32_t now_ms = 0;
  crampwatch::Pins pins = {};
  int16_t emg = 2046;
  int16_t acc[3] = {1, 2, 3};
  // Whether the converter is late, and this instant lost.
  bool missing = false;
  Bytes line;

 private:
  void sample() {
    if (missing) {
      samples_.push_missing(now_ms * 1000);
      return;
    }
    const int16_t instant[crampwatch::kMaxChannels] = {emg, static_cast<int16_t>(emg - 1)};
    samples_.push(instant, now_ms * 1000);
  }

  crampwatch::Description description_;
  crampwatch::SampleQueue samples_;
  crampwatch::Sensor sensor_;
};

}  // namespace bench
