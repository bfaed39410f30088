// SPDX-License-Identifier: MIT
// handlers.c - what expat calls: each makes Python arguments and calls the handler.
#include "ext/pyexpat/parser.h"

#include <string.h>

// ---- texts -------------------------------------------------------------------

static PyObject *
text_of(const XML_Char *text)
{
    if (text == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "strict");
}

// A name, the same object each time if the parser interns.
static PyObject *
name_of(ExpatParser *self, const XML_Char *text)
{
    PyObject *name = text_of(text);
    PyObject *known;

    if (name == NULL || self->intern == NULL || name == Py_None) {
        return name;
    }
    if (PyDict_SetDefaultRef(self->intern, name, name, &known) < 0) {
        Py_DECREF(name);
        return NULL;
    }
    Py_DECREF(name);
    return known;
}

// ---- calling -----------------------------------------------------------------

// A handler failed: nothing more is to be parsed.
static void
stop(ExpatParser *self)
{
    XML_StopParser(self->parser, XML_FALSE);
}

static const char *const names[] = {
#define HANDLER(name, attribute, setter) #name,
    KR_EXPAT_HANDLERS(HANDLER)
#undef HANDLER
};

// Calls a handler, taking over args (NULL: an exception is set already). The result is
// owned; NULL after an exception, with the parser stopped.
static PyObject *
call(ExpatParser *self, ExpatHandler handler, PyObject *args)
{
    PyObject *result = NULL;

    if (args != NULL) {
        PyObject *callable = Py_NewRef(self->handlers[handler]);
        bool outer = self->in_callback;
        self->in_callback = true;
        result = PyObject_Call(callable, args, NULL);
        self->in_callback = outer;
        Py_DECREF(callable);
        Py_DECREF(args);
    }
    if (result == NULL) {
        _PyTraceback_Add(names[handler], __FILE__, __LINE__);
        stop(self);
    }
    return result;
}

static void
notify(ExpatParser *self, ExpatHandler handler, PyObject *args)
{
    Py_XDECREF(call(self, handler, args));
}

// Whether a handler is to be called now; what was collected goes out first.
static bool
ready(ExpatParser *self, ExpatHandler handler)
{
    if (self->handlers[handler] == NULL || PyErr_Occurred()) {
        return false;
    }
    if (kr_expat_flush(self) < 0) {
        return false;
    }
    return self->handlers[handler] != NULL;
}

// The verdict of a handler whose result says whether to go on.
static int
ask(ExpatParser *self, ExpatHandler handler, PyObject *args)
{
    PyObject *result = call(self, handler, args);

    if (result == NULL) {
        return 0;
    }
    int verdict = (int)PyLong_AsLong(result);
    Py_DECREF(result);
    if (verdict == -1 && PyErr_Occurred()) {
        stop(self);
        return 0;
    }
    return verdict;
}

// ---- character data ------------------------------------------------------------

