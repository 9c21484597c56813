/* The board's serial line: its UART on one end, a pseudo-terminal for the host on the other. */
#pragma once

#include <sim_avr.h>
#include <stdbool.h>

/* Opens a pseudo-terminal and joins it to UART 0; returns the path that a host opens, or NULL. */
const char *line_open(avr_t *avr);
/* Whether a host has it open. */
bool line_connected(void);
/* Passes bytes on, both ways. Never loses one while a host is connected: where it reads too slowly, time stops. */
void line_tend(void);
