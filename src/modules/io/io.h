// SPDX-License-Identifier: MIT
// io.h - what the files of module _io share.
//
// Layers: raw (FileIO: one system call a method), buffered (BufferedReader,
// BufferedWriter, BufferedRandom, BufferedRWPair, BytesIO), text (TextIOWrapper,
// StringIO, IncrementalNewlineDecoder). Every class starts with KrIOBase.
#ifndef KRAIT_MODULES_IO_IO_H
#define KRAIT_MODULES_IO_IO_H

#include <Python.h>

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/method_macros.h"
#include "objects/state.h"

#define KR_IO_BUFFER_SIZE 131072 // bytes; io.DEFAULT_BUFFER_SIZE

typedef struct {
    PyObject_HEAD
    PyObject *dict;        // owned, or NULL
    PyObject *weakreflist;
} KrIOBase;

extern PyTypeObject kr_iobase_type;
extern PyTypeObject kr_rawiobase_type;
extern PyTypeObject kr_bufferediobase_type;
extern PyTypeObject kr_textiobase_type;
extern PyTypeObject kr_fileio_type;
extern PyTypeObject kr_bytesio_type;
extern PyTypeObject kr_bytesiobuf_type;
extern PyTypeObject kr_stringio_type;
extern PyTypeObject kr_buffered_reader_type;
extern PyTypeObject kr_buffered_writer_type;
extern PyTypeObject kr_buffered_random_type;
extern PyTypeObject kr_buffered_rwpair_type;
extern PyTypeObject kr_textiowrapper_type;
extern PyTypeObject kr_newline_decoder_type;

// Errors. io.UnsupportedOperation is made with the module; new reference.
PyObject *kr_io_unsupported_class(void);
PyObject *kr_io_unsupported(const char *what);
// ValueError unless self.closed is false. 0 or -1.
int kr_io_check_open(PyObject *self);
int kr_io_is_closed(PyObject *self);
// UnsupportedOperation unless self.readable() and so on. 0 or -1.
int kr_io_check_readable(PyObject *self);
int kr_io_check_writable(PyObject *self);
int kr_io_check_seekable(PyObject *self);

// Whether the interpreter is in UTF-8 mode (sys.flags.utf8_mode).
bool kr_utf8_mode(void);

// Makes the object close itself when it is finalised; tp_finalize of all classes.
void kr_io_prepare_buffered(void); // buffered.c: fills its method tables
void kr_io_finalize(PyObject *self);
int kr_io_base_traverse(PyObject *self, visitproc visit, void *arg);
void kr_io_base_clear(PyObject *self);

// An integer offset of a Python object. -1 with an exception set.
int64_t kr_io_offset(PyObject *value);

// True, with the exception cleared, when a call was interrupted by a signal whose
// handlers all returned.
bool kr_io_trap_eintr(void);

// The index behind the first line end in text[start, end), or -1. Line ends are
// \n (translated), any of three (universal), or newline. *searched: from where to
// look again when more text has come.
Py_ssize_t kr_io_line_end(PyObject *text, Py_ssize_t start, Py_ssize_t end, bool translated,
                          bool universal, PyObject *newline, Py_ssize_t *searched);
// IncrementalNewlineDecoder's work on a str; new reference.
PyObject *kr_newline_decode(PyObject *decoder, PyObject *input, bool final);
PyObject *kr_newline_decoder_new(PyObject *decoder, bool translate);

#endif // KRAIT_MODULES_IO_IO_H