static int
give_characters(ExpatParser *self, const char *text, int size)
{
    PyObject *data = PyUnicode_DecodeUTF8(text, size, "strict");
    PyObject *args = data == NULL ? NULL : PyTuple_Pack(1, data);

    Py_XDECREF(data);
    PyObject *result = call(self, KR_EXPAT_CharacterData, args);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

int
kr_expat_flush(ExpatParser *self)
{
    int used = self->buffer_used;

    if (self->buffer == NULL || used == 0) {
        return 0;
    }
    self->buffer_used = 0;
    if (self->handlers[KR_EXPAT_CharacterData] == NULL) {
        return 0;
    }
    return give_characters(self, self->buffer, used);
}

static void XMLCALL
on_CharacterData(void *data, const XML_Char *text, int size)
{
    ExpatParser *self = data;

    if (self->handlers[KR_EXPAT_CharacterData] == NULL || PyErr_Occurred()) {
        return;
    }
    if (self->buffer == NULL) {
        give_characters(self, text, size);
        return;
    }
    if (size > self->buffer_size - self->buffer_used) {
        if (kr_expat_flush(self) < 0 || self->handlers[KR_EXPAT_CharacterData] == NULL) {
            return;
        }
    }
    // The handler may have changed how data is collected.
    if (self->buffer == NULL || size > self->buffer_size - self->buffer_used) {
        give_characters(self, text, size);
        return;
    }
    memcpy(self->buffer + self->buffer_used, text, (size_t)size);
    self->buffer_used += size;
}

// ---- elements ------------------------------------------------------------------------

static int
put_attribute(ExpatParser *self, PyObject *container, Py_ssize_t i,
              const XML_Char *const *pair)
{
    PyObject *name = name_of(self, pair[0]);
    PyObject *value = name == NULL ? NULL : text_of(pair[1]);
    int status = -1;

    if (value != NULL && self->ordered_attributes) {
        PyList_SET_ITEM(container, i, Py_NewRef(name));
        PyList_SET_ITEM(container, i + 1, Py_NewRef(value));
        status = 0;
    }
    else if (value != NULL) {
        status = PyDict_SetItem(container, name, value);
    }
    Py_XDECREF(name);
    Py_XDECREF(value);
    return status;
}

static PyObject *
attributes_of(ExpatParser *self, const XML_Char *const *attributes)
{
    int count = 0;

    if (self->specified_attributes) {
        count = XML_GetSpecifiedAttributeCount(self->parser);
    }
    else {
        while (attributes[count] != NULL) {
            count += 2;
        }
    }
    PyObject *container = self->ordered_attributes ? PyList_New(count) : PyDict_New();
    for (int i = 0; container != NULL && i < count; i += 2) {
        if (put_attribute(self, container, i, attributes + i) < 0) {
            Py_CLEAR(container);
        }
    }
    return container;
}

static void XMLCALL
on_StartElement(void *data, const XML_Char *name, const XML_Char **attributes)
{
    ExpatParser *self = data;

    if (!ready(self, KR_EXPAT_StartElement)) {
        return;
    }
    PyObject *map = attributes_of(self, (const XML_Char *const *)attributes);
    PyObject *args = map == NULL ? NULL
                                 : Py_BuildValue("(NN)", name_of(self, name), map);
    notify(self, KR_EXPAT_StartElement, args);
}

// A handler that is told about some texts. "N" passes a failure on.
#define NOTIFY(handler, parameters, ...)                                      \
    static void XMLCALL on_##handler parameters                               \
    {                                                                         \
        ExpatParser *self = data;                                             \
        if (ready(self, KR_EXPAT_##handler)) {                                \
            notify(self, KR_EXPAT_##handler, Py_BuildValue(__VA_ARGS__));     \
        }                                                                     \
    }

NOTIFY(EndElement, (void *data, const XML_Char *name), "(N)", name_of(self, name))
NOTIFY(ProcessingInstruction,
       (void *data, const XML_Char *target, const XML_Char *text), "(NN)",
       name_of(self, target), text_of(text))
NOTIFY(UnparsedEntityDecl,
       (void *data, const XML_Char *entity, const XML_Char *base, const XML_Char *system,
        const XML_Char *public, const XML_Char *notation),
       "(NNNNN)", name_of(self, entity), name_of(self, base), name_of(self, system),
       name_of(self, public), name_of(self, notation))
NOTIFY(NotationDecl,
       (void *data, const XML_Char *notation, const XML_Char *base,
        const XML_Char *system, const XML_Char *public),
       "(NNNN)", name_of(self, notation), name_of(self, base), name_of(self, system),
       name_of(self, public))
NOTIFY(StartNamespaceDecl, (void *data, const XML_Char *prefix, const XML_Char *uri),
       "(NN)", name_of(self, prefix), name_of(self, uri))
NOTIFY(EndNamespaceDecl, (void *data, const XML_Char *prefix), "(N)",
       name_of(self, prefix))
NOTIFY(Comment, (void *data, const XML_Char *text), "(N)", text_of(text))
NOTIFY(StartCdataSection, (void *data), "()")
NOTIFY(EndCdataSection, (void *data), "()")
NOTIFY(Default, (void *data, const XML_Char *text, int size), "(N)",
       PyUnicode_DecodeUTF8(text, size, "strict"))
NOTIFY(DefaultExpand, (void *data, const XML_Char *text, int size), "(N)",
       PyUnicode_DecodeUTF8(text, size, "strict"))
NOTIFY(StartDoctypeDecl,
       (void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public,
        int internal),
       "(NNNi)", name_of(self, name), name_of(self, system), name_of(self, public),
       internal)
NOTIFY(EndDoctypeDecl, (void *data), "()")
NOTIFY(EntityDecl,
       (void *data, const XML_Char *entity, int is_parameter, const XML_Char *value,
        int size, const XML_Char *base, const XML_Char *system, const XML_Char *public,
        const XML_Char *notation),
       "(NiNNNNN)", name_of(self, entity), is_parameter,
       value == NULL ? Py_NewRef(Py_None) : PyUnicode_DecodeUTF8(value, size, "strict"),
       name_of(self, base), name_of(self, system), name_of(self, public),
       name_of(self, notation))
NOTIFY(XmlDecl,
       (void *data, const XML_Char *version, const XML_Char *encoding, int standalone),
       "(NNi)", text_of(version), text_of(encoding), standalone)
NOTIFY(AttlistDecl,
       (void *data, const XML_Char *element, const XML_Char *attribute,
        const XML_Char *type, const XML_Char *value, int required),
       "(NNNNi)", name_of(self, element), name_of(self, attribute), text_of(type),
       text_of(value), required)
NOTIFY(SkippedEntity, (void *data, const XML_Char *entity, int is_parameter), "(Ni)",
       name_of(self, entity), is_parameter)

// ---- the others ----------------------------------------------------------------------

// (type, quantifier, name, children)
static PyObject *
model_of(ExpatParser *self, const XML_Content *model)
{
    if (Py_EnterRecursiveCall(" in a content model")) {
        return NULL;
    }
    PyObject *children = PyTuple_New((Py_ssize_t)model->numchildren);
    for (unsigned i = 0; children != NULL && i < model->numchildren; i++) {
        PyObject *child = model_of(self, &model->children[i]);
        if (child == NULL) {
            Py_CLEAR(children);
            break;
        }
        PyTuple_SET_ITEM(children, i, child);
    }
    Py_LeaveRecursiveCall();
    return children == NULL ? NULL
                            : Py_BuildValue("(iiNN)", model->type, model->quant,
                                            name_of(self, model->name), children);
}

static void XMLCALL
on_ElementDecl(void *data, const XML_Char *name, XML_Content *model)
{
    ExpatParser *self = data;

    if (ready(self, KR_EXPAT_ElementDecl)) {
        PyObject *tree = model_of(self, model);
        notify(self, KR_EXPAT_ElementDecl,
               tree == NULL ? NULL : Py_BuildValue("(NN)", name_of(self, name), tree));
    }
    XML_FreeContentModel(self->parser, model);
}

static int XMLCALL
on_NotStandalone(void *data)
{
    ExpatParser *self = data;

    return ready(self, KR_EXPAT_NotStandalone)
               ? ask(self, KR_EXPAT_NotStandalone, PyTuple_New(0))
               : 0;
}

// Expat passes the parser itself here.
static int XMLCALL
on_ExternalEntityRef(XML_Parser parser, const XML_Char *context, const XML_Char *base,
                     const XML_Char *system, const XML_Char *public)
{
    ExpatParser *self = XML_GetUserData(parser);

    if (!ready(self, KR_EXPAT_ExternalEntityRef)) {
        return 0;
    }
    return ask(self, KR_EXPAT_ExternalEntityRef,
               Py_BuildValue("(NNNN)", text_of(context), name_of(self, base),
                             name_of(self, system), name_of(self, public)));
}

int XMLCALL
kr_expat_unknown_encoding(void *data, const XML_Char *name, XML_Encoding *info)
{
    unsigned char all[256];
    PyObject *text;

    if (PyErr_Occurred()) {
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        all[i] = (unsigned char)i;
    }
    text = PyUnicode_Decode((char *)all, 256, name, "replace");
    if (text == NULL) {
        return XML_STATUS_ERROR;
    }
    if (PyUnicode_GET_LENGTH(text) != 256) {
        Py_DECREF(text);
        PyErr_SetString(PyExc_ValueError, "multi-byte encodings are not supported");
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(text, i);
        info->map[i] = c == Py_UNICODE_REPLACEMENT_CHARACTER ? -1 : (int)c;
    }
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    Py_DECREF(text);
    return XML_STATUS_OK;
}

void
kr_expat_connect(ExpatParser *self, ExpatHandler handler, bool on)
{
    switch (handler) {
#define HANDLER(name, attribute, setter)                                      \
    case KR_EXPAT_##name:                                                     \
        setter(self->parser, on ? on_##name : NULL);                          \
        break;
        KR_EXPAT_HANDLERS(HANDLER)
#undef HANDLER
    case KR_EXPAT_HANDLER_COUNT:
        break;
    }
}
