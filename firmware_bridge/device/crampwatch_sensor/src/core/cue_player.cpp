#include "cue_player.h"

#include "flash.h"

namespace crampwatch {
namespace {

// So many pulses, each on and then off, at the start of every period.
struct Rhythm {
  uint16_t period_ms;
  uint16_t pulses;
  uint16_t on_ms;
  uint16_t off_ms;
};

// As WIRE.md gives them, in the order of the patterns' codes.
const Rhythm kRhythms[kPatterns] CRAMPWATCH_IN_FLASH = {
    {1000, 0, 0, 0},      // off
    {1000, 1, 1000, 0},   // steady
    {1000, 1, 200, 800},  // pulse
    {1500, 2, 200, 200},  // double
    {700, 1, 500, 200},   // urgent
    {2000, 1, 1000, 0},   // alone
};

constexpr uint16_t kFullDrive = 255;
constexpr uint8_t kPercent = 100;

}  // namespace

bool pattern_is_on(Pattern pattern, uint32_t elapsed_ms) {
  const Rhythm& rhythm = kRhythms[static_cast<uint8_t>(pattern)];
  const uint16_t pulse_ms = flash_word(&rhythm.on_ms) + flash_word(&rhythm.off_ms);
  const uint16_t at_ms = static_cast<uint16_t>(elapsed_ms % flash_word(&rhythm.period_ms));
  const uint16_t pulses = flash_word(&rhythm.pulses);
  return pulses > 0 && at_ms < pulses * pulse_ms && at_ms % pulse_ms < flash_word(&rhythm.on_ms);
}

void CuePlayer::play(const Cue& cue, uint32_t now_ms) {
  cue_ = cue;
  began_ms_ = now_ms;
}

Drive CuePlayer::drive(uint32_t now_ms) {
  const uint32_t elapsed_ms = now_ms - began_ms_;
  if (elapsed_ms >= cue_.duration_ms) cue_.duration_ms = 0;
  if (cue_.duration_ms == 0) return {0, 0};
  return {level(cue_.vibration, Setting::kVibrationStrength, elapsed_ms),
          level(cue_.light, Setting::kLightStrength, elapsed_ms)};
}

uint8_t CuePlayer::level(Pattern pattern, Setting setting, uint32_t elapsed_ms) const {
  if (!pattern_is_on(pattern, elapsed_ms)) return 0;
  return static_cast<uint8_t>(kFullDrive * percent_[static_cast<uint8_t>(setting)] / kPercent);
}

}  // namespace crampwatch
