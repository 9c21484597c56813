#include "sample_queue.h"

namespace crampwatch {
namespace {

// Keeps the compiler from moving a unit's samples across the index that hands it over.
inline void keep_order() { __asm__ __volatile__("" ::: "memory"); }

}  // namespace

void SampleQueue::push(const int16_t* emg, uint32_t device_us) {
  if (filled_ == 0) begin_unit(device_us);
  int16_t* place = units_[head_].emg + filled_ * channels_;
  for (uint8_t i = 0; i < channels_; ++i) place[i] = emg[i];
  counter_ = counter_ + 1;
  if (filled_ + 1 < kUnitSamples) {
    filled_ = filled_ + 1;
    return;
  }
  filled_ = 0;
  keep_order();
  if (after(head_) != tail_) head_ = after(head_);
}

void SampleQueue::push_missing(uint32_t device_us) {
  const int16_t missing[kMaxChannels] = {kNoSample, kNoSample};
  push(missing, device_us);
}

void SampleQueue::begin_unit(uint32_t device_us) {
  SampleUnit& unit = units_[head_];
  unit.counter = counter_;
  unit.device_us = device_us;
  for (int16_t& axis : unit.acc) axis = kNoSample;
  acc_due_ = true;
}

uint32_t SampleQueue::now() const {
  // The interrupt may come between the bytes; it cannot do so twice at the same place within a millisecond.
  uint32_t first = counter_, second = counter_;
  while (first != second) {
    first = second;
    second = counter_;
  }
  return second;
}

bool SampleQueue::acc_due() {
  if (!acc_due_) return false;
  acc_due_ = false;
  acc_place_ = head_;
  return true;
}

void SampleQueue::put_acc(const int16_t* acc) {
  // That unit may be whole by now, but the loop, which is busy here, has not sent it.
  for (uint8_t i = 0; i < 3; ++i) units_[acc_place_].acc[i] = acc[i];
  keep_order();
}

void SampleQueue::pop() {
  keep_order();
  tail_ = after(tail_);
}

}  // namespace crampwatch
