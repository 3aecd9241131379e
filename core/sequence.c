/* SPDX-License-Identifier: MIT */
/* The unit in which the functions of sequence.h are proved. */
#include "sequence.h"
