// Frames as tests handle them: whole, in vectors.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frame_reader.h"
#include "frame_writer.h"

using Bytes = std::vector<uint8_t>;

struct Frame {
  uint8_t type;
  Bytes payload;

  uint8_t u8(size_t at) const { return payload.at(at); }
  uint16_t u16(size_t at) const { return static_cast<uint16_t>(u8(at) | u8(at + 1) << 8); }
  uint32_t u32(size_t at) const { return u16(at) | static_cast<uint32_t>(u16(at + 2)) << 16; }
};

inline Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline Bytes take_all(crampwatch::FrameWriter& line) {
  Bytes bytes;
  while (line.waiting() > 0) bytes.push_back(line.take());
  return bytes;
}

// The frame as the firmware itself would send it; it has to fit.
inline Bytes sealed(uint8_t type, const Bytes& payload) {
  crampwatch::FrameWriter writer;
  writer.begin(static_cast<crampwatch::FrameType>(type));
  for (const uint8_t byte : payload) writer.put_u8(byte);
  return writer.end() ? take_all(writer) : Bytes();
}

inline std::vector<Frame> frames_in(const Bytes& bytes, uint16_t most = 1024) {
  std::vector<uint8_t> buffer(most);
  crampwatch::FrameReader reader(buffer.data(), most);
  std::vector<Frame> frames;
  for (const uint8_t byte : bytes) {
    if (!reader.feed(byte)) continue;
    frames.push_back({reader.type(), Bytes(reader.payload(), reader.payload() + reader.payload_size())});
  }
  return frames;
}
