#include "sampling.h"

#include <Arduino.h>
#include <util/atomic.h>

namespace crampwatch {
namespace {

constexpr uint32_t kTimerHz = F_CPU / 8;
static_assert(kTimerHz % kEmgRateHz == 0, "Timer1 cannot pace the samples evenly at this clock");
// 125 kHz at 16 MHz: up to 200 kHz the converter gives all of its ten bits.
constexpr uint8_t kAdcClock = _BV(ADPS2) | _BV(ADPS1) | (F_CPU > 12000000 ? _BV(ADPS0) : 0);

SampleQueue* queue;
uint8_t conversions;
uint8_t channels;
// ADMUX for each channel and, after them, for the battery.
uint8_t mux[kMaxChannels + 1];

// Of the instant at hand; only the two interrupts, which do not interrupt one another, touch these.
bool busy;
uint8_t input;
uint8_t conversions_left;
int16_t sums[kMaxChannels + 1];
uint32_t instant_us;
// Instants whose time came while another was still being converted.
uint8_t missed;

volatile bool battery_wanted;
volatile uint16_t battery;

inline void convert(uint8_t which) {
  input = which;
  sums[which] = 0;
  conversions_left = which < channels ? conversions : 1;
  ADMUX = mux[which];
  ADCSRA |= _BV(ADSC);
}

uint8_t mux_of(uint8_t pin, uint8_t reference) { return reference << REFS0 | ((pin - A0) & 0x0F); }

void end_instant() {
  queue->push(sums, instant_us);
  for (; missed > 0; --missed) queue->push_missing(instant_us += 1000000 / kEmgRateHz);
  busy = false;
}

}  // namespace

// The conversion is started here and not by the timer itself (ADATE): simulators of the chip have no such wire,
// and the few cycles of latency are below a thousandth of the sampling interval.
ISR(TIMER1_COMPA_vect) {
  if (busy) {
    ++missed;
    return;
  }
  busy = true;
  if (queue->at_unit_start()) instant_us = micros();
  convert(0);
}

ISR(ADC_vect) {
  sums[input] += ADC;
  if (--conversions_left > 0) {
    ADCSRA |= _BV(ADSC);
  } else if (input + 1 < channels || (input + 1 == channels && battery_wanted)) {
    convert(input + 1);
  } else {
    if (input == channels) {
      battery = sums[input];
      battery_wanted = false;
    }
    end_instant();
  }
}

void start_sampling(const AnalogInputs& inputs, SampleQueue& samples) {
  queue = &samples;
  conversions = inputs.conversions;
  channels = inputs.channels;
  for (uint8_t i = 0; i < channels; ++i) mux[i] = mux_of(inputs.pins[i], inputs.reference);
  if (inputs.has_battery) mux[channels] = mux_of(inputs.battery_pin, inputs.reference);
  // Nobody uses the analogue comparator, which drains the battery.
  ACSR = _BV(ACD);
  ADCSRB = 0;
  ADCSRA = _BV(ADEN) | _BV(ADIE) | kAdcClock;
  // Clear on compare match, clock / 8.
  TCCR1A = 0;
  TCCR1B = _BV(WGM12) | _BV(CS11);
  OCR1A = kTimerHz / kEmgRateHz - 1;
  TCNT1 = 0;
  TIFR1 = _BV(OCF1A);
  TIMSK1 = _BV(OCIE1A);
}

uint16_t battery_reading() {
  uint16_t reading;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) { reading = battery; }
  battery_wanted = true;
  return reading;
}

}  // namespace crampwatch
