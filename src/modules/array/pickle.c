// SPDX-License-Identifier: MIT
// pickle.c - saving arrays so that machines of other kinds can read them, and the
// module itself.
//
// Design: a saved array names the format of its items (MachineFormat), which says more
//         than the type code: size, sign, byte order.
#include "modules/array/array.h"

#include "objects/args.h"
#include "objects/ids.h"

// The numbers are part of the pickle format.
typedef enum {
    FORMAT_UNKNOWN = -1,
    FORMAT_UINT8 = 0,
    FORMAT_INT8 = 1,
    FORMAT_UINT16_LE = 2,
    FORMAT_INT16_LE = 4,
    FORMAT_UINT32_LE = 6,
    FORMAT_INT32_LE = 8,
    FORMAT_UINT64_LE = 10,
    FORMAT_INT64_LE = 12,
    FORMAT_FLOAT_LE = 14,
    FORMAT_DOUBLE_LE = 16,
    FORMAT_UTF16_LE = 18,
    FORMAT_UTF32_LE = 20,
    FORMAT_LAST = 21, // odd ones from 3 on are big-endian
} MachineFormat;

static const struct {
    uint8_t size;
    bool is_signed;
} format_properties[] = {
    {1, false}, {1, true}, {2, false}, {2, false}, {2, true},  {2, true},
    {4, false}, {4, false}, {4, true}, {4, true},  {8, false}, {8, false},
    {8, true},  {8, true},  {4, false}, {4, false}, {8, false}, {8, false},
    {2, false}, {2, false}, {4, false}, {4, false},
};

static bool
format_is_big_endian(int format)
{
    return format >= FORMAT_UINT16_LE && (format & 1);
}

static int
format_of_kind(const ArrayKind *kind)
{
    switch (kind->typecode) {
    case 'b':
        return FORMAT_INT8;
    case 'B':
        return FORMAT_UINT8;
    case 'u':
    case 'w':
        return FORMAT_UTF32_LE;
    case 'f':
        return FORMAT_FLOAT_LE;
    case 'd':
        return FORMAT_DOUBLE_LE;
    default:
        break;
    }
    int base = kind->itemsize == 2   ? FORMAT_UINT16_LE
               : kind->itemsize == 4 ? FORMAT_UINT32_LE
                                     : FORMAT_UINT64_LE;
    return base + (kind->is_signed ? 2 : 0);
}

PyObject *
kr_array_reduce(Array *self, PyObject *value)
{
    PyObject *dict = NULL, *reconstructor = NULL, *result = NULL, *module = NULL;
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "__reduce_ex__ argument should be an integer");
        return NULL;
    }
    long protocol = PyLong_AsLong(value);
    if (protocol == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (PyObject_GetOptionalAttr((PyObject *)self, KR_ID(__dict__), &dict) < 0) {
        return NULL;
    }
    if (dict == NULL) {
        dict = Py_NewRef(Py_None);
    }
    int typecode = (unsigned char)self->ob_descr->typecode;
    if (protocol < 3) {
        // Old protocols have no bytes: the items are saved one by one.
        PyObject *list = kr_array_as_list(self);
        return list == NULL
                   ? (Py_DECREF(dict), NULL)
                   : Py_BuildValue("O(CN)N", Py_TYPE(self), typecode, list, dict);
    }
    module = PyImport_ImportModule("array");
    if (module != NULL) {
        reconstructor = PyObject_GetAttr(module, KR_ID(_array_reconstructor));
    }
    if (reconstructor != NULL) {
        PyObject *bytes = PyObject_CallMethodNoArgs((PyObject *)self, KR_ID(tobytes));
        if (bytes != NULL) {
            result = Py_BuildValue("O(OCiN)O", reconstructor, Py_TYPE(self), typecode,
                                   format_of_kind(self->ob_descr), bytes, dict);
        }
    }
    Py_XDECREF(module);
    Py_XDECREF(reconstructor);
    Py_DECREF(dict);
    return result;
}

// Appends the items of foreign bytes one by one, as objects.
static int
append_foreign(Array *self, int format, const unsigned char *bytes, Py_ssize_t n)
{
    Py_ssize_t size = format_properties[format].size;
    bool little = !format_is_big_endian(format);
    for (Py_ssize_t i = 0; i < n; i += size) {
        PyObject *item = NULL, *none;
        if (format == FORMAT_FLOAT_LE || format == FORMAT_FLOAT_LE + 1) {
            item = PyFloat_FromDouble(PyFloat_Unpack4((const char *)bytes + i, little));
        }
        else if (format == FORMAT_DOUBLE_LE || format == FORMAT_DOUBLE_LE + 1) {
            item = PyFloat_FromDouble(PyFloat_Unpack8((const char *)bytes + i, little));
        }
        else {
            int flags = little ? Py_ASNATIVEBYTES_LITTLE_ENDIAN
                               : Py_ASNATIVEBYTES_BIG_ENDIAN;
            item = format_properties[format].is_signed
                       ? PyLong_FromNativeBytes(bytes + i, (size_t)size, flags)
                       : PyLong_FromUnsignedNativeBytes(bytes + i, (size_t)size, flags);
        }
        if (item == NULL) {
            return -1;
        }
        none = PyObject_CallMethodOneArg((PyObject *)self, KR_ID(append), item);
        Py_DECREF(item);
        if (none == NULL) {
            return -1;
        }
        Py_DECREF(none);
    }
    return 0;
}

