// SPDX-License-Identifier: MIT
// objects.c - builtin functions about one object: len, getattr, iter, round...
#include "runtime/builtins/builtins.h"

#include "objects/args.h"
#include "objects/ids.h"
#include "objects/iterword.h"
#include "vm/generator.h"

KR_FUNCTION(builtins, "abs(number, /)", "Distance of a number from zero.")
static PyObject *
builtins_abs(PyObject *module, PyObject *number)
{
    return PyNumber_Absolute(number);
}

// Whether the word is true; consumes it. -1 with an exception set.
static inline int
word_truth_release(KV word)
{
    if (kv_is_int(word)) {
        return kv_int(word) != 0;
    }
    if (kv_is_float(word)) {
        return 1; // zeros are never tagged
    }
    int truth = PyObject_IsTrue(kv_pointer(word));
    kv_release(word);
    return truth;
}

KR_FUNCTION(builtins, "all(iterable, /)",
            "Whether every item is true; True for no items.")
static PyObject *
builtins_all(PyObject *module, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    int truth = 1, more;
    KV word;

    if (iterator == NULL) {
        return NULL;
    }
    while ((more = kr_iter_next_word(iterator, &word)) > 0) {
        truth = word_truth_release(word);
        if (truth <= 0) {
            break;
        }
    }
    Py_DECREF(iterator);
    if (more < 0 || truth < 0) {
        return NULL;
    }
    return PyBool_FromLong(truth);
}

KR_FUNCTION(builtins, "any(iterable, /)",
            "Whether some item is true; False for no items.")
static PyObject *
builtins_any(PyObject *module, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    int truth = 0, more;
    KV word;

    if (iterator == NULL) {
        return NULL;
    }
    while ((more = kr_iter_next_word(iterator, &word)) > 0) {
        truth = word_truth_release(word);
        if (truth != 0) {
            break;
        }
    }
    Py_DECREF(iterator);
    if (more < 0 || truth < 0) {
        return NULL;
    }
    return PyBool_FromLong(truth);
}

KR_FUNCTION(builtins, "ascii(obj, /)",
            "The repr of an object with everything outside ASCII escaped.")
static PyObject *
builtins_ascii(PyObject *module, PyObject *obj)
{
    return PyObject_ASCII(obj);
}

KR_FUNCTION(builtins, "bin(number, /)", "An integer in binary.\n\n>>> bin(10)\n'0b1010'\n>>> bin(-3)\n'-0b11'")
static PyObject *
builtins_bin(PyObject *module, PyObject *number)
{
    return PyNumber_ToBase(number, 2);
}

KR_FUNCTION(builtins, "hex(number, /)", "An integer in hexadecimal.\n\n>>> hex(48879)\n'0xbeef'")
static PyObject *
builtins_hex(PyObject *module, PyObject *number)
{
    return PyNumber_ToBase(number, 16);
}

KR_FUNCTION(builtins, "oct(number, /)", "An integer in octal.\n\n>>> oct(493)\n'0o755'")
static PyObject *
builtins_oct(PyObject *module, PyObject *number)
{
    return PyNumber_ToBase(number, 8);
}

KR_FUNCTION(builtins, "callable(obj, /)", "Whether the object can be called.")
static PyObject *
builtins_callable(PyObject *module, PyObject *obj)
{
    return PyBool_FromLong(PyCallable_Check(obj));
}

KR_FUNCTION(builtins, "chr(i, /)",
            "The one-character string of a Unicode code point.")
static PyObject *
builtins_chr(PyObject *module, PyObject *i)
{
    int overflow;
    long value = PyLong_AsLongAndOverflow(i, &overflow);

    if (value == -1 && !overflow && PyErr_Occurred()) {
        return NULL;
    }
    if (overflow || value < 0 || value > 0x10FFFF) {
        PyErr_SetString(PyExc_ValueError, "chr() arg not in range(0x110000)");
        return NULL;
    }
    return PyUnicode_FromOrdinal((int)value);
}

KR_FUNCTION(builtins, "ord(character, /)",
            "The Unicode code point of a one-character string.")
static PyObject *
builtins_ord(PyObject *module, PyObject *character)
{
    Py_ssize_t size;
    unsigned char byte = 0;

    if (PyUnicode_Check(character)) {
        size = PyUnicode_GET_LENGTH(character);
        if (size == 1) {
            return PyLong_FromLong((long)PyUnicode_READ_CHAR(character, 0));
        }
    }
    else if (PyBytes_Check(character)) {
        size = PyBytes_GET_SIZE(character);
        byte = (unsigned char)PyBytes_AS_STRING(character)[0];
    }
    else if (PyByteArray_Check(character)) {
        size = PyByteArray_GET_SIZE(character);
        byte = size ? (unsigned char)PyByteArray_AS_STRING(character)[0] : 0;
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "ord() expected string of length 1, but %.200s found",
                     Py_TYPE(character)->tp_name);
        return NULL;
    }
    if (size == 1) {
        return PyLong_FromLong(byte);
    }
    PyErr_Format(PyExc_TypeError,
                 "ord() expected a character, but string of length %zd found", size);
    return NULL;
}

