#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The table of tests/bench/live from its figures, `RUN STACK FIGURE VALUE` a line. A ratio above 1 is to our favour: with
round trips, where less is better, theirs is divided by ours."""
import statistics
import sys

FIGURES = (("in", "bulk into the server, MB/s"), ("out", "bulk out of the server, MB/s"),
           ("open", "connections a second, four clients"), ("trip0", "round trip, one processor, us"), ("trip1", "round trip, two processors, us"))
STACKS = (("sequent", "sequent"), ("lwip", "   lwIP"), ("plain", "kernel, frames"), ("super", "kernel, 64 KB"))

got = {}
with open(sys.argv[1], encoding="ascii") as f:
    for line in f:
        run, stack, figure, value = line.split()
        got.setdefault((stack, figure), {})[run] = float(value)


def ratio(stack, figure):
    """Of one run each, so that what else the machine did counts for both."""
    if (stack, figure) not in got:
        return "-"
    pairs = [(got["sequent", figure][run], theirs) for run, theirs in got[stack, figure].items()]
    return f"{statistics.median(b / a if figure[:4] == 'trip' else a / b for a, b in pairs):.2f}"


print(f"  {'':36}" + "".join(f"{name:>{len(name) + 3}}" for _, name in STACKS) + "   ours/lwIP   ours/frames")
for figure, name in FIGURES:
    cells = []
    for stack, title in STACKS:
        values = got.get((stack, figure))
        cells.append(f"{statistics.median(values.values()) if values else '-':>{len(title) + 3}{'.0f' if values else ''}}")
    print(f"  {name:36}" + "".join(cells) + f"{ratio('lwip', figure):>12}{ratio('plain', figure):>14}")
