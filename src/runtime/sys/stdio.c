// SPDX-License-Identifier: MIT
// stdio.c - sys.stdin, stdout and stderr.
//
// Until the io module can be imported, sys.stderr is a plain file object that
// writes UTF-8 to descriptor 2, so that errors of the start-up are seen.
#include "runtime/sys/sys.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "objects/args.h"
#include "objects/ids.h"

// ---- the plain file ---------------------------------------------------------

typedef struct {
    PyObject_HEAD
    int fd;
} KrPlainFile;

static int
write_all(int fd, const char *data, Py_ssize_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, data, (size_t)size);
        if (done < 0) {
            if (errno == EINTR) {
                continue;
            }
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        data += done;
        size -= done;
    }
    return 0;
}

KR_METHOD(plain_file, "write(self, text: str, /)", "Writes a string.")
static PyObject *
plain_file_write(KrPlainFile *self, PyObject *text)
{
    PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    int status;

    if (bytes == NULL) {
        return NULL;
    }
    status = write_all(self->fd, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    return status < 0 ? NULL : PyLong_FromSsize_t(PyUnicode_GET_LENGTH(text));
}

KR_METHOD(plain_file, "flush(self)", "Does nothing: nothing is buffered.")
static PyObject *
plain_file_flush(KrPlainFile *self)
{
    Py_RETURN_NONE;
}

KR_METHOD(plain_file, "fileno(self)", "The descriptor.")
static PyObject *
plain_file_fileno(KrPlainFile *self)
{
    return PyLong_FromLong(self->fd);
}

KR_METHOD(plain_file, "isatty(self)", "Whether the descriptor is a terminal.")
static PyObject *
plain_file_isatty(KrPlainFile *self)
{
    return PyBool_FromLong(isatty(self->fd));
}

KR_METHOD(plain_file, "readline(self)", "Reads up to and with the next newline.")
static PyObject *
plain_file_readline(KrPlainFile *self)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, 0);
    PyObject *text;
    char c;

    while (bytes != NULL && read(self->fd, &c, 1) == 1) {
        PyBytes_ConcatAndDel(&bytes, PyBytes_FromStringAndSize(&c, 1));
        if (c == '\n') {
            break;
        }
    }
    if (bytes == NULL) {
        return NULL;
    }
    text = PyUnicode_DecodeUTF8(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes),
                                "surrogateescape");
    Py_DECREF(bytes);
    return text;
}

KR_GETTER(plain_file, "encoding", "Always utf-8.")
static PyObject *
plain_file_get_encoding(KrPlainFile *self)
{
    return Py_NewRef(KR_STR(utf_8, "utf-8"));
}

KR_GETTER(plain_file, "errors", "What happens to text that cannot be encoded.")
static PyObject *
plain_file_get_errors(KrPlainFile *self)
{
    return Py_NewRef(KR_ID(backslashreplace));
}

KR_TYPE(plain_file)
#include "runtime/sys/stdio.methods.h"

static void
plain_file_dealloc(PyObject *self)
{
    PyObject_Free(self);
}

PyTypeObject kr_plain_file_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "sys._PlainFile",
    .tp_basicsize = sizeof(KrPlainFile),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "A stream without buffers, used before the io module is there.",
    .tp_dealloc = plain_file_dealloc,
    .tp_methods = plain_file_methods,
    .tp_getset = plain_file_getset,
};

static PyObject *
make_plain_file(int fd)
{
    KrPlainFile *file;

    if (PyType_Ready(&kr_plain_file_type) < 0) {
        return NULL;
    }
    file = PyObject_New(KrPlainFile, &kr_plain_file_type);
    if (file != NULL) {
        file->fd = fd;
    }
    return (PyObject *)file;
}

static int
set_stream(PyInterpreterState *interp, const char *name, const char *saved,
           PyObject *file)
{
    int status = -1;

    if (file != NULL) {
        status = PyDict_SetItemString(interp->sys_dict, name, file);
        if (status == 0 && saved != NULL) {
            status = PyDict_SetItemString(interp->sys_dict, saved, file);
        }
        Py_DECREF(file);
    }
    return status;
}

int
kr_sys_init_plain_stderr(PyInterpreterState *interp)
{
    return set_stream(interp, "stderr", "__stderr__", make_plain_file(STDERR_FILENO));
}

// ---- the real streams -------------------------------------------------------

typedef struct {
    int fd;
    bool writing;
    const char *name;   // "<stdin>"
    const wchar_t *errors;
} KrStream;

static bool
is_open(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0;
}

// The unbuffered or buffered binary file below the text. New reference.
static PyObject *
open_binary(PyObject *io, const KrStream *stream, bool buffered)
{
    return PyObject_CallMethod(io, "open", "isiOOOO", stream->fd,
                               stream->writing ? "wb" : "rb", buffered ? -1 : 0, Py_None,
                               Py_None, Py_None, Py_False);
}

