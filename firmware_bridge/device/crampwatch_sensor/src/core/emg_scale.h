// The scale of a converter behind a front end, worked out when the firmware is built.
#pragma once

#include <stdint.h>

#include "wire_format.h"

namespace crampwatch {

// Counts of a 10-bit converter.
constexpr int32_t kConverterSteps = 1024;

// Rounds halves away from zero; `divisor` is above 0.
constexpr int64_t rounded_quotient(int64_t dividend, int64_t divisor) {
  return (dividend < 0 ? dividend - divisor / 2 : dividend + divisor / 2) / divisor;
}

// Tenths of a microvolt at the skin for a sum of `conversions` counts, if half the reference is 0 µV.
constexpr int32_t tenths_of_uv(int32_t count, int32_t conversions, uint32_t reference_mv, uint32_t gain) {
  return static_cast<int32_t>(rounded_quotient(
      (2LL * count - conversions * kConverterSteps) * static_cast<int64_t>(reference_mv) * 10000,
      2LL * conversions * kConverterSteps * gain));
}

// Of samples that are sums of `conversions`, each 0 to 1023.
constexpr Scale emg_scale(int32_t conversions, uint32_t reference_mv, uint32_t gain) {
  return {0,
          static_cast<int16_t>(conversions * (kConverterSteps - 1)),
          Unit::kMicrovolt,
          {tenths_of_uv(0, conversions, reference_mv, gain), -1},
          {tenths_of_uv(conversions * (kConverterSteps - 1), conversions, reference_mv, gain), -1}};
}

// Whether a limit in tenths can be written in the eight characters of an EDF header field: -99999.9 to 999999.9.
constexpr bool fits_edf(int32_t tenths) { return tenths >= -999999 && tenths <= 9999999; }

}  // namespace crampwatch
