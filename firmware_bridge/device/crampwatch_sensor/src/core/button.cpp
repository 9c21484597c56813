#include "button.h"

namespace crampwatch {

void Button::watch(bool down, uint32_t now_ms) {
  if (down != seen_down_) {
    seen_down_ = down;
    seen_ms_ = now_ms;
  } else if (down != down_ && now_ms - seen_ms_ >= kSettleMs) {
    settle();
  }
  if (down_ && seen_down_ && !long_ && now_ms - pressed_ms_ >= kLongMs) {
    long_ = true;
    recognise(MarkKind::kButtonLong);
  }
}

void Button::settle() {
  down_ = seen_down_;
  if (down_) {
    pressed_ms_ = seen_ms_;
    long_ = false;
  } else if (!long_) {
    recognise(MarkKind::kButtonShort);
  }
}

void Button::recognise(MarkKind kind) {
  kind_ = kind;
  pending_ = true;
}

}  // namespace crampwatch
