// Samples on their way from the interrupt that takes them to the loop that sends them.
#pragma once

#include <stdint.h>

#include "wire_format.h"

namespace crampwatch {

constexpr uint8_t kMaxChannels = 2;
constexpr uint16_t kEmgRateHz = 1000;
// EMG samples per acceleration sample, of which there are 100 a second.
constexpr uint8_t kUnitSamples = 10;

// One acceleration sample and the EMG samples that begin with it.
struct SampleUnit {
  uint32_t counter;
  uint32_t device_us;
  // All channels of an instant side by side.
  int16_t emg[kUnitSamples * kMaxChannels];
  int16_t acc[3];
};

// One writer, in an interrupt, one reader, in the loop, on one core; no locks. Where the reader is too slow the
// newest unit is dropped whole, and the counter of the next one shows it.
class SampleQueue {
 public:
  explicit SampleQueue(uint8_t channels) : channels_(channels) {}
  uint8_t channels() const { return channels_; }

  // --- in the interrupt ---

  // One instant's samples, of all channels; `device_us` counts at the first instant of a unit only.
  void push(const int16_t* emg, uint32_t device_us);
  // An instant that could not be sampled: it takes its place, and says so.
  void push_missing(uint32_t device_us);
  // Whether the next instant begins a unit.
  bool at_unit_start() const { return filled_ == 0; }

  // --- in the loop ---

  // Counter of the instant that is sampled next.
  uint32_t now() const;
  // True once in each unit, from its first instant on: time to read the accelerometer.
  bool acc_due();
  // The acceleration for the unit that `acc_due` told of; a unit that nobody calls this for says "no sample".
  void put_acc(const int16_t* acc);
  // The oldest whole unit, or null. It stays until `pop`.
  const SampleUnit* front() const { return tail_ == head_ ? nullptr : &units_[tail_]; }
  void pop();

 private:
  // One is being filled, the others hold 30 ms: a loop that a dead I2C bus holds up for 2 ms loses nothing.
  static constexpr uint8_t kUnits = 4;
  static uint8_t after(uint8_t place) { return place + 1 == kUnits ? 0 : place + 1; }
  void begin_unit(uint32_t device_us);

  SampleUnit units_[kUnits];
  const uint8_t channels_;
  // Units from tail_ to head_ are whole, the one at head_ is being filled. One byte each, so never read torn.
  volatile uint8_t head_ = 0, tail_ = 0;
  volatile uint8_t filled_ = 0;
  volatile uint32_t counter_ = 0;
  volatile bool acc_due_ = false;
  uint8_t acc_place_ = 0;
};

}  // namespace crampwatch
