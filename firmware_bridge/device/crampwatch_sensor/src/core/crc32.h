// CRC-32 as in IEEE 802.3, zlib and WIRE.md: reflected polynomial 0xEDB88320, start and end inverted.
#pragma once

#include <stdint.h>

namespace crampwatch {

class Crc32 {
 public:
  void add(uint8_t byte);
  uint32_t value() const { return ~state_; }
  // True once a body and then its own CRC-32, least significant byte first, have been added.
  bool seals() const { return value() == kResidue; }

 private:
  static constexpr uint32_t kResidue = 0x2144DF1C;
  uint32_t state_ = 0xFFFFFFFF;
};

}  // namespace crampwatch
