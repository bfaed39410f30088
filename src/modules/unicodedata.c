// SPDX-License-Identifier: MIT
// unicodedata.c - the Unicode Character Database: version 16.0.0, and 3.2.0 through
// the object ucd_3_2_0, which has the same functions as methods.
//
// A function's self is the module (current version) or a UCD object (3.2.0).
#include "objects/args.h"
#include "objects/ids.h"
#include "objects/str/normalize.h"
#include "objects/str/str.h"
#include "objects/str/unicode_3_2.h"
#include "objects/str/unicode_data.h"

typedef struct {
    PyObject_HEAD
    const char *version;
} KrUcd;

static PyTypeObject ucd_type;

static bool
is_old(PyObject *self)
{
    return Py_IS_TYPE(self, &ucd_type);
}

// --- Version 3.2.0 ------------------------------------------------------------------------

static bool
was_unassigned(uint32_t ch)
{
    int low = 0, high = KR_OLD_RANGES - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        if (ch < kr_old_ranges[middle].first) {
            high = middle - 1;
        }
        else if (ch > kr_old_ranges[middle].last) {
            low = middle + 1;
        }
        else {
            return true;
        }
    }
    return false;
}

static const KrOldRecord *
old_record(uint32_t ch)
{
    int low = 0, high = KR_OLD_RECORDS - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        if (ch < kr_old_records[middle].first) {
            high = middle - 1;
        }
        else if (ch > kr_old_records[middle].last) {
            low = middle + 1;
        }
        else {
            return &kr_old_records[middle];
        }
    }
    return NULL;
}

static uint32_t
old_decomposition(uint32_t ch)
{
    for (int i = 0; i < KR_OLD_DECOMPOSITIONS; i++) {
        if (kr_old_decompositions[i].ch == ch) {
            return kr_old_decompositions[i].to;
        }
    }
    return 0;
}

static const KrNormalVersion version_3_2 = {was_unassigned, old_decomposition};

// The record of ch in the version that self serves.
static KrDataRecord
record_of(PyObject *self, Py_UCS4 ch)
{
    KrDataRecord record = *kr_data_record(ch);
    if (!is_old(self)) {
        return record;
    }
    if (was_unassigned(ch)) {
        return kr_data_records[0];
    }
    const KrOldRecord *old = old_record(ch);
    if (old != NULL) {
        if (old->category != 0xff) {
            record.category = old->category;
        }
        if (old->bidirectional != 0xff) {
            record.bidirectional = old->bidirectional;
        }
        if (old->mirrored != 0xff) {
            record.mirrored = old->mirrored;
        }
        if (old->width != 0xff) {
            record.width = old->width;
        }
    }
    return record;
}

// --- Numbers ---------------------------------------------------------------------------------

static PyObject *
default_or_error(PyObject *fallback, const char *message)
{
    if (fallback == NULL) {
        PyErr_SetString(PyExc_ValueError, message);
        return NULL;
    }
    return Py_NewRef(fallback);
}

KR_METHOD(ucd, "decimal(self, chr, default=<missing>, /)",
          "Converts a Unicode character into its equivalent decimal value.")
KR_FUNCTION(unicodedata, "decimal(chr, default=<missing>, /)",
            "Converts a Unicode character into its equivalent decimal value.\n\n"
            "Without one: default if given, or ValueError.")
static PyObject *
ucd_decimal(PyObject *self, Py_UCS4 chr, PyObject *fallback)
{
    int value = _PyUnicode_ToDecimalDigit(chr);
    if (is_old(self)) {
        const KrOldRecord *old = old_record(chr);
        if (was_unassigned(chr)) {
            value = -1;
        }
        else if (old != NULL && old->decimal != 0xff) {
            value = old->decimal == 0xfe ? -1 : old->decimal;
        }
    }
    return value < 0 ? default_or_error(fallback, "not a decimal") : PyLong_FromLong(value);
}

KR_METHOD(ucd, "digit(self, chr, default=<missing>, /)",
          "Converts a Unicode character into its equivalent digit value.")
KR_FUNCTION(unicodedata, "digit(chr, default=<missing>, /)",
            "Converts a Unicode character into its equivalent digit value.\n\n"
            "Without one: default if given, or ValueError.")
static PyObject *
ucd_digit(PyObject *self, Py_UCS4 chr, PyObject *fallback)
{
    int value = _PyUnicode_ToDigit(chr);
    if (value < 0) {
        return default_or_error(fallback, "not a digit");
    }
    return PyLong_FromLong(value);
}

KR_METHOD(ucd, "numeric(self, chr, default=<missing>, /)",
          "Converts a Unicode character into its equivalent numeric value.")
