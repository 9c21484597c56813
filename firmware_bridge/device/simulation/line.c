#define _GNU_SOURCE
#include "line.h"

#include <avr_uart.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct {
  int master;
  avr_irq_t *input;
  /* The UART's receive queue has room. */
  bool clear_to_send;
  uint8_t up[4096], down[4096];
  size_t up_count, down_at, down_count;
} line;

static short line_poll(short events, int timeout_ms) {
  struct pollfd watched = {.fd = line.master, .events = events};
  return poll(&watched, 1, timeout_ms) > 0 ? watched.revents : 0;
}

bool line_connected(void) { return !(line_poll(0, 0) & POLLHUP); }

static void receive(void) {
  if (line.down_at < line.down_count || !(line_poll(POLLIN, 0) & POLLIN)) return;
  ssize_t count = read(line.master, line.down, sizeof line.down);
  line.down_at = 0;
  line.down_count = count > 0 ? (size_t)count : 0;
}

static void feed_uart(void) {
  while (line.clear_to_send && line.down_at < line.down_count) {
    avr_raise_irq(line.input, line.down[line.down_at++]);
  }
}

static void transmit(void) {
  size_t sent = 0;
  while (sent < line.up_count) {
    /* Nobody is listening: the bytes fall out of the open end of the cable. */
    if (!line_connected()) break;
    receive();
    if (!(line_poll(POLLOUT, 10) & POLLOUT)) continue;
    ssize_t count = write(line.master, line.up + sent, line.up_count - sent);
    if (count < 0 && errno != EAGAIN && errno != EINTR && errno != EIO) {
      perror("board_in_simavr: pseudo-terminal");
      exit(1);
    }
    sent += count > 0 ? (size_t)count : 0;
  }
  line.up_count = 0;
}

void line_tend(void) {
  transmit();
  receive();
  feed_uart();
}

static void on_output(avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  if (line.up_count == sizeof line.up) transmit();
  line.up[line.up_count++] = (uint8_t)value;
}

static void on_xon(avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)value, (void)param;
  line.clear_to_send = true;
  feed_uart();
}

static void on_xoff(avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  if (value) line.clear_to_send = false;
}

const char *line_open(avr_t *avr) {
  /* Neither echo bytes on the terminal nor sleep while the firmware polls. */
  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  line.input = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_output, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_xon, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_xoff, NULL);

  line.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (line.master < 0 || grantpt(line.master) || unlockpt(line.master)) return NULL;
  const char *path = ptsname(line.master);
  /* Opened and closed once: raw from the first byte on, and from now on a hang-up says that nobody has it open. */
  int slave = path ? open(path, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
  struct termios raw;
  if (slave < 0 || tcgetattr(slave, &raw)) return NULL;
  cfmakeraw(&raw);
  tcsetattr(slave, TCSANOW, &raw);
  close(slave);
  return path;
}
