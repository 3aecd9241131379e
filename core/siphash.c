/* SPDX-License-Identifier: MIT */
/* The unit in which the contracts of siphash.h are proved; every function is inline there. */
#include "siphash.h"
