/* SPDX-License-Identifier: MIT */
/* lwIP as the peer of `make bench`: no system, one interface, IPv4 and TCP, as many connections as `sequent serve` has,
   windows as large as they get without window scaling, every checksum made and checked. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_RAW 0
#define LWIP_UDP 0
#define LWIP_STATS 0
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1 /* on; off where the instructions of TCP alone are counted */
#define MEM_ALIGNMENT 8
#define MEM_SIZE (32 * 1024 * 1024)
#define MEMP_NUM_TCP_PCB 1024
#define MEMP_NUM_TCP_PCB_LISTEN 16
#define MEMP_NUM_TCP_SEG 8192
#define MEMP_NUM_PBUF 8192
#define PBUF_POOL_SIZE 2048
#define TCP_MSS 1460
#define TCP_WND 65535
#define TCP_SND_BUF 65535
#define LWIP_WND_SCALE 0
#define LWIP_TCP_TIMESTAMPS 0
#define LWIP_TCP_SACK_OUT 0
#define TCP_QUEUE_OOSEQ 1

#endif
