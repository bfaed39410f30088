// SPDX-License-Identifier: MIT
// dump.c - writes frames, threads and modules to a descriptor, async-signal-safely.
//
// Callers:   fault.c from signal handlers, Py_FatalError through hooks.h.
// Read next: dump.h, fault.c
#include "runtime/faulthandler/dump.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <unistd.h>

#include "vm/frame.h"

#define MAX_FRAMES 100
#define MAX_THREADS 100
#define MAX_TEXT 500
#define MAX_C_FRAMES 32

// ---- text -------------------------------------------------------------------

static void
dump_bytes(int fd, const char *bytes, size_t size)
{
    int saved = errno;

    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno != EINTR) {
            break;
        }
        if (written > 0) {
            bytes += written;
            size -= (size_t)written;
        }
    }
    errno = saved;
}

void
kr_dump_text(int fd, const char *text)
{
    dump_bytes(fd, text, strlen(text));
}

// In base 10 or 16, with zeros up to the width.
static void
dump_number(int fd, size_t value, unsigned base, int width)
{
    char digits[24];
    int at = sizeof digits;

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
        width--;
    } while (value != 0 || width > 0);
    dump_bytes(fd, digits + at, sizeof digits - (size_t)at);
}

void
kr_dump_decimal(int fd, size_t value)
{
    dump_number(fd, value, 10, 1);
}

static void
dump_character(int fd, Py_UCS4 ch)
{
    if (ch >= ' ' && ch < 127) {
        char byte = (char)ch;
        dump_bytes(fd, &byte, 1);
        return;
    }
    kr_dump_text(fd, ch <= 0xff ? "\\x" : ch <= 0xffff ? "\\u" : "\\U");
    dump_number(fd, ch, 16, ch <= 0xff ? 2 : ch <= 0xffff ? 4 : 8);
}

