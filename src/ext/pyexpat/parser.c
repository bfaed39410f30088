// SPDX-License-Identifier: MIT
// parser.c - the module pyexpat and its parser objects.
#include "ext/pyexpat/parser.h"

#include <limits.h>
#include <string.h>

#include "objects/args.h"

enum { FIRST_BUFFER = 8192, FILE_CHUNK = 2048, PARSE_CHUNK = 1 << 20 };

// ---- errors -------------------------------------------------------------------------

static int
set_number(PyObject *object, const char *name, long long value)
{
    PyObject *number = PyLong_FromLongLong(value);
    int status = number == NULL ? -1 : PyObject_SetAttrString(object, name, number);

    Py_XDECREF(number);
    return status;
}

// ExpatError of a code, at the parser's place. Returns NULL.
static PyObject *
set_error(ExpatParser *self, enum XML_Error code)
{
    long long line = (long long)XML_GetErrorLineNumber(self->parser);
    long long column = (long long)XML_GetErrorColumnNumber(self->parser);
    PyObject *text = PyUnicode_FromFormat("%s: line %lld, column %lld",
                                          XML_ErrorString(code), line, column);
    PyObject *error = text == NULL ? NULL : PyObject_CallOneArg(self->state->error, text);

    Py_XDECREF(text);
    if (error != NULL && set_number(error, "code", code) == 0 &&
        set_number(error, "offset", column) == 0 &&
        set_number(error, "lineno", line) == 0) {
        PyErr_SetObject(self->state->error, error);
    }
    Py_XDECREF(error);
    return NULL;
}

static PyObject *
parse_result(ExpatParser *self, int status)
{
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (status == XML_STATUS_ERROR) {
        return set_error(self, XML_GetErrorCode(self->parser));
    }
    return kr_expat_flush(self) < 0 ? NULL : PyLong_FromLong(status);
}

// ---- life ---------------------------------------------------------------------------

static int
parser_traverse(ExpatParser *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->parent);
    Py_VISIT(self->intern);
    for (int i = 0; i < KR_EXPAT_HANDLER_COUNT; i++) {
        Py_VISIT(self->handlers[i]);
    }
    return 0;
}

static int
parser_clear(ExpatParser *self)
{
    for (int i = 0; i < KR_EXPAT_HANDLER_COUNT; i++) {
        Py_CLEAR(self->handlers[i]);
    }
    Py_CLEAR(self->intern);
    return 0;
}

static void
parser_dealloc(ExpatParser *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    parser_clear(self);
    if (self->parser != NULL) {
        XML_ParserFree(self->parser);
    }
    // Only now: an entity's parser uses what belongs to its parent.
    Py_CLEAR(self->parent);
    PyMem_Free(self->buffer);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

// A parser object around one of expat's, which it takes over, NULL meaning no memory.
static ExpatParser *
wrap_parser(ExpatState *state, XML_Parser parser, PyObject *intern)
{
    ExpatParser *self = NULL;

    if (parser == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "XML_ParserCreate failed");
        return NULL;
    }
    self = PyObject_GC_New(ExpatParser, state->parser_type);
    if (self == NULL) {
        XML_ParserFree(parser);
        return NULL;
    }
    memset((char *)self + sizeof(PyObject), 0, sizeof *self - sizeof(PyObject));
    self->state = state;
    self->parser = parser;
    self->buffer_size = FIRST_BUFFER;
    self->intern = Py_XNewRef(intern);
    self->reparse_deferral = KR_EXPAT_DEFERS;
    XML_SetUserData(parser, self);
    XML_SetUnknownEncodingHandler(parser, kr_expat_unknown_encoding, NULL);
    PyObject_GC_Track(self);
    return self;
}

KR_FUNCTION(pyexpat,
            "ParserCreate(encoding: str | None=None, namespace_separator: str | None=None, "
            "intern=<missing>)",
            "Return a new XML parser object.")
static PyObject *
pyexpat_ParserCreate(PyObject *module, const char *encoding,
                     const char *namespace_separator, PyObject *intern)
{
    ExpatState *state = PyModule_GetState(module);
    XML_Memory_Handling_Suite memory = {PyMem_Malloc, PyMem_Realloc, PyMem_Free};
    PyObject *names = NULL;

    if (namespace_separator != NULL && strlen(namespace_separator) > 1) {
        PyErr_SetString(PyExc_ValueError, "namespace_separator must be at most one "
                                          "character, omitted, or None");
        return NULL;
    }
    if (intern == NULL) {
        names = PyDict_New();
        if (names == NULL) {
            return NULL;
        }
    }
    else if (intern != Py_None) {
        if (!PyDict_Check(intern)) {
            PyErr_SetString(PyExc_TypeError, "intern must be a dictionary");
            return NULL;
        }
        names = Py_NewRef(intern);
    }
    ExpatParser *self = wrap_parser(
        state, XML_ParserCreate_MM(encoding, &memory, namespace_separator), names);
    Py_XDECREF(names);
    return (PyObject *)self;
}

