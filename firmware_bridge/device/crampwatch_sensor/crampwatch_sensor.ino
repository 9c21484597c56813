// crampwatch sensor for ATmega328P boards (Uno, Nano): surface EMG and acceleration of a calf, as frames.
// A comfort aid, not a medical device. README.md: building and flashing. WIRING.md: parts, and safety first.
// WIRE.md: what it says and understands.

#include <avr/sleep.h>
#include <avr/wdt.h>

// Another board's pins and names may stand in another file, which the compiler is then told of.
#ifndef CRAMPWATCH_CONFIG
#define CRAMPWATCH_CONFIG "config.h"
#endif
#include CRAMPWATCH_CONFIG
#include "src/avr/config_checks.h"
#include "src/avr/eeprom_memory.h"
#include "src/avr/i2c.h"
#include "src/avr/reset_cause.h"
#include "src/avr/sampling.h"
#include "src/core/accelerometer.h"
#include "src/core/sensor.h"

namespace {

using namespace crampwatch;

// An accelerometer needs up to 10 ms after power on before it answers.
constexpr uint8_t kFindAttempts = 10;
constexpr uint8_t kFindEveryMs = 5;
constexpr uint16_t kAdcSteps = 1024;
// Of EEPROM cells, which wear: a restart within so much of a change forgets the change.
constexpr uint32_t kKeepEveryMs = 5000;
constexpr uint32_t kBatteryEveryMs = 1000;

Description description;
SampleQueue samples(config::kChannels);
Sensor sensor(description, samples);
Accelerometer accelerometer(kWireBus);
bool kept_watched;
uint32_t kept_ms, battery_ms;
Pins pins;

void set_up_pins() {
  pinMode(config::kButtonPin, INPUT_PULLUP);
  pinMode(config::kVibrationPin, OUTPUT);
  pinMode(config::kLightPin, OUTPUT);
  for (const uint8_t pin : config::kLeadOffPins) {
    if (pin != config::kNotWired) pinMode(pin, INPUT);
  }
}

bool find_accelerometer() {
  start_i2c();
  for (uint8_t i = 0; i < kFindAttempts; ++i) {
    if (accelerometer.find()) return true;
    delay(kFindEveryMs);
  }
  return false;
}

void describe() {
  const Identity identity = count_start(kEepromMemory);
  memcpy(description.hardware_id, identity.hardware_id, sizeof(description.hardware_id));
  description.boot_id = identity.boot_id;
  description.reset_cause = reset_cause();
  description.channels = config::kChannels;
  description.emg_scale = kEmgScale;
  description.has_acc = find_accelerometer();
  if (description.has_acc) description.acc_scale = accelerometer.scale();
  description.name = config::kName;
  description.firmware = config::kFirmware;
  description.prefilter = config::kPrefilter;
  description.sites[0] = config::kSite1;
  description.sites[1] = config::kSite2;
}

void read_pins(uint32_t now_ms) {
  pins.button_down = digitalRead(config::kButtonPin) == LOW;
  pins.lead_off = 0;
  for (uint8_t i = 0; i < config::kChannels; ++i) {
    const uint8_t pin = config::kLeadOffPins[i];
    if (pin != config::kNotWired && digitalRead(pin) == HIGH) pins.lead_off |= _BV(i);
  }
  if (config::kBatteryPin != config::kNotWired && now_ms - battery_ms >= kBatteryEveryMs) {
    battery_ms = now_ms;
    pins.battery_mv = static_cast<uint16_t>(battery_reading() * config::kReferenceMillivolts *
                                            config::kBatteryDivider / kAdcSteps);
  }
}

void read_acceleration() {
  int16_t counts[3];
  if (samples.acc_due() && accelerometer.read(counts)) samples.put_acc(counts);
}

void send(uint32_t now_ms) {
  FrameWriter& line = sensor.line();
  for (int room = Serial.availableForWrite(); room > 0 && line.waiting() > 0; --room) Serial.write(line.take());
  const Drive drive = sensor.drive(now_ms);
  analogWrite(config::kVibrationPin, drive.vibration);
  analogWrite(config::kLightPin, drive.light);
}

void keep_watched_flag(uint32_t now_ms) {
  if (sensor.watched() == kept_watched || now_ms - kept_ms < kKeepEveryMs) return;
  kept_watched = sensor.watched();
  kept_ms = now_ms;
  keep_watched(kEepromMemory, kept_watched);
}

}  // namespace

void setup() {
  // Before the first conversion: any other reference would be shorted to a voltage on the AREF pin.
  analogReference(config::kReference);
  set_up_pins();
  Serial.begin(config::kBaud);
  describe();
  kept_watched = was_watched(kEepromMemory);
  sensor.start(kept_watched, millis());
  const AnalogInputs inputs = {config::kChannels,
                               config::kEmgPins,
                               config::kReference,
                               config::kConversions,
                               config::kBatteryPin != config::kNotWired,
                               config::kBatteryPin};
  start_sampling(inputs, samples);
  set_sleep_mode(SLEEP_MODE_IDLE);
  wdt_enable(WDTO_500MS);
}

// Once a millisecond, and asleep in between: every interrupt wakes the chip, the next millisecond the loop.
void loop() {
  wdt_reset();
  const uint32_t now_ms = millis();
  while (Serial.available() > 0) sensor.hear(static_cast<uint8_t>(Serial.read()), now_ms);
  read_acceleration();
  read_pins(now_ms);
  sensor.tick(now_ms, pins);
  send(now_ms);
  keep_watched_flag(now_ms);
  while (millis() == now_ms) sleep_mode();
}
