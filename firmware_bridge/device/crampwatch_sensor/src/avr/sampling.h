// The ADC of an ATmega328P, paced by Timer1: one instant of all channels every millisecond.
#pragma once

#include <stdint.h>

#include "../core/sample_queue.h"

namespace crampwatch {

struct AnalogInputs {
  uint8_t channels;
  const uint8_t* pins;
  // DEFAULT, EXTERNAL or INTERNAL, as Arduino's `analogReference` takes them.
  uint8_t reference;
  // Added up for one sample.
  uint8_t conversions;
  // Measured once a second where `has_battery`.
  bool has_battery;
  uint8_t battery_pin;
};

// Begins to fill the queue; nothing else may use the ADC or Timer1 from then on.
void start_sampling(const AnalogInputs& inputs, SampleQueue& queue);

// The last reading of the battery pin, 0 to 1023; asks for the next one.
uint16_t battery_reading();

}  // namespace crampwatch
