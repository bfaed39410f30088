// SPDX-License-Identifier: MIT
// sanitizer.c - how sanitizer builds behave unless ASAN_OPTIONS says otherwise.
#include "port/sanitizer.h"

#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);

// Programs may ask for too much memory: that is a MemoryError, not a finding.
__attribute__((visibility("default"))) const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}
#endif
