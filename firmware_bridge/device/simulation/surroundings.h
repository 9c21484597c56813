/* What surrounds the chip: the wearer's muscle on the ADC, an accelerometer on the I2C bus, a button, a motor. */
#pragma once

#include <sim_avr.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHIP_HZ = 16000000 };

/* Samples in a file of little-endian 16-bit integers, `width` side by side. */
struct signal {
  int16_t *values;
  size_t rows, width;
};
/* Reads a signal; exits with a message where it cannot. */
struct signal signal_read(const char *path, size_t width);

struct surroundings {
  /* Per channel the sums of `conversions` counts of the ADC, one row a millisecond; the last row stays. */
  struct signal emg;
  int conversions;
  /* What the ADC compares with, and the voltage on its third pin. */
  uint32_t reference_mv, battery_pin_mv;
  /* In counts as the firmware reports them, one row a reading; the last row stays. */
  struct signal acceleration;
  /* "lis3dh", "adxl345" or "none". */
  const char *accelerometer;
};

void surroundings_join(avr_t *avr, const struct surroundings *what);
/* Simulated seconds since the start, over all resets. */
double seconds(void);
/* To be called after every step: notices that the chip's own cycle count began anew. */
void seconds_tend(void);
/* To be called every millisecond: inputs are driven on after a reset. */
void surroundings_tend(void);
void button_hold(bool down);
/* Sets an input, such as "D7"; false where there is no such pin. */
bool pin_set(const char *pin, bool high);
/* A device that does not answer any more, or does again. */
void accelerometer_connect(bool connected);
/* Power failed at the accelerometer alone: it has forgotten its settings. */
void accelerometer_reset(void);
