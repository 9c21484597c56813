// Bytes into frames, one at a time, in fixed memory.
#pragma once

#include <stdint.h>

#include "crc32.h"
#include "wire_format.h"

namespace crampwatch {

// COBS and CRC-32 are undone as the bytes come; whatever is longer than `most` is skipped up to its delimiter.
class FrameReader {
 public:
  // `buffer` holds `most` bytes and outlives it.
  FrameReader(uint8_t* buffer, uint16_t most) : buffer_(buffer), most_(most) {}

  // True when `byte` completes a frame whose check sum is right; it is there until the next call.
  bool feed(uint8_t byte);

  uint8_t type() const { return buffer_[0]; }
  uint16_t payload_size() const { return payload_size_; }
  const uint8_t* payload() const { return buffer_ + 1; }
  // Fields of the payload; the caller has seen that it is long enough.
  uint8_t u8(uint8_t at) const { return payload()[at]; }
  uint16_t u16(uint8_t at) const { return u8(at) | static_cast<uint16_t>(u8(at + 1)) << 8; }
  uint32_t u32(uint8_t at) const { return u16(at) | static_cast<uint32_t>(u16(at + 2)) << 16; }

 private:
  bool finish();
  void begin();
  void decode(uint8_t byte);
  void accept(uint8_t byte);

  uint8_t* const buffer_;
  const uint16_t most_;
  // Bytes as they came since the last delimiter, at most one more than `most_`, and as decoded.
  uint16_t encoded_ = 0, decoded_ = 0;
  uint16_t payload_size_ = 0;
  // What is left of the COBS block, and whether a zero stands after it.
  uint8_t block_left_ = 0;
  bool zero_after_block_ = false;
  Crc32 crc_;
};

}  // namespace crampwatch
