/* SPDX-License-Identifier: MIT */
/* lwIP as the other party of diff_lwip and fuzz-bench: no system, no sockets, static memory, IPv4 and TCP alone. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_TIMERS 0
#define LWIP_ARP 0
#define LWIP_ETHERNET 0
#define LWIP_ICMP 0
#define LWIP_RAW 0
#define LWIP_UDP 0
#define LWIP_DNS 0
#define LWIP_IPV6 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define MEM_SIZE 262144
#define MEM_ALIGNMENT 8
#define MEMP_NUM_TCP_SEG 64
#define PBUF_POOL_SIZE 64
#define TCP_QUEUE_OOSEQ 1
#define TCP_MSS 512
#define TCP_WND 2048
#define TCP_SND_BUF 2048
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_STATS 1
#define LWIP_STATS_LARGE 1
#define TCP_STATS 1
#define LWIP_NETIF_TX_SINGLE_PBUF 1

#endif
