#include "accelerometer.h"

#include "flash.h"

namespace crampwatch {

namespace {

// Both at ±4 g, since a kick exceeds 2 g.
// LIS3DH: 200 readings a second in high-resolution mode pass 22 Hz, less than half of our rate, and none is read
// twice. 2 mg a count. Register 0x28 with the bit for counting up.
// ADXL345: 100 readings a second pass 50 Hz. "Full resolution" is 256 counts a g.
const AccelerometerModel kModels[] CRAMPWATCH_IN_FLASH = {
    {{0x18, 0x19},
     0x0F,
     0x33,
     {0x23, 0x98, 0x20, 0x67, 0x24, 0x00},
     0x28 | 0x80,
     4,
     {-2048, 2047, Unit::kG, {-4096, -3}, {4094, -3}}},
    {{0x53, 0x1D},
     0x00,
     0xE5,
     {0x31, 0x09, 0x2C, 0x0A, 0x2D, 0x08},
     0x32,
     0,
     {-1024, 1023, Unit::kG, {-4, 0}, {3996094, -6}}},
};

constexpr uint8_t kValueBytes = 6;

}  // namespace

bool Accelerometer::find() {
  for (const AccelerometerModel& model : kModels) {
    flash_copy(&model_, &model, sizeof(model_));
    if (answers(model_.addresses[0]) || answers(model_.addresses[1])) {
      found_ = true;
      ready_ = set_up();
      return true;
    }
  }
  return false;
}

bool Accelerometer::answers(uint8_t address) {
  address_ = address;
  uint8_t name = 0;
  return bus_.read_registers(address, model_.name_at, &name, 1) && name == model_.name;
}

bool Accelerometer::read(int16_t* counts) {
  if (!found_) return false;
  if (bad_readings_ >= kRetryReadings) {
    bad_readings_ = 0;
    ready_ = set_up();
  }
  if (ready_ && read_once(counts)) return true;
  ready_ = false;
  ++bad_readings_;
  return false;
}

bool Accelerometer::set_up() {
  for (uint8_t i = 0; i < sizeof(model_.settings); i += 2) {
    if (!bus_.write_register(address_, model_.settings[i], model_.settings[i + 1])) return false;
  }
  return true;
}

bool Accelerometer::read_once(int16_t* counts) {
  uint8_t bytes[kValueBytes];
  if (!bus_.read_registers(address_, model_.values_at, bytes, kValueBytes)) return false;
  bool zeros = true;
  for (uint8_t i = 0; i < 3; ++i) {
    const int16_t value = static_cast<int16_t>(bytes[2 * i] | static_cast<uint16_t>(bytes[2 * i + 1]) << 8);
    counts[i] = value >> model_.shift;
    zeros = zeros && value == 0;
  }
  // Nobody falls freely for a second: a device that says so has been reset and measures no more.
  bad_readings_ = zeros ? bad_readings_ + 1 : 0;
  return true;
}

}  // namespace crampwatch
