// The codes of WIRE.md, under its names.
#pragma once

#include <stdint.h>

namespace crampwatch {

constexpr uint8_t kProtocolVersion = 1;
constexpr uint8_t kDelimiter = 0;
constexpr uint8_t kCrcBytes = 4;
// Longest frame from the host, in bytes between its delimiters.
constexpr uint8_t kMaxCommandBytes = 16;
// Longest type, payload and check sum that this board can send: with the byte that COBS adds and the delimiters
// they just fill its ring, and COBS has no full blocks.
constexpr uint8_t kMaxBodyBytes = 252;
// Longest texts in HELLO, in bytes.
constexpr uint8_t kNameBytes = 32, kLabelBytes = 40, kPrefilterBytes = 80;
// HELLO without its texts, and each of its scales.
constexpr uint8_t kHelloBytes = 32, kScaleBytes = 15;

enum class FrameType : uint8_t {
  kHello = 0x01,
  kSamples = 0x02,
  kStatus = 0x03,
  kMark = 0x04,
  kAck = 0x05,
  kBye = 0x06,
  kCue = 0x81,
  kSet = 0x82,
  kHelloRequest = 0x83,
  kKeepalive = 0x84,
};

enum class Unit : uint8_t { kCount, kMicrovolt, kG };
enum class ResetCause : uint8_t { kUnknown, kPowerOn, kBrownOut, kWatchdog, kResetLine, kSoftware };
enum class MarkKind : uint8_t { kButtonShort = 1, kButtonLong, kCueBegan, kSettingChanged };
enum class AckResult : uint8_t { kDone, kCannot, kBadArgument };

// Of vibration and of light.
enum class Pattern : uint8_t { kOff, kSteady, kPulse, kDouble, kUrgent, kAlone };
constexpr uint8_t kPatterns = 6;

enum class Setting : uint8_t { kVibrationStrength, kLightStrength };
constexpr uint8_t kSettings = 2;

// In STATUS: the board does not measure its battery.
constexpr uint16_t kNoBattery = 0;

// mantissa × 10^exponent; at most eight characters when written out, as an EDF header field.
struct Decimal {
  int32_t mantissa;
  int8_t exponent;
};

// What a count means, as an EDF header says it. A count outside the digital limits means "no sample here".
struct Scale {
  int16_t digital_min, digital_max;
  Unit unit;
  Decimal physical_min, physical_max;
};

// Outside every scale's digital limits.
constexpr int16_t kNoSample = INT16_MIN;

}  // namespace crampwatch
