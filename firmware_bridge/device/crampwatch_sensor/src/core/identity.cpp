#include "identity.h"

#include "crc32.h"

namespace crampwatch {
namespace {

// The id and its CRC-32; then two counts of starts with a CRC-32 each, written in turn.
constexpr uint16_t kIdAt = 0;
constexpr uint8_t kIdBytes = 8, kCountBytes = 4, kCrcBytes = 4;
// Goes into each check sum: of this layout, and so that erased cells do not seal themselves (the CRC-32 of four
// bytes 0xFF is 0xFFFFFFFF).
constexpr uint8_t kLayout = 1;
constexpr uint16_t kCountsAt[2] = {16, 32};
// One byte: nothing that an erased or half-written cell would say by itself.
constexpr uint16_t kWatchedAt = 48;
constexpr uint8_t kWatched = 0x57;

bool read_sealed(const LastingMemory& memory, uint16_t at, uint8_t* bytes, uint8_t count) {
  Crc32 crc;
  crc.add(kLayout);
  for (uint8_t i = 0; i < count + kCrcBytes; ++i) {
    const uint8_t byte = memory.read(at + i);
    crc.add(byte);
    if (i < count) bytes[i] = byte;
  }
  return crc.seals();
}

void write_sealed(const LastingMemory& memory, uint16_t at, const uint8_t* bytes, uint8_t count) {
  Crc32 crc;
  crc.add(kLayout);
  for (uint8_t i = 0; i < count; ++i) {
    memory.write(at + i, bytes[i]);
    crc.add(bytes[i]);
  }
  const uint32_t seal = crc.value();
  for (uint8_t i = 0; i < kCrcBytes; ++i) memory.write(at + count + i, static_cast<uint8_t>(seal >> (8 * i)));
}

uint32_t read_count(const LastingMemory& memory, uint16_t at) {
  uint8_t bytes[kCountBytes];
  if (!read_sealed(memory, at, bytes, kCountBytes)) return 0;
  uint32_t count = 0;
  for (uint8_t i = 0; i < kCountBytes; ++i) count |= static_cast<uint32_t>(bytes[i]) << (8 * i);
  return count;
}

}  // namespace

Identity count_start(const LastingMemory& memory) {
  Identity identity;
  if (!read_sealed(memory, kIdAt, identity.hardware_id, kIdBytes)) {
    memory.make_id(identity.hardware_id);
    write_sealed(memory, kIdAt, identity.hardware_id, kIdBytes);
  }
  const uint32_t first = read_count(memory, kCountsAt[0]), second = read_count(memory, kCountsAt[1]);
  identity.boot_id = (first > second ? first : second) + 1;
  uint8_t bytes[kCountBytes];
  for (uint8_t i = 0; i < kCountBytes; ++i) bytes[i] = static_cast<uint8_t>(identity.boot_id >> (8 * i));
  write_sealed(memory, first > second ? kCountsAt[1] : kCountsAt[0], bytes, kCountBytes);
  return identity;
}

bool was_watched(const LastingMemory& memory) { return memory.read(kWatchedAt) == kWatched; }

void keep_watched(const LastingMemory& memory, bool watched) {
  memory.write(kWatchedAt, watched ? kWatched : static_cast<uint8_t>(~kWatched));
}

}  // namespace crampwatch