static int
append_foreign_text(Array *self, int format, const char *bytes, Py_ssize_t n)
{
    int order = format_is_big_endian(format) ? 1 : -1;
    PyObject *text = format < FORMAT_UTF32_LE
                         ? PyUnicode_DecodeUTF16(bytes, n, NULL, &order)
                         : PyUnicode_DecodeUTF32(bytes, n, NULL, &order);
    if (text == NULL) {
        return -1;
    }
    int status = kr_array_append_text(self, text);
    Py_DECREF(text);
    return status;
}

// The type code whose items have that format here; typecode itself if it does.
static const ArrayKind *
kind_for_format(const ArrayKind *kind, int format)
{
    if (format_of_kind(kind) == format || kr_array_kind_is_text(kind)) {
        return kind;
    }
    if (format >= FORMAT_FLOAT_LE) {
        return kr_array_kind_find(format <= FORMAT_FLOAT_LE + 1 ? 'f' : 'd');
    }
    // An int kind of the same size and sign, in the order of the type codes.
    for (const ArrayKind *k = kr_array_kinds; k->typecode != 0; k++) {
        if (k->is_integer && k->itemsize == format_properties[format].size
            && k->is_signed == format_properties[format].is_signed) {
            return k;
        }
    }
    return kind;
}

KR_FUNCTION(arraymodule, "_array_reconstructor(arraytype, typecode, mformat_code, items, /)",
            "Internal. Used for pickling support.")
static PyObject *
arraymodule__array_reconstructor(PyObject *module, PyObject *arraytype, Py_UCS4 typecode,
                           int mformat_code, PyObject *items)
{
    if (!PyType_Check(arraytype)) {
        PyErr_Format(PyExc_TypeError, "first argument must be a type object, not %T",
                     arraytype);
        return NULL;
    }
    PyTypeObject *cls = (PyTypeObject *)arraytype;
    if (!PyType_IsSubtype(cls, &kr_array_type)) {
        PyErr_Format(PyExc_TypeError, "%.200s is not a subtype of %.200s", cls->tp_name,
                     kr_array_type.tp_name);
        return NULL;
    }
    const ArrayKind *kind = kr_array_kind_find(typecode);
    if (kind == NULL) {
        PyErr_SetString(PyExc_ValueError, "second argument must be a valid type code");
        return NULL;
    }
    if (mformat_code < 0 || mformat_code > FORMAT_LAST) {
        PyErr_SetString(PyExc_ValueError,
                        "third argument must be a valid machine format code.");
        return NULL;
    }
    if (!PyBytes_Check(items)) {
        PyErr_Format(PyExc_TypeError, "fourth argument should be bytes, not %T", items);
        return NULL;
    }
    const char *bytes = PyBytes_AS_STRING(items);
    Py_ssize_t n = PyBytes_GET_SIZE(items);
    if (n % format_properties[mformat_code].size != 0) {
        PyErr_SetString(PyExc_ValueError, "string length not a multiple of item size");
        return NULL;
    }
    bool same = format_of_kind(kind) == mformat_code;
    kind = kind_for_format(kind, mformat_code);
    Array *self = (Array *)kr_array_new(cls, 0, kind);
    int status = self == NULL ? -1
                 : same || format_of_kind(kind) == mformat_code
                     ? kr_array_append_bytes(self, bytes, n)
                 : mformat_code >= FORMAT_UTF16_LE
                     ? append_foreign_text(self, mformat_code, bytes, n)
                     : append_foreign(self, mformat_code, (const unsigned char *)bytes, n);
    if (status < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

KR_MODULE(arraymodule)
#include "modules/array/pickle.methods.h"

static int
array_exec(PyObject *module)
{
    char typecodes[32];
    size_t n = 0;
    for (const ArrayKind *kind = kr_array_kinds; kind->typecode != 0; kind++) {
        typecodes[n++] = kind->typecode;
    }
    typecodes[n] = '\0';
    if (PyType_Ready(&kr_array_iter_type) < 0 || PyModule_AddType(module, &kr_array_type) < 0
        || PyModule_AddObjectRef(module, "ArrayType", (PyObject *)&kr_array_type) < 0
        || PyModule_AddStringConstant(module, "typecodes", typecodes) < 0) {
        return -1;
    }
    // array is a mutable sequence for isinstance().
    PyObject *abc = PyImport_ImportModule("collections.abc");
    PyObject *cls = abc == NULL ? NULL : PyObject_GetAttrString(abc, "MutableSequence");
    PyObject *done = cls == NULL ? NULL
                                 : PyObject_CallMethod(cls, "register", "O",
                                                       &kr_array_type);
    Py_XDECREF(abc);
    Py_XDECREF(cls);
    if (done == NULL) {
        return -1;
    }
    Py_DECREF(done);
    return 0;
}

static PyModuleDef_Slot array_slots[] = {
    {Py_mod_exec, array_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static PyModuleDef array_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "array",
    .m_doc = "This module defines an object type which can efficiently represent\n"
             "an array of basic values: characters, integers, floating-point\n"
             "numbers.  Arrays are sequence types and behave very much like lists,\n"
             "except that the type of objects stored in them is constrained.\n",
    .m_methods = arraymodule_methods,
    .m_slots = array_slots,
};

PyMODINIT_FUNC
PyInit_array(void)
{
    return PyModuleDef_Init(&array_def);
}
