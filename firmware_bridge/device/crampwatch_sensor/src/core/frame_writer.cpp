#include "frame_writer.h"

#include "flash.h"

namespace crampwatch {

void FrameWriter::begin(FrameType type) {
  end_ = head_;
  overflow_ = false;
  crc_ = Crc32();
  append(kDelimiter);
  open_block();
  put_u8(static_cast<uint8_t>(type));
}

void FrameWriter::put_u8(uint8_t value) {
  crc_.add(value);
  put(value);
}

void FrameWriter::put_u16(uint16_t value) {
  put_u8(static_cast<uint8_t>(value));
  put_u8(static_cast<uint8_t>(value >> 8));
}

void FrameWriter::put_u32(uint32_t value) {
  put_u16(static_cast<uint16_t>(value));
  put_u16(static_cast<uint16_t>(value >> 16));
}

void FrameWriter::put_scale(const Scale& scale) {
  put_i16(scale.digital_min);
  put_i16(scale.digital_max);
  put_u8(static_cast<uint8_t>(scale.unit));
  put_decimal(scale.physical_min);
  put_decimal(scale.physical_max);
}

void FrameWriter::put_decimal(const Decimal& decimal) {
  put_u32(static_cast<uint32_t>(decimal.mantissa));
  put_u8(static_cast<uint8_t>(decimal.exponent));
}

void FrameWriter::put_text(const char* in_flash) {
  uint8_t length = 0;
  while (flash_byte(in_flash + length) != 0) ++length;
  put_u8(length);
  for (uint8_t i = 0; i < length; ++i) put_u8(flash_byte(in_flash + i));
}

bool FrameWriter::end() {
  uint32_t crc = crc_.value();
  for (uint8_t i = 0; i < kCrcBytes; ++i, crc >>= 8) put(static_cast<uint8_t>(crc));
  close_block();
  append(kDelimiter);
  if (!overflow_) head_ = end_;
  return !overflow_;
}

void FrameWriter::put(uint8_t byte) {
  if (byte == 0) {
    close_block();
    open_block();
  } else {
    append(byte);
    ++code_;
  }
}

void FrameWriter::open_block() {
  code_at_ = end_;
  code_ = 1;
  append(0);
}

void FrameWriter::append(uint8_t byte) {
  overflow_ = overflow_ || static_cast<uint8_t>(end_ + 1) == tail_;
  if (!overflow_) bytes_[end_++] = byte;
}

}  // namespace crampwatch
