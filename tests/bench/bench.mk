# SPDX-License-Identifier: MIT
# What `make bench` measures with: programs on the core, the client, the peers. lwIP is Debian's source package, fetched by
# fuzz/lwip/get.sh and compiled by the same compiler with the same options; its options are tests/bench/lwip/lwipopts.h.

# Shared by what counts instructions by path; a program with a main of its own takes nothing of it.
$(B)/tests/bench/libbench.a: $(B)/tests/bench/paths.o $(B)/tests/bench/frames.o
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

bench_link = $(B)/tests/bench/libbench.a $(B)/libharness.a $(B)/libsequent.a
$(B)/tests/bench/%: $(B)/tests/bench/%.o $(bench_link)
	$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(LTO) -o $@ $^

BENCH_LWIP_PARTS := $(addprefix core/,def inet_chksum init ip mem memp netif pbuf sys tcp tcp_in tcp_out timeouts ipv4/etharp ipv4/icmp ipv4/ip4 ipv4/ip4_addr ipv4/ip4_frag) netif/ethernet
BENCH_LWIP_FLAGS := $(STD) -D_GNU_SOURCE $(OPT) $(LTO) -Itests/bench/lwip -Ibuild/fuzz/lwip/src/include
bench_lwip_o := $(BENCH_LWIP_PARTS:%=$(B)/bench/lwip/%.o)
build/fuzz/lwip/src/core/%.c build/fuzz/lwip/src/netif/%.c: ;

$(B)/bench/lwip/%.o: build/fuzz/lwip/src/%.c tests/bench/lwip/lwipopts.h tests/bench/lwip/arch/cc.h $(B)/options
	@mkdir -p $(@D)
	$(Q)$(CC) $(BENCH_LWIP_FLAGS) -w -c -o $@ $<

$(B)/tests/bench/lwip/%.o: tests/bench/lwip/%.c tests/bench/lwip/lwipopts.h tests/bench/lwip/arch/cc.h $(B)/options
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(FLAGS) $(LTO) -Itests/bench/lwip -isystem build/fuzz/lwip/src/include -MMD -MP -c -o $@ $<

bench_lwip := $(B)/tests/bench/lwip/serve $(B)/tests/bench/lwip/paths
$(bench_lwip): %: %.o $(bench_lwip_o) $(bench_link)
	$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(LTO) -o $@ $^

.PHONY: bench-run bench-lwip
bench_own := $(B)/tests/bench/load $(B)/tests/bench/kernel $(BENCHES:%.c=$(B)/%)
bench-lwip:
	@fuzz/lwip/get.sh
	@$(SUB) $(bench_lwip)
bench-run: $(LIB) $(program) $(bench_own)
	@tests/bench/run $(B)
