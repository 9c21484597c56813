#include "sensor.h"

namespace crampwatch {
namespace {

constexpr uint32_t kStatusEveryMs = 1000;
// ACK and MARK of one command (15 and 19 bytes as sent): what SAMPLES leave free on a line that stands still.
constexpr uint8_t kAnswerBytes = 40;
// Type, counter, µs, epoch and acceleration; check sum, COBS and delimiters.
constexpr uint8_t kSamplesBytes = 1 + 9 + 6 + 4 + 3;
constexpr uint8_t kHighestPercent = 100;

// How long the payloads of commands are, and where their tokens lie.
constexpr uint8_t kCueBytes = 5, kCueToken = 4;
constexpr uint8_t kSetBytes = 6, kSetToken = 5;
constexpr uint8_t kKeepaliveBytes = 1;

// HELLO says the same from a start to the next, so that the count of starts tells epochs apart.
uint8_t epoch_of(const Description& description) { return static_cast<uint8_t>(description.boot_id); }

uint8_t cue_code(const Cue& cue) {
  return static_cast<uint8_t>(cue.vibration) | static_cast<uint8_t>(cue.light) << 4;
}

}  // namespace

Sensor::Sensor(const Description& description, SampleQueue& samples)
    : description_(description), samples_(samples), reader_(heard_, kMaxCommandBytes) {}

void Sensor::start(bool watched, uint32_t now_ms) {
  host_.start(watched, now_ms);
  status_ms_ = now_ms;
  say_hello();
}

void Sensor::hear(uint8_t byte, uint32_t now_ms) {
  if (reader_.feed(byte)) obey(now_ms);
}

void Sensor::tick(uint32_t now_ms, const Pins& pins) {
  button_.watch(pins.button_down, now_ms);
  if (hello_due_) say_hello();
  if (button_.pending()) say_press();
  if (host_.buzz_due(now_ms)) say_alone(now_ms);
  // Until HELLO has found its place on the line nothing may fill it.
  if (!hello_due_) say_samples();
  if (now_ms - status_ms_ >= kStatusEveryMs) say_status(now_ms, pins);
}

// ---- what it says ----

void Sensor::say_hello() {
  const Description& who = description_;
  line_.begin(FrameType::kHello);
  line_.put_u8(kProtocolVersion);
  line_.put_u8(epoch_of(who));
  line_.put_u8(static_cast<uint8_t>(who.reset_cause));
  line_.put_u32(who.boot_id);
  for (const uint8_t byte : who.hardware_id) line_.put_u8(byte);
  line_.put_u32(next_counter_);
  line_.put_u32(kEmgRateHz);
  line_.put_u32(1);
  line_.put_u16(who.has_acc ? kUnitSamples : 0);
  line_.put_u16(kUnitSamples);
  line_.put_u8(who.channels);
  for (uint8_t i = 0; i < who.channels; ++i) line_.put_scale(who.emg_scale);
  if (who.has_acc) line_.put_scale(who.acc_scale);
  line_.put_text(who.name);
  line_.put_text(who.firmware);
  line_.put_text(who.prefilter);
  for (uint8_t i = 0; i < who.channels; ++i) line_.put_text(who.sites[i]);
  hello_due_ = !line_.end();
}

void Sensor::say_samples() {
  const uint8_t bytes = kSamplesBytes + kUnitSamples * description_.channels * 2;
  while (line_.room() >= bytes + kAnswerBytes) {
    const SampleUnit* unit = samples_.front();
    if (unit == nullptr) return;
    say_unit(*unit);
    samples_.pop();
  }
}

void Sensor::say_unit(const SampleUnit& unit) {
  lost_ += unit.counter - next_counter_;
  next_counter_ = unit.counter + kUnitSamples;
  line_.begin(FrameType::kSamples);
  line_.put_u32(unit.counter);
  line_.put_u32(unit.device_us);
  line_.put_u8(epoch_of(description_));
  const Scale& scale = description_.emg_scale;
  for (uint8_t i = 0; i < kUnitSamples * description_.channels; ++i) {
    const int16_t count = unit.emg[i];
    if (count == kNoSample) {
      lost_ += i % description_.channels == 0;
    } else if (count <= scale.digital_min || count >= scale.digital_max) {
      ++clipped_;
    }
    line_.put_i16(count);
  }
  if (description_.has_acc) {
    for (const int16_t count : unit.acc) line_.put_i16(count);
  }
  line_.end();
}

void Sensor::say_press() {
  if (!say_mark(button_.kind(), 0, 0)) return;
  button_.told();
  if (host_.alone() && button_.kind() == MarkKind::kButtonShort) {
    host_.silence();
    cues_.stop();
  }
}

void Sensor::say_alone(uint32_t now_ms) {
  if (play({Pattern::kAlone, Pattern::kAlone, HostWatch::kBuzzMs}, now_ms)) host_.buzzed(now_ms);
}

void Sensor::say_status(uint32_t now_ms, const Pins& pins) {
  line_.begin(FrameType::kStatus);
  line_.put_u32(samples_.now());
  line_.put_u8(epoch_of(description_));
  line_.put_u8(pins.lead_off);
  line_.put_u16(pins.battery_mv);
  line_.put_u32(clipped_);
  line_.put_u32(lost_);
  if (line_.end()) status_ms_ = now_ms;
}

bool Sensor::say_mark(MarkKind kind, uint8_t code, uint32_t value) {
  line_.begin(FrameType::kMark);
  line_.put_u32(samples_.now());
  line_.put_u8(epoch_of(description_));
  line_.put_u8(static_cast<uint8_t>(kind));
  line_.put_u8(code);
  line_.put_u32(value);
  return line_.end();
}

void Sensor::say_ack(uint8_t command, const Answer& answer) {
  line_.begin(FrameType::kAck);
  line_.put_u32(answer.counter);
  line_.put_u8(command);
  line_.put_u8(answer.token);
  line_.put_u8(static_cast<uint8_t>(answer.result));
  line_.end();
}

// ---- what it is told ----

void Sensor::obey(uint32_t now_ms) {
  const uint16_t size = reader_.payload_size();
  switch (static_cast<FrameType>(reader_.type())) {
    case FrameType::kCue:
      if (size >= kCueBytes) answer(last_cue_, reader_.u8(kCueToken), &Sensor::cue, now_ms);
      break;
    case FrameType::kSet:
      if (size >= kSetBytes) answer(last_set_, reader_.u8(kSetToken), &Sensor::set, now_ms);
      break;
    case FrameType::kHelloRequest:
      hello_due_ = true;
      break;
    case FrameType::kKeepalive:
      if (size >= kKeepaliveBytes) host_.heard(reader_.u8(0) != 0, now_ms);
      break;
    default:
      // Of a later version, or an echo of its own: nothing that it could do.
      break;
  }
}

void Sensor::answer(Answer& last, uint8_t token, Action action, uint32_t now_ms) {
  // A command whose answer finds no place is as good as not heard: the host says it again.
  if (line_.room() < kAnswerBytes) return;
  const bool repeated = last.given && last.token == token;
  if (!repeated) last = {true, token, AckResult::kDone, samples_.now()};
  if (!repeated && !(this->*action)(now_ms)) last.result = AckResult::kBadArgument;
  say_ack(reader_.type(), last);
}

bool Sensor::cue(uint32_t now_ms) {
  const uint8_t vibration = reader_.u8(0), light = reader_.u8(1);
  if (vibration >= kPatterns || light >= kPatterns) return false;
  play({static_cast<Pattern>(vibration), static_cast<Pattern>(light), reader_.u16(2)}, now_ms);
  return true;
}

bool Sensor::set(uint32_t) {
  const uint8_t setting = reader_.u8(0);
  const uint32_t value = reader_.u32(1);
  if (setting >= kSettings || value > kHighestPercent) return false;
  cues_.set_strength(static_cast<Setting>(setting), static_cast<uint8_t>(value));
  say_mark(MarkKind::kSettingChanged, setting, value);
  return true;
}

bool Sensor::play(const Cue& cue, uint32_t now_ms) {
  if (!say_mark(MarkKind::kCueBegan, cue_code(cue), cue.duration_ms)) return false;
  cues_.play(cue, now_ms);
  return true;
}

}  // namespace crampwatch