KR_METHOD(xmlparser, "ExternalEntityParserCreate(self, context: str | None, "
          "encoding=<missing>, /)",
          "Create a parser for parsing an external entity based on the information\n"
          "passed to the ExternalEntityRefHandler.")
static PyObject *
parser_ExternalEntityParserCreate(ExpatParser *self, const char *context,
                                  const char *encoding)
{
    ExpatParser *child = wrap_parser(
        self->state, XML_ExternalEntityParserCreate(self->parser, context, encoding),
        self->intern);

    if (child == NULL) {
        return NULL;
    }
    child->parent = (ExpatParser *)Py_NewRef(self);
    child->ordered_attributes = self->ordered_attributes;
    child->specified_attributes = self->specified_attributes;
    child->namespace_prefixes = self->namespace_prefixes;
    child->buffer_size = self->buffer_size;
    if (self->buffer != NULL) {
        child->buffer = PyMem_Malloc((size_t)child->buffer_size);
        if (child->buffer == NULL) {
            Py_DECREF(child);
            return PyErr_NoMemory();
        }
    }
    for (int i = 0; i < KR_EXPAT_HANDLER_COUNT; i++) {
        child->handlers[i] = Py_XNewRef(self->handlers[i]);
        if (child->handlers[i] != NULL) {
            kr_expat_connect(child, (ExpatHandler)i, true);
        }
    }
    return (PyObject *)child;
}

// Expat cannot be entered again while it calls a handler.
static bool
check_outside(ExpatParser *self, const char *method)
{
    if (self->in_callback) {
        PyErr_Format(PyExc_RuntimeError, "cannot call %s() from within a handler", method);
        return false;
    }
    return true;
}

// ---- parsing --------------------------------------------------------------------------

KR_METHOD(xmlparser, "Parse(self, data, isfinal=False, /)",
          "Parse XML data.\n\n'isfinal' should be true at end of input.")
static PyObject *
parser_Parse(ExpatParser *self, PyObject *data, bool isfinal)
{
    Py_buffer view = {NULL, NULL};
    const char *text;
    Py_ssize_t size;
    int status = XML_STATUS_OK;

    if (!check_outside(self, "Parse")) {
        return NULL;
    }
    if (PyUnicode_Check(data)) {
        text = PyUnicode_AsUTF8AndSize(data, &size);
        if (text == NULL) {
            return NULL;
        }
        // Whatever the declaration says, this is UTF-8.
        XML_SetEncoding(self->parser, "utf-8");
    }
    else {
        if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        text = view.buf;
        size = view.len;
    }
    Py_INCREF(self);
    while (size > PARSE_CHUNK && status != XML_STATUS_ERROR) {
        status = XML_Parse(self->parser, text, PARSE_CHUNK, 0);
        text += PARSE_CHUNK;
        size -= PARSE_CHUNK;
    }
    if (status != XML_STATUS_ERROR) {
        status = XML_Parse(self->parser, text, (int)size, isfinal);
    }
    PyObject *result = parse_result(self, status);
    Py_DECREF(self);
    if (view.obj != NULL) {
        PyBuffer_Release(&view);
    }
    return result;
}

// Reads a chunk into expat's buffer: how much, or -1.
static int
read_chunk(PyObject *read, char *buffer)
{
    PyObject *data = PyObject_CallFunction(read, "i", FILE_CHUNK);
    const char *bytes = NULL;
    Py_ssize_t size = -1;

    if (data == NULL) {
        return -1;
    }
    if (PyBytes_Check(data)) {
        bytes = PyBytes_AS_STRING(data);
        size = PyBytes_GET_SIZE(data);
    }
    else if (PyByteArray_Check(data)) {
        bytes = PyByteArray_AS_STRING(data);
        size = PyByteArray_GET_SIZE(data);
    }
    else {
        PyErr_Format(PyExc_TypeError, "read() did not return a bytes object (type=%.400s)",
                     Py_TYPE(data)->tp_name);
    }
    if (size > FILE_CHUNK) {
        PyErr_Format(PyExc_ValueError,
                     "read() returned too much data: %i bytes requested, %zd returned",
                     FILE_CHUNK, size);
        size = -1;
    }
    if (size > 0) {
        memcpy(buffer, bytes, (size_t)size);
    }
    Py_DECREF(data);
    return (int)size;
}

