// SPDX-License-Identifier: MIT
// tracemalloc.h - telling tracemalloc of memory that others manage.
#ifndef KRAIT_TRACEMALLOC_H
#define KRAIT_TRACEMALLOC_H
#ifdef __cplusplus
extern "C" {
#endif

// 0; -1 without memory; -2 when tracing is off.
PyAPI_FUNC(int) PyTraceMalloc_Track(unsigned int domain, uintptr_t ptr, size_t size);
// 0; -2 when tracing is off.
PyAPI_FUNC(int) PyTraceMalloc_Untrack(unsigned int domain, uintptr_t ptr);
// Where the memory was allocated, None if not known. New reference.
PyAPI_FUNC(PyObject *) _PyTraceMalloc_GetTraceback(unsigned int domain, uintptr_t ptr);
PyAPI_FUNC(PyObject *) _PyTraceMalloc_GetObjectTraceback(PyObject *obj);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_TRACEMALLOC_H
