#include "i2c.h"

#include <Wire.h>

namespace crampwatch {
namespace {

constexpr uint32_t kClockHz = 400000;
// Six bytes take 0.2 ms; a device that holds the bus for longer than this is broken.
constexpr uint32_t kTimeoutUs = 2000;

bool write_register(uint8_t address, uint8_t at, uint8_t value) {
  Wire.beginTransmission(address);
  Wire.write(at);
  Wire.write(value);
  return Wire.endTransmission() == 0;
}

bool read_registers(uint8_t address, uint8_t at, uint8_t* bytes, uint8_t count) {
  Wire.beginTransmission(address);
  Wire.write(at);
  if (Wire.endTransmission(false) != 0) return false;
  if (Wire.requestFrom(address, count) != count) return false;
  for (uint8_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(Wire.read());
  return true;
}

}  // namespace

const I2cBus kWireBus = {write_register, read_registers};

void start_i2c() {
  Wire.begin();
  Wire.setClock(kClockHz);
  Wire.setWireTimeout(kTimeoutUs, /*reset_with_timeout=*/true);
}

}  // namespace crampwatch
