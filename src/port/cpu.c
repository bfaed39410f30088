// SPDX-License-Identifier: MIT
// cpu.c - counting processors.
#include "port/cpu.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

int
kr_port_cpu_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 0;
}

int
kr_port_cpu_usable(void)
{
    // The kernel refuses a set that is smaller than its own: grow until it fits.
    for (int limit = 1024; limit <= (1 << 20); limit *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)limit);
        if (set == NULL) {
            return 0;
        }
        size_t size = CPU_ALLOC_SIZE((size_t)limit);
        int status = sched_getaffinity(0, size, set);
        int count = status == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (status == 0) {
            return count;
        }
        if (errno != EINVAL) {
            return 0;
        }
    }
    return 0;
}
