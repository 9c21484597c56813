// An I2C accelerometer, LIS3DH or ADXL345: found, set to 100 readings a second within ±4 g, and read.
#pragma once

#include <stdint.h>

#include "wire_format.h"

namespace crampwatch {

// How a board talks to its bus. Each returns false where the device does not answer in time.
struct I2cBus {
  bool (*write_register)(uint8_t address, uint8_t at, uint8_t value);
  bool (*read_registers)(uint8_t address, uint8_t at, uint8_t* bytes, uint8_t count);
};

// What one type of accelerometer needs.
struct AccelerometerModel {
  uint8_t addresses[2];
  // The register that names the device, and what it says.
  uint8_t name_at, name;
  // Register and value, three times.
  uint8_t settings[6];
  // The first of six bytes, x y z, low byte first, as the burst read wants it.
  uint8_t values_at;
  // Unused low bits of each value.
  uint8_t shift;
  Scale scale;
};

class Accelerometer {
 public:
  explicit Accelerometer(const I2cBus& bus) : bus_(bus) {}

  // Looks for one, at all addresses that it may have; to be called once, at the start.
  bool find();
  // One reading, in counts of `scale`; false where there is none. To be called 100 times a second: a device that
  // has gone, or has lost its settings, is set up again once a second.
  bool read(int16_t* counts);
  // Of the one that was found.
  const Scale& scale() const { return model_.scale; }

 private:
  static constexpr uint8_t kRetryReadings = 100;

  bool answers(uint8_t address);
  bool set_up();
  bool read_once(int16_t* counts);

  const I2cBus& bus_;
  AccelerometerModel model_ = {};
  uint8_t address_ = 0;
  bool found_ = false, ready_ = false;
  // Readings without success since the last attempt, or of nothing but zeros.
  uint8_t bad_readings_ = 0;
};

}  // namespace crampwatch
