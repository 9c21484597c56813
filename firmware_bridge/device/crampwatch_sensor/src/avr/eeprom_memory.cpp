#include "eeprom_memory.h"

#include <Arduino.h>
#include <avr/eeprom.h>
#include <avr/wdt.h>

#include "../core/crc32.h"

namespace crampwatch {
namespace {

// The first byte is left alone: it is the one that a brown-out during a write, of whatever address, spoils.
constexpr uint16_t kFirst = 4;

uint8_t read_eeprom(uint16_t address) {
  return eeprom_read_byte(reinterpret_cast<const uint8_t*>(kFirst + address));
}

// Writes only what changes: a cell lasts for 100 000 writes.
void write_eeprom(uint16_t address, uint8_t value) {
  eeprom_update_byte(reinterpret_cast<uint8_t*>(kFirst + address), value);
}

volatile bool watchdog_ticked;

// The watchdog's own RC oscillator against the crystal: when it ticks, the low bits of a timer that runs with
// the CPU are chance, a bit or two each time. 64 ticks take a second, once in the life of a board.
void make_id(uint8_t* id) {
  constexpr uint8_t kTicks = 64;
  Crc32 mixes[2];
  mixes[1].add(1);
  TCCR1A = 0;
  TCCR1B = _BV(CS10);
  cli();
  wdt_reset();
  WDTCSR = _BV(WDCE) | _BV(WDE);
  WDTCSR = 0;
  sei();
  for (uint8_t i = 0; i < kTicks; ++i) {
    watchdog_ticked = false;
    // Set anew for each tick: not every watchdog, real or simulated, lets it stand.
    WDTCSR |= _BV(WDIE);
    while (!watchdog_ticked) {
    }
    for (Crc32& mix : mixes) {
      mix.add(TCNT1L);
      mix.add(static_cast<uint8_t>(analogRead(A0)));
    }
  }
  wdt_disable();
  for (uint8_t i = 0; i < 8; ++i) id[i] = static_cast<uint8_t>(mixes[i / 4].value() >> (8 * (i % 4)));
}

}  // namespace

ISR(WDT_vect) { watchdog_ticked = true; }

const LastingMemory kEepromMemory = {read_eeprom, write_eeprom, make_id};

}  // namespace crampwatch
