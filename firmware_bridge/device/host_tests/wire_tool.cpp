// The firmware's own reading and writing of frames, for comparison with the host's. Reads lines, answers each:
//   encode TYPE PAYLOAD    the frame as sent, in hexadecimal; an empty line where it does not fit
//   decode MOST BYTES      TYPE:PAYLOAD of each frame found between delimiters at most MOST bytes apart
#include <cstdio>
#include <iostream>
#include <sstream>

#include "frame_text.h"

namespace {

std::string to_hex(const Bytes& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what, first, second;
    words >> what >> first >> second;
    if (what == "encode") {
      std::cout << to_hex(sealed(from_hex(first).at(0), from_hex(second)));
    } else {
      for (const Frame& frame : frames_in(from_hex(second), static_cast<uint16_t>(std::stoi(first)))) {
        std::cout << to_hex({frame.type}) << ':' << to_hex(frame.payload) << ' ';
      }
    }
    std::cout << std::endl;
  }
  return 0;
}
