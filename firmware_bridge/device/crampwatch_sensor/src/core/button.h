// A push button, debounced: short presses and long ones.
#pragma once

#include <stdint.h>

#include "wire_format.h"

namespace crampwatch {

// A press is told once: as long as soon as it has lasted that long, as short when it is let go before.
class Button {
 public:
  void watch(bool down, uint32_t now_ms);
  // A press that has been recognised waits to be told, until `told`.
  bool pending() const { return pending_; }
  MarkKind kind() const { return kind_; }
  void told() { pending_ = false; }

 private:
  // Contacts of small push buttons bounce for up to 10 ms or so.
  static constexpr uint8_t kSettleMs = 20;
  static constexpr uint16_t kLongMs = 3000;

  void settle();
  void recognise(MarkKind kind);

  // What the contacts say, since when, and what is believed.
  bool seen_down_ = false, down_ = false;
  uint32_t seen_ms_ = 0;
  // Of the press at hand.
  uint32_t pressed_ms_ = 0;
  bool long_ = false;
  bool pending_ = false;
  MarkKind kind_ = MarkKind::kButtonShort;
};

}  // namespace crampwatch