KR_FUNCTION(unicodedata, "numeric(chr, default=<missing>, /)",
            "Converts a Unicode character into its equivalent numeric value.\n\n"
            "Without one: default if given, or ValueError.")
static PyObject *
ucd_numeric(PyObject *self, Py_UCS4 chr, PyObject *fallback)
{
    double value = _PyUnicode_ToNumeric(chr);
    bool known = _PyUnicode_IsNumeric(chr);
    if (is_old(self)) {
        if (was_unassigned(chr)) {
            known = false;
        }
        else {
            for (int i = 0; i < KR_OLD_NUMBERS; i++) {
                if (kr_old_numbers[i].ch == chr) {
                    value = kr_old_numbers[i].value;
                    known = value != -1.0;
                    break;
                }
            }
        }
    }
    return known ? PyFloat_FromDouble(value)
                 : default_or_error(fallback, "not a numeric character");
}

// --- Properties --------------------------------------------------------------------------------

KR_METHOD(ucd, "category(self, chr, /)",
          "Returns the general category assigned to the character chr as string.")
KR_FUNCTION(unicodedata, "category(chr, /)",
            "Returns the general category assigned to the character chr as string.")
static PyObject *
ucd_category(PyObject *self, Py_UCS4 chr)
{
    return PyUnicode_FromString(kr_category_names[record_of(self, chr).category]);
}

KR_METHOD(ucd, "bidirectional(self, chr, /)",
          "Returns the bidirectional class assigned to the character chr as string.")
KR_FUNCTION(unicodedata, "bidirectional(chr, /)",
            "Returns the bidirectional class assigned to the character chr as string.\n\n"
            "It is empty where there is none.")
static PyObject *
ucd_bidirectional(PyObject *self, Py_UCS4 chr)
{
    return PyUnicode_FromString(kr_bidirectional_names[record_of(self, chr).bidirectional]);
}

KR_METHOD(ucd, "combining(self, chr, /)",
          "Returns the canonical combining class assigned to the character chr as integer.")
KR_FUNCTION(unicodedata, "combining(chr, /)",
            "Returns the canonical combining class assigned to the character chr as "
            "integer.\n\n0 where there is none.")
static PyObject *
ucd_combining(PyObject *self, Py_UCS4 chr)
{
    return PyLong_FromLong(record_of(self, chr).combining);
}

KR_METHOD(ucd, "mirrored(self, chr, /)",
          "Returns the mirrored property assigned to the character chr as integer.")
KR_FUNCTION(unicodedata, "mirrored(chr, /)",
            "Returns the mirrored property assigned to the character chr as integer.\n\n"
            "1 if it is mirrored in text that runs from right to left.")
static PyObject *
ucd_mirrored(PyObject *self, Py_UCS4 chr)
{
    return PyLong_FromLong(record_of(self, chr).mirrored);
}

KR_METHOD(ucd, "east_asian_width(self, chr, /)",
          "Returns the east asian width assigned to the character chr as string.")
KR_FUNCTION(unicodedata, "east_asian_width(chr, /)",
            "Returns the east asian width assigned to the character chr as string.")
static PyObject *
ucd_east_asian_width(PyObject *self, Py_UCS4 chr)
{
    return PyUnicode_FromString(kr_width_names[record_of(self, chr).width]);
}

KR_METHOD(ucd, "decomposition(self, chr, /)",
          "Returns the character decomposition mapping assigned to the character chr as string.")
KR_FUNCTION(unicodedata, "decomposition(chr, /)",
            "Returns the character decomposition mapping assigned to the character chr as "
            "string.\n\nIt is empty where there is none.")
static PyObject *
ucd_decomposition(PyObject *self, Py_UCS4 chr)
{
    char buffer[256];
    if (is_old(self) && was_unassigned(chr)) {
        return kr_empty_str();
    }
    if (chr >= 0xac00 && chr < 0xac00 + 11172) {
        unsigned at = chr - 0xac00, tail = at % 28;
        int size = snprintf(buffer, sizeof(buffer), "%04X %04X", 0x1100 + at / 588,
                            0x1161 + at % 588 / 28);
        if (tail != 0) {
            size += snprintf(buffer + size, 8, " %04X", 0x11a7 + tail);
        }
        return kr_str_from_ascii(buffer, size);
    }
    const uint32_t *data = kr_decomposition(chr);
    unsigned count = data[0] >> 8;
    if (count == 0) {
        return kr_empty_str();
    }
    size_t size = (size_t)snprintf(buffer, sizeof(buffer), "%s",
                                   kr_decomposition_tags[data[0] & 255]);
    for (unsigned i = 1; i <= count; i++) {
        size += (size_t)snprintf(buffer + size, sizeof(buffer) - size, "%s%04X",
                                 size > 0 ? " " : "", (unsigned)data[i]);
    }
    return kr_str_from_ascii(buffer, (Py_ssize_t)size);
}

