// SPDX-License-Identifier: MIT
// io_module.c - module _io: open() and the classes of the other files.
#include "modules/io/io.h"

KR_FUNCTION(io, "open_code(path)",
            "Opens the provided file with the intent to import the contents.")
static PyObject *
io_open_code(PyObject *module, PyObject *path)
{
    if (!PyUnicode_Check(path)) {
        PyErr_Format(PyExc_TypeError, "open_code() argument 'path' must be str, not %.50s",
                     Py_TYPE(path)->tp_name);
        return NULL;
    }
    return PyFile_OpenCodeObject(path);
}

bool
kr_utf8_mode(void)
{
    PyObject *flags = PySys_GetObject("flags");
    PyObject *value = flags == NULL ? NULL : PyObject_GetAttrString(flags, "utf8_mode");
    int mode = value == NULL ? 0 : PyObject_IsTrue(value);
    Py_XDECREF(value);
    PyErr_Clear();
    return mode > 0;
}

KR_FUNCTION(io, "text_encoding(encoding, stacklevel=2, /)",
            "A helper function to choose the text encoding.")
static PyObject *
io_text_encoding(PyObject *module, PyObject *encoding, int stacklevel)
{
    if (encoding != NULL && encoding != Py_None) {
        return Py_NewRef(encoding);
    }
    const PyConfig *config = &kr_interp()->runtime.config;
    if (config->warn_default_encoding &&
        PyErr_WarnEx(PyExc_EncodingWarning, "'encoding' argument not specified", stacklevel) <
            0) {
        return NULL;
    }
    return PyUnicode_FromString(kr_utf8_mode() ? "utf-8" : "locale");
}

typedef struct {
    bool creating, reading, writing, appending, updating, text, binary;
    char raw[6]; // mode for FileIO
} Mode;

static int
parse_mode(const char *text, Mode *mode)
{
    memset(mode, 0, sizeof *mode);
    for (const char *at = text; *at != '\0'; at++) {
        bool *flag = *at == 'x' ? &mode->creating
                     : *at == 'r' ? &mode->reading
                     : *at == 'w' ? &mode->writing
                     : *at == 'a' ? &mode->appending
                     : *at == '+' ? &mode->updating
                     : *at == 't' ? &mode->text
                     : *at == 'b' ? &mode->binary : NULL;
        if (flag == NULL || *flag) {
            PyErr_Format(PyExc_ValueError, "invalid mode: '%s'", text);
            return -1;
        }
        *flag = true;
    }
    char *out = mode->raw;
    if (mode->creating) {
        *out++ = 'x';
    }
    if (mode->reading) {
        *out++ = 'r';
    }
    if (mode->writing) {
        *out++ = 'w';
    }
    if (mode->appending) {
        *out++ = 'a';
    }
    if (mode->updating) {
        *out++ = '+';
    }
    *out = '\0';
    if (mode->text && mode->binary) {
        PyErr_SetString(PyExc_ValueError, "can't have text and binary mode at once");
        return -1;
    }
    if (mode->creating + mode->reading + mode->writing + mode->appending != 1) {
        PyErr_SetString(PyExc_ValueError,
                        "must have exactly one of create/read/write/append mode");
        return -1;
    }
    return 0;
}

