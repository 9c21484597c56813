#include "surroundings.h"

#include <avr_adc.h>
#include <avr_ioport.h>
#include <avr_twi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADC_TOP = 1023, BATTERY_CHANNEL = 2 };

static avr_t *chip;
static struct surroundings around;

/* ---- time ---- */

static avr_cycle_count_t past_cycles, last_cycle;

void seconds_tend(void) {
  if (chip->cycle < last_cycle) past_cycles += last_cycle;
  last_cycle = chip->cycle;
}

static avr_cycle_count_t cycles(void) { return past_cycles + chip->cycle; }

double seconds(void) { return (double)cycles() / CHIP_HZ; }

/* ---- files ---- */

struct signal signal_read(const char *path, size_t width) {
  struct signal signal = {.width = width};
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) {
    perror(path);
    exit(1);
  }
  size_t bytes = (size_t)ftell(file);
  rewind(file);
  signal.rows = bytes / sizeof(int16_t) / width;
  signal.values = malloc(bytes + 1);
  if (!signal.rows || fread(signal.values, 1, bytes, file) != bytes) {
    fprintf(stderr, "%s: expected rows of %zu 16-bit samples, got %zu bytes\n", path, width, bytes);
    exit(1);
  }
  fclose(file);
  return signal;
}

static int16_t signal_at(const struct signal *signal, size_t row, size_t column) {
  if (!signal->rows) return 0;
  return signal->values[(row < signal->rows ? row : signal->rows - 1) * signal->width + column];
}

/* ---- muscle ---- */

static avr_irq_t *adc_pins;
static avr_cycle_count_t last_instant;
static size_t instant;
static int conversion[8];
static bool sampling;

/* A conversion of the first channel long after the last one is the first of a new instant, and the row it sees
   is that of its time: what the firmware misses is gone. */
static void begin_instant(void) {
  avr_cycle_count_t since = cycles() - last_instant;
  if (sampling && since < CHIP_HZ / 1000 * 4 / 5) return;
  instant += sampling ? (since + CHIP_HZ / 2000) / (CHIP_HZ / 1000) : 0;
  last_instant = cycles();
  sampling = true;
  memset(conversion, 0, sizeof conversion);
}

static void on_conversion(avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  union {
    avr_adc_mux_t mux;
    uint32_t value;
  } asked = {.value = value};
  unsigned channel = asked.mux.src;
  if (channel >= 8) return;
  if (channel == 0) begin_instant();
  if (channel == BATTERY_CHANNEL) avr_raise_irq(adc_pins + ADC_IRQ_ADC0 + channel, around.battery_pin_mv);
  if (channel >= around.emg.width) return;
  /* Counts that add up to the row's value: (c + 0) / n + (c + 1) / n + ... = c. */
  int count = (signal_at(&around.emg, instant, channel) + conversion[channel]++) / around.conversions;
  /* The chip rounds down, so the smallest voltage that gives this count. */
  avr_raise_irq(adc_pins + ADC_IRQ_ADC0 + channel, ((uint32_t)count * around.reference_mv + ADC_TOP - 1) / ADC_TOP);
}

/* ---- accelerometer ---- */

static struct accelerometer {
  const char *type;
  uint8_t address, name_at, name, values_at, address_mask;
  int shift;
  /* Bits that must stand in a register before it measures. */
  uint8_t power_at, power;
} const accelerometers[] = {
    {"lis3dh", 0x18, 0x0F, 0x33, 0x28, 0x7F, 4, 0x20, 0x67},
    {"adxl345", 0x53, 0x00, 0xE5, 0x32, 0xFF, 0, 0x2D, 0x08},
};

static struct {
  const struct accelerometer *model;
  bool connected, selected, addressed;
  uint8_t registers[256], at;
  size_t reading;
  avr_irq_t *input;
} bus;

void accelerometer_connect(bool connected) { bus.connected = connected; }

void accelerometer_reset(void) {
  memset(bus.registers, 0, sizeof bus.registers);
  if (bus.model) bus.registers[bus.model->name_at] = bus.model->name;
}

static void take_reading(void) {
  const struct accelerometer *model = bus.model;
  if (bus.at != model->values_at) return;
  bool on = (bus.registers[model->power_at] & model->power) == model->power;
  for (size_t axis = 0; axis < 3; axis++) {
    uint16_t value = on ? (uint16_t)(signal_at(&around.acceleration, bus.reading, axis) * (1 << model->shift)) : 0;
    bus.registers[(uint8_t)(model->values_at + 2 * axis)] = (uint8_t)value;
    bus.registers[(uint8_t)(model->values_at + 2 * axis + 1)] = (uint8_t)(value >> 8);
  }
  bus.reading += on;
}