// --- Names -----------------------------------------------------------------------------------------

KR_METHOD(ucd, "name(self, chr, default=<missing>, /)",
          "Returns the name assigned to the character chr as a string.")
KR_FUNCTION(unicodedata, "name(chr, default=<missing>, /)",
            "Returns the name assigned to the character chr as a string.\n\n"
            "Without one: default if given, or ValueError.")
static PyObject *
ucd_name(PyObject *self, Py_UCS4 chr, PyObject *fallback)
{
    char buffer[256];
    if ((is_old(self) && was_unassigned(chr))
        || !kr_unicode_name_of(chr, buffer, (int)sizeof(buffer), false)) {
        return default_or_error(fallback, "no such name");
    }
    return PyUnicode_FromString(buffer);
}

KR_METHOD_RAW(ucd, "lookup($self, name, /)", METH_O, "Look up character by name.")
KR_FUNCTION_RAW(unicodedata, "lookup($self, name, /)", METH_O,
                "Look up character by name.\n\n"
                "The character, or named sequence of characters; KeyError where there is\n"
                "none of that name.")
static PyObject *
ucd_lookup(PyObject *self, PyObject *arg)
{
    Py_buffer view;
    Py_ssize_t size;
    const char *name;
    view.obj = NULL;
    if (PyUnicode_Check(arg)) {
        name = PyUnicode_AsUTF8AndSize(arg, &size);
        if (name == NULL) {
            return NULL;
        }
    }
    else {
        if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) {
            return NULL;
        }
        name = view.buf;
        size = view.len;
    }
    PyObject *result = NULL;
    Py_UCS4 ch, sequence[6];
    if (size >= 256) {
        PyErr_SetString(PyExc_KeyError, "name too long");
    }
    else if (kr_unicode_by_name(name, (int)size, &ch, !is_old(self))
             && !(is_old(self) && was_unassigned(ch))) {
        result = kr_str_from_char(ch);
    }
    else {
        int count = is_old(self) ? 0 : kr_unicode_sequence_by_name(name, (int)size, sequence);
        if (count > 0) {
            result = kr_str_from_ucs4(sequence, count);
        }
        else {
            char text[256];
            memcpy(text, name, (size_t)size);
            text[size] = 0;
            PyErr_Format(PyExc_KeyError, "undefined character name '%s'", text);
        }
    }
    if (view.obj != NULL) {
        PyBuffer_Release(&view);
    }
    return result;
}

// --- Normal forms -------------------------------------------------------------------------------------

static int
form_by_name(PyObject *name, KrNormalForm *form_out)
{
    static const char *const names[] = {"NFD", "NFKD", "NFC", "NFKC"};
    for (int i = 0; i < 4; i++) {
        if (kr_str_equals_ascii(name, names[i])) {
            *form_out = (KrNormalForm)i;
            return 0;
        }
    }
    PyErr_SetString(PyExc_ValueError, "invalid normalization form");
    return -1;
}

// What the quick check says of text; the old version has none.
static KrQuickCheck
check_text(PyObject *self, PyObject *text, const Py_UCS4 *items, KrNormalForm form)
{
    if (PyUnicode_IS_ASCII(text)) {
        return KR_QUICK_YES;
    }
    if (is_old(self)) {
        return KR_QUICK_MAYBE;
    }
    return kr_normal_check(items, (size_t)PyUnicode_GET_LENGTH(text), form);
}

// The normal form as a new string.
static PyObject *
normal_form(PyObject *self, PyObject *text, const Py_UCS4 *items, KrNormalForm form)
{
    KrCodePoints out = {0};
    PyObject *result;
    if (kr_normalize(items, (size_t)PyUnicode_GET_LENGTH(text), form,
                     is_old(self) ? &version_3_2 : NULL, &out)) {
        result = kr_str_from_ucs4(out.items, (Py_ssize_t)out.count);
    }
    else {
        result = PyErr_NoMemory();
    }
    free(out.items);
    return result;
}

KR_METHOD(ucd, "is_normalized(self, form: str, unistr: str, /)",
          "Return whether the Unicode string unistr is in the normal form 'form'.")
KR_FUNCTION(unicodedata, "is_normalized(form: str, unistr: str, /)",
            "Return whether the Unicode string unistr is in the normal form 'form'.\n\n"
            "The form is 'NFC', 'NFKC', 'NFD' or 'NFKD'.")
