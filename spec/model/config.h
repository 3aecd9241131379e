/* SPDX-License-Identifier: MIT */
/* Sizes of the core as the model compiles it: as small as they may be, so that every bound is met. */
#define SQ_RUNS 2u
#define SQ_RANGES 2u
