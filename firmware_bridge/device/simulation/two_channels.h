// A board with everything wired, for the simulator: two channels, lead-off inputs, a battery, another front end.
#pragma once

#include <Arduino.h>

#include "../crampwatch_sensor/src/core/flash.h"
#include "../crampwatch_sensor/src/core/sample_queue.h"

namespace config {

using crampwatch::kMaxChannels;

constexpr char kFirmware[] CRAMPWATCH_IN_FLASH = "crampwatch-avr simulated";
constexpr char kName[] CRAMPWATCH_IN_FLASH = "both-calves";
constexpr char kSite1[] CRAMPWATCH_IN_FLASH = "left-calf";
constexpr char kSite2[] CRAMPWATCH_IN_FLASH = "right-calf";
constexpr uint8_t kChannels = 2;
constexpr uint8_t kEmgPins[kMaxChannels] = {A0, A1};
constexpr uint8_t kReference = EXTERNAL;
constexpr uint32_t kReferenceMillivolts = 3300;
constexpr uint32_t kGain = 1100;
constexpr char kPrefilter[] CRAMPWATCH_IN_FLASH = "HP:20Hz";
constexpr uint8_t kConversions = 4;
constexpr uint8_t kNotWired = 0xFF;
constexpr uint8_t kButtonPin = 4;
constexpr uint8_t kVibrationPin = 5;
constexpr uint8_t kLightPin = 6;
constexpr uint8_t kLeadOffPins[kMaxChannels] = {7, 8};
constexpr uint8_t kBatteryPin = A2;
constexpr uint32_t kBatteryDivider = 2;
constexpr uint32_t kBaud = 115200;

}  // namespace config