KR_FUNCTION(builtins, "divmod(x, y, /)", "The pair (x // y, x % y).")
static PyObject *
builtins_divmod(PyObject *module, PyObject *x, PyObject *y)
{
    return PyNumber_Divmod(x, y);
}

KR_FUNCTION(builtins, "pow(base, exp, mod=None)",
            "base to the power exp, modulo mod if that is given.")
static PyObject *
builtins_pow(PyObject *module, PyObject *base, PyObject *exp, PyObject *mod)
{
    return PyNumber_Power(base, exp, mod);
}

KR_FUNCTION(builtins, "round(number, ndigits=None)",
            "A number rounded to some digits behind the point, an integer by default.")
static PyObject *
builtins_round(PyObject *module, PyObject *number, PyObject *ndigits)
{
    PyObject *method = _PyObject_LookupSpecial(number, KR_ID(__round__));
    PyObject *result;

    if (method == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __round__ method",
                         Py_TYPE(number)->tp_name);
        }
        return NULL;
    }
    result = Py_IsNone(ndigits) ? PyObject_CallNoArgs(method)
                                : PyObject_CallOneArg(method, ndigits);
    Py_DECREF(method);
    return result;
}

KR_FUNCTION(builtins, "format(value, format_spec='', /)",
            "Text of a value as its type's __format__ makes it.")
static PyObject *
builtins_format(PyObject *module, PyObject *value, PyObject *format_spec)
{
    if (format_spec != NULL && !PyUnicode_Check(format_spec)) {
        kr_arg_bad("format", "argument 2", "str", format_spec);
        return NULL;
    }
    return PyObject_Format(value, format_spec);
}

KR_FUNCTION(builtins, "hash(obj, /)", "The hash value of an object.")
static PyObject *
builtins_hash(PyObject *module, PyObject *obj)
{
    Py_hash_t hash = PyObject_Hash(obj);

    return hash == -1 ? NULL : PyLong_FromSsize_t(hash);
}

KR_FUNCTION(builtins, "id(obj, /)", "The identity of an object, unique while it lives.")
static PyObject *
builtins_id(PyObject *module, PyObject *obj)
{
    PyObject *id = PyLong_FromVoidPtr(obj);

    if (id != NULL && PySys_Audit("builtins.id", "O", id) < 0) {
        Py_CLEAR(id);
    }
    return id;
}

KR_FUNCTION(builtins, "len(obj, /)", "How many items a container holds.")
static PyObject *
builtins_len(PyObject *module, PyObject *obj)
{
    Py_ssize_t size = PyObject_Size(obj);

    return size < 0 ? NULL : PyLong_FromSsize_t(size);
}

KR_FUNCTION(builtins, "repr(obj, /)", "The text that represents an object.")
static PyObject *
builtins_repr(PyObject *module, PyObject *obj)
{
    return PyObject_Repr(obj);
}

KR_FUNCTION(builtins, "isinstance(obj, class_or_tuple, /)",
            "Whether an object is of a class, of one of several, or of a subclass.")
