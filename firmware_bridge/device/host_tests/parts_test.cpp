// The small parts: button, cues, the watch over the host, scales, the queue of samples.
#include "button.h"
#include "check.h"
#include "cue_player.h"
#include "emg_scale.h"
#include "host_watch.h"
#include "sample_queue.h"

using namespace crampwatch;

namespace {

// Holds the button down from one millisecond to another, watching every millisecond; returns what was told.
std::vector<MarkKind> presses(Button& button, uint32_t from_ms, uint32_t to_ms, uint32_t end_ms, int bounce_ms = 0) {
  std::vector<MarkKind> told;
  for (uint32_t now = from_ms; now < end_ms; ++now) {
    const bool bouncing = (now - from_ms) < static_cast<uint32_t>(bounce_ms) ||
                          (now >= to_ms && now - to_ms < static_cast<uint32_t>(bounce_ms));
    button.watch(bouncing ? now % 2 == 0 : now < to_ms, now);
    if (button.pending()) {
      told.push_back(button.kind());
      button.told();
    }
  }
  return told;
}

TEST(a_short_press_is_told_once) {
  Button button;
  const std::vector<MarkKind> told = presses(button, 1000, 1200, 9000, 8);
  CHECK_EQUAL(1, told.size());
  CHECK(told[0] == MarkKind::kButtonShort);
}

TEST(a_long_press_is_told_after_three_seconds_and_not_again_when_let_go) {
  Button button;
  CHECK_EQUAL(0, presses(button, 1000, 3990, 3990).size());
  CHECK_EQUAL(1, presses(button, 3990, 4001, 4001).size());
  CHECK_EQUAL(0, presses(button, 4001, 6000, 9000).size());
}

TEST(a_spike_is_no_press) {
  Button button;
  CHECK_EQUAL(0, presses(button, 1000, 1010, 3000).size());
}

TEST(a_press_over_the_wrap_of_the_milliseconds_is_a_press) {
  Button button;
  uint32_t now = 0xFFFFFF00;
  int told = 0;
  for (int i = 0; i < 1000; ++i, ++now) {
    button.watch(i > 100 && i < 500, now);
    told += button.pending();
    if (button.pending()) button.told();
  }
  CHECK_EQUAL(1, told);
}

TEST(patterns_have_the_rhythms_of_the_wire) {
  struct {
    Pattern pattern;
    uint32_t at_ms;
    bool on;
  } const expected[] = {
      {Pattern::kOff, 0, false},       {Pattern::kSteady, 0, true},      {Pattern::kSteady, 65000, true},
      {Pattern::kPulse, 199, true},    {Pattern::kPulse, 200, false},    {Pattern::kPulse, 1000, true},
      {Pattern::kDouble, 199, true},   {Pattern::kDouble, 200, false},   {Pattern::kDouble, 400, true},
      {Pattern::kDouble, 599, true},   {Pattern::kDouble, 600, false},   {Pattern::kDouble, 1499, false},
      {Pattern::kDouble, 1500, true},  {Pattern::kUrgent, 499, true},    {Pattern::kUrgent, 500, false},
      {Pattern::kUrgent, 700, true},   {Pattern::kAlone, 999, true},     {Pattern::kAlone, 1000, false},
      {Pattern::kAlone, 2000, true},
  };
  for (const auto& one : expected) CHECK_EQUAL(one.on, pattern_is_on(one.pattern, one.at_ms));
}

TEST(every_cue_ends_by_itself) {
  CuePlayer cues;
  cues.play({Pattern::kSteady, Pattern::kOff, 0xFFFF}, 0xFFFFFFF0);
  CHECK_EQUAL(255, cues.drive(0xFFFFFFF0).vibration);
  CHECK_EQUAL(0, cues.drive(0xFFFFFFF0).light);
  CHECK_EQUAL(255, cues.drive(0xFFFFFFF0 + 0xFFFE).vibration);
  CHECK_EQUAL(0, cues.drive(0xFFFFFFF0 + 0xFFFF).vibration);
  // And does not begin again when the milliseconds have come round.
  CHECK_EQUAL(0, cues.drive(0xFFFFFFF0).vibration);
}

TEST(a_cue_of_no_length_stops_the_one_before) {
  CuePlayer cues;
  cues.play({Pattern::kSteady, Pattern::kSteady, 5000}, 0);
  cues.play({Pattern::kSteady, Pattern::kSteady, 0}, 10);
  CHECK_EQUAL(0, cues.drive(10).vibration);
}

TEST(strength_is_in_percent_and_each_has_its_own) {
  CuePlayer cues;
  cues.set_strength(Setting::kVibrationStrength, 40);
  cues.set_strength(Setting::kLightStrength, 0);
  cues.play({Pattern::kSteady, Pattern::kSteady, 100}, 0);
  CHECK_EQUAL(102, cues.drive(0).vibration);
  CHECK_EQUAL(0, cues.drive(0).light);
}

TEST(nobody_watches_a_new_board) {
  HostWatch host;
  host.start(false, 0);
  CHECK(!host.buzz_due(1000000));
}

TEST(a_watched_board_buzzes_after_a_minute_and_every_ten_seconds) {
  HostWatch host;
  host.heard(true, 5000);
  CHECK(!host.buzz_due(64999));
  CHECK(host.buzz_due(65000));
  host.buzzed(65000);
  CHECK(!host.buzz_due(74999));
  CHECK(host.buzz_due(75000));
}

TEST(a_board_that_restarts_while_its_host_is_dead_still_buzzes) {
  HostWatch host;
  host.start(true, 0);
  CHECK(host.watched());
  CHECK(host.buzz_due(60000));
}

TEST(a_goodbye_ends_the_watch) {
  HostWatch host;
  host.heard(true, 0);
  host.heard(false, 1000);
  CHECK(!host.buzz_due(200000));
}

TEST(silenced_by_the_wearer_it_is_silent_until_the_host_has_been_back) {
  HostWatch host;
  host.heard(true, 0);
  CHECK(host.buzz_due(60000));
  host.silence();
  CHECK(!host.buzz_due(500000));
  CHECK(host.watched());
  host.heard(true, 500000);
  CHECK(host.buzz_due(560000));
}

TEST(the_scale_is_what_an_edf_header_can_hold) {
  constexpr Scale uno = emg_scale(1, 5000, 200);
  CHECK_EQUAL(0, uno.digital_min);
  CHECK_EQUAL(1023, uno.digital_max);
  CHECK_EQUAL(-125000, uno.physical_min.mantissa);
  // (2 * 1023 - 1024) / 2048 of 25 mV.
  CHECK_EQUAL(124756, uno.physical_max.mantissa);
  CHECK_EQUAL(-1, uno.physical_max.exponent);
  constexpr Scale fine = emg_scale(4, 3300, 1000);
  CHECK_EQUAL(4092, fine.digital_max);
  CHECK_EQUAL(-16500, fine.physical_min.mantissa);
  CHECK(fits_edf(fine.physical_min.mantissa) && !fits_edf(-1000000));
}

void push(SampleQueue& queue, int instants, uint32_t at_us = 0) {
  static int16_t value = 0;
  for (int i = 0; i < instants; ++i) {
    const int16_t emg[2] = {value, static_cast<int16_t>(-value)};
    queue.push(emg, at_us + static_cast<uint32_t>(i) * 1000);
    ++value;
  }
}

TEST(ten_instants_make_a_unit_with_the_time_of_the_first) {
  SampleQueue queue(2);
  push(queue, 9, 5000);
  CHECK(queue.front() == nullptr);
  push(queue, 1, 14000);
  const SampleUnit* unit = queue.front();
  CHECK(unit != nullptr);
  CHECK_EQUAL(0, unit->counter);
  CHECK_EQUAL(5000, unit->device_us);
  for (int i = 0; i < 10; ++i) {
    CHECK_EQUAL(unit->emg[0] + i, unit->emg[2 * i]);
    CHECK_EQUAL(-unit->emg[2 * i], unit->emg[2 * i + 1]);
  }
  CHECK_EQUAL(10, queue.now());
}

TEST(acceleration_goes_to_the_unit_that_asked_for_it_even_when_it_is_late) {
  SampleQueue queue(1);
  push(queue, 1);
  CHECK(queue.acc_due());
  CHECK(!queue.acc_due());
  // The interrupt has completed that unit and begun the next before the device has answered.
  push(queue, 12);
  const int16_t acc[3] = {1, -2, 3};
  queue.put_acc(acc);
  const SampleUnit* unit = queue.front();
  for (int axis = 0; axis < 3; ++axis) CHECK_EQUAL(acc[axis], unit->acc[axis]);
  CHECK(queue.acc_due());
}

TEST(a_unit_without_acceleration_says_so) {
  SampleQueue queue(1);
  push(queue, 10);
  for (int axis = 0; axis < 3; ++axis) CHECK_EQUAL(kNoSample, queue.front()->acc[axis]);
}

TEST(what_a_slow_reader_misses_is_missing_from_the_counters) {
  SampleQueue queue(1);
  push(queue, 100);
  std::vector<uint32_t> counters;
  while (queue.front() != nullptr) {
    counters.push_back(queue.front()->counter);
    queue.pop();
  }
  CHECK_EQUAL(3, counters.size());
  CHECK_EQUAL(0, counters[0]);
  CHECK_EQUAL(20, counters[2]);
  push(queue, 10);
  CHECK_EQUAL(100, queue.front()->counter);
}

TEST(an_instant_that_could_not_be_sampled_keeps_its_place) {
  SampleQueue queue(2);
  push(queue, 4);
  queue.push_missing(0);
  push(queue, 5);
  const SampleUnit* unit = queue.front();
  CHECK_EQUAL(kNoSample, unit->emg[8]);
  CHECK_EQUAL(kNoSample, unit->emg[9]);
  CHECK(unit->emg[10] != kNoSample);
  CHECK_EQUAL(10, queue.now());
}

}  // namespace

int main() { return run_all_tests(); }
