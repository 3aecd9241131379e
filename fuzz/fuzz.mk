# SPDX-License-Identifier: MIT
# How the fuzz targets are built; the goals themselves stand in the Makefile. A target is fuzz/fuzz_NAME.c.
#
#   build/fuzz/libfuzzer   clang, ASan and UBSan, libFuzzer                     make fuzz
#   build/fuzz/plain       clang -O2, libFuzzer alone                           make fuzz-bench
#   build/fuzz/afl         afl-clang-fast, persistent mode by AFL++'s driver    make fuzz ENGINE=afl
#   build/fuzz/cmplog      the same with CmpLog, AFL++'s second binary
#   build/fuzz/cov         clang's source coverage, no fuzzer                   make fuzz-coverage
#   $(B)/fuzz              any compiler, no fuzzer                              make fuzz-replay

FUZZ_TARGETS := $(sort $(patsubst fuzz/fuzz_%.c,%,$(wildcard fuzz/fuzz_*.c)))
FUZZ_MUTATED := session pair
FUZZ_FRAMES := harness/ethernet.c harness/arp.c harness/ipv4.c harness/icmp.c
FUZZ_ALONE := mutator contracts parser parser_kernel replay bench_empty
FUZZ_SHARED := $(filter-out fuzz/fuzz_%.c $(FUZZ_ALONE:%=fuzz/%.c),$(wildcard fuzz/*.c))
FUZZ_PARTS := $(CORE) $(FUZZ_FRAMES) $(FUZZ_SHARED)
.PHONY: fuzz-parts
fuzz-parts:
	@echo $(FUZZ_PARTS)
FUZZ_FLAGS := $(STD) -D_GNU_SOURCE -I. -Wall -Wextra -g -fno-omit-frame-pointer $(FUZZ_DEFINES)
FUZZ_CLANG ?= clang
FUZZ_AFL ?= afl-clang-fast
AFL_BUILD := AFL_QUIET=1

# $(1): name of the flavour, $(2): compiler, $(3): flags, $(4): flags to link, $(5): what is linked behind the target
define fuzz_flavour
build/fuzz/$(1)/%.o: %.c fuzz/fuzz.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(or $$(FUZZ_CC),$(2)) $(3) $$(FUZZ_FLAGS) -MMD -MP -c -o $$@ $$<

build/fuzz/$(1)/libparts.a: $$(FUZZ_PARTS:%.c=build/fuzz/$(1)/%.o)
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^

build/fuzz/$(1)/fuzz_%: build/fuzz/$(1)/fuzz/fuzz_%.o $(5) build/fuzz/$(1)/libparts.a
	$$(call say,LINK,$$@)
	$$(Q)$(2) $(3) -o $$@ $$^ $(4)

.PHONY: fuzz-build-$(1)
fuzz-build-$(1): $$(FUZZ_TARGETS:%=build/fuzz/$(1)/fuzz_%)
endef

# Neither oracles nor the making of connections are what is explored: coverage in them costs more than the code under test.
FUZZ_ORACLES := $(FUZZ_SHARED:fuzz/%.c=%) fuzz_header fuzz_options fuzz_segment
FUZZ_QUIET := -fno-sanitize=fuzzer-no-link
$(foreach f,libfuzzer plain,$(FUZZ_ORACLES:%=build/fuzz/$(f)/fuzz/%.o)): FUZZ_FLAGS += $(FUZZ_QUIET)
$(foreach f,afl cmplog,$(FUZZ_ORACLES:%=build/fuzz/$(f)/fuzz/%.o)): FUZZ_CC = $(FUZZ_CLANG)
# To know with what a number is compared helps where it stands in the input: the core is given built ones, or single bytes.
$(foreach f,libfuzzer plain,$(CORE:%.c=build/fuzz/$(f)/%.o)): FUZZ_FLAGS += -fno-sanitize-coverage=trace-cmp

FUZZ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
$(eval $(call fuzz_flavour,libfuzzer,$(FUZZ_CLANG),-O1 -fsanitize=fuzzer-no-link $(FUZZ_SANITIZE),-fsanitize=fuzzer))
$(eval $(call fuzz_flavour,plain,$(FUZZ_CLANG),-O2 -fsanitize=fuzzer-no-link,-fsanitize=fuzzer))
$(eval $(call fuzz_flavour,afl,$(AFL_BUILD) $(FUZZ_AFL),-O2 -fsanitize=undefined -fno-sanitize-recover=all,-fsanitize=fuzzer))
$(eval $(call fuzz_flavour,cmplog,AFL_LLVM_CMPLOG=1 $(AFL_BUILD) $(FUZZ_AFL),-O2,-fsanitize=fuzzer))
$(eval $(call fuzz_flavour,cov,$(FUZZ_CLANG),-O1 -fprofile-instr-generate -fcoverage-mapping,,build/fuzz/cov/fuzz/replay.o))

# The mutator that knows events: part of libFuzzer's binaries, a library of its own for AFL++.
ifneq ($(wildcard fuzz/mutator.c),)
$(FUZZ_MUTATED:%=build/fuzz/libfuzzer/fuzz_%): build/fuzz/libfuzzer/fuzz/mutator.o
$(FUZZ_MUTATED:%=build/fuzz/plain/fuzz_%): build/fuzz/plain/fuzz/mutator.o
build/fuzz/afl/mutator.so: fuzz/mutator.c fuzz/event.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(FUZZ_CLANG) $(FUZZ_FLAGS) -O2 -DFUZZ_AFL -shared -fPIC -o $@ $<
fuzz-build-afl: build/fuzz/afl/mutator.so
endif

# ---- without a fuzzer ----
$(B)/fuzz/libparts.a: $(FUZZ_SHARED:%.c=$(B)/%.o)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/fuzz/replay_%: $(B)/fuzz/fuzz_%.o $(B)/fuzz/replay.o $(B)/fuzz/libparts.a $(B)/libharness.a $(B)/libsequent.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(NO_LTO) -o $@ $^

.PHONY: fuzz-replay-build fuzz-replay-run
fuzz-replay-build: $(FUZZ_TARGETS:%=$(B)/fuzz/replay_%)
fuzz-replay-run: fuzz-replay-build
	@fuzz/replay.sh $(B)/fuzz $(FUZZ_TARGETS)

-include $(shell find build/fuzz -name '*.d' 2>/dev/null)

# ---- lwIP beside us (Debian's source package, fetched when asked for) ----
LWIP_PARTS := $(addprefix core/,def inet_chksum init ip mem memp netif pbuf stats sys tcp tcp_in tcp_out ipv4/ip4 ipv4/ip4_addr)
LWIP_FLAGS := -std=c11 -D_GNU_SOURCE -I. -Ifuzz -Ifuzz/lwip -Ibuild/fuzz/lwip/src/include -g -w -fno-omit-frame-pointer
build/fuzz/lwip/src/core/%.c: ;

define lwip_flavour
build/fuzz/lwip/$(1)/%.o: build/fuzz/lwip/src/%.c fuzz/lwip/lwipopts.h
	@mkdir -p $$(@D)
	$$(Q)$$(FUZZ_CLANG) $$(LWIP_FLAGS) $(2) -c -o $$@ $$<

build/fuzz/lwip/$(1)/%.o: fuzz/lwip/%.c fuzz/lwip/peer.h
	@mkdir -p $$(@D)
	$$(Q)$$(FUZZ_CLANG) $$(LWIP_FLAGS) $(2) -c -o $$@ $$<

build/fuzz/$(1)/lwip_%: build/fuzz/lwip/$(1)/%.o build/fuzz/lwip/$(1)/peer.o $$(LWIP_PARTS:%=build/fuzz/lwip/$(1)/%.o) build/fuzz/$(1)/libparts.a
	$$(call say,LINK,$$@)
	$$(Q)$$(FUZZ_CLANG) $(2) -o $$@ $$^ -fsanitize=fuzzer
endef
$(eval $(call lwip_flavour,libfuzzer,-O1 -fsanitize=fuzzer-no-link $(FUZZ_SANITIZE)))
$(eval $(call lwip_flavour,plain,-O2 -fsanitize=fuzzer-no-link))

# ---- other parsers under our oracles; what the fuzzer itself costs ----
build/fuzz/parser_kernel.so build/fuzz/parser_defect.so: fuzz/parser_kernel.c fuzz/parser.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(FUZZ_CLANG) $(FUZZ_FLAGS) -O1 -fsanitize=fuzzer-no-link,address $(if $(findstring defect,$@),-DPARSER_DEFECT) -shared -fPIC -o $@ $<

build/fuzz/libfuzzer/parser: build/fuzz/libfuzzer/fuzz/parser.o build/fuzz/libfuzzer/libparts.a
	$(call say,LINK,$@)
	$(Q)$(FUZZ_CLANG) $(FUZZ_SANITIZE) -o $@ $^ -fsanitize=fuzzer -ldl

build/fuzz/libfuzzer/bench_empty build/fuzz/plain/bench_empty: build/fuzz/%/bench_empty: build/fuzz/%/fuzz/bench_empty.o
	$(Q)$(FUZZ_CLANG) $(if $(findstring libfuzzer,$@),$(FUZZ_SANITIZE)) -o $@ $^ -fsanitize=fuzzer

.PHONY: fuzz-build-bench fuzz-build-lwip
fuzz-build-lwip:
	@fuzz/lwip/get.sh
	@$(SUB) build/fuzz/libfuzzer/lwip_diff build/fuzz/libfuzzer/lwip_bench build/fuzz/plain/lwip_bench
fuzz-build-bench: fuzz-build-libfuzzer fuzz-build-plain build/fuzz/libfuzzer/bench_empty build/fuzz/plain/bench_empty
