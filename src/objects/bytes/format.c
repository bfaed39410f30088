// SPDX-License-Identifier: MIT
// format.c - PyBytes_FromFormat: a small printf that makes bytes.
#include "objects/bytes/bytes.h"

#include "objects/ids.h"

// One directive as read from the format.
typedef struct {
    char length;          // 'l', 'z' or 0
    char conversion;
    Py_ssize_t precision; // -1: none
} Directive;

// Reads behind a '%'; returns where the format goes on, or NULL if it is unknown.
static const char *
read_directive(const char *f, Directive *d)
{
    d->length = 0;
    d->precision = -1;
    while (*f >= '0' && *f <= '9') {
        f++; // the width is accepted and has no effect
    }
    if (*f == '.') {
        d->precision = 0;
        for (f++; *f >= '0' && *f <= '9'; f++) {
            if (d->precision < (PY_SSIZE_T_MAX - 9) / 10) {
                d->precision = d->precision * 10 + (*f - '0');
            }
        }
    }
    if ((*f == 'l' && (f[1] == 'd' || f[1] == 'u')) ||
        (*f == 'z' && (f[1] == 'd' || f[1] == 'u'))) {
        d->length = *f++;
    }
    d->conversion = *f;
    return *f != '\0' && strchr("%cduixsp", *f) != NULL ? f + 1 : NULL;
}

static int
write_number(KrByteWriter *w, const Directive *d, va_list *args)
{
    char text[64];
    int n;

    if (d->conversion == 'u') {
        size_t value = d->length == 'l'   ? va_arg(*args, unsigned long)
                       : d->length == 'z' ? va_arg(*args, size_t)
                                          : va_arg(*args, unsigned int);
        n = snprintf(text, sizeof text, "%zu", value);
    }
    else if (d->conversion == 'x') {
        n = snprintf(text, sizeof text, "%x", va_arg(*args, unsigned int));
    }
    else {
        Py_ssize_t value = d->length == 'l'   ? va_arg(*args, long)
                           : d->length == 'z' ? va_arg(*args, Py_ssize_t)
                                              : va_arg(*args, int);
        n = snprintf(text, sizeof text, "%zd", value);
    }
    return kr_bytewriter_write(w, text, n);
}

static int
write_directive(KrByteWriter *w, const Directive *d, va_list *args)
{
    char text[32];

    switch (d->conversion) {
    case '%':
        return kr_bytewriter_put(w, '%');
    case 'c': {
        int c = va_arg(*args, int);
        if (c < 0 || c > 255) {
            PyErr_SetString(PyExc_OverflowError,
                            "PyBytes_FromFormatV(): %c format expects an integer in range "
                            "[0; 255]");
            return -1;
        }
        return kr_bytewriter_put(w, (char)c);
    }
    case 's': {
        const char *s = va_arg(*args, const char *);
        size_t length = d->precision < 0 ? strlen(s) : strnlen(s, (size_t)d->precision);
        return kr_bytewriter_write(w, s, (Py_ssize_t)length);
    }
    case 'p': {
        int n = snprintf(text, sizeof text, "%p", va_arg(*args, void *));
        return kr_bytewriter_write(w, text, n);
    }
    default:
        return write_number(w, d, args);
    }
}

PyObject *
PyBytes_FromFormatV(const char *format, va_list args)
{
    KrByteWriter w;
    PyObject *result = NULL;
    va_list copy;
    const char *f = format;

    va_copy(copy, args);
    kr_bytewriter_init(&w);
    while (*f != '\0') {
        Directive d;
        const char *next;
        if (*f != '%') {
            if (kr_bytewriter_put(&w, *f++) < 0) {
                goto done;
            }
            continue;
        }
        next = read_directive(f + 1, &d);
        if (next == NULL) {
            // An unknown directive: the rest is copied as it is.
            if (kr_bytewriter_write(&w, f, (Py_ssize_t)strlen(f)) < 0) {
                goto done;
            }
            break;
        }
        if (write_directive(&w, &d, &copy) < 0) {
            goto done;
        }
        f = next;
    }
    result = PyBytes_FromStringAndSize(w.data, w.size);

done:
    kr_bytewriter_free(&w);
    va_end(copy);
    return result;
}

PyObject *
PyBytes_FromFormat(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    PyObject *result = PyBytes_FromFormatV(format, args);
    va_end(args);
    return result;
}
