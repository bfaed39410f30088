// SPDX-License-Identifier: MIT
// pystrcmp.h - comparing C strings without regard to the case of ASCII letters.
#ifndef KRAIT_PYSTRCMP_H
#define KRAIT_PYSTRCMP_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyOS_mystrnicmp(const char *a, const char *b, Py_ssize_t size);
PyAPI_FUNC(int) PyOS_mystricmp(const char *a, const char *b);
#define PyOS_strnicmp PyOS_mystrnicmp
#define PyOS_stricmp PyOS_mystricmp

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYSTRCMP_H
