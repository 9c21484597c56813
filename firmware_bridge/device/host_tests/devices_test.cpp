// What the board talks to: its lasting memory, with power that fails, and its accelerometer, with a bus that does.
#include <algorithm>
#include <map>
#include <set>

#include "accelerometer.h"
#include "check.h"
#include "crc32.h"
#include "identity.h"

using namespace crampwatch;

namespace {

// ---- lasting memory ----

uint8_t cells[64];
int writes_left;
uint8_t next_id;

struct PowerFailed {};

uint8_t read_cell(uint16_t address) { return cells[address]; }

void write_cell(uint16_t address, uint8_t value) {
  if (writes_left-- == 0) {
    // A cell that loses power while it is written may hold anything.
    cells[address] = static_cast<uint8_t>(value ^ 0xA5);
    throw PowerFailed();
  }
  cells[address] = value;
}

void make_id(uint8_t* id) { std::fill(id, id + 8, ++next_id); }

const LastingMemory kMemory = {read_cell, write_cell, make_id};

void new_board(uint8_t erased = 0xFF) {
  std::fill(cells, cells + sizeof cells, erased);
  writes_left = -1;
}

TEST(the_check_sum_is_that_of_zlib) {
  Crc32 crc;
  for (const char* byte = "123456789"; *byte; ++byte) crc.add(static_cast<uint8_t>(*byte));
  CHECK_EQUAL(0xCBF43926, crc.value());
}

TEST(a_new_board_gets_an_id_and_counts_its_starts_from_one) {
  for (const uint8_t erased : {0xFF, 0x00}) {
    new_board(erased);
    const Identity first = count_start(kMemory);
    CHECK_EQUAL(1, first.boot_id);
    for (uint32_t start = 2; start < 300; ++start) {
      const Identity again = count_start(kMemory);
      CHECK_EQUAL(start, again.boot_id);
      CHECK(std::equal(first.hardware_id, first.hardware_id + 8, again.hardware_id));
    }
  }
}

TEST(power_may_fail_at_any_write_and_no_boot_id_comes_twice) {
  new_board();
  std::set<uint32_t> given;
  uint8_t id = 0;
  for (int fails_at = 0; fails_at < 2000; ++fails_at) {
    writes_left = fails_at % 14;
    try {
      const Identity identity = count_start(kMemory);
      CHECK(given.insert(identity.boot_id).second);
      if (id == 0) id = identity.hardware_id[0];
      CHECK_EQUAL(id, identity.hardware_id[0]);
    } catch (const PowerFailed&) {
    }
  }
  CHECK(given.size() > 500);
}

TEST(a_new_board_is_not_watched_and_remembers_when_it_is) {
  for (const uint8_t erased : {0xFF, 0x00}) {
    new_board(erased);
    CHECK(!was_watched(kMemory));
    keep_watched(kMemory, true);
    count_start(kMemory);
    CHECK(was_watched(kMemory));
    keep_watched(kMemory, false);
    CHECK(!was_watched(kMemory));
  }
}

// ---- accelerometer ----

struct Device {
  uint8_t address;
  std::map<uint8_t, uint8_t> registers;
};

Device device;
bool answering;
int transfers;

bool write_register(uint8_t address, uint8_t at, uint8_t value) {
  ++transfers;
  if (!answering || address != device.address) return false;
  device.registers[at] = value;
  return true;
}

bool read_registers(uint8_t address, uint8_t at, uint8_t* bytes, uint8_t count) {
  ++transfers;
  if (!answering || address != device.address) return false;
  for (uint8_t i = 0; i < count; ++i) bytes[i] = device.registers[static_cast<uint8_t>(at + i)];
  return true;
}

const I2cBus kBus = {write_register, read_registers};

Device lis3dh(uint8_t address) {
  return {address, {{0x0F, 0x33}, {0xA8, 0xF0}, {0xA9, 0x7F}, {0xAA, 0x00}, {0xAB, 0x80}}};
}

Device adxl345(uint8_t address) {
  return {address, {{0x00, 0xE5}, {0x32, 0xFF}, {0x33, 0x03}, {0x34, 0x00}, {0x35, 0xFC}}};
}

TEST(each_accelerometer_is_found_at_each_of_its_addresses) {
  answering = true;
  for (const Device& one : {lis3dh(0x18), lis3dh(0x19), adxl345(0x53), adxl345(0x1D)}) {
    device = one;
    Accelerometer accelerometer(kBus);
    CHECK(accelerometer.find());
    int16_t counts[3];
    CHECK(accelerometer.read(counts));
    // Its highest and its lowest count, and nothing at all.
    CHECK_EQUAL(accelerometer.scale().digital_max, counts[0]);
    CHECK_EQUAL(accelerometer.scale().digital_min, counts[1]);
    CHECK_EQUAL(0, counts[2]);
  }
}

TEST(settings_are_those_of_the_data_sheets) {
  answering = true;
  device = lis3dh(0x19);
  Accelerometer first(kBus);
  CHECK(first.find());
  // 200 Hz and all axes; block update, +-4 g, high resolution.
  CHECK_EQUAL(0x67, device.registers[0x20]);
  CHECK_EQUAL(0x98, device.registers[0x23]);
  device = adxl345(0x53);
  Accelerometer second(kBus);
  CHECK(second.find());
  // 100 Hz; full resolution, +-4 g; measuring.
  CHECK_EQUAL(0x0A, device.registers[0x2C]);
  CHECK_EQUAL(0x09, device.registers[0x31]);
  CHECK_EQUAL(0x08, device.registers[0x2D]);
}

TEST(another_device_at_the_address_is_no_accelerometer) {
  answering = true;
  device = {0x19, {{0x0F, 0x32}}};
  Accelerometer accelerometer(kBus);
  CHECK(!accelerometer.find());
  int16_t counts[3];
  CHECK(!accelerometer.read(counts));
}

TEST(one_that_goes_is_asked_once_a_second_and_taken_back) {
  answering = true;
  device = lis3dh(0x18);
  Accelerometer accelerometer(kBus);
  CHECK(accelerometer.find());
  answering = false;
  transfers = 0;
  int16_t counts[3];
  for (int reading = 0; reading < 1000; ++reading) CHECK(!accelerometer.read(counts));
  CHECK(transfers > 5 && transfers < 15);
  answering = true;
  device.registers.erase(0x20);
  int missing = 0;
  while (!accelerometer.read(counts)) ++missing;
  CHECK(missing <= 100);
  CHECK_EQUAL(0x67, device.registers[0x20]);
}

TEST(one_that_forgot_its_settings_is_set_up_again) {
  answering = true;
  device = adxl345(0x53);
  Accelerometer accelerometer(kBus);
  CHECK(accelerometer.find());
  device = {0x53, {{0x00, 0xE5}}};
  int16_t counts[3];
  for (int reading = 0; reading < 101; ++reading) accelerometer.read(counts);
  CHECK_EQUAL(0x08, device.registers[0x2D]);
}

}  // namespace

int main() { return run_all_tests(); }