KR_METHOD(xmlparser, "ParseFile(self, file, /)", "Parse XML data from file-like object.")
static PyObject *
parser_ParseFile(ExpatParser *self, PyObject *file)
{
    int status = XML_STATUS_OK, size;

    if (!check_outside(self, "ParseFile")) {
        return NULL;
    }
    PyObject *read = PyObject_GetAttrString(file, "read");
    if (read == NULL) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_SetString(PyExc_TypeError, "argument must have 'read' attribute");
        }
        return NULL;
    }
    do {
        char *buffer = XML_GetBuffer(self->parser, FILE_CHUNK);
        if (buffer == NULL) {
            Py_DECREF(read);
            return parse_result(self, XML_STATUS_ERROR);
        }
        size = read_chunk(read, buffer);
        if (size < 0) {
            Py_DECREF(read);
            return NULL;
        }
        status = XML_ParseBuffer(self->parser, size, size == 0);
    } while (status != XML_STATUS_ERROR && size > 0 && !PyErr_Occurred());
    Py_DECREF(read);
    return parse_result(self, status);
}

// ---- settings -----------------------------------------------------------------------

KR_METHOD(xmlparser, "SetBase(self, base, /)", "Set the base URL for the parser.")
static PyObject *
parser_SetBase(ExpatParser *self, const char *base)
{
    return XML_SetBase(self->parser, base) ? Py_NewRef(Py_None) : PyErr_NoMemory();
}

KR_METHOD(xmlparser, "GetBase(self, /)", "Return base URL string for the parser.")
static PyObject *
parser_GetBase(ExpatParser *self)
{
    return Py_BuildValue("z", XML_GetBase(self->parser));
}

KR_METHOD(xmlparser, "GetInputContext(self, /)",
          "Return the untranslated text of the input that caused the current event.\n\n"
          "If the event was generated by a large amount of text (such as a start tag\n"
          "for an element with many attributes), not all of the text may be available.")
static PyObject *
parser_GetInputContext(ExpatParser *self)
{
    int offset, size;

    if (!self->in_callback) {
        Py_RETURN_NONE;
    }
    const char *text = XML_GetInputContext(self->parser, &offset, &size);
    if (text == NULL) {
        Py_RETURN_NONE;
    }
    return PyBytes_FromStringAndSize(text + offset, size - offset);
}

KR_METHOD(xmlparser, "UseForeignDTD(self, flag=True, /)",
          "Allows the application to provide an artificial external subset if one is not\n"
          "specified as part of the document instance.")
static PyObject *
parser_UseForeignDTD(ExpatParser *self, bool flag)
{
    enum XML_Error error = XML_UseForeignDTD(self->parser, flag);

    return error == XML_ERROR_NONE ? Py_NewRef(Py_None) : set_error(self, error);
}

KR_METHOD(xmlparser, "SetParamEntityParsing(self, flag, /)",
          "Controls parsing of parameter entities (including the external DTD subset).")
static PyObject *
parser_SetParamEntityParsing(ExpatParser *self, int flag)
{
    return PyLong_FromLong(
        XML_SetParamEntityParsing(self->parser, (enum XML_ParamEntityParsing)flag));
}

KR_METHOD(xmlparser, "SetReparseDeferralEnabled(self, enabled, /)",
          "Enable/Disable reparse deferral; enabled by default with Expat >=2.6.0.\n\n"
          "Without effect with an older Expat.")
static PyObject *
parser_SetReparseDeferralEnabled(ExpatParser *self, bool enabled)
{
    if (kr_expat_set_deferral(self->parser, enabled)) {
        self->reparse_deferral = enabled;
    }
    Py_RETURN_NONE;
}

KR_METHOD(xmlparser, "GetReparseDeferralEnabled(self, /)",
          "Retrieve reparse deferral enabled status; always false with Expat <2.6.0.")
static PyObject *
parser_GetReparseDeferralEnabled(ExpatParser *self)
{
    return PyBool_FromLong(self->reparse_deferral);
}

