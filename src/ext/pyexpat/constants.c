// SPDX-License-Identifier: MIT
// constants.c - the modules pyexpat.errors and pyexpat.model, and pyexpat's numbers.
#include "ext/pyexpat/parser.h"

// In the order of the codes, which begin with 1. A text of the library's own comes first;
// ours is for codes that it is too old to know.
static const struct {
    const char *name;
    const char *text;
} errors[] = {
    {"XML_ERROR_NO_MEMORY", "out of memory"},
    {"XML_ERROR_SYNTAX", "syntax error"},
    {"XML_ERROR_NO_ELEMENTS", "no element found"},
    {"XML_ERROR_INVALID_TOKEN", "not well-formed (invalid token)"},
    {"XML_ERROR_UNCLOSED_TOKEN", "unclosed token"},
    {"XML_ERROR_PARTIAL_CHAR", "partial character"},
    {"XML_ERROR_TAG_MISMATCH", "mismatched tag"},
    {"XML_ERROR_DUPLICATE_ATTRIBUTE", "duplicate attribute"},
    {"XML_ERROR_JUNK_AFTER_DOC_ELEMENT", "junk after document element"},
    {"XML_ERROR_PARAM_ENTITY_REF", "illegal parameter entity reference"},
    {"XML_ERROR_UNDEFINED_ENTITY", "undefined entity"},
    {"XML_ERROR_RECURSIVE_ENTITY_REF", "recursive entity reference"},
    {"XML_ERROR_ASYNC_ENTITY", "asynchronous entity"},
    {"XML_ERROR_BAD_CHAR_REF", "reference to invalid character number"},
    {"XML_ERROR_BINARY_ENTITY_REF", "reference to binary entity"},
    {"XML_ERROR_ATTRIBUTE_EXTERNAL_ENTITY_REF",
     "reference to external entity in attribute"},
    {"XML_ERROR_MISPLACED_XML_PI", "XML or text declaration not at start of entity"},
    {"XML_ERROR_UNKNOWN_ENCODING", "unknown encoding"},
    {"XML_ERROR_INCORRECT_ENCODING",
     "encoding specified in XML declaration is incorrect"},
    {"XML_ERROR_UNCLOSED_CDATA_SECTION", "unclosed CDATA section"},
    {"XML_ERROR_EXTERNAL_ENTITY_HANDLING",
     "error in processing external entity reference"},
    {"XML_ERROR_NOT_STANDALONE", "document is not standalone"},
    {"XML_ERROR_UNEXPECTED_STATE",
     "unexpected parser state - please send a bug report"},
    {"XML_ERROR_ENTITY_DECLARED_IN_PE", "entity declared in parameter entity"},
    {"XML_ERROR_FEATURE_REQUIRES_XML_DTD",
     "requested feature requires XML_DTD support in Expat"},
    {"XML_ERROR_CANT_CHANGE_FEATURE_ONCE_PARSING",
     "cannot change setting once parsing has begun"},
    {"XML_ERROR_UNBOUND_PREFIX", "unbound prefix"},
    {"XML_ERROR_UNDECLARING_PREFIX", "must not undeclare prefix"},
    {"XML_ERROR_INCOMPLETE_PE", "incomplete markup in parameter entity"},
    {"XML_ERROR_XML_DECL", "XML declaration not well-formed"},
    {"XML_ERROR_TEXT_DECL", "text declaration not well-formed"},
    {"XML_ERROR_PUBLICID", "illegal character(s) in public id"},
    {"XML_ERROR_SUSPENDED", "parser suspended"},
    {"XML_ERROR_NOT_SUSPENDED", "parser not suspended"},
    {"XML_ERROR_ABORTED", "parsing aborted"},
    {"XML_ERROR_FINISHED", "parsing finished"},
    {"XML_ERROR_SUSPEND_PE", "cannot suspend in external parameter entity"},
    {"XML_ERROR_RESERVED_PREFIX_XML",
     "reserved prefix (xml) must not be undeclared or bound to another namespace name"},
    {"XML_ERROR_RESERVED_PREFIX_XMLNS",
     "reserved prefix (xmlns) must not be declared or undeclared"},
    {"XML_ERROR_RESERVED_NAMESPACE_URI",
     "prefix must not be bound to one of the reserved namespace names"},
    {"XML_ERROR_INVALID_ARGUMENT", "invalid argument"},
    {"XML_ERROR_NO_BUFFER",
     "a successful prior call to function XML_GetBuffer is required"},
    {"XML_ERROR_AMPLIFICATION_LIMIT_BREACH",
     "limit on input amplification factor (from DTD and entities) breached"},
    {"XML_ERROR_NOT_STARTED", "parser not started"},
};

