// SPDX-License-Identifier: MIT
// cpu.h - processors.
#ifndef KRAIT_PORT_CPU_H
#define KRAIT_PORT_CPU_H

#include "base/base.h"

// Processors of the machine, and those that this process may use; 0: not known.
int kr_port_cpu_count(void);
int kr_port_cpu_usable(void);

// Tells the processor that a loop waits.
static inline void
kr_port_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif // KRAIT_PORT_CPU_H
