// SPDX-License-Identifier: MIT
// pylock.h - the one-byte mutex of the C API.
#ifndef KRAIT_PYLOCK_H
#define KRAIT_PYLOCK_H
#ifdef __cplusplus
extern "C" {
#endif

typedef struct PyMutex {
    uint8_t _bits; // bit 0: locked, bit 1: somebody waits
} PyMutex;

PyAPI_FUNC(void) PyMutex_Lock(PyMutex *m);
PyAPI_FUNC(void) PyMutex_Unlock(PyMutex *m);
PyAPI_FUNC(int) PyMutex_IsLocked(PyMutex *m);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYLOCK_H
