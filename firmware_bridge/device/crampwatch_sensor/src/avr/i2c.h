// The two-wire bus, through Arduino's Wire.
#pragma once

#include "../core/accelerometer.h"

namespace crampwatch {

extern const I2cBus kWireBus;

void start_i2c();

}  // namespace crampwatch
