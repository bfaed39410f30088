// SPDX-License-Identifier: MIT
// stack.c - the bounds of the C stack, from the thread library.
#include "port/stack.h"

#include <pthread.h>

bool
kr_port_stack_bounds(char **low_out, char **high_out)
{
    pthread_attr_t attr;
    void *low = NULL;
    size_t size = 0, guard = 0;

    if (pthread_getattr_np(pthread_self(), &attr) != 0) {
        return false;
    }
    bool ok = pthread_attr_getstack(&attr, &low, &size) == 0;
    if (ok && pthread_attr_getguardsize(&attr, &guard) != 0) {
        guard = 0;
    }
    pthread_attr_destroy(&attr);
    if (!ok || low == NULL) {
        return false;
    }
    // An unlimited main stack reports its limit as is: more than 64 MiB is never
    // counted on, as other mappings may lie below.
    size_t most = (size_t)64 << 20;
    char *high = (char *)low + size;
    *low_out = size - guard > most ? high - most : (char *)low + guard;
    *high_out = high;
    return true;
}
