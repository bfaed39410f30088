// SPDX-License-Identifier: MIT
// sanitizer.h - what a sanitizer must be told; nothing in other builds.
#ifndef KRAIT_PORT_SANITIZER_H
#define KRAIT_PORT_SANITIZER_H

#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

// Memory that the leak check searches for pointers: it knows malloc only.
static inline void
kr_port_leak_root(const void *start, size_t size)
{
    __lsan_register_root_region(start, size);
}
#else
static inline void
kr_port_leak_root(const void *start, size_t size)
{
}
#endif

#endif // KRAIT_PORT_SANITIZER_H
