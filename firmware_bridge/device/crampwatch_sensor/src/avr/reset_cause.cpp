#include "reset_cause.h"

#include <avr/io.h>
#include <avr/wdt.h>

namespace crampwatch {
namespace {

// Survives the clearing of RAM, which comes after it is set.
uint8_t reset_flags __attribute__((section(".noinit")));

// Before all else: a watchdog that has fired stays on, at its shortest time, until it is told not to.
void note_reset_flags() __attribute__((naked, used, section(".init3")));
void note_reset_flags() {
  reset_flags = MCUSR;
  MCUSR = 0;
  wdt_disable();
}

struct Flag {
  uint8_t bit;
  ResetCause cause;
};

// The stronger reason first: power that comes on looks like a brown-out, and may wobble the reset line.
constexpr Flag kFlags[] = {{_BV(PORF), ResetCause::kPowerOn},
                           {_BV(BORF), ResetCause::kBrownOut},
                           {_BV(WDRF), ResetCause::kWatchdog},
                           {_BV(EXTRF), ResetCause::kResetLine}};

}  // namespace

ResetCause reset_cause() {
  for (const Flag& flag : kFlags) {
    if (reset_flags & flag.bit) return flag.cause;
  }
  return ResetCause::kUnknown;
}

}  // namespace crampwatch
