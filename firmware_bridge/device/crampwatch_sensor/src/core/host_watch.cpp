#include "host_watch.h"

namespace crampwatch {

void HostWatch::heard(bool watched, uint32_t now_ms) {
  watched_ = watched;
  alone_ = silenced_ = false;
  since_ms_ = now_ms;
}

bool HostWatch::buzz_due(uint32_t now_ms) {
  if (!watched_ || silenced_) return false;
  // Once alone it stays alone, however far the 32-bit milliseconds wrap.
  const uint32_t patience_ms = alone_ ? kAgainAfterMs : kAloneAfterMs;
  if (now_ms - since_ms_ < patience_ms) return false;
  alone_ = true;
  return true;
}

}  // namespace crampwatch