// Limits against entities that expand without end can be set on a document's parser
// only.
static PyObject *
limit_result(ExpatParser *self, XML_Bool done, const char *invalid)
{
    if (done) {
        Py_RETURN_NONE;
    }
    PyErr_SetString(self->state->error,
                    self->parent != NULL ? "parser must be a root parser" : invalid);
    return NULL;
}

KR_METHOD(xmlparser, "SetBillionLaughsAttackProtectionActivationThreshold(self, threshold, /)",
          "Sets the number of output bytes needed to activate protection against billion\n"
          "laughs attacks.\n\nThe number of output bytes includes amplification from entity\n"
          "expansion and reading DTD files.")
static PyObject *
parser_set_threshold(ExpatParser *self, unsigned long long threshold)
{
    XML_Bool done =
        XML_SetBillionLaughsAttackProtectionActivationThreshold(self->parser, threshold);
    return limit_result(self, done, "parser must be a root parser");
}

KR_METHOD(xmlparser, "SetBillionLaughsAttackProtectionMaximumAmplification(self, max_factor, /)",
          "Sets the maximum tolerated amplification factor for protection against billion\n"
          "laughs attacks.")
static PyObject *
parser_set_amplification(ExpatParser *self, double max_factor)
{
    XML_Bool done = XML_SetBillionLaughsAttackProtectionMaximumAmplification(
        self->parser, (float)max_factor);
    return limit_result(self, done, "'max_factor' must be at least 1.0");
}

// ---- attributes ------------------------------------------------------------------------

static PyObject *
get_handler(ExpatParser *self, void *closure)
{
    PyObject *handler = self->handlers[(intptr_t)closure];

    return Py_NewRef(handler == NULL ? Py_None : handler);
}

static int
set_handler(ExpatParser *self, PyObject *value, void *closure)
{
    ExpatHandler handler = (ExpatHandler)(intptr_t)closure;

    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Cannot delete attribute");
        return -1;
    }
    // What was collected belongs to the old handler.
    if (handler == KR_EXPAT_CharacterData && kr_expat_flush(self) < 0) {
        return -1;
    }
    Py_XSETREF(self->handlers[handler], value == Py_None ? NULL : Py_NewRef(value));
    // While a handler runs, expat does not like to lose its character data handler.
    if (value != Py_None || handler != KR_EXPAT_CharacterData || !self->in_callback) {
        kr_expat_connect(self, handler, value != Py_None);
    }
    return 0;
}

#define NUMBER(name)                                                          \
    static PyObject *get_##name(ExpatParser *self, void *closure)             \
    {                                                                         \
        return PyLong_FromLongLong((long long)XML_Get##name(self->parser));   \
    }
NUMBER(ErrorCode)
NUMBER(ErrorLineNumber)
NUMBER(ErrorColumnNumber)
NUMBER(ErrorByteIndex)
NUMBER(CurrentLineNumber)
NUMBER(CurrentColumnNumber)
NUMBER(CurrentByteIndex)

// Reads a flag's new value. 1, 0 or -1.
static int
read_flag(PyObject *value)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Cannot delete attribute");
        return -1;
    }
    return PyObject_IsTrue(value);
}

// closure: the offset of a bool.
static PyObject *
get_flag(ExpatParser *self, void *closure)
{
    return PyBool_FromLong(*(bool *)((char *)self + (intptr_t)closure));
}

static int
set_flag(ExpatParser *self, PyObject *value, void *closure)
{
    int flag = read_flag(value);

    if (flag < 0) {
        return -1;
    }
    *(bool *)((char *)self + (intptr_t)closure) = flag;
    XML_SetReturnNSTriplet(self->parser, self->namespace_prefixes);
    return 0;
}

static PyObject *
get_buffer_text(ExpatParser *self, void *closure)
{
    return PyBool_FromLong(self->buffer != NULL);
}

