// SPDX-License-Identifier: MIT
// pystrtod.h - doubles from and to text, whatever the locale.
#ifndef KRAIT_PYSTRTOD_H
#define KRAIT_PYSTRTOD_H
#ifdef __cplusplus
extern "C" {
#endif

// -1.0 with ValueError when text is no number, or more follows it and end is NULL.
// Too large a number gives an infinity, or overflow_exception if that is not NULL.
PyAPI_FUNC(double) PyOS_string_to_double(const char *text, char **end,
                                         PyObject *overflow_exception);

// format is 'e', 'E', 'f', 'F', 'g', 'G' or 'r' (shortest that reads back equal,
// precision 0). Returns memory for PyMem_Free, or NULL with an exception.
PyAPI_FUNC(char *) PyOS_double_to_string(double value, char format, int precision,
                                         int flags, int *type);

#define Py_DTSF_SIGN 0x01      // a sign always
#define Py_DTSF_ADD_DOT_0 0x02 // "1.0", not "1"
#define Py_DTSF_ALT 0x04       // '#': keep the point and zeros
#define Py_DTSF_NO_NEG_0 0x08  // "-0" loses its sign

// What *type tells.
#define Py_DTST_FINITE 0
#define Py_DTST_INFINITE 1
#define Py_DTST_NAN 2

#ifdef __cplusplus
}
#endif
#endif // KRAIT_PYSTRTOD_H
