// Constant tables and texts stay in flash where flash and RAM have separate addresses (AVR).
#pragma once

#include <stdint.h>

#ifdef __AVR__
#include <avr/pgmspace.h>
#define CRAMPWATCH_IN_FLASH PROGMEM
#else
#define CRAMPWATCH_IN_FLASH
#endif

namespace crampwatch {

inline uint8_t flash_byte(const void* address) {
#ifdef __AVR__
  return pgm_read_byte(address);
#else
  return *static_cast<const uint8_t*>(address);
#endif
}

inline uint16_t flash_word(const uint16_t* address) {
#ifdef __AVR__
  return pgm_read_word(address);
#else
  return *address;
#endif
}

inline uint32_t flash_dword(const uint32_t* address) {
#ifdef __AVR__
  return pgm_read_dword(address);
#else
  return *address;
#endif
}

inline void flash_copy(void* to, const void* address, uint8_t count) {
  for (uint8_t i = 0; i < count; ++i) {
    static_cast<uint8_t*>(to)[i] = flash_byte(static_cast<const uint8_t*>(address) + i);
  }
}

}  // namespace crampwatch