static int
set_buffer_text(ExpatParser *self, PyObject *value, void *closure)
{
    int flag = read_flag(value);

    if (flag < 0) {
        return -1;
    }
    if (flag && self->buffer == NULL) {
        self->buffer = PyMem_Malloc((size_t)self->buffer_size);
        if (self->buffer == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->buffer_used = 0;
    }
    else if (!flag && self->buffer != NULL) {
        if (kr_expat_flush(self) < 0) {
            return -1;
        }
        PyMem_Free(KR_MOVE(self->buffer));
    }
    return 0;
}

static PyObject *
get_buffer_size(ExpatParser *self, void *closure)
{
    return PyLong_FromLong(self->buffer_size);
}

static PyObject *
get_buffer_used(ExpatParser *self, void *closure)
{
    return PyLong_FromLong(self->buffer_used);
}

static int
set_buffer_size(ExpatParser *self, PyObject *value, void *closure)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "Cannot delete attribute");
        return -1;
    }
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "buffer_size must be an integer");
        return -1;
    }
    long size = PyLong_AsLong(value);
    if (size == self->buffer_size) {
        return 0;
    }
    if (size <= 0) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "buffer_size must be greater than zero");
        }
        return -1;
    }
    if (size > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "buffer_size must not be greater than %i", INT_MAX);
        return -1;
    }
    if (self->buffer != NULL) {
        // Handlers may run; a new buffer is put in its place only behind them.
        if (kr_expat_flush(self) < 0) {
            return -1;
        }
        char *buffer = PyMem_Malloc((size_t)size);
        if (buffer == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        PyMem_Free(self->buffer);
        self->buffer = buffer;
        self->buffer_used = 0;
    }
    self->buffer_size = (int)size;
    return 0;
}

// ---- module ------------------------------------------------------------------------------

KR_FUNCTION(pyexpat, "ErrorString(code, /)", "Returns string error for given number.")
static PyObject *
pyexpat_ErrorString(PyObject *module, long code)
{
    return Py_BuildValue("z", XML_ErrorString((enum XML_Error)code));
}

KR_TYPE(xmlparser)
KR_MODULE(pyexpat)
#include "ext/pyexpat/parser.methods.h"

#define FLAG(name)                                                            \
    {#name, (getter)get_flag, (setter)set_flag, NULL,                         \
     (void *)offsetof(ExpatParser, name)}