// The name that the codec itself has: "latin1" is "iso8859-1". "utf-8" needs no look.
static PyObject *
stream_encoding(const PyConfig *config)
{
    PyObject *name = config->stdio_encoding == NULL
                         ? PyUnicode_FromString("utf-8")
                         : PyUnicode_FromWideChar(config->stdio_encoding, -1);
    if (name == NULL || PyUnicode_EqualToUTF8(name, "utf-8")) {
        return name;
    }
    const char *text = PyUnicode_AsUTF8(name);
    PyObject *codec = text == NULL ? NULL : _PyCodec_Lookup(text);
    Py_DECREF(name);
    name = codec == NULL ? NULL : PyObject_GetAttr(codec, KR_ID(name));
    Py_XDECREF(codec);
    return name;
}

static PyObject *
open_stream(PyInterpreterState *interp, PyObject *io, const KrStream *stream)
{
    const PyConfig *config = &interp->runtime.config;
    PyObject *binary = NULL, *raw = NULL, *name = NULL, *text = NULL, *wrapper = NULL;
    PyObject *encoding = NULL, *errors = NULL, *tty = NULL;
    bool buffered = config->buffered_stdio || !stream->writing;
    bool line_buffered, write_through = false;
    int is_tty;

    if (!is_open(stream->fd)) {
        Py_RETURN_NONE;
    }
    binary = open_binary(io, stream, buffered);
    if (binary == NULL) {
        // A descriptor that cannot be used, a directory say, leaves the stream None.
        if (PyErr_ExceptionMatches(PyExc_OSError)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    raw = buffered ? PyObject_GetAttr(binary, KR_ID(raw)) : Py_NewRef(binary);
    if (raw == NULL) {
        goto done;
    }
    name = PyUnicode_FromString(stream->name);
    if (name == NULL || PyObject_SetAttr(raw, KR_ID(name), name) < 0) {
        goto done;
    }
    tty = PyObject_CallMethodNoArgs(raw, KR_ID(isatty));
    is_tty = tty == NULL ? -1 : PyObject_IsTrue(tty);
    if (is_tty < 0) {
        goto done;
    }
    if (!config->buffered_stdio) {
        write_through = true;
    }
    line_buffered = config->buffered_stdio && (is_tty || stream->fd == STDERR_FILENO);
    encoding = stream_encoding(config);
    errors = PyUnicode_FromWideChar(
        stream->errors != NULL ? stream->errors
        : config->stdio_errors != NULL ? config->stdio_errors : L"strict", -1);
    wrapper = PyObject_GetAttrString(io, "TextIOWrapper");
    if (encoding == NULL || errors == NULL || wrapper == NULL) {
        goto done;
    }
    text = PyObject_CallFunction(wrapper, "OOOsOO", binary, encoding, errors, "\n",
                                 line_buffered ? Py_True : Py_False,
                                 write_through ? Py_True : Py_False);
    if (text != NULL) {
        PyObject *mode = PyUnicode_FromString(stream->writing ? "w" : "r");
        if (mode == NULL || PyObject_SetAttr(text, KR_ID(mode), mode) < 0) {
            Py_CLEAR(text);
        }
        Py_XDECREF(mode);
    }

done:
    Py_XDECREF(binary);
    Py_XDECREF(raw);
    Py_XDECREF(name);
    Py_XDECREF(wrapper);
    Py_XDECREF(encoding);
    Py_XDECREF(errors);
    Py_XDECREF(tty);
    return text;
}

int
kr_sys_init_stdio(PyInterpreterState *interp)
{
    static const struct {
        KrStream stream;
        const char *name;
        const char *saved;
    } streams[] = {
        {{STDIN_FILENO, false, "<stdin>", NULL}, "stdin", "__stdin__"},
        {{STDOUT_FILENO, true, "<stdout>", NULL}, "stdout", "__stdout__"},
        {{STDERR_FILENO, true, "<stderr>", L"backslashreplace"}, "stderr", "__stderr__"},
    };
    PyObject *io = PyImport_ImportModule("io");
    PyObject *open;

    if (io == NULL) {
        return -1;
    }
    open = PyObject_GetAttrString(io, "open");
    if (open == NULL || PyDict_SetItem(interp->builtins, KR_ID(open), open) < 0) {
        Py_XDECREF(open);
        Py_DECREF(io);
        return -1;
    }
    Py_DECREF(open);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(streams); i++) {
        if (set_stream(interp, streams[i].name, streams[i].saved,
                       open_stream(interp, io, &streams[i].stream)) < 0) {
            Py_DECREF(io);
            return -1;
        }
    }
    Py_DECREF(io);
    return 0;
}
