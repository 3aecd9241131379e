/* SPDX-License-Identifier: MIT */
/* What the fuzzer itself costs: the measure for `make fuzz-bench`. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return size > 0u && data[0] == 0x5au && size == 0xffffffu ? 1 : 0;
}
