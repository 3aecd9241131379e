# SPDX-License-Identifier: MIT
# Sequent. `make help` lists the targets; objects and reports are in build/.

CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
AR ?= ar
PYTHON := /usr/bin/python3
B ?= build/$(notdir $(firstword $(CC)))
LIB := build/libsequent.a

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Wmissing-prototypes -Wvla -Werror
OPT ?= -O2 -g
STD := -std=c11
FLAGS := $(STD) -D_GNU_SOURCE -I. $(WARN) $(OPT) $(SAN)
# The core is many small functions over values: a sixth to a third fewer instructions when it is optimised as a whole. gcc's
# objects serve a link without it too; the tests are linked so, which is sooner done.
LTO ?= $(if $(findstring clang,$(CC)),,-flto=auto -ffat-lto-objects)
NO_LTO := $(if $(LTO),-fno-lto)
# No -ffreestanding here: it would keep the copy loops from becoming memcpy. `make small` shows that the core needs no libc.
SHIP_FLAGS := $(STD) $(WARN) $(OPT) $(LTO) $(SAN)

CORE := $(wildcard core/*.c)
HARNESS_MAIN := $(wildcard harness/main.c harness/sequent.c)
SIM := $(wildcard harness/sim*.c)
HARNESS := $(filter-out $(HARNESS_MAIN) $(SIM),$(wildcard harness/*.c))
# A test is tests/FOLDER/test_*.c (a program of its own) or an executable tests/FOLDER/*.t; both speak TAP.
UNIT := $(wildcard tests/*/test_*.c)
LIVETESTS := $(wildcard tests/*/*.t)
BENCHES := $(wildcard tests/bench/bench_*.c)

core_o := $(CORE:%.c=$(B)/%.o)
harness_o := $(HARNESS:%.c=$(B)/%.o)
sim_o := $(SIM:%.c=$(B)/%.o)
main_o := $(HARNESS_MAIN:%.c=$(B)/%.o)
unit_x := $(UNIT:%.c=$(B)/%)
program := $(if $(HARNESS_MAIN),$(B)/sequent)

# One line per command; V=1 shows the commands themselves.
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-6s %s\n' $(1) $(2))
SUB = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@echo "Sequent, a TCP whose shipped C is proven. Targets:"
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
	@echo "Variables: CC=clang, F=core/x.c (one unit of prove), V=1 (a line per function), SEEDS=n (simulation), STAY=1 (demo)"

# ---- build ----
.PHONY: all lib program
all: lib program ## the library and the program

lib: $(LIB) ## build/libsequent.a, the core alone

program: $(program) ## build/sequent, the live endpoint
	$(if $(program),@ln -sf $(patsubst build/%,%,$(program)) build/sequent,@echo "no harness/main.c yet"; exit 1)

$(LIB): $(B)/libsequent.a
	@cp $< $@

$(B)/libsequent.a: $(core_o)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

# Other options than last time: everything is compiled again.
.PHONY: always
$(B)/options: always
	@mkdir -p $(@D)
	@echo '$(CC) $(FLAGS) $(LTO)' | cmp -s - $@ || echo '$(CC) $(FLAGS) $(LTO)' >$@

$(B)/core/%.o: core/%.c $(B)/options
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(SHIP_FLAGS) -MMD -MP -c -o $@ $<

$(B)/%.o: %.c $(B)/options
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(FLAGS) $(LTO) -MMD -MP -c -o $@ $<

$(B)/libharness.a: $(harness_o) $(sim_o)
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(B)/sequent: $(main_o) $(B)/libharness.a $(B)/libsequent.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(LTO) -o $@ $^ -lhttp_parser

$(B)/tests/%: $(B)/tests/%.o $(B)/libharness.a $(B)/libsequent.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(NO_LTO) -o $@ $^ -lcmocka

# The reader of wire scripts is several files.
script_o := $(patsubst %.c,$(B)/%.o,$(filter-out %/test_script.c,$(wildcard tests/script/*.c)))
$(B)/tests/script/test_script: $(B)/tests/script/test_script.o $(script_o) $(B)/libharness.a $(B)/libsequent.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(NO_LTO) -o $@ $^

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- the core under other eyes ----
# -Os without a libc, and for a 32-bit machine; compile only.
$(B)/small/%.o: core/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) -Os -ffreestanding -MMD -MP -c -o $@ $<

$(B)/m32/%.o: core/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARN) -Os -ffreestanding -m32 -MMD -MP -c -o $@ $<

.PHONY: small
small: $(CORE:core/%.c=$(B)/small/%.o) $(CORE:core/%.c=$(B)/m32/%.o) ## the core with -Os -ffreestanding, and for 32 bits (compile only)

# ---- checks ----
.PHONY: check format layers pure contracts spdx
check: format spdx layers contracts small pure readme-check trace ## format, layers, pure, contracts, the core freestanding and for 32 bits, trace
	@echo "check: ok"

C_FILES = $(wildcard core/*.[ch] harness/*.[ch] fuzz/*.[ch] spec/*.[ch] spec/model/*.[ch] tests/*.[ch] tests/*/*.[ch] proofs/*.[ch] fuzz/*/*.[ch] tests/bench/*/*.[ch] tests/bench/*/*/*.[ch])
format: ## the layout of every C file against .clang-format (`make reformat` mends it)
	@command -v clang-format >/dev/null || { .ci/setup --check check; exit 1; }
	@out=$$(clang-format --dry-run -Werror $(C_FILES) 2>&1) || { printf '%s\n' "$$out" | \
	    awk -F: '/^[a-z]+\/.*error:/ { n[$$1]++ } END { for (f in n) print "format: " f ": " n[f] " places" }'; \
	    echo "format: FAIL, make reformat mends it"; exit 1; }
	@echo "format: ok, $(words $(C_FILES)) files"

.PHONY: readme readme-check
readme: ## write the generated parts of README.md: state diagram, status table, embedding example, ladders
	@$(PYTHON) tests/readme/readme.py
	@$(PYTHON) spec/model/ladder.py --readme

readme-check:
	@$(PYTHON) tests/readme/readme.py --check
	@$(PYTHON) spec/model/ladder.py --readme --check

.PHONY: reformat
reformat:
	clang-format -i $(C_FILES)

spdx: ## the licence line in every source file
	@tests/check_spdx.sh

layers: ## the order of core/LAYERS, the arrows between folders, what the core's C may not use
	@$(PYTHON) tests/check_layers.py

contracts: ## every function has terminates, assigns and named ensures; every loop its variant
	@$(PYTHON) tests/check_contracts.py

pure: $(core_o) ## from the objects: the core calls nothing outside itself and has no data of its own
	@tests/check_pure.sh $(core_o)

# ---- requirements ----
.PHONY: trace trace-mutants
trace: ## every requirement against code, clauses and tests, both ways; coverage (V=1: what is missing, by feature)
	@$(PYTHON) tests/trace/trace.py --self-test
	@$(PYTHON) tests/trace/trace.py $(if $(V),--missing)

trace-mutants: ## N= rows (20) drawn by SEED=, each with its behaviour taken out: the cited test or proof must notice
	@.ci/setup build test prove
	@$(PYTHON) tests/trace/mutants.py --count $(or $(N),20) $(if $(SEED),--seed '$(SEED)') $(IDS)

# ---- tests ----
.PHONY: test test-build test-run test-asan test-valgrind
SEEDS ?= 2000
export SEEDS
test: ## set-up, then the fuzz corpora, unit tests, simulation and live transfers; `prove` prints the verdict
	@.ci/setup build test
	@$(SUB) fuzz-replay
	@$(SUB) test-run

tests_x = $(unit_x)
test-build: $(tests_x) $(if $(program),program)

test-run: test-build
	@$(if $(tests_x)$(LIVETESTS),CMOCKA_MESSAGE_OUTPUT=TAP SEQUENT=$(program) prove --timer --failures --comments $(PROVEFLAGS) --exec '$(RUNNER)' $(tests_x) $(LIVETESTS),echo "no tests found"; exit 1)

test-asan: ## unit tests and simulation under AddressSanitizer and UBSan
	@.ci/setup build test
	@ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(SUB) \
	    B=$(B)-asan OPT='-O1 -g -fno-omit-frame-pointer' SAN='-fsanitize=address,undefined -fno-sanitize-recover=all' LTO= \
	    SEEDS=$(if $(filter command line,$(origin SEEDS)),$(SEEDS),200) LIVETESTS= test-run

test-valgrind: ## unit tests and a few simulation seeds under valgrind
	@.ci/setup build test
	@$(SUB) RUNNER='valgrind -q --error-exitcode=99 --track-origins=yes --leak-check=full' \
	    SEEDS=$(if $(filter command line,$(origin SEEDS)),$(SEEDS),10) LIVETESTS= test-run

.PHONY: script
script: ## one wire script with a report of each line: S=tests/script/lessons/first_message_lost.pkt
	@[ -n "$(S)" ] || { echo "script: which one? make script S=tests/script/NAME.pkt"; exit 2; }
	@.ci/setup build test
	@$(SUB) $(B)/tests/script/test_script
	@$(B)/tests/script/test_script $(S)

.PHONY: sim-long
sim-long: ## BYTES= each way (1 GB) over 1 % loss, doubling and reordering, compared byte for byte; SEED=
	@.ci/setup build
	@$(SUB) $(B)/tests/simulation/long
	@$(B)/tests/simulation/long $(or $(BYTES),1000000000) $(or $(SEED),1)

.PHONY: test-browser
test-browser: ## headless Chromium opens a page with images from the endpoint; screenshot build/browser/page.png
	@.ci/setup build browser
	@$(SUB) program
	@SEQUENT=$(program) prove -v tests/browser/browser.py

# ---- proofs ----
.PHONY: prove prove-update prove-scratch prove-smoke prove-wrong prove-edits prove-mutants
prove_args = $(if $(F),--file '$(F)') $(if $(FCT),--fct '$(FCT)') $(if $(V),-v) $(if $(T),--timeout $(T)) $(if $(JOBS),--jobs $(JOBS))
prove: ## prove every function: replay the committed cache, solve what changed, judge against the sources
	@.ci/setup prove
	@$(PYTHON) proofs/prove.py $(prove_args) $(if $(SAMPLE),--sample '$(SAMPLE)')

prove-update: ## prove, then write proofs/results/, the cache and the clauses' hashes anew
	@.ci/setup prove
	@$(PYTHON) proofs/prove.py --update $(prove_args)

prove-scratch: ## prove without the cache: every goal solved here and now
	@.ci/setup prove
	@$(PYTHON) proofs/prove.py --scratch $(prove_args)

prove-smoke: ## look for contradictory contracts and dead code (own cache and budget)
	@.ci/setup prove
	@$(PYTHON) proofs/prove.py --smoke $(prove_args)

prove-wrong: ## bodies that do nothing or return a constant, and hand-picked wrong ones, must fail to prove (ALL=1: all)
	@.ci/setup prove
	@$(PYTHON) proofs/wrong.py $(if $(ALL),--all) $(if $(F),--file '$(F)') $(if $(JOBS),--jobs $(JOBS))

prove-edits: ## thirty lines of the core drawn by SEED, one edit each: which does the proof notice
	@.ci/setup prove
	@$(PYTHON) proofs/edits.py $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS))

prove-mutants: ## N= wrong edits (100) by SEED= against the proof, 20 that change nothing; goes on where it stopped
	@.ci/setup build test prove
	@$(PYTHON) proofs/mutation.py $(if $(SEED),--seed $(SEED)) $(if $(N),--count $(N)) $(if $(T),--timeout $(T)) $(if $(JOBS),--jobs $(JOBS))

# ---- the model: two cores and a hostile network, explored ----
.PHONY: mc mc-long mc-spin mc-update ladder
mc: ## every experiment of spec/model/experiments.tsv, compared with what it should find (E='NAME ...': these)
	@.ci/setup mc
	@CC='$(CC)' $(PYTHON) spec/model/mc.py $(if $(JOBS),-j $(JOBS)) $(E)

mc-long: ## those with larger bounds too, and the second search counts everything again
	@.ci/setup mc
	@CC='$(CC)' $(PYTHON) spec/model/mc.py --long --confirm $(if $(JOBS),-j $(JOBS)) $(E)

mc-spin: ## SPIN counts the states of five experiments
	@.ci/setup mc mc-spin
	@CC='$(CC)' $(PYTHON) spec/model/spin.py $(E)

mc-update: ## write the counts of experiments.tsv anew after a change of the core, never a verdict; look at the diff
	@.ci/setup mc
	@CC='$(CC)' $(PYTHON) spec/model/mc.py --update --confirm $(if $(JOBS),-j $(JOBS)) $(E)

ladder: ## what experiment E found, as a sequence diagram (F=mermaid or F=svg; REACH=a:STATE: the way to a state)
	@.ci/setup mc
	@CC='$(CC)' $(PYTHON) spec/model/ladder.py $(if $(F),--$(F)) $(if $(REACH),--reach '$(REACH)') $(E)

# ---- fuzzing: the contracts, compiled, as oracle (fuzz/README.md) ----
include fuzz/fuzz.mk
.PHONY: fuzz fuzz-replay fuzz-smoke fuzz-campaign fuzz-planted fuzz-coverage fuzz-bench fuzz-lwip fuzz-parser fuzz-contracts
ENGINE ?= libfuzzer
fuzz_engine = $(if $(filter afl,$(ENGINE)),fuzz-build-afl fuzz-build-cmplog fuzz-build-libfuzzer,fuzz-build-libfuzzer)
fuzz_run = $(PYTHON) fuzz/run.py --engine $(ENGINE) $(if $(T),--seconds $(T)) $(if $(JOBS),--jobs $(JOBS)) $(if $(SEED),--seed $(SEED)) $(TARGET)
fuzz: ## fuzz the targets: T= seconds each, TARGET=, JOBS= at once, ENGINE=afl for AFL++, SEED=
	@.ci/setup build fuzz
	@$(SUB) $(fuzz_engine)
	@$(fuzz_run)

fuzz-replay: ## every committed input through plain gcc and clang builds, or one: TARGET=t INPUT=file
	@.ci/setup build test
	@$(if $(INPUT),$(SUB) $(B)/fuzz/replay_$(TARGET) && $(B)/fuzz/replay_$(TARGET) $(INPUT),\
	    $(SUB) CC=gcc B=build/gcc fuzz-replay-run && $(SUB) CC=clang B=build/clang fuzz-replay-run)

fuzz-smoke: ## every target, both engines, a fixed number of executions, and the replay
	@.ci/setup build fuzz test
	@$(SUB) fuzz-replay
	@$(SUB) fuzz-build-libfuzzer fuzz-build-afl fuzz-build-cmplog
	@$(PYTHON) fuzz/run.py --runs 10000 --seconds 8 --jobs $(or $(JOBS),$(shell nproc))
	@$(PYTHON) fuzz/run.py --engine afl --runs 3000 --seconds 5 --jobs $(or $(JOBS),$(shell nproc))

fuzz-planted: ## plant each defect of fuzz/planted.tsv, say which target saw it after how many executions (T= seconds each)
	@.ci/setup build fuzz
	@$(SUB) fuzz-build-libfuzzer
	@$(PYTHON) fuzz/planted.py $(if $(T),--seconds $(T)) $(if $(SEED),--seed $(SEED)) $(NAME)

fuzz-coverage: ## what of core/ the corpora reach, with an HTML report
	@.ci/setup build fuzz
	@$(SUB) fuzz-build-cov
	@$(PYTHON) fuzz/coverage.py

fuzz-bench: ## executions a second for each target, beside an empty one and lwIP (T= seconds each)
	@.ci/setup build fuzz
	@$(SUB) fuzz-build-bench
	@$(SUB) fuzz-build-lwip || echo "fuzz-bench: goes on without lwIP"
	@$(PYTHON) fuzz/bench.py $(if $(T),--seconds $(T))

fuzz-lwip: ## the same segments into our core and into lwIP (T= seconds, default 60)
	@.ci/setup build fuzz
	@$(SUB) fuzz-build-lwip
	@fuzz/lwip/run.sh

fuzz-parser: ## another parser of TCP headers under our oracles: SO=./theirs.so, fuzz/parser.h (T= seconds)
	@.ci/setup build fuzz
	@$(SUB) build/fuzz/libfuzzer/parser build/fuzz/parser_kernel.so build/fuzz/parser_defect.so
	@T=$(T) fuzz/parser.sh $(SO)

fuzz-contracts: ## the corpora through the contracts themselves, compiled by E-ACSL
	@.ci/setup build prove fuzz
	@$(PYTHON) fuzz/contracts.py

fuzz-campaign: ## segment, session, pair 40 minutes each, the others 10 (JOBS= at once)
	@.ci/setup build fuzz
	@$(SUB) fuzz-build-libfuzzer
	@$(PYTHON) fuzz/run.py --seconds 600 $(if $(JOBS),--jobs $(JOBS)) $(if $(SEED),--seed $(SEED)) \
	    segment:2400 session:2400 pair:2400 $(filter-out segment session pair,$(FUZZ_TARGETS))

# ---- to see it run ----
.PHONY: demo bench
demo: ## curl fetches from the endpoint in a namespace of its own; sequent connect both ways (STAY=1 keeps it up)
	@.ci/setup build demo
	@$(SUB) program
	@harness/demo.sh

include tests/bench/bench.mk
bench: ## beside lwIP and the kernel: transfer, connections, round trips (RUNS=5), instructions, bytes; IDLE=1000000 idle ones
	@.ci/setup build bench
	@$(SUB) bench-run

.PHONY: clean
clean: ## remove build/
	rm -rf build