static const struct {
    const char *name;
    int value;
} models[] = {
    {"XML_CQUANT_NONE", XML_CQUANT_NONE},
    {"XML_CQUANT_OPT", XML_CQUANT_OPT},
    {"XML_CQUANT_PLUS", XML_CQUANT_PLUS},
    {"XML_CQUANT_REP", XML_CQUANT_REP},
    {"XML_CTYPE_ANY", XML_CTYPE_ANY},
    {"XML_CTYPE_CHOICE", XML_CTYPE_CHOICE},
    {"XML_CTYPE_EMPTY", XML_CTYPE_EMPTY},
    {"XML_CTYPE_MIXED", XML_CTYPE_MIXED},
    {"XML_CTYPE_NAME", XML_CTYPE_NAME},
    {"XML_CTYPE_SEQ", XML_CTYPE_SEQ},
};

// A module inside pyexpat, which importlib did not make. Borrowed, or NULL.
static PyObject *
add_submodule(PyObject *module, const char *name, const char *full, const char *doc)
{
    PyObject *sub = PyModule_New(full);
    PyObject *modules = sub == NULL ? NULL : PySys_GetObject("modules");

    if (sub == NULL || PyModule_SetDocString(sub, doc) < 0 ||
        (modules != NULL && PyDict_SetItemString(modules, full, sub) < 0) ||
        PyModule_AddObjectRef(module, name, sub) < 0) {
        Py_XDECREF(sub);
        return NULL;
    }
    Py_DECREF(sub);
    return sub;
}

// errors.NAME = text, codes[text] = number, messages[number] = text. 0 or -1.
static int
add_error(PyObject *sub, PyObject *codes, PyObject *messages, int i)
{
    const char *text = XML_ErrorString((enum XML_Error)(i + 1));
    PyObject *string = PyUnicode_FromString(text == NULL ? errors[i].text : text);
    PyObject *number = PyLong_FromLong(i + 1);
    int status = -1;

    if (string != NULL && number != NULL &&
        PyModule_AddObjectRef(sub, errors[i].name, string) == 0 &&
        PyDict_SetItem(codes, string, number) == 0 &&
        PyDict_SetItem(messages, number, string) == 0) {
        status = 0;
    }
    Py_XDECREF(string);
    Py_XDECREF(number);
    return status;
}

static int
add_errors(PyObject *module)
{
    PyObject *sub = add_submodule(module, "errors", "pyexpat.errors",
                                  "Constants used to describe error conditions.");
    PyObject *codes = PyDict_New(), *messages = PyDict_New();
    int status = sub == NULL || codes == NULL || messages == NULL ? -1 : 0;

    for (int i = 0; status == 0 && i < (int)Py_ARRAY_LENGTH(errors); i++) {
        status = add_error(sub, codes, messages, i);
    }
    if (status == 0 && (PyModule_AddObjectRef(sub, "codes", codes) < 0 ||
                        PyModule_AddObjectRef(sub, "messages", messages) < 0)) {
        status = -1;
    }
    Py_XDECREF(codes);
    Py_XDECREF(messages);
    return status;
}

// [(name, number)] of how the library was built.
static PyObject *
features(void)
{
    const XML_Feature *feature = XML_GetFeatureList();
    PyObject *list = PyList_New(0);

    for (; list != NULL && feature->feature != XML_FEATURE_END; feature++) {
        PyObject *item = Py_BuildValue("(sl)", feature->name, feature->value);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

int
kr_expat_add_constants(PyObject *module)
{
    XML_Expat_Version version = XML_ExpatVersionInfo();
    PyObject *sub = add_submodule(module, "model", "pyexpat.model",
                                  "Constants used to interpret content model information.");

    if (sub == NULL || add_errors(module) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(models); i++) {
        if (PyModule_AddIntConstant(sub, models[i].name, models[i].value) < 0) {
            return -1;
        }
    }
    if (PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_NEVER) < 0 ||
        PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE) < 0 ||
        PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_ALWAYS) < 0 ||
        PyModule_AddStringConstant(module, "EXPAT_VERSION", XML_ExpatVersion()) < 0 ||
        PyModule_AddStringConstant(module, "native_encoding", "UTF-8") < 0 ||
        PyModule_Add(module, "features", features()) < 0) {
        return -1;
    }
    return PyModule_Add(module, "version_info",
                        Py_BuildValue("(iii)", version.major, version.minor, version.micro));
}
