#include "frame_reader.h"

namespace crampwatch {

bool FrameReader::feed(uint8_t byte) {
  if (byte == kDelimiter) {
    const bool good = finish();
    begin();
    return good;
  }
  if (encoded_ <= most_) ++encoded_;
  if (encoded_ <= most_) decode(byte);
  return false;
}

bool FrameReader::finish() {
  const bool whole = encoded_ <= most_ && block_left_ == 0;
  if (!whole || decoded_ <= kCrcBytes || !crc_.seals()) return false;
  payload_size_ = decoded_ - kCrcBytes - 1;
  return true;
}

void FrameReader::begin() {
  encoded_ = decoded_ = 0;
  block_left_ = 0;
  zero_after_block_ = false;
  crc_ = Crc32();
}

void FrameReader::decode(uint8_t byte) {
  if (block_left_ > 0) {
    --block_left_;
    accept(byte);
    return;
  }
  // `byte` is a block's code; the zero that the last block stood for is real now that more follows.
  if (zero_after_block_) accept(0);
  block_left_ = byte - 1;
  zero_after_block_ = byte != 0xFF;
}

void FrameReader::accept(uint8_t byte) {
  crc_.add(byte);
  // What is decoded is always shorter than what came.
  buffer_[decoded_++] = byte;
}

}  // namespace crampwatch
