/* SPDX-License-Identifier: MIT */
/* Names of states, reasons and events. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <stdint.h>

extern const char *const state_name[];
extern const char *const reason_name[];

/* Index of a name among the first last + 1, or 255. */
uint8_t name_find(const char *const names[], uint32_t last, const char *name);

#endif
