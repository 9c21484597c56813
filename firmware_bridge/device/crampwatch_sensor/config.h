// What this very board is: its pins, its front end, its names. All that a builder changes is on this page.
#pragma once

#include <Arduino.h>

#include "src/core/flash.h"
#include "src/core/sample_queue.h"

namespace config {

using crampwatch::kMaxChannels;

constexpr char kFirmware[] CRAMPWATCH_IN_FLASH = "crampwatch-avr 0.1.0";

// ---- names ----

// What the wearer calls the sensor, a-z 0-9 and -, at most 32; empty: the host names it after its hardware id.
constexpr char kName[] CRAMPWATCH_IN_FLASH = "";
// Where each channel's electrodes are.
constexpr char kSite1[] CRAMPWATCH_IN_FLASH = "left-calf";
constexpr char kSite2[] CRAMPWATCH_IN_FLASH = "right-calf";

// ---- front end ----

// Channels of EMG, 1 or 2, on the pins A0 and A1.
constexpr uint8_t kChannels = 1;
constexpr uint8_t kEmgPins[kMaxChannels] = {A0, A1};
// What the ADC compares with: DEFAULT is the supply, EXTERNAL the AREF pin, INTERNAL the chip's own 1.1 V.
constexpr uint8_t kReference = DEFAULT;
constexpr uint32_t kReferenceMillivolts = 5000;
// Of the front end, from the skin to the ADC pin: 200 is MyoWare 2.0's RAW output.
constexpr uint32_t kGain = 200;
// What the front end's own filters pass, in EDF's words.
constexpr char kPrefilter[] CRAMPWATCH_IN_FLASH = "HP:20Hz LP:500Hz";
// Conversions that are added up for one sample: four of them halve the converter's noise and quarter its step.
// One takes 104 us, and all of a sample's must fit into its millisecond.
constexpr uint8_t kConversions = 4;

// ---- pins ----

constexpr uint8_t kNotWired = 0xFF;
// A push button to ground.
constexpr uint8_t kButtonPin = 4;
// The transistor of the vibration motor, and a light: pins that can be dimmed, but not Timer1's 9 and 10.
constexpr uint8_t kVibrationPin = 5;
constexpr uint8_t kLightPin = 6;
// High where an electrode is off, as the LO+ output of an AD8232 says it.
constexpr uint8_t kLeadOffPins[kMaxChannels] = {kNotWired, kNotWired};
// The middle of a divider of two equal resistors across the battery, on an analogue pin.
constexpr uint8_t kBatteryPin = kNotWired;
constexpr uint32_t kBatteryDivider = 2;

// ---- line ----

constexpr uint32_t kBaud = 115200;

}  // namespace config
