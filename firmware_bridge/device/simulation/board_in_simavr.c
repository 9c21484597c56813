/* Runs the sensor's firmware, the very ELF that is flashed, in a simulated ATmega328P (libsimavr).

   Standard output says first which pseudo-terminal the board is on, then, with simulated seconds, what its pins
   do; at its end, what the firmware cost. Standard input takes commands, one a line: see `commands`. */
#include <avr_eeprom.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sim_elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "line.h"
#include "surroundings.h"

/* The chip's last byte of RAM, where the stack begins, and what fills RAM that was never used. */
enum { RAM_END = 0x8FF, UNTOUCHED = 0xC5, MILLISECOND = CHIP_HZ / 1000 };
/* Interrupts whose length is measured. */
static const struct {
  int number;
  const char *name;
} vectors[] = {{11, "timer1"}, {21, "adc"}, {16, "timer0"}, {18, "uart_receive"}, {19, "uart_send"}, {24, "i2c"}};
enum { VECTORS = sizeof vectors / sizeof *vectors };

static struct {
  avr_t *avr;
  elf_firmware_t firmware;
  double release_s;
  bool quit;
  avr_cycle_count_t asleep, entered[VECTORS], longest[VECTORS];
  uint32_t stack_limit;
} board = {.release_s = -1};

static uint32_t address_of(const char *symbol) {
  for (uint32_t i = 0; i < board.firmware.symbolcount; i++) {
    if (!strcmp(board.firmware.symbol[i]->symbol, symbol)) return board.firmware.symbol[i]->addr;
  }
  fprintf(stderr, "board_in_simavr: expected the symbol %s in the firmware\n", symbol);
  exit(1);
}

/* ---- commands ---- */

/* Holds the button for so many milliseconds. */
static void command_press(const char *milliseconds) {
  button_hold(true);
  board.release_s = seconds() + atof(milliseconds) / 1000;
}

/* "brown-out", "power" or "line": starts the chip anew, its RAM lost and its EEPROM kept. */
static void command_reset(const char *cause) {
  avr_t *avr = board.avr;
  avr_regbit_t flag = !strcmp(cause, "brown-out") ? avr->reset_flags.borf
                      : !strcmp(cause, "power")   ? avr->reset_flags.porf
                                                  : avr->reset_flags.extrf;
  avr_reset(avr);
  seconds_tend();
  avr_regbit_set(avr, flag);
}

/* The program runs astray: into the endless loop, with interrupts off, that every program ends in. */
static void command_hang(const char *unused) {
  (void)unused;
  board.avr->pc = address_of("_exit");
}

/* "off", "on" or "reset". */
static void command_accelerometer(const char *how) {
  if (!strcmp(how, "reset")) {
    accelerometer_reset();
  } else {
    accelerometer_connect(!strcmp(how, "on"));
  }
}

/* "D7=1": an input high or low. */
static void command_pin(const char *what) {
  if (strlen(what) == 4 && !pin_set(what, what[3] == '1')) fprintf(stderr, "board_in_simavr: no pin %s\n", what);
}

static void command_quit(const char *unused) {
  (void)unused;
  board.quit = true;
}

static const struct {
  const char *name;
  void (*carry_out)(const char *argument);
} commands[] = {{"press", command_press},
                {"reset", command_reset},
                {"hang", command_hang},
                {"accelerometer", command_accelerometer},
                {"pin", command_pin},
                {"quit", command_quit}};

static void obey(const char *text) {
  char name[32] = "", argument[32] = "";
  sscanf(text, "%31s %31s", name, argument);
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (!strcmp(name, commands[i].name)) commands[i].carry_out(argument);
  }
}

static void read_commands(void) {
  static char text[256];
  static size_t count;
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  if (poll(&input, 1, 0) <= 0) return;
  ssize_t got = read(STDIN_FILENO, text + count, sizeof text - 1 - count);
  if (got <= 0) board.quit = true;
  count += got > 0 ? (size_t)got : 0;
  text[count] = 0;
  for (char *end; (end = strchr(text, '\n')); count = strlen(text)) {
    *end = 0;
    obey(text);
    memmove(text, end + 1, strlen(end + 1) + 1);
  }
}

/* ---- what the firmware costs ---- */

static void on_interrupt(avr_irq_t *irq, uint32_t running, void *param) {
  (void)irq;
  size_t i = (size_t)param;
  if (running) {
    board.entered[i] = board.avr->cycle;
  } else if (board.entered[i] && board.avr->cycle - board.entered[i] > board.longest[i]) {
    board.longest[i] = board.avr->cycle - board.entered[i];
  }
}

static void on_sleep(avr_t *avr, avr_cycle_count_t cycles) {
  (void)avr;
  board.asleep += cycles;
}

static void tell_cost(void) {
  uint32_t lowest = board.stack_limit;
  while (lowest < RAM_END && board.avr->data[lowest] == UNTOUCHED) lowest++;
  printf("asleep %.3f\nstack %u of %u\n", (double)board.asleep / (seconds() * CHIP_HZ), RAM_END + 1 - lowest,
         RAM_END + 1 - board.stack_limit);
  for (size_t i = 0; i < VECTORS; i++) {
    printf("interrupt %s %.2f us\n", vectors[i].name, board.longest[i] * 1e6 / CHIP_HZ);
  }
}

/* ---- running ---- */