static void
dump_str(int fd, PyObject *text)
{
    if (text == NULL || !PyUnicode_Check(text)) {
        kr_dump_text(fd, "???");
        return;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    for (Py_ssize_t i = 0; i < length && i < MAX_TEXT; i++) {
        dump_character(fd, PyUnicode_READ_CHAR(text, i));
    }
    if (length > MAX_TEXT) {
        kr_dump_text(fd, "...");
    }
}

// ---- frames -----------------------------------------------------------------

static void
dump_frame(int fd, const KrFrame *fp)
{
    PyCodeObject *code = kr_frame_exec(fp)->code;
    int line = PyCode_Addr2Line(code, kr_frame_lasti(fp));

    kr_dump_text(fd, "  File ");
    if (code->co_filename != NULL) {
        kr_dump_text(fd, "\"");
        dump_str(fd, code->co_filename);
        kr_dump_text(fd, "\"");
    }
    else {
        kr_dump_text(fd, "???");
    }
    kr_dump_text(fd, ", line ");
    if (line >= 0) {
        kr_dump_decimal(fd, (size_t)line);
    }
    else {
        kr_dump_text(fd, "???");
    }
    kr_dump_text(fd, " in ");
    dump_str(fd, code->co_name);
    kr_dump_text(fd, "\n");
}

static void
dump_frames(int fd, PyThreadState *tstate)
{
    const KrFrame *fp = kr_top_frame(tstate);

    if (fp == NULL) {
        kr_dump_text(fd, "  <no Python frame>\n");
    }
    for (int i = 0; fp != NULL; i++, fp = kr_frame_prev(fp)) {
        if (i == MAX_FRAMES) {
            kr_dump_text(fd, "  ...\n");
            break;
        }
        dump_frame(fd, fp);
    }
}

void
kr_dump_stack(int fd, PyThreadState *tstate)
{
    kr_dump_text(fd, "Stack (most recent call first):\n");
    dump_frames(fd, tstate);
}

// ---- threads ----------------------------------------------------------------

PyThreadState *
kr_dump_current(PyInterpreterState *interp)
{
    PyThreadState *tstate = interp->threads;
    unsigned long self = (unsigned long)pthread_self();

    if (kr_thread() != NULL) {
        return kr_thread();
    }
    while (tstate != NULL && tstate->thread_id != self) {
        tstate = tstate->next;
    }
    return tstate;
}

static void
dump_heading(int fd, PyThreadState *tstate, bool is_current)
{
    char name[32];

    kr_dump_text(fd, is_current ? "Current thread 0x" : "Thread 0x");
    dump_number(fd, tstate->thread_id, 16, 16);
    if (pthread_getname_np((pthread_t)tstate->thread_id, name, sizeof name) == 0 &&
        name[0] != '\0') {
        kr_dump_text(fd, " [");
        kr_dump_text(fd, name);
        kr_dump_text(fd, "]");
    }
    kr_dump_text(fd, " (most recent call first):\n");
}

void
kr_dump_threads(int fd, PyInterpreterState *interp, PyThreadState *current)
{
    PyThreadState *tstate = interp->threads;

    for (int i = 0; tstate != NULL; i++, tstate = tstate->next) {
        if (i > 0) {
            kr_dump_text(fd, "\n");
        }
        if (i == MAX_THREADS) {
            kr_dump_text(fd, "...\n");
            break;
        }
        dump_heading(fd, tstate, tstate == current);
        if (tstate == current && interp->gc.collecting) {
            kr_dump_text(fd, "  Garbage-collecting\n");
        }
        dump_frames(fd, tstate);
    }
}

// ---- C frames ---------------------------------------------------------------

static void
dump_c_frame(int fd, void *address)
{
    Dl_info info;

    if (!dladdr(address, &info) || info.dli_fname == NULL) {
        kr_dump_text(fd, "  Binary file \"<unknown>\"");
    }
    else {
        kr_dump_text(fd, "  Binary file \"");
        kr_dump_text(fd, info.dli_fname);
        kr_dump_text(fd, "\"");
        char *base = info.dli_sname != NULL ? info.dli_saddr : info.dli_fbase;
        kr_dump_text(fd, ", at ");
        kr_dump_text(fd, info.dli_sname != NULL ? info.dli_sname : "");
        kr_dump_text(fd, "+0x");
        dump_number(fd, (size_t)((char *)address - base), 16, 1);
    }
    kr_dump_text(fd, " [0x");
    dump_number(fd, (size_t)address, 16, 1);
    kr_dump_text(fd, "]\n");
}

void
kr_dump_c_stack(int fd)
{
    void *frames[MAX_C_FRAMES];
    int count = backtrace(frames, MAX_C_FRAMES);

    kr_dump_text(fd, "Current thread's C stack trace (most recent call first):\n");
    if (count < 1) {
        kr_dump_text(fd, "  <cannot get C stack>\n");
    }
    for (int i = 0; i < count; i++) {
        dump_c_frame(fd, frames[i]);
    }
    if (count == MAX_C_FRAMES) {
        kr_dump_text(fd, "  <truncated rest of calls>\n");
    }
}

// ---- modules ----------------------------------------------------------------

static bool
is_foreign_extension(PyInterpreterState *interp, PyObject *name, PyObject *module)
{
    PyObject *known = NULL;

    if (!PyUnicode_CheckExact(name) || !PyModule_Check(module) ||
        PyModule_GetDef(module) == NULL) {
        return false;
    }
    if (interp->sys_dict != NULL) {
        known = PyDict_GetItemString(interp->sys_dict, "stdlib_module_names");
    }
    return known == NULL || !PyFrozenSet_CheckExact(known) ||
           PySet_Contains(known, name) != 1;
}

void
kr_dump_extensions(int fd, PyInterpreterState *interp)
{
    PyObject *name, *module;
    Py_ssize_t at = 0;
    size_t count = 0;

    if (interp->modules == NULL || !PyDict_CheckExact(interp->modules)) {
        return;
    }
    while (PyDict_Next(interp->modules, &at, &name, &module)) {
        if (is_foreign_extension(interp, name, module)) {
            kr_dump_text(fd, count++ == 0 ? "\nExtension modules: " : ", ");
            dump_str(fd, name);
        }
    }
    if (count > 0) {
        kr_dump_text(fd, " (total: ");
        kr_dump_decimal(fd, count);
        kr_dump_text(fd, ")\n");
    }
}
