// SPDX-License-Identifier: MIT
// fileutils.h - text of the operating system, opening files.
#ifndef KRAIT_FILEUTILS_H
#define KRAIT_FILEUTILS_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(wchar_t *) Py_DecodeLocale(const char *text, size_t *size);
PyAPI_FUNC(char *) Py_EncodeLocale(const wchar_t *text, size_t *error_pos);
PyAPI_FUNC(FILE *) Py_fopen(PyObject *path, const char *mode);
PyAPI_FUNC(FILE *) _Py_fopen_obj(PyObject *path, const char *mode);
PyAPI_FUNC(int) Py_fclose(FILE *file);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_FILEUTILS_H