static double wall_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Once a simulated millisecond. */
static void tend(double speed, double began_s) {
  line_tend();
  surroundings_tend();
  read_commands();
  if (board.release_s >= 0 && seconds() >= board.release_s) {
    button_hold(false);
    board.release_s = -1;
  }
  double ahead_s = speed > 0 ? seconds() / speed - (wall_s() - began_s) : 0;
  if (ahead_s > 0) {
    struct timespec pause = {.tv_sec = (time_t)ahead_s, .tv_nsec = (long)((ahead_s - (time_t)ahead_s) * 1e9)};
    nanosleep(&pause, NULL);
  }
}

static void run(double speed, double longest_s) {
  avr_t *avr = board.avr;
  double began_s = wall_s();
  avr_cycle_count_t next = 0;
  while (!board.quit && seconds() < longest_s) {
    int state;
    /* A millisecond, or until a reset, which begins the count of cycles anew. */
    do {
      state = avr_run(avr);
      seconds_tend();
    } while (state != cpu_Done && state != cpu_Crashed && avr->cycle < next && avr->cycle + MILLISECOND > next);
    if (state == cpu_Done || state == cpu_Crashed) {
      fprintf(stderr, "board_in_simavr: the program ended at %.4f s\n", seconds());
      exit(1);
    }
    next = avr->cycle + MILLISECOND;
    tend(speed, began_s);
  }
  line_tend();
}

static void load(const char *elf, const char *eeprom) {
  if (elf_read_firmware(elf, &board.firmware)) {
    fprintf(stderr, "board_in_simavr: expected the firmware's ELF, got %s\n", elf);
    exit(1);
  }
  board.avr = avr_make_mcu_by_name("atmega328p");
  avr_init(board.avr);
  board.avr->log = LOG_ERROR;
  board.avr->frequency = CHIP_HZ;
  board.avr->sleep = on_sleep;
  avr_load_firmware(board.avr, &board.firmware);
  board.avr->frequency = CHIP_HZ;
  avr_regbit_set(board.avr, board.avr->reset_flags.porf);
  /* Data addresses of symbols carry an offset of 0x800000. */
  board.stack_limit = address_of("_end") & 0xFFFF;
  memset(board.avr->data + board.stack_limit, UNTOUCHED, RAM_END + 1 - board.stack_limit);
  for (size_t i = 0; i < VECTORS; i++) {
    avr_irq_register_notify(avr_get_interrupt_irq(board.avr, (uint8_t)vectors[i].number) + AVR_INT_IRQ_RUNNING,
                            on_interrupt, (void *)i);
  }
  uint8_t bytes[1024];
  avr_eeprom_desc_t memory = {.ee = bytes, .offset = 0, .size = sizeof bytes};
  FILE *file = eeprom ? fopen(eeprom, "rb") : NULL;
  if (file && fread(bytes, 1, sizeof bytes, file) == sizeof bytes) {
    avr_ioctl(board.avr, AVR_IOCTL_EEPROM_SET, &memory);
  }
  if (file) fclose(file);
}

static void keep_eeprom(const char *path) {
  avr_eeprom_desc_t memory = {.ee = NULL, .offset = 0, .size = 1024};
  avr_ioctl(board.avr, AVR_IOCTL_EEPROM_GET, &memory);
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(memory.ee, 1, memory.size, file) != memory.size || fclose(file)) perror(path);
}

int main(int count, char **arguments) {
  struct surroundings around = {.conversions = 4, .reference_mv = 5000, .accelerometer = "lis3dh"};
  const char *emg = NULL, *acceleration = NULL, *eeprom = NULL;
  size_t channels = 1;
  double speed = 0, longest_s = 1e9;
  for (int option; (option = getopt(count, arguments, "e:c:n:v:b:a:m:r:s:t:")) != -1;) {
    switch (option) {
      case 'e': emg = optarg; break;
      case 'c': channels = (size_t)atoi(optarg); break;
      case 'n': around.conversions = atoi(optarg); break;
      case 'v': around.reference_mv = (uint32_t)atoi(optarg); break;
      case 'b': around.battery_pin_mv = (uint32_t)atoi(optarg); break;
      case 'a': acceleration = optarg; break;
      case 'm': around.accelerometer = optarg; break;
      case 'r': eeprom = optarg; break;
      case 's': speed = atof(optarg); break;
      case 't': longest_s = atof(optarg); break;
      default: return 2;
    }
  }
  if (optind + 1 != count) {
    fprintf(stderr,
            "usage: board_in_simavr [-e EMG.s16 [-c CHANNELS] [-n CONVERSIONS]] [-v REFERENCE_MV] [-b BATTERY_PIN_MV]\n"
            "  [-a ACCELERATION.s16] [-m lis3dh|adxl345|none] [-r EEPROM] [-s SPEED, 0: as fast as it goes]\n"
            "  [-t SECONDS] FIRMWARE.elf\n");
    return 2;
  }
  load(arguments[optind], eeprom);
  if (emg) around.emg = signal_read(emg, channels);
  if (acceleration) around.acceleration = signal_read(acceleration, 3);
  surroundings_join(board.avr, &around);
  const char *port = line_open(board.avr);
  if (!port) {
    perror("board_in_simavr: pseudo-terminal");
    return 1;
  }
  printf("port %s\n", port);
  fflush(stdout);
  /* The chip waits until a host has opened the port: what it says first is heard. */
  while (!line_connected() && !board.quit) {
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    read_commands();
  }
  run(speed, longest_s);
  tell_cost();
  if (eeprom) keep_eeprom(eeprom);
  return 0;
}
