// Whether the host still lives: a watched board that hears no KEEPALIVE buzzes by itself.
#pragma once

#include <stdint.h>

namespace crampwatch {

class HostWatch {
 public:
  // After a start: `watched` is what was true before it.
  void start(bool watched, uint32_t now_ms) { heard(watched, now_ms); }
  void heard(bool watched, uint32_t now_ms);
  // Whether somebody is said to watch: from a KEEPALIVE until a goodbye, over all starts in between.
  bool watched() const { return watched_; }
  // Time to buzz; stays true until `buzzed`.
  bool buzz_due(uint32_t now_ms);
  void buzzed(uint32_t now_ms) { since_ms_ = now_ms; }
  // Nobody has been heard for too long.
  bool alone() const { return alone_; }
  // The wearer has noticed: no more buzzing before the host has been back.
  void silence() { silenced_ = true; }

  static constexpr uint32_t kAloneAfterMs = 60000;
  static constexpr uint16_t kAgainAfterMs = 10000;
  static constexpr uint16_t kBuzzMs = 1000;

 private:
  bool watched_ = false, alone_ = false, silenced_ = false;
  // Of the last KEEPALIVE, or of the last buzz since.
  uint32_t since_ms_ = 0;
};

}  // namespace crampwatch