// How large the buffer of the file should be.
static Py_ssize_t
buffer_size(PyObject *raw)
{
    PyObject *block = PyObject_GetAttr(raw, KR_ID(_blksize));
    if (block == NULL) {
        return -1;
    }
    long size = PyLong_AsLong(block);
    Py_DECREF(block);
    if (size == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (size < KR_IO_BUFFER_SIZE) {
        size = KR_IO_BUFFER_SIZE;
    }
    return size > 8192 * 1024 ? 8192 * 1024 : size;
}

KR_FUNCTION(io,
            "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, "
            "closefd=True, opener=None)",
            "Open file and return a stream.  Raise OSError upon failure.")
static PyObject *
io_open(PyObject *module, PyObject *file, const char *mode_text, int buffering,
        PyObject *encoding, PyObject *errors, PyObject *newline, bool closefd, PyObject *opener)
{
    Mode mode;
    PyObject *path = NULL, *raw = NULL, *buffered = NULL, *wrapper = NULL, *mode_object = NULL;
    PyObject *answer, *result = NULL;
    bool line_buffering = false;
    int tty = 0;

    if (PyLong_Check(file) || PyNumber_Check(file)) {
        path = Py_NewRef(file);
    }
    else {
        path = PyOS_FSPath(file);
    }
    if (path == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(path) && !PyBytes_Check(path) && !PyNumber_Check(path)) {
        PyErr_Format(PyExc_TypeError, "invalid file: %R", file);
        goto done;
    }
    if (parse_mode(mode_text, &mode) < 0) {
        goto done;
    }
    if (mode.binary) {
        const char *wrong = encoding != Py_None  ? "binary mode doesn't take an encoding argument"
                            : errors != Py_None  ? "binary mode doesn't take an errors argument"
                            : newline != Py_None ? "binary mode doesn't take a newline argument"
                                                 : NULL;
        if (wrong != NULL) {
            PyErr_SetString(PyExc_ValueError, wrong);
            goto done;
        }
        if (buffering == 1 &&
            PyErr_WarnEx(PyExc_RuntimeWarning,
                         "line buffering (buffering=1) isn't supported in binary mode, the "
                         "default buffer size will be used",
                         1) < 0) {
            goto done;
        }
    }
    raw = PyObject_CallFunction((PyObject *)&kr_fileio_type, "OsOO", path, mode.raw,
                                closefd ? Py_True : Py_False, opener);
    if (raw == NULL) {
        goto done;
    }
    result = Py_NewRef(raw);
    mode_object = PyUnicode_FromString(mode_text);
    if (mode_object == NULL) {
        goto failed;
    }
    if (buffering < 0) {
        answer = PyObject_CallMethodNoArgs(raw, KR_ID(_isatty_open_only));
        tty = answer == NULL ? -1 : PyObject_IsTrue(answer);
        Py_XDECREF(answer);
        if (tty < 0) {
            goto failed;
        }
    }
    line_buffering = buffering == 1 || tty;
    Py_ssize_t size = buffering < 0 || buffering == 1 ? buffer_size(raw) : buffering;
    if (size < 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "invalid buffering size");
        }
        goto failed;
    }
    if (size == 0) {
        if (!mode.binary) {
            PyErr_SetString(PyExc_ValueError, "can't have unbuffered text I/O");
            goto failed;
        }
        goto done;
    }
    PyTypeObject *type = mode.updating ? &kr_buffered_random_type
                         : mode.reading ? &kr_buffered_reader_type : &kr_buffered_writer_type;
    buffered = PyObject_CallFunction((PyObject *)type, "On", raw, size);
    if (buffered == NULL) {
        goto failed;
    }
    Py_SETREF(result, Py_NewRef(buffered));
    if (mode.binary) {
        goto done;
    }
    wrapper = PyObject_CallFunction((PyObject *)&kr_textiowrapper_type, "OOOOO", buffered,
                                    encoding, errors, newline,
                                    line_buffering ? Py_True : Py_False);
    if (wrapper == NULL) {
        goto failed;
    }
    Py_SETREF(result, Py_NewRef(wrapper));
    if (PyObject_SetAttr(wrapper, KR_ID(mode), mode_object) < 0) {
        goto failed;
    }
    goto done;

failed:
    if (result != NULL) {
        PyObject *exc = PyErr_GetRaisedException();
        PyObject *closed = PyObject_CallMethodNoArgs(result, KR_ID(close));
        Py_XDECREF(closed);
        if (PyErr_Occurred()) {
            _PyErr_ChainExceptions1(exc);
        }
        else {
            PyErr_SetRaisedException(exc);
        }
        Py_CLEAR(result);
    }

done:
    Py_XDECREF(path);
    Py_XDECREF(raw);
    Py_XDECREF(buffered);
    Py_XDECREF(wrapper);
    Py_XDECREF(mode_object);
    return result;
}

PyObject *
kr_io_unsupported_class(void)
{
    return PyImport_ImportModuleAttrString("_io", "UnsupportedOperation");
}

KR_MODULE(io)
#include "modules/io/io_module.methods.h"

static int
io_exec(PyObject *module)
{
    static PyTypeObject *const types[] = {
        &kr_iobase_type, &kr_rawiobase_type, &kr_bufferediobase_type, &kr_textiobase_type,
        &kr_fileio_type, &kr_bytesio_type, &kr_stringio_type, &kr_buffered_reader_type,
        &kr_buffered_writer_type, &kr_buffered_random_type, &kr_buffered_rwpair_type,
        &kr_textiowrapper_type, &kr_newline_decoder_type,
    };
    kr_io_prepare_buffered();
    if (PyModule_AddIntConstant(module, "DEFAULT_BUFFER_SIZE", KR_IO_BUFFER_SIZE) < 0) {
        return -1;
    }
    PyObject *bases = PyTuple_Pack(2, PyExc_OSError, PyExc_ValueError);
    PyObject *dict = bases == NULL ? NULL : Py_BuildValue("{s:s}", "__module__", "io");
    PyObject *unsupported = dict == NULL
                                ? NULL
                                : PyErr_NewException("io.UnsupportedOperation", bases, dict);
    Py_XDECREF(bases);
    Py_XDECREF(dict);
    if (PyModule_Add(module, "UnsupportedOperation", unsupported) < 0 ||
        PyModule_AddObjectRef(module, "BlockingIOError", PyExc_BlockingIOError) < 0) {
        return -1;
    }
    if (PyType_Ready(&kr_bytesiobuf_type) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < KR_ARRAY_LEN(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) {
            return -1;
        }
    }
    return PyModule_AddObjectRef(module, "_BytesIOBuffer", (PyObject *)&kr_bytesiobuf_type);
}

static PyModuleDef_Slot io_slots[] = {
    {Py_mod_exec, io_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef io_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_io",
    .m_doc = "The native classes of module io.",
    .m_methods = io_methods,
    .m_slots = io_slots,
};

PyMODINIT_FUNC
PyInit__io(void)
{
    return PyModuleDef_Init(&io_def);
}