static PyObject *
builtins_isinstance(PyObject *module, PyObject *obj, PyObject *class_or_tuple)
{
    int answer = PyObject_IsInstance(obj, class_or_tuple);

    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

KR_FUNCTION(builtins, "issubclass(cls, class_or_tuple, /)",
            "Whether a class is derived from a class, or from one of several.")
static PyObject *
builtins_issubclass(PyObject *module, PyObject *cls, PyObject *class_or_tuple)
{
    int answer = PyObject_IsSubclass(cls, class_or_tuple);

    return answer < 0 ? NULL : PyBool_FromLong(answer);
}

// ---- attributes -------------------------------------------------------------

KR_FUNCTION_RAW(builtins, "getattr", METH_FASTCALL,
                "getattr(object, name[, default]) -> value\n\n"
                "The attribute of that name, or default where there is none.")
static PyObject *
builtins_getattr(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value;

    if (!kr_arg_count("getattr", nargs, 2, 3)) {
        return NULL;
    }
    if (nargs == 2) {
        return PyObject_GetAttr(args[0], args[1]);
    }
    if (PyObject_GetOptionalAttr(args[0], args[1], &value) == 0) {
        return Py_NewRef(args[2]);
    }
    return value;
}

KR_FUNCTION(builtins, "hasattr(obj, name, /)",
            "Whether getattr(obj, name) gives a value.")
static PyObject *
builtins_hasattr(PyObject *module, PyObject *obj, PyObject *name)
{
    int found = PyObject_HasAttrWithError(obj, name);

    return found < 0 ? NULL : PyBool_FromLong(found);
}

KR_FUNCTION(builtins, "setattr(obj, name, value, /)", "Sets an attribute: obj.name = value.")
static PyObject *
builtins_setattr(PyObject *module, PyObject *obj, PyObject *name, PyObject *value)
{
    if (PyObject_SetAttr(obj, name, value) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION(builtins, "delattr(obj, name, /)", "Deletes an attribute: del obj.name.")
static PyObject *
builtins_delattr(PyObject *module, PyObject *obj, PyObject *name)
{
    if (PyObject_DelAttr(obj, name) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

KR_FUNCTION_RAW(builtins, "dir", METH_VARARGS,
                "dir([object]) -> list of strings\n\n"
                "Names of the local scope, or the attributes of an object.")
static PyObject *
builtins_dir(PyObject *module, PyObject *args)
{
    PyObject *object = NULL;

    if (!PyArg_UnpackTuple(args, "dir", 0, 1, &object)) {
        return NULL;
    }
    return PyObject_Dir(object);
}

KR_FUNCTION_RAW(builtins, "vars", METH_VARARGS,
                "vars([object]) -> dictionary\n\n"
                "The local variables, or the __dict__ of an object.")
static PyObject *
builtins_vars(PyObject *module, PyObject *args)
{
    PyObject *object = NULL, *dict;

    if (!PyArg_UnpackTuple(args, "vars", 0, 1, &object)) {
        return NULL;
    }
    if (object == NULL) {
        return PyEval_GetFrameLocals();
    }
    if (PyObject_GetOptionalAttr(object, KR_ID(__dict__), &dict) == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "vars() argument must have __dict__ attribute");
    }
    return dict;
}

KR_FUNCTION(builtins, "globals()", "The dict of the current module's variables.")
static PyObject *
builtins_globals(PyObject *module)
{
    PyObject *globals = PyEval_GetGlobals();

    if (globals == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_SystemError, "globals does not exist");
        }
        return NULL;
    }
    return Py_NewRef(globals);
}

KR_FUNCTION(builtins, "locals()", "A mapping of the current scope's variables.")
static PyObject *
builtins_locals(PyObject *module)
{
    return PyEval_GetFrameLocals();
}

// ---- iteration --------------------------------------------------------------

KR_FUNCTION_RAW(builtins, "iter", METH_FASTCALL,
                "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\n"
                "An iterator over a container, or over what calls return until "
                "the sentinel comes.")
static PyObject *
builtins_iter(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!kr_arg_count("iter", nargs, 1, 2)) {
        return NULL;
    }
    if (nargs == 1) {
        return PyObject_GetIter(args[0]);
    }
    if (!PyCallable_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "iter(v, w): v must be callable");
        return NULL;
    }
    return PyCallIter_New(args[0], args[1]);
}

KR_FUNCTION_RAW(builtins, "next", METH_FASTCALL,
                "next(iterator[, default])\n\n"
                "The next item, or default when the iterator is spent.")
static PyObject *
builtins_next(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *item;

    if (!kr_arg_count("next", nargs, 1, 2)) {
        return NULL;
    }
    if (!PyIter_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator",
                     Py_TYPE(args[0])->tp_name);
        return NULL;
    }
    item = Py_TYPE(args[0])->tp_iternext(args[0]);
    if (item != NULL) {
        return item;
    }
    if (nargs > 1) {
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) {
                return NULL;
            }
            PyErr_Clear();
        }
        return Py_NewRef(args[1]);
    }
    if (!PyErr_Occurred()) {
        PyErr_SetNone(PyExc_StopIteration);
    }
    return NULL;
}

KR_FUNCTION(builtins, "aiter(async_iterable, /)",
            "An asynchronous iterator over an asynchronous iterable.")
static PyObject *
builtins_aiter(PyObject *module, PyObject *async_iterable)
{
    return PyObject_GetAIter(async_iterable);
}

KR_FUNCTION(builtins, "anext(async_iterator, default=<missing>, /)",
            "An awaitable of the next item of an asynchronous iterator.")
static PyObject *
builtins_anext(PyObject *module, PyObject *async_iterator, PyObject *default_value)
{
    PyAsyncMethods *methods = Py_TYPE(async_iterator)->tp_as_async;
    PyObject *awaitable, *result;

    if (methods == NULL || methods->am_anext == NULL) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterator",
                     Py_TYPE(async_iterator)->tp_name);
        return NULL;
    }
    awaitable = methods->am_anext(async_iterator);
    if (awaitable == NULL || default_value == NULL) {
        return awaitable;
    }
    result = kr_anext_awaitable_new(awaitable, default_value);
    Py_DECREF(awaitable);
    return result;
}

#include "runtime/builtins/objects.methods.h"
