// The chip's EEPROM, and ids out of the jitter between its two oscillators.
#pragma once

#include "../core/identity.h"

namespace crampwatch {

extern const LastingMemory kEepromMemory;

}  // namespace crampwatch
