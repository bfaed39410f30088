// SPDX-License-Identifier: MIT
// parser.c - xml.etree.ElementTree.XMLParser: expat's calls turned into those of a target.
//
// A target that is a TreeBuilder itself is called in C; of others the methods that are
// there are looked up once.
// Invariants:  handlers do nothing while an exception is set: expat goes on to the end of
//              what it was given.
#include "modules/elementtree/elementtree.h"

#include "objects/args.h"
#include "objects/ids.h"

// The methods of a target. Owned, or NULL.
enum {
    ON_START_NS,
    ON_END_NS,
    ON_START,
    ON_DATA,
    ON_END,
    ON_COMMENT,
    ON_PI,
    ON_CLOSE,
    ON_DOCTYPE,
    ON_COUNT,
};

typedef struct {
    PyObject_HEAD
    ExpatHandle parser; // owned; NULL before __init__
    TreeState *module;  // borrowed: the type keeps it alive
    PyObject *target;   // owned
    PyObject *entity;   // owned dict
    PyObject *names;    // owned dict: expat's names -> universal names
    PyObject *on[ON_COUNT];
    bool builds;        // target is a TreeBuilder itself
} Parser;

// --- Names and errors --------------------------------------------------------------

static PyObject *
decode(const char *text, size_t n)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)n, "strict");
}

// expat's "uri}name" as "{uri}name". New reference.
static PyObject *
universal_name(Parser *self, const char *text)
{
    size_t n = strlen(text);
    PyObject *name, *key = PyBytes_FromStringAndSize(text, (Py_ssize_t)n);
    if (key == NULL || PyDict_GetItemRef(self->names, key, &name) != 0) {
        Py_XDECREF(key);
        return key == NULL ? NULL : name;
    }
    name = decode(text, n);
    if (name != NULL && memchr(text, '}', n) != NULL) {
        Py_SETREF(name, PyUnicode_FromFormat("{%U", name));
    }
    if (name != NULL && PyDict_SetItem(self->names, key, name) < 0) {
        Py_CLEAR(name);
    }
    Py_DECREF(key);
    return name;
}

static int
set_attribute(PyObject *error, PyObject *name, PyObject *value)
{
    int status = value == NULL ? -1 : PyObject_SetAttr(error, name, value);
    Py_XDECREF(value);
    return status;
}

// Raises ParseError; message NULL means expat's text for the code.
static void
raise_parse_error(Parser *self, int code, const char *message)
{
    const ExpatApi *expat = self->module->expat;
    unsigned long line = expat->GetErrorLineNumber(self->parser);
    unsigned long column = expat->GetErrorColumnNumber(self->parser);
    PyObject *text = PyUnicode_FromFormat("%s: line %lu, column %lu",
                                          message ? message : expat->ErrorString(code), line,
                                          column);
    PyObject *error =
        text == NULL ? NULL : PyObject_CallOneArg(self->module->parse_error, text);
    Py_XDECREF(text);
    if (error == NULL) {
        return;
    }
    if (set_attribute(error, KR_ID(code), PyLong_FromLong(code)) == 0
        && set_attribute(error, KR_ID(position), Py_BuildValue("(kk)", line, column)) == 0) {
        PyErr_SetObject(self->module->parse_error, error);
    }
    Py_DECREF(error);
}

// --- Handlers ----------------------------------------------------------------------

// Calls a method of the target with arguments that are consumed (NULL is an error).
static void
call_target(PyObject *method, PyObject *first, PyObject *second)
{
    if (first != NULL && second != NULL) {
        PyObject *args[] = {first, second};
        Py_XDECREF(PyObject_Vectorcall(method, args, 2, NULL));
    }
    Py_XDECREF(first);
    Py_XDECREF(second);
}

static void
call_target_one(PyObject *method, PyObject *argument)
{
    if (argument != NULL) {
        Py_XDECREF(PyObject_CallOneArg(method, argument));
        Py_DECREF(argument);
    }
}

