#include "crc32.h"

#include "flash.h"

namespace crampwatch {
namespace {

// Four bits a step: 64 bytes of flash instead of 1024, and still under 2 % of a 16 MHz AVR at 4 kB/s.
const uint32_t kNibbles[16] CRAMPWATCH_IN_FLASH = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

}  // namespace

void Crc32::add(uint8_t byte) {
  state_ ^= byte;
  state_ = (state_ >> 4) ^ flash_dword(&kNibbles[state_ & 0x0F]);
  state_ = (state_ >> 4) ^ flash_dword(&kNibbles[state_ & 0x0F]);
}

}  // namespace crampwatch