static PyObject *
ucd_is_normalized(PyObject *self, PyObject *form, PyObject *unistr)
{
    KrNormalForm kind;
    if (PyUnicode_GET_LENGTH(unistr) == 0) {
        Py_RETURN_TRUE;
    }
    if (form_by_name(form, &kind) < 0) {
        return NULL;
    }
    if (PyUnicode_IS_ASCII(unistr)) {
        Py_RETURN_TRUE;
    }
    Py_UCS4 *items = PyUnicode_AsUCS4Copy(unistr);
    if (items == NULL) {
        return NULL;
    }
    PyObject *result = NULL;
    KrQuickCheck check = check_text(self, unistr, items, kind);
    if (check != KR_QUICK_MAYBE) {
        result = Py_NewRef(check == KR_QUICK_YES ? Py_True : Py_False);
    }
    else {
        PyObject *normal = normal_form(self, unistr, items, kind);
        if (normal != NULL) {
            result = PyBool_FromLong(kr_str_equal(normal, unistr));
            Py_DECREF(normal);
        }
    }
    PyMem_Free(items);
    return result;
}

KR_METHOD(ucd, "normalize(self, form: str, unistr: str, /)",
          "Return the normal form 'form' for the Unicode string unistr.")
KR_FUNCTION(unicodedata, "normalize(form: str, unistr: str, /)",
            "Return the normal form 'form' for the Unicode string unistr.\n\n"
            "The form is 'NFC', 'NFKC', 'NFD' or 'NFKD'.")
static PyObject *
ucd_normalize(PyObject *self, PyObject *form, PyObject *unistr)
{
    KrNormalForm kind;
    if (PyUnicode_GET_LENGTH(unistr) == 0) {
        // No form changes the empty text, not even one that does not exist.
        return kr_str_exact(unistr);
    }
    if (form_by_name(form, &kind) < 0) {
        return NULL;
    }
    if (PyUnicode_IS_ASCII(unistr)) {
        return kr_str_exact(unistr);
    }
    Py_UCS4 *items = PyUnicode_AsUCS4Copy(unistr);
    if (items == NULL) {
        return NULL;
    }
    PyObject *result = check_text(self, unistr, items, kind) == KR_QUICK_YES
                           ? kr_str_exact(unistr)
                           : normal_form(self, unistr, items, kind);
    PyMem_Free(items);
    return result;
}

// --- The module ------------------------------------------------------------------------------------------

KR_TYPE(ucd)
KR_MODULE(unicodedata)
#include "modules/unicodedata.methods.h"

static PyMemberDef ucd_members[] = {
    {"unidata_version", Py_T_STRING, offsetof(KrUcd, version), Py_READONLY, ""},
    {NULL},
};

static PyTypeObject ucd_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "unicodedata.UCD",
    .tp_basicsize = sizeof(KrUcd),
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION
                | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_methods = ucd_methods,
    .tp_members = ucd_members,
};

// What the capsule holds: C functions for names, as text codecs of others use them.
typedef struct {
    int (*getname)(Py_UCS4 code, char *buffer, int buflen, int with_alias_and_seq);
    int (*getcode)(const char *name, int namelen, Py_UCS4 *code, int with_named_seq);
} KrNameApi;

static int
capi_getname(Py_UCS4 code, char *buffer, int buflen, int with_alias_and_seq)
{
    return kr_unicode_name_of(code, buffer, buflen, with_alias_and_seq);
}

static int
capi_getcode(const char *name, int namelen, Py_UCS4 *code, int with_named_seq)
{
    return kr_unicode_by_name(name, namelen, code, true);
}

static int
unicodedata_exec(PyObject *module)
{
    static KrNameApi api = {capi_getname, capi_getcode};
    if (PyType_Ready(&ucd_type) < 0
        || PyModule_AddStringConstant(module, "unidata_version", KR_UNICODE_VERSION) < 0
        || PyModule_AddObjectRef(module, "UCD", (PyObject *)&ucd_type) < 0) {
        return -1;
    }
    KrUcd *old = PyObject_New(KrUcd, &ucd_type);
    if (old == NULL) {
        return -1;
    }
    old->version = "3.2.0";
    if (PyModule_Add(module, "ucd_3_2_0", (PyObject *)old) < 0) {
        return -1;
    }
    return PyModule_Add(module, "_ucnhash_CAPI",
                        PyCapsule_New(&api, "unicodedata._ucnhash_CAPI", NULL));
}

static PyModuleDef_Slot unicodedata_slots[] = {
    {Py_mod_exec, unicodedata_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef unicodedata_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "unicodedata",
    .m_doc = "Properties of all Unicode characters: the Unicode Character Database,\n"
             "version " KR_UNICODE_VERSION ".\n\n"
             "Functions take one character; names of properties and of their values are\n"
             "those of the database.",
    .m_methods = unicodedata_methods,
    .m_slots = unicodedata_slots,
};

PyMODINIT_FUNC
PyInit_unicodedata(void)
{
    return PyModuleDef_Init(&unicodedata_def);
}
