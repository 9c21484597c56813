// The sensor's story on one page: samples and presses become frames, commands become answers and vibration.
//
// Bytes, samples, pins and milliseconds go in, bytes and drive levels come out: no I/O, no clock, no heap, so that
// it runs unchanged on any board and on the machine that tests it.
#pragma once

#include <stdint.h>

#include "button.h"
#include "cue_player.h"
#include "frame_reader.h"
#include "frame_writer.h"
#include "host_watch.h"
#include "sample_queue.h"
#include "wire_format.h"

namespace crampwatch {

// What HELLO says; the texts lie in flash.
struct Description {
  uint8_t hardware_id[8];
  uint32_t boot_id;
  ResetCause reset_cause;
  uint8_t channels;
  Scale emg_scale;
  bool has_acc;
  Scale acc_scale;
  const char* name;
  const char* firmware;
  const char* prefilter;
  const char* sites[kMaxChannels];
};

// What the pins say.
struct Pins {
  bool button_down;
  // A bit per channel.
  uint8_t lead_off;
  uint16_t battery_mv;
};

class Sensor {
 public:
  // Both must outlive it.
  Sensor(const Description& description, SampleQueue& samples);

  // Introduces itself; once, before all else. `watched` is what `watched()` said before the last reset.
  void start(bool watched, uint32_t now_ms);
  void hear(uint8_t byte, uint32_t now_ms);
  // Turns what has happened into frames; to be called at least every 10 ms.
  void tick(uint32_t now_ms, const Pins& pins);
  Drive drive(uint32_t now_ms) { return cues_.drive(now_ms); }
  // Whether a host watches; to be kept over resets.
  bool watched() const { return host_.watched(); }
  // The bytes for the line.
  FrameWriter& line() { return line_; }

 private:
  // What was answered last to a kind of command, to be said again when the command is repeated.
  struct Answer {
    bool given;
    uint8_t token;
    AckResult result;
    uint32_t counter;
  };
  // Carries out the command at hand; false where its arguments make no sense.
  using Action = bool (Sensor::*)(uint32_t now_ms);

  void say_hello();
  void say_samples();
  void say_unit(const SampleUnit& unit);
  void say_press();
  void say_alone(uint32_t now_ms);
  void say_status(uint32_t now_ms, const Pins& pins);
  bool say_mark(MarkKind kind, uint8_t code, uint32_t value);
  void say_ack(uint8_t command, const Answer& answer);

  void obey(uint32_t now_ms);
  void answer(Answer& last, uint8_t token, Action action, uint32_t now_ms);
  bool cue(uint32_t now_ms);
  bool set(uint32_t now_ms);
  bool play(const Cue& cue, uint32_t now_ms);

  const Description& description_;
  SampleQueue& samples_;
  FrameWriter line_;
  uint8_t heard_[kMaxCommandBytes];
  FrameReader reader_;
  CuePlayer cues_;
  Button button_;
  HostWatch host_;
  Answer last_cue_ = {}, last_set_ = {};
  bool hello_due_ = true;
  uint32_t next_counter_ = 0;
  uint32_t status_ms_ = 0;
  uint32_t clipped_ = 0, lost_ = 0;
};

}  // namespace crampwatch
