// SPDX-License-Identifier: MIT
// memory.h - address space from the operating system.
#ifndef KRAIT_PORT_MEMORY_H
#define KRAIT_PORT_MEMORY_H

#include "base/base.h"

// The unit of the functions below in bytes, a power of two.
size_t kr_port_page_size(void);

// How many bytes of addresses the process may use; SIZE_MAX without a limit.
size_t kr_port_address_limit(void);

// Addresses without memory behind them, aligned to `align` (a power of two, at
// least a page). NULL if the system grants none.
void *kr_port_reserve(size_t size, size_t align);

// Makes reserved addresses usable; they read as zero. false without memory.
bool kr_port_commit(void *start, size_t size);

// Gives the memory behind committed addresses back; they read as zero later.
void kr_port_discard(void *start, size_t size);

void kr_port_unreserve(void *start, size_t size);

#endif // KRAIT_PORT_MEMORY_H