#define READ_ONLY(name) {#name, (getter)get_##name, NULL, NULL, NULL}
// `setter` names a parameter below.
typedef setter PyHandlerSetter;
#define HANDLER(name, attribute, setter)                                      \
    {attribute, (getter)get_handler, (PyHandlerSetter)set_handler, NULL,      \
     (void *)(intptr_t)KR_EXPAT_##name},

static PyGetSetDef parser_getset[] = {
    KR_EXPAT_HANDLERS(HANDLER)
    READ_ONLY(ErrorCode),
    READ_ONLY(ErrorLineNumber),
    READ_ONLY(ErrorColumnNumber),
    READ_ONLY(ErrorByteIndex),
    READ_ONLY(CurrentLineNumber),
    READ_ONLY(CurrentColumnNumber),
    READ_ONLY(CurrentByteIndex),
    {"buffer_size", (getter)get_buffer_size, (setter)set_buffer_size, NULL, NULL},
    {"buffer_text", (getter)get_buffer_text, (setter)set_buffer_text, NULL, NULL},
    READ_ONLY(buffer_used),
    FLAG(namespace_prefixes),
    FLAG(ordered_attributes),
    FLAG(specified_attributes),
    {NULL},
};

static PyMemberDef parser_members[] = {
    {"intern", _Py_T_OBJECT, offsetof(ExpatParser, intern), Py_READONLY},
    {NULL},
};

static PyType_Slot parser_slots[] = {
    {Py_tp_dealloc, parser_dealloc},
    {Py_tp_doc, "XML parser"},
    {Py_tp_traverse, parser_traverse},
    {Py_tp_clear, parser_clear},
    {Py_tp_methods, xmlparser_methods},
    {Py_tp_members, parser_members},
    {Py_tp_getset, parser_getset},
    {0, NULL},
};

static PyType_Spec parser_spec = {
    .name = "pyexpat.xmlparser",
    .basicsize = sizeof(ExpatParser),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
             Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = parser_slots,
};

// What other modules may find of expat in the capsule pyexpat.expat_CAPI; CPython's
// layout.
typedef struct {
    char *magic;
    int size;
    int major, minor, micro;
    const XML_LChar *(XMLCALL *ErrorString)(enum XML_Error);
    enum XML_Error(XMLCALL *GetErrorCode)(XML_Parser);
    XML_Size(XMLCALL *GetErrorColumnNumber)(XML_Parser);
    XML_Size(XMLCALL *GetErrorLineNumber)(XML_Parser);
    enum XML_Status(XMLCALL *Parse)(XML_Parser, const char *, int, int);
    XML_Parser(XMLCALL *ParserCreate_MM)(const XML_Char *,
                                         const XML_Memory_Handling_Suite *,
                                         const XML_Char *);
    void(XMLCALL *ParserFree)(XML_Parser);
    void(XMLCALL *SetCharacterDataHandler)(XML_Parser, XML_CharacterDataHandler);
    void(XMLCALL *SetCommentHandler)(XML_Parser, XML_CommentHandler);
    void(XMLCALL *SetDefaultHandlerExpand)(XML_Parser, XML_DefaultHandler);
    void(XMLCALL *SetElementHandler)(XML_Parser, XML_StartElementHandler,
                                     XML_EndElementHandler);
    void(XMLCALL *SetNamespaceDeclHandler)(XML_Parser, XML_StartNamespaceDeclHandler,
                                           XML_EndNamespaceDeclHandler);
    void(XMLCALL *SetProcessingInstructionHandler)(XML_Parser,
                                                   XML_ProcessingInstructionHandler);
    void(XMLCALL *SetUnknownEncodingHandler)(XML_Parser, XML_UnknownEncodingHandler,
                                             void *);
    void(XMLCALL *SetUserData)(XML_Parser, void *);
    void(XMLCALL *SetStartDoctypeDeclHandler)(XML_Parser, XML_StartDoctypeDeclHandler);
    enum XML_Status(XMLCALL *SetEncoding)(XML_Parser, const XML_Char *);
    int(XMLCALL *DefaultUnknownEncodingHandler)(void *, const XML_Char *, XML_Encoding *);
    int(XMLCALL *SetHashSalt)(XML_Parser, unsigned long);
} ExpatApi;

static const ExpatApi api = {
    "pyexpat.expat_CAPI 1.1",
    sizeof(ExpatApi),
    XML_MAJOR_VERSION,
    XML_MINOR_VERSION,
    XML_MICRO_VERSION,
    XML_ErrorString,
    XML_GetErrorCode,
    XML_GetErrorColumnNumber,
    XML_GetErrorLineNumber,
    XML_Parse,
    XML_ParserCreate_MM,
    XML_ParserFree,
    XML_SetCharacterDataHandler,
    XML_SetCommentHandler,
    XML_SetDefaultHandlerExpand,
    XML_SetElementHandler,
    XML_SetNamespaceDeclHandler,
    XML_SetProcessingInstructionHandler,
    XML_SetUnknownEncodingHandler,
    XML_SetUserData,
    XML_SetStartDoctypeDeclHandler,
    XML_SetEncoding,
    kr_expat_unknown_encoding,
    XML_SetHashSalt,
};

static int
pyexpat_exec(PyObject *module)
{
    ExpatState *state = PyModule_GetState(module);

    state->parser_type =
        (PyTypeObject *)PyType_FromModuleAndSpec(module, &parser_spec, NULL);
    state->error = PyErr_NewException("xml.parsers.expat.ExpatError", NULL, NULL);
    if (state->parser_type == NULL || state->error == NULL ||
        PyModule_AddObjectRef(module, "XMLParserType", (PyObject *)state->parser_type) < 0 ||
        PyModule_AddObjectRef(module, "error", state->error) < 0 ||
        PyModule_AddObjectRef(module, "ExpatError", state->error) < 0 ||
        kr_expat_add_constants(module) < 0) {
        return -1;
    }
    return PyModule_Add(module, "expat_CAPI",
                        PyCapsule_New((void *)&api, "pyexpat.expat_CAPI", NULL));
}

static int
pyexpat_traverse(PyObject *module, visitproc visit, void *arg)
{
    ExpatState *state = PyModule_GetState(module);

    Py_VISIT(state->parser_type);
    Py_VISIT(state->error);
    return 0;
}

static int
pyexpat_clear(PyObject *module)
{
    ExpatState *state = PyModule_GetState(module);

    Py_CLEAR(state->parser_type);
    Py_CLEAR(state->error);
    return 0;
}

static void
pyexpat_free(void *module)
{
    pyexpat_clear(module);
}

static PyModuleDef_Slot pyexpat_slots[] = {
    {Py_mod_exec, pyexpat_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef pyexpat_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pyexpat",
    .m_doc = "Python wrapper for Expat parser.",
    .m_size = sizeof(ExpatState),
    .m_methods = pyexpat_methods,
    .m_slots = pyexpat_slots,
    .m_traverse = pyexpat_traverse,
    .m_clear = pyexpat_clear,
    .m_free = pyexpat_free,
};

PyMODINIT_FUNC
PyInit_pyexpat(void)
{
    return PyModuleDef_Init(&pyexpat_def);
}