// The attributes as a dict, which may be empty.
static PyObject *
read_attributes(Parser *self, const char **attributes)
{
    PyObject *dict = PyDict_New();
    while (dict != NULL && attributes[0] != NULL) {
        PyObject *name = universal_name(self, attributes[0]);
        PyObject *value = name == NULL ? NULL : decode(attributes[1], strlen(attributes[1]));
        if (value == NULL || PyDict_SetItem(dict, name, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(name);
        Py_XDECREF(value);
        attributes += 2;
    }
    return dict;
}

static void
handle_start(void *data, const char *name, const char **attributes)
{
    Parser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    PyObject *tag = universal_name(self, name), *attrib = NULL;
    if (tag == NULL) {
        return;
    }
    if (self->builds) {
        if (attributes[0] == NULL || (attrib = read_attributes(self, attributes)) != NULL) {
            Py_XDECREF(kr_elementtree_start((Builder *)self->target, tag, attrib));
        }
        Py_DECREF(tag);
        Py_XDECREF(attrib);
    }
    else if (self->on[ON_START] != NULL) {
        call_target(self->on[ON_START], tag, read_attributes(self, attributes));
    }
    else {
        Py_DECREF(tag);
    }
}

static void
handle_end(void *data, const char *name)
{
    Parser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    if (self->builds) {
        Py_XDECREF(kr_elementtree_end((Builder *)self->target));
    }
    else if (self->on[ON_END] != NULL) {
        call_target_one(self->on[ON_END], universal_name(self, name));
    }
}

// Gives a text (consumed; NULL is an error) to the target.
static void
give_text(Parser *self, PyObject *text)
{
    if (text != NULL && self->builds) {
        Py_XDECREF(kr_elementtree_data((Builder *)self->target, text));
        Py_DECREF(text);
    }
    else if (text != NULL && self->on[ON_DATA] != NULL) {
        call_target_one(self->on[ON_DATA], text);
    }
    else {
        Py_XDECREF(text);
    }
}

static void
handle_data(void *data, const char *text, int length)
{
    if (!PyErr_Occurred()) {
        give_text(data, decode(text, (size_t)length));
    }
}

// What no other handler takes; of that only entities matter, "&name;".
static void
handle_default(void *data, const char *text, int length)
{
    Parser *self = data;
    PyObject *value;
    if (length < 2 || text[0] != '&' || PyErr_Occurred()) {
        return;
    }
    PyObject *key = decode(text + 1, (size_t)length - 2);
    if (key == NULL) {
        return;
    }
    int found = PyDict_GetItemRef(self->entity, key, &value);
    if (found > 0) {
        give_text(self, value);
    }
    else if (found == 0) {
        const char *name = PyUnicode_AsUTF8(key);
        char message[128] = "undefined entity ";
        if (name != NULL) {
            snprintf(message, sizeof message, "undefined entity &%.100s;", name);
            raise_parse_error(self, EXPAT_UNDEFINED_ENTITY, message);
        }
    }
    Py_DECREF(key);
}

static PyObject *
decode_or_empty(const char *text)
{
    return text == NULL ? Py_GetConstant(Py_CONSTANT_EMPTY_STR) : decode(text, strlen(text));
}

static void
handle_start_ns(void *data, const char *prefix, const char *uri)
{
    Parser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    Builder *builder = self->builds ? (Builder *)self->target : NULL;
    if (builder == NULL ? self->on[ON_START_NS] == NULL : builder->start_ns_event == NULL) {
        return;
    }
    PyObject *first = decode_or_empty(prefix);
    PyObject *second = first == NULL ? NULL : decode_or_empty(uri);
    if (builder == NULL) {
        call_target(self->on[ON_START_NS], first, second);
        return;
    }
    PyObject *pair = second == NULL ? NULL : PyTuple_Pack(2, first, second);
    if (pair != NULL) {
        (void)kr_elementtree_event(builder, builder->start_ns_event, pair);
    }
    Py_XDECREF(pair);
    Py_XDECREF(first);
    Py_XDECREF(second);
}

static void
handle_end_ns(void *data, const char *prefix)
{
    Parser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    if (self->builds) {
        Builder *builder = (Builder *)self->target;
        (void)kr_elementtree_event(builder, builder->end_ns_event, Py_None);
    }
    else if (self->on[ON_END_NS] != NULL) {
        call_target_one(self->on[ON_END_NS], decode_or_empty(prefix));
    }
}

static void
handle_comment(void *data, const char *text)
{
    Parser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    if (self->builds) {
        PyObject *comment = decode(text, strlen(text));
        if (comment != NULL) {
            Py_XDECREF(kr_elementtree_comment((Builder *)self->target, comment));
            Py_DECREF(comment);
        }
    }
    else if (self->on[ON_COMMENT] != NULL) {
        call_target_one(self->on[ON_COMMENT], decode(text, strlen(text)));
    }
}

static void
handle_pi(void *data, const char *target, const char *text)
{
    Parser *self = data;
    if (PyErr_Occurred() || (!self->builds && self->on[ON_PI] == NULL)) {
        return;
    }
    PyObject *first = decode_or_empty(target);
    PyObject *second = first == NULL ? NULL : decode_or_empty(text);
    if (!self->builds) {
        call_target(self->on[ON_PI], first, second);
        return;
    }
    if (second != NULL) {
        Py_XDECREF(kr_elementtree_pi((Builder *)self->target, first, second));
    }
    Py_XDECREF(first);
    Py_XDECREF(second);
}

static PyObject *
decode_or_none(const char *text)
{
    return text == NULL ? Py_NewRef(Py_None) : decode(text, strlen(text));
}

static void
handle_doctype(void *data, const char *name, const char *system, const char *public,
               int has_subset)
{
    Parser *self = data;
    if (PyErr_Occurred()) {
        return;
    }
    if (self->on[ON_DOCTYPE] != NULL) {
        PyObject *args[3] = {decode_or_none(name), decode_or_none(public),
                             decode_or_none(system)};
        if (args[0] != NULL && args[1] != NULL && args[2] != NULL) {
            Py_XDECREF(PyObject_Vectorcall(self->on[ON_DOCTYPE], args, 3, NULL));
        }
        for (int i = 0; i < 3; i++) {
            Py_XDECREF(args[i]);
        }
        return;
    }
    int has = PyObject_HasAttrWithError((PyObject *)self, KR_ID(doctype));
    if (has > 0) {
        (void)PyErr_WarnEx(PyExc_RuntimeWarning,
                           "The doctype() method of XMLParser is ignored.  Define doctype() "
                           "method on the TreeBuilder target.",
                           1);
    }
}

// --- Start -------------------------------------------------------------------------

static PyObject *
xmlparser_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs)
{
    TreeState *module = kr_elementtree_state(cls);
    Parser *self = module == NULL ? NULL : (Parser *)cls->tp_alloc(cls, 0);
    if (self != NULL) {
        self->module = module;
    }
    return (PyObject *)self;
}

static void
set_handlers(Parser *self)
{
    const ExpatApi *expat = self->module->expat;
    expat->SetUserData(self->parser, self);
    expat->SetElementHandler(self->parser, handle_start, handle_end);
    expat->SetDefaultHandlerExpand(self->parser, handle_default);
    expat->SetCharacterDataHandler(self->parser, handle_data);
    if (self->builds || self->on[ON_START_NS] != NULL || self->on[ON_END_NS] != NULL) {
        expat->SetNamespaceDeclHandler(self->parser, handle_start_ns, handle_end_ns);
    }
    if (self->builds || self->on[ON_COMMENT] != NULL) {
        expat->SetCommentHandler(self->parser, handle_comment);
    }
    if (self->builds || self->on[ON_PI] != NULL) {
        expat->SetProcessingInstructionHandler(self->parser, handle_pi);
    }
    expat->SetStartDoctypeDeclHandler(self->parser, handle_doctype);
    expat->SetUnknownEncodingHandler(self->parser, expat->DefaultUnknownEncodingHandler, NULL);
}

static int
find_methods(Parser *self)
{
    PyObject *const names[ON_COUNT] = {
        KR_ID(start_ns), KR_ID(end_ns), KR_ID(start), KR_ID(data),    KR_ID(end),
        KR_ID(comment),  KR_ID(pi),     KR_ID(close), KR_ID(doctype),
    };
    for (int i = 0; i < ON_COUNT; i++) {
        PyObject *method;
        if (PyObject_GetOptionalAttr(self->target, names[i], &method) < 0) {
            return -1;
        }
        Py_XSETREF(self->on[i], method);
    }
    return 0;
}

static const ExpatMemory memory = {PyMem_Malloc, PyMem_Realloc, PyMem_Free};

static int
make_expat_parser(Parser *self, const char *encoding)
{
    const ExpatApi *expat = self->module->expat;
    ExpatHandle parser = expat->ParserCreate_MM(encoding, &memory, "}");
    if (parser == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    ExpatHandle old = self->parser;
    self->parser = parser;
    if (old != NULL) {
        expat->ParserFree(old);
    }
    // Attributes of hostile documents must not collide on purpose.
    expat->SetHashSalt(parser, (unsigned long)Py_HashBuffer("expat", 5));
    return 0;
}

KR_INIT(xmlparser, "XMLParser(*, target=None, encoding: str | None=None)", "")
static int
xmlparser_init_impl(Parser *self, PyObject *target, const char *encoding)
{
    PyTypeObject *builder = self->module->builder_type;
    PyObject *entity = PyDict_New(), *names = PyDict_New();
    if (entity == NULL || names == NULL || make_expat_parser(self, encoding) < 0) {
        Py_XDECREF(entity);
        Py_XDECREF(names);
        return -1;
    }
    Py_XSETREF(self->entity, entity);
    Py_XSETREF(self->names, names);
    // A builder of our own is not initialised: it makes no comments and instructions.
    target = target != Py_None ? Py_NewRef(target) : builder->tp_new(builder, NULL, NULL);
    if (target == NULL) {
        return -1;
    }
    Py_XSETREF(self->target, target);
    self->builds = Py_IS_TYPE(target, builder);
    if (find_methods(self) < 0) {
        return -1;
    }
    set_handlers(self);
    return 0;
}

static int
check_parser(Parser *self)
{
    if (self->parser == NULL || self->target == NULL) {
        PyErr_SetString(PyExc_ValueError, "XMLParser.__init__() wasn't called");
        return -1;
    }
    return 0;
}

// --- Feeding -----------------------------------------------------------------------

// 0, or -1 with an exception.
static int
parse_chunk(Parser *self, const char *data, Py_ssize_t n, bool final)
{
    const ExpatApi *expat = self->module->expat;
    int good = 1;
    Py_INCREF(self); // handlers may drop it
    while (good && !PyErr_Occurred()) {
        int length = n > INT_MAX ? INT_MAX : (int)n;
        good = expat->Parse(self->parser, data, length, final && length == n);
        data += length;
        n -= length;
        if (n == 0) {
            break;
        }
    }
    if (!good && !PyErr_Occurred()) {
        raise_parse_error(self, expat->GetErrorCode(self->parser), NULL);
    }
    Py_DECREF(self);
    return PyErr_Occurred() ? -1 : 0;
}

KR_METHOD(xmlparser, "feed(self, data, /)", "")
static PyObject *
xmlparser_feed(Parser *self, PyObject *data)
{
    Py_buffer view;
    int status;
    if (check_parser(self) < 0) {
        return NULL;
    }
    if (PyUnicode_Check(data)) {
        Py_ssize_t n;
        const char *text = PyUnicode_AsUTF8AndSize(data, &n);
        if (text == NULL) {
            return NULL;
        }
        // Whatever the text says about its encoding.
        (void)self->module->expat->SetEncoding(self->parser, "utf-8");
        status = parse_chunk(self, text, n, false);
    }
    else {
        if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        status = parse_chunk(self, view.buf, view.len, false);
        PyBuffer_Release(&view);
    }
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(xmlparser, "flush(self)", "")
static PyObject *
xmlparser_flush(Parser *self)
{
    // expat holds nothing back that it could parse.
    return check_parser(self) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(xmlparser, "close(self)", "")
static PyObject *
xmlparser_close(Parser *self)
{
    if (check_parser(self) < 0 || parse_chunk(self, "", 0, true) < 0) {
        return NULL;
    }
    if (self->builds) {
        return kr_elementtree_close((Builder *)self->target);
    }
    return self->on[ON_CLOSE] != NULL ? PyObject_CallNoArgs(self->on[ON_CLOSE])
                                      : Py_NewRef(Py_None);
}

// The next piece of a file as bytes; NULL at its end or with an exception. *text says
// whether it was a str, whose UTF-8 form this is.
static PyObject *
read_piece(PyObject *read, bool *text)
{
    PyObject *piece = PyObject_CallFunction(read, "i", 64 * 1024);
    *text = piece != NULL && PyUnicode_Check(piece);
    if (*text) {
        PyObject *bytes = PyUnicode_GET_LENGTH(piece) == 0
                              ? NULL
                              : PyUnicode_AsEncodedString(piece, "utf-8", "surrogatepass");
        Py_SETREF(piece, bytes);
    }
    if (piece != NULL && (!PyBytes_CheckExact(piece) || PyBytes_GET_SIZE(piece) == 0)) {
        Py_CLEAR(piece);
    }
    return piece;
}

KR_METHOD(xmlparser, "_parse_whole(self, file, /)", "")
static PyObject *
xmlparser__parse_whole(Parser *self, PyObject *file)
{
    PyObject *piece;
    int status = 0;
    bool text;
    if (check_parser(self) < 0) {
        return NULL;
    }
    PyObject *read = PyObject_GetAttr(file, KR_ID(read));
    if (read == NULL) {
        return NULL;
    }
    while (status == 0 && (piece = read_piece(read, &text)) != NULL) {
        if (text) {
            (void)self->module->expat->SetEncoding(self->parser, "utf-8");
        }
        status = parse_chunk(self, PyBytes_AS_STRING(piece), PyBytes_GET_SIZE(piece), false);
        Py_DECREF(piece);
    }
    Py_DECREF(read);
    if (status < 0 || PyErr_Occurred() || parse_chunk(self, "", 0, true) < 0) {
        return NULL;
    }
    return self->builds ? kr_elementtree_close((Builder *)self->target)
                        : Py_NewRef(Py_None);
}

// --- Events ------------------------------------------------------------------------

static int
want_event(Builder *builder, PyObject *name)
{
    const struct {
        const char *name;
        PyObject **place;
    } events[] = {
        {"start", &builder->start_event},       {"end", &builder->end_event},
        {"start-ns", &builder->start_ns_event}, {"end-ns", &builder->end_ns_event},
        {"comment", &builder->comment_event},   {"pi", &builder->pi_event},
    };
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_ValueError, "invalid events sequence");
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(events); i++) {
        if (PyUnicode_EqualToUTF8(name, events[i].name)) {
            Py_XSETREF(*events[i].place, Py_NewRef(name));
            return 0;
        }
    }
    PyErr_Format(PyExc_ValueError, "unknown event '%U'", name);
    return -1;
}

static void
forget_events(Builder *builder)
{
    Py_CLEAR(builder->start_event);
    Py_CLEAR(builder->end_event);
    Py_CLEAR(builder->start_ns_event);
    Py_CLEAR(builder->end_ns_event);
    Py_CLEAR(builder->comment_event);
    Py_CLEAR(builder->pi_event);
}

KR_METHOD(xmlparser, "_setevents(self, events_queue, events_to_report=None, /)", "")
static PyObject *
xmlparser__setevents(Parser *self, PyObject *events_queue, PyObject *events_to_report)
{
    if (check_parser(self) < 0) {
        return NULL;
    }
    if (!self->builds) {
        PyErr_SetString(PyExc_TypeError,
                        "event handling only supported for ElementTree.TreeBuilder targets");
        return NULL;
    }
    Builder *builder = (Builder *)self->target;
    PyObject *append = PyObject_GetAttr(events_queue, KR_ID(append));
    if (append == NULL) {
        return NULL;
    }
    Py_XSETREF(builder->append_event, append);
    forget_events(builder);
    if (events_to_report == Py_None) {
        builder->end_event = Py_NewRef(KR_ID(end));
        Py_RETURN_NONE;
    }
    PyObject *names = PySequence_Fast(events_to_report, "events must be a sequence");
    int status = names == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; status == 0 && i < PySequence_Fast_GET_SIZE(names); i++) {
        status = want_event(builder, PySequence_Fast_GET_ITEM(names, i));
    }
    Py_XDECREF(names);
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

KR_GETTER(xmlparser, "version", "")
static PyObject *
xmlparser_version(Parser *self)
{
    const ExpatApi *expat = self->module->expat;
    return PyUnicode_FromFormat("Expat %d.%d.%d", expat->major, expat->minor, expat->micro);
}

KR_TYPE(xmlparser)
#include "modules/elementtree/parser.methods.h"

// --- The type ----------------------------------------------------------------------

static int
xmlparser_traverse(PyObject *op, visitproc visit, void *arg)
{
    Parser *self = (Parser *)op;
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(self->target);
    Py_VISIT(self->entity);
    Py_VISIT(self->names);
    for (int i = 0; i < ON_COUNT; i++) {
        Py_VISIT(self->on[i]);
    }
    return 0;
}

static int
xmlparser_clear(PyObject *op)
{
    Parser *self = (Parser *)op;
    ExpatHandle parser = KR_MOVE(self->parser);
    if (parser != NULL) {
        self->module->expat->ParserFree(parser);
    }
    Py_CLEAR(self->target);
    self->builds = false;
    Py_CLEAR(self->entity);
    Py_CLEAR(self->names);
    for (int i = 0; i < ON_COUNT; i++) {
        Py_CLEAR(self->on[i]);
    }
    return 0;
}

static void
xmlparser_dealloc(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    PyObject_GC_UnTrack(op);
    xmlparser_clear(op);
    type->tp_free(op);
    Py_DECREF(type);
}

static PyMemberDef xmlparser_members[] = {
    {"entity", _Py_T_OBJECT, offsetof(Parser, entity), Py_READONLY, NULL},
    {"target", _Py_T_OBJECT, offsetof(Parser, target), Py_READONLY, NULL},
    {NULL},
};

static PyType_Slot xmlparser_slots[] = {
    {Py_tp_dealloc, xmlparser_dealloc},
    {Py_tp_traverse, xmlparser_traverse},
    {Py_tp_clear, xmlparser_clear},
    {Py_tp_methods, xmlparser_methods},
    {Py_tp_members, xmlparser_members},
    {Py_tp_getset, xmlparser_getset},
    {Py_tp_init, xmlparser_init},
    {Py_tp_new, xmlparser_new},
    {0, NULL},
};

PyType_Spec kr_elementtree_parser_spec = {
    .name = "xml.etree.ElementTree.XMLParser",
    .basicsize = sizeof(Parser),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC
             | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = xmlparser_slots,
};
