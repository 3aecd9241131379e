/* SPDX-License-Identifier: MIT */
/* The unit in which the contracts of bytes.h are proved; every function is inline there. */
#include "bytes.h"
