// SPDX-License-Identifier: MIT
// memory.c - address space by mmap.
#include "port/memory.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "port/sanitizer.h"

size_t
kr_port_page_size(void)
{
    long size = sysconf(_SC_PAGESIZE);
    return size > 0 ? (size_t)size : 4096;
}

size_t
kr_port_address_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return SIZE_MAX;
    }
    return (size_t)limit.rlim_cur;
}

void *
kr_port_reserve(size_t size, size_t align)
{
    size_t wanted = size + align;
    char *start = mmap(NULL, wanted, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) {
        return NULL;
    }
    char *aligned = (char *)(((uintptr_t)start + align - 1) & ~(uintptr_t)(align - 1));
    if (aligned != start) {
        munmap(start, (size_t)(aligned - start));
    }
    size_t behind = (size_t)(start + wanted - (aligned + size));
    if (behind != 0) {
        munmap(aligned + size, behind);
    }
    return aligned;
}

bool
kr_port_commit(void *start, size_t size)
{
    if (mprotect(start, size, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    kr_port_leak_root(start, size);
    return true;
}

void
kr_port_discard(void *start, size_t size)
{
    // A failure leaves the memory in use, which is no harm but its loss.
    (void)madvise(start, size, MADV_DONTNEED);
}

void
kr_port_unreserve(void *start, size_t size)
{
    munmap(start, size);
}
