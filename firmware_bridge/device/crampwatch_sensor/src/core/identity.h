// Who the board is, in memory that outlives power: an id made once, and a count of its starts.
#pragma once

#include <stdint.h>

namespace crampwatch {

// How a board keeps single bytes; `make_id` fills 8 bytes that no other board has.
struct LastingMemory {
  uint8_t (*read)(uint16_t address);
  void (*write)(uint16_t address, uint8_t value);
  void (*make_id)(uint8_t* id);
};

struct Identity {
  uint8_t hardware_id[8];
  uint32_t boot_id;
};

// Reads the identity and counts this start. Power may fail between any two bytes written: the id then stays what
// it was, and no boot id is ever given twice.
Identity count_start(const LastingMemory& memory);

// Whether a host watched when last told so; a new board is not watched.
bool was_watched(const LastingMemory& memory);
void keep_watched(const LastingMemory& memory, bool watched);

}  // namespace crampwatch
