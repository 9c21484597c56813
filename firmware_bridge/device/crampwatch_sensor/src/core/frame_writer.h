// Frames into the bytes that go out: COBS and CRC-32 are made in place, in the ring that the line is fed from.
#pragma once

#include <stdint.h>

#include "crc32.h"
#include "wire_format.h"

namespace crampwatch {

// begin, put..., end: a frame is sent whole or not at all, and nothing of it is visible before `end`. Type,
// payload and check sum are at most `kMaxBodyBytes`, so that COBS never fills a block and adds one byte to each.
class FrameWriter {
 public:
  void begin(FrameType type);
  void put_u8(uint8_t value);
  void put_u16(uint16_t value);
  void put_u32(uint32_t value);
  void put_i16(int16_t value) { put_u16(static_cast<uint16_t>(value)); }
  void put_scale(const Scale& scale);
  // A zero-ended text in flash, with its length before it.
  void put_text(const char* in_flash);
  // Commits the frame; false, and nothing is sent, where the ring had no room for it.
  bool end();

  uint8_t waiting() const { return head_ - tail_; }
  uint8_t room() const { return kBytes - 1 - waiting(); }
  // The next byte for the line; only where `waiting` is above 0.
  uint8_t take() { return bytes_[tail_++]; }

 private:
  // Holds HELLO, or six SAMPLES frames of one channel: 60 ms. Places of one byte wrap by themselves.
  static constexpr uint16_t kBytes = 256;

  void put_decimal(const Decimal& decimal);
  void put(uint8_t byte);
  void open_block();
  void close_block() { bytes_[code_at_] = code_; }
  void append(uint8_t byte);

  uint8_t bytes_[kBytes];
  // Committed bytes lie from tail_ to head_; the frame being written from head_ to end_.
  uint8_t tail_ = 0, head_ = 0, end_ = 0;
  // Of the COBS block at hand: where its code belongs, and the code, one more than the bytes it holds.
  uint8_t code_at_ = 0, code_ = 0;
  bool overflow_ = false;
  Crc32 crc_;
};

}  // namespace crampwatch
