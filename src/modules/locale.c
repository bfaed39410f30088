// SPDX-License-Identifier: MIT
// locale.c - module _locale: the locale of the C library and its message catalogs.
#include "Python.h"

#include "base/base.h"
#include "objects/args.h"
#include "objects/ids.h"

#include <errno.h>
#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <wchar.h>

typedef struct {
    PyObject *error; // locale.Error
} LocaleState;

static bool
is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 128) {
            return false;
        }
    }
    return true;
}

// A str from text that is encoded as the locale of category says; while it is
// decoded LC_CTYPE is that locale.
static PyObject *
decode_in_category(const char *text, int category)
{
    char *wanted = NULL, *copy = NULL, *before = NULL;
    PyObject *result = NULL;

    if (category == LC_CTYPE || is_ascii(text)) {
        return PyUnicode_DecodeLocale(text, NULL);
    }
    wanted = strdup(setlocale(category, NULL));
    before = strdup(setlocale(LC_CTYPE, NULL));
    copy = strdup(text);
    if (wanted == NULL || before == NULL || copy == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    // The text belongs to the C library, which may reuse it when LC_CTYPE changes.
    bool changed = strcmp(wanted, before) != 0 && setlocale(LC_CTYPE, wanted) != NULL;
    result = PyUnicode_DecodeLocale(copy, NULL);
    if (changed) {
        setlocale(LC_CTYPE, before);
    }
done:
    free(wanted);
    free(before);
    free(copy);
    return result;
}

KR_FUNCTION(locale, "setlocale(category, locale: str | None = None, /)",
            "Activates/queries locale processing.")
static PyObject *
locale_setlocale(PyObject *module, int category, const char *locale)
{
    LocaleState *state = PyModule_GetState(module);
    char *result = setlocale(category, locale);

    if (result == NULL) {
        PyErr_SetString(state->error, locale == NULL ? "locale query failed"
                                                     : "unsupported locale setting");
        return NULL;
    }
    return PyUnicode_DecodeLocale(result, NULL);
}

// The sizes of groups of digits: a string of them ended by 0 or CHAR_MAX, which is
// part of the list.
static PyObject *
grouping_list(const char *grouping)
{
    PyObject *list = PyList_New(0);

    if (list == NULL || grouping[0] == '\0') {
        return list;
    }
    for (;; grouping++) {
        PyObject *size = PyLong_FromLong(*grouping);
        if (size == NULL || PyList_Append(list, size) < 0) {
            Py_XDECREF(size);
            Py_DECREF(list);
            return NULL;
        }
        Py_DECREF(size);
        if (*grouping == '\0' || *grouping == CHAR_MAX) {
            return list;
        }
    }
}

static int
conv_put_steal(PyObject *dict, const char *key, PyObject *value)
{
    int status = value == NULL ? -1 : PyDict_SetItemString(dict, key, value);
    Py_XDECREF(value);
    return status;
}

// A copy of what localeconv() tells: its memory changes with the locale.
typedef struct {
    const char *key;
    size_t offset;
    enum { CONV_TEXT, CONV_GROUPING, CONV_NUMBER } kind;
    int category;
} ConvField;

#define CONV_ROW(name, kind, category) \
    {#name, offsetof(struct lconv, name), kind, category}
static const ConvField conv_fields[] = {
    CONV_ROW(int_curr_symbol, CONV_TEXT, LC_MONETARY),
    CONV_ROW(currency_symbol, CONV_TEXT, LC_MONETARY),
    CONV_ROW(mon_decimal_point, CONV_TEXT, LC_MONETARY),
    CONV_ROW(mon_thousands_sep, CONV_TEXT, LC_MONETARY),
    CONV_ROW(mon_grouping, CONV_GROUPING, LC_MONETARY),
    CONV_ROW(positive_sign, CONV_TEXT, LC_MONETARY),
    CONV_ROW(negative_sign, CONV_TEXT, LC_MONETARY),
    CONV_ROW(int_frac_digits, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(frac_digits, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(p_cs_precedes, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(p_sep_by_space, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(n_cs_precedes, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(n_sep_by_space, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(p_sign_posn, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(n_sign_posn, CONV_NUMBER, LC_MONETARY),
    CONV_ROW(decimal_point, CONV_TEXT, LC_NUMERIC),
    CONV_ROW(thousands_sep, CONV_TEXT, LC_NUMERIC),
    CONV_ROW(grouping, CONV_GROUPING, LC_NUMERIC),
};

KR_FUNCTION(locale, "localeconv()",
            "Returns numeric and monetary locale-specific parameters.")
static PyObject *
locale_localeconv(PyObject *module)
{
    PyObject *result = PyDict_New();

    for (size_t i = 0; result != NULL && i < KR_ARRAY_LEN(conv_fields); i++) {
        const ConvField *field = &conv_fields[i];
        // Asked for again every time: decoding may have switched LC_CTYPE.
        const char *place = (const char *)localeconv() + field->offset;
        PyObject *value;
        if (field->kind == CONV_NUMBER) {
            value = PyLong_FromLong(*place);
        }
        else {
            const char *text;
            memcpy(&text, place, sizeof(text));
            value = field->kind == CONV_TEXT ? decode_in_category(text, field->category)
                                             : grouping_list(text);
        }
        if (conv_put_steal(result, field->key, value) < 0) {
            Py_CLEAR(result);
        }
    }
    return result;
}

KR_FUNCTION(locale, "strcoll(os1: str, os2: str, /)",
            "Compares two strings according to the locale.")
static PyObject *
locale_strcoll(PyObject *module, PyObject *os1, PyObject *os2)
{
    wchar_t *left = PyUnicode_AsWideCharString(os1, NULL);
    wchar_t *right = left == NULL ? NULL : PyUnicode_AsWideCharString(os2, NULL);
    PyObject *result = NULL;

    if (right != NULL) {
        result = PyLong_FromLong(wcscoll(left, right));
    }
    PyMem_Free(left);
    PyMem_Free(right);
    return result;
}

KR_FUNCTION(locale, "strxfrm(string: str, /)",
            "Return a string that can be used as a key for locale-aware comparisons.")
static PyObject *
locale_strxfrm(PyObject *module, PyObject *string)
{
    wchar_t *text = PyUnicode_AsWideCharString(string, NULL);
    wchar_t *key = NULL;
    PyObject *result = NULL;
    size_t room, length;

    if (text == NULL) {
        return NULL;
    }
    room = wcslen(text) + 1;
    for (;;) {
        wchar_t *larger = room > PY_SSIZE_T_MAX / sizeof(wchar_t)
                              ? NULL
                              : PyMem_Realloc(key, room * sizeof(wchar_t));
        if (larger == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        key = larger;
        errno = 0;
        length = wcsxfrm(key, text, room);
        if (errno != 0 && errno != ERANGE) {
            PyErr_SetFromErrno(PyExc_OSError);
            goto done;
        }
        if (length < room) {
            break;
        }
        room = length + 1;
    }
    result = PyUnicode_FromWideChar(key, (Py_ssize_t)length);
done:
    PyMem_Free(text);
    PyMem_Free(key);
    return result;
}

#define INFO_ROW(name, category) {#name, name, category}
static const struct {
    const char *name;
    int key;
    int category;
} info_names[] = {
    INFO_ROW(DAY_1, LC_TIME), INFO_ROW(DAY_2, LC_TIME), INFO_ROW(DAY_3, LC_TIME),
    INFO_ROW(DAY_4, LC_TIME), INFO_ROW(DAY_5, LC_TIME), INFO_ROW(DAY_6, LC_TIME),
    INFO_ROW(DAY_7, LC_TIME), INFO_ROW(ABDAY_1, LC_TIME), INFO_ROW(ABDAY_2, LC_TIME),
    INFO_ROW(ABDAY_3, LC_TIME), INFO_ROW(ABDAY_4, LC_TIME), INFO_ROW(ABDAY_5, LC_TIME),
    INFO_ROW(ABDAY_6, LC_TIME), INFO_ROW(ABDAY_7, LC_TIME), INFO_ROW(MON_1, LC_TIME),
    INFO_ROW(MON_2, LC_TIME), INFO_ROW(MON_3, LC_TIME), INFO_ROW(MON_4, LC_TIME),
    INFO_ROW(MON_5, LC_TIME), INFO_ROW(MON_6, LC_TIME), INFO_ROW(MON_7, LC_TIME),
    INFO_ROW(MON_8, LC_TIME), INFO_ROW(MON_9, LC_TIME), INFO_ROW(MON_10, LC_TIME),
    INFO_ROW(MON_11, LC_TIME), INFO_ROW(MON_12, LC_TIME), INFO_ROW(ABMON_1, LC_TIME),
    INFO_ROW(ABMON_2, LC_TIME), INFO_ROW(ABMON_3, LC_TIME), INFO_ROW(ABMON_4, LC_TIME),
    INFO_ROW(ABMON_5, LC_TIME), INFO_ROW(ABMON_6, LC_TIME), INFO_ROW(ABMON_7, LC_TIME),
    INFO_ROW(ABMON_8, LC_TIME), INFO_ROW(ABMON_9, LC_TIME), INFO_ROW(ABMON_10, LC_TIME),
    INFO_ROW(ABMON_11, LC_TIME), INFO_ROW(ABMON_12, LC_TIME),
    INFO_ROW(RADIXCHAR, LC_NUMERIC), INFO_ROW(THOUSEP, LC_NUMERIC),
    INFO_ROW(CRNCYSTR, LC_MONETARY), INFO_ROW(D_T_FMT, LC_TIME),
    INFO_ROW(D_FMT, LC_TIME), INFO_ROW(T_FMT, LC_TIME), INFO_ROW(AM_STR, LC_TIME),
    INFO_ROW(PM_STR, LC_TIME), INFO_ROW(CODESET, LC_CTYPE),
    INFO_ROW(T_FMT_AMPM, LC_TIME), INFO_ROW(ERA, LC_TIME), INFO_ROW(ERA_D_FMT, LC_TIME),
    INFO_ROW(ERA_D_T_FMT, LC_TIME), INFO_ROW(ERA_T_FMT, LC_TIME),
    INFO_ROW(ALT_DIGITS, LC_TIME), INFO_ROW(YESEXPR, LC_MESSAGES),
    INFO_ROW(NOEXPR, LC_MESSAGES), INFO_ROW(_DATE_FMT, LC_TIME),
};

// Parts of a value are ended by NUL in the C library: count of them become one text
// with ';' between. NULL with MemoryError; free() the result.
static char *
join_parts(const char *parts, size_t count)
{
    size_t length = 0;
    char *text;

    for (size_t i = 0; i < count; i++) {
        length += strlen(parts + length) + 1;
    }
    text = malloc(length + 1);
    if (text == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(text, parts, length);
    for (size_t i = 0; i + 1 < length; i++) {
        if (text[i] == '\0') {
            text[i] = ';';
        }
    }
    text[length] = '\0';
    return text;
}

KR_FUNCTION(locale, "nl_langinfo(key, /)",
            "Return the value for the locale information associated with key.")
static PyObject *
locale_nl_langinfo(PyObject *module, int key)
{
    for (size_t i = 0; i < KR_ARRAY_LEN(info_names); i++) {
        if (info_names[i].key != key) {
            continue;
        }
        const char *text = nl_langinfo(key);
        size_t count = 1;
        text = text != NULL ? text : "";
        if (text[0] != '\0' && key == ALT_DIGITS) {
            count = 100;
        }
        else if (text[0] != '\0' && key == ERA) {
            // This entry of the library is a number in the place of a pointer.
            count = (uint32_t)(uintptr_t)nl_langinfo(_NL_TIME_ERA_NUM_ENTRIES);
        }
        if (count <= 1) {
            return decode_in_category(text, info_names[i].category);
        }
        char *joined = join_parts(text, count);
        PyObject *result = joined == NULL
                               ? NULL
                               : decode_in_category(joined, info_names[i].category);
        free(joined);
        return result;
    }
    PyErr_SetString(PyExc_ValueError, "unsupported langinfo constant");
    return NULL;
}

KR_FUNCTION(locale, "gettext(msg, /)", "Return translation of msg.")
static PyObject *
locale_gettext(PyObject *module, const char *msg)
{
    return PyUnicode_DecodeLocale(gettext(msg), NULL);
}

KR_FUNCTION(locale, "dgettext(domain: str | None, msg, /)",
            "Return translation of msg in domain.")
static PyObject *
locale_dgettext(PyObject *module, const char *domain, const char *msg)
{
    return PyUnicode_DecodeLocale(dgettext(domain, msg), NULL);
}

KR_FUNCTION(locale, "dcgettext(domain: str | None, msg, category, /)",
            "Return translation of msg in domain and category.")
static PyObject *
locale_dcgettext(PyObject *module, const char *domain, const char *msg, int category)
{
    return PyUnicode_DecodeLocale(dcgettext(domain, msg, category), NULL);
}

KR_FUNCTION(locale, "textdomain(domain: str | None, /)",
            "Set the C library's domain of messages, returning the new one.")
static PyObject *
locale_textdomain(PyObject *module, const char *domain)
{
    const char *current = textdomain(domain);

    if (current == NULL) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeLocale(current, NULL);
}

KR_FUNCTION(locale, "bindtextdomain(domain, dir, /)",
            "Bind the C library's domain to dir.")
static PyObject *
locale_bindtextdomain(PyObject *module, const char *domain, PyObject *dir)
{
    LocaleState *state = PyModule_GetState(module);
    PyObject *folder = NULL;

    if (domain[0] == '\0') {
        PyErr_SetString(state->error, "domain must be a non-empty string");
        return NULL;
    }
    if (dir != Py_None && !PyUnicode_FSConverter(dir, &folder)) {
        return NULL;
    }
    errno = 0;
    const char *current =
        bindtextdomain(domain, folder != NULL ? PyBytes_AS_STRING(folder) : NULL);
    Py_XDECREF(folder);
    if (current == NULL) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyUnicode_DecodeLocale(current, NULL);
}

KR_FUNCTION(locale, "bind_textdomain_codeset(domain, codeset: str | None, /)",
            "Bind the C library's domain to codeset.")
static PyObject *
locale_bind_textdomain_codeset(PyObject *module, const char *domain,
                               const char *codeset)
{
    const char *current = bind_textdomain_codeset(domain, codeset);

    if (current == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeLocale(current, NULL);
}

KR_FUNCTION(locale, "getencoding()", "Get the current locale encoding.")
static PyObject *
locale_getencoding(PyObject *module)
{
    const char *name = nl_langinfo(CODESET);

    return PyUnicode_FromString(name == NULL || name[0] == '\0' ? "UTF-8" : name);
}

KR_MODULE(locale)
#include "modules/locale.methods.h"

static const struct {
    const char *name;
    int value;
} locale_constants[] = {
    {"LC_CTYPE", LC_CTYPE}, {"LC_TIME", LC_TIME}, {"LC_COLLATE", LC_COLLATE},
    {"LC_MONETARY", LC_MONETARY}, {"LC_MESSAGES", LC_MESSAGES},
    {"LC_NUMERIC", LC_NUMERIC}, {"LC_ALL", LC_ALL}, {"CHAR_MAX", CHAR_MAX},
};

static int
locale_exec(PyObject *module)
{
    LocaleState *state = PyModule_GetState(module);

    for (size_t i = 0; i < KR_ARRAY_LEN(locale_constants); i++) {
        if (PyModule_AddIntConstant(module, locale_constants[i].name,
                                    locale_constants[i].value) < 0) {
            return -1;
        }
    }
    state->error = PyErr_NewException("locale.Error", NULL, NULL);
    if (state->error == NULL || PyModule_AddObjectRef(module, "Error", state->error) < 0) {
        return -1;
    }
    for (size_t i = 0; i < KR_ARRAY_LEN(info_names); i++) {
        if (PyModule_AddIntConstant(module, info_names[i].name, info_names[i].key) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
locale_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((LocaleState *)PyModule_GetState(module))->error);
    return 0;
}

static int
locale_clear(PyObject *module)
{
    Py_CLEAR(((LocaleState *)PyModule_GetState(module))->error);
    return 0;
}

static PyModuleDef_Slot locale_slots[] = {
    {Py_mod_exec, locale_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL},
};

static PyModuleDef locale_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_locale",
    .m_doc = "Support for POSIX locales.",
    .m_size = sizeof(LocaleState),
    .m_methods = locale_methods,
    .m_slots = locale_slots,
    .m_traverse = locale_traverse,
    .m_clear = locale_clear,
};

PyMODINIT_FUNC
PyInit__locale(void)
{
    return PyModuleDef_Init(&locale_def);
}
