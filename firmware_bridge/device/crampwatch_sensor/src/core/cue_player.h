// What the vibration motor and the light do: one cue at a time, which always ends by itself.
#pragma once

#include <stdint.h>

#include "wire_format.h"

namespace crampwatch {

struct Cue {
  Pattern vibration;
  Pattern light;
  uint16_t duration_ms;
};

// How strongly the two are driven now, 0 to 255.
struct Drive {
  uint8_t vibration;
  uint8_t light;
};

// Whether a pattern is on, so long after it began.
bool pattern_is_on(Pattern pattern, uint32_t elapsed_ms);

class CuePlayer {
 public:
  // Replaces whatever is playing.
  void play(const Cue& cue, uint32_t now_ms);
  void stop() { cue_.duration_ms = 0; }
  void set_strength(Setting setting, uint8_t percent) { percent_[static_cast<uint8_t>(setting)] = percent; }
  Drive drive(uint32_t now_ms);

 private:
  uint8_t level(Pattern pattern, Setting setting, uint32_t elapsed_ms) const;

  // Nothing is playing where the duration is 0.
  Cue cue_ = {Pattern::kOff, Pattern::kOff, 0};
  uint32_t began_ms_ = 0;
  uint8_t percent_[kSettings] = {100, 100};
};

}  // namespace crampwatch