static void written(uint8_t byte) {
  if (bus.addressed) {
    bus.registers[bus.at++] = byte;
    return;
  }
  bus.at = byte & bus.model->address_mask;
  bus.addressed = true;
}

static void on_bus(avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  avr_twi_msg_irq_t message = {.u.v = value};
  uint8_t what = message.u.twi.msg, address = message.u.twi.addr;
  if (what & TWI_COND_STOP) bus.selected = false;
  if (what & TWI_COND_START) {
    bus.selected = bus.connected && bus.model && address >> 1 == bus.model->address;
    bus.addressed = false;
    if (!bus.selected) return;
    if (address & 1) take_reading();
    avr_raise_irq(bus.input, avr_twi_irq_msg(TWI_COND_ACK, address, 1));
  }
  if (!bus.selected) return;
  if (what & TWI_COND_WRITE) {
    written(message.u.twi.data);
    avr_raise_irq(bus.input, avr_twi_irq_msg(TWI_COND_ACK, address, 1));
  }
  if (what & TWI_COND_READ) {
    avr_raise_irq(bus.input, avr_twi_irq_msg(TWI_COND_READ, address, bus.registers[bus.at++]));
  }
}

/* ---- button, motor, light ---- */

/* What drives the inputs from outside, per port from 'B' on; the chip's own pull-up is weaker. */
static avr_ioport_external_t driven[3];

bool pin_set(const char *pin, bool high) {
  if (pin[0] < 'B' || pin[0] > 'D' || pin[1] < '0' || pin[1] > '7') return false;
  avr_ioport_external_t *port = &driven[pin[0] - 'B'];
  uint8_t bit = (uint8_t)(1 << (pin[1] - '0'));
  port->name = (unsigned char)pin[0];
  port->mask = port->mask | bit;
  port->value = high ? port->value | bit : port->value & ~bit;
  avr_ioctl(chip, AVR_IOCTL_IOPORT_SET_EXTERNAL(pin[0]), port);
  avr_raise_irq(avr_io_getirq(chip, AVR_IOCTL_IOPORT_GETIRQ(pin[0]), IOPORT_IRQ_PIN0 + (pin[1] - '0')), high);
  return true;
}

/* A reset clears what the chip knows of its inputs, and simavr tells it of changes only. */
static void (*reset_chip)(avr_t *);
static bool inputs_forgotten;

static void on_reset(avr_t *avr) {
  if (reset_chip) reset_chip(avr);
  inputs_forgotten = true;
}

void surroundings_tend(void) {
  if (!inputs_forgotten) return;
  inputs_forgotten = false;
  for (size_t port = 0; port < sizeof driven / sizeof *driven; port++) {
    for (int bit = 0; bit < 8; bit++) {
      bool high = driven[port].value >> bit & 1;
      char pin[] = {(char)('B' + port), (char)('0' + bit), 0};
      if (driven[port].mask >> bit & 1) pin_set(pin, !high), pin_set(pin, high);
    }
  }
}

void button_hold(bool down) { pin_set("D4", !down); }

static void on_pin(avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq;
  printf("%.4f %s %u\n", seconds(), (const char *)param, value & 1);
  fflush(stdout);
}

static void watch_pin(char port, int pin, const char *name) {
  avr_irq_t *irq = avr_io_getirq(chip, AVR_IOCTL_IOPORT_GETIRQ(port), pin);
  irq->flags |= IRQ_FLAG_FILTERED;
  avr_irq_register_notify(irq, on_pin, (void *)name);
}

void surroundings_join(avr_t *avr, const struct surroundings *what) {
  chip = avr;
  reset_chip = avr->reset;
  avr->reset = on_reset;
  around = *what;
  avr->vcc = avr->avcc = avr->aref = what->reference_mv;
  adc_pins = avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, 0);
  avr_irq_register_notify(adc_pins + ADC_IRQ_OUT_TRIGGER, on_conversion, NULL);

  for (size_t i = 0; i < sizeof accelerometers / sizeof *accelerometers; i++) {
    if (!strcmp(what->accelerometer, accelerometers[i].type)) bus.model = &accelerometers[i];
  }
  bus.connected = true;
  accelerometer_reset();
  bus.input = avr_io_getirq(avr, AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_INPUT);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_OUTPUT), on_bus, NULL);

  /* The pins of config.h: D4, D5 and D6. (On D2 and D3 simavr asks every cycle for the level of an interrupt.) */
  watch_pin('D', 5, "vibration");
  watch_pin('D', 6, "light");
  button_hold(false);
}
