// SPDX-License-Identifier: MIT
// object.h - what every object starts with, and what a type is.
//
// Layouts here are those of Python 3.14 on 64-bit Linux; compiled extensions
// read and write them. tests/capi/layout-check.c holds the build to them.
#ifndef KRAIT_OBJECT_H
#define KRAIT_OBJECT_H
#ifdef __cplusplus
extern "C" {
#endif

#define _Py_STATICALLY_ALLOCATED_FLAG 4
#define _Py_IMMORTAL_FLAGS 1

// The head of every object: 16 bytes.
struct _object {
    union {
        int64_t ob_refcnt_full;
        struct {
            uint32_t ob_refcnt;   // the count; bit 31 marks immortals
            uint16_t ob_overflow; // 0 in mortal objects
            uint16_t ob_flags;    // 0 in mortal objects
        };
    };
    PyTypeObject *ob_type; // owned for heap types
};

// The head of objects with a number of items: 24 bytes.
typedef struct {
    PyObject ob_base;
    Py_ssize_t ob_size;
} PyVarObject;

#define PyObject_HEAD PyObject ob_base;
#define PyObject_VAR_HEAD PyVarObject ob_base;
#define Py_INVALID_SIZE ((Py_ssize_t) - 1)

// A static object is immortal and says that it is static. Both end in a comma,
// as extensions write the next field straight after them.
#define PyObject_HEAD_INIT(type)                                               \
    {                                                                          \
        {0x00050000C0000000LL}, (type)                                         \
    },
#define PyVarObject_HEAD_INIT(type, size)                                      \
    {                                                                          \
        PyObject_HEAD_INIT(type)(size)                                         \
    },

#define _PyObject_CAST(op) _Py_CAST(PyObject *, (op))
#define _PyVarObject_CAST(op) _Py_CAST(PyVarObject *, (op))

#define Py_CONSTANT_NONE 0
#define Py_CONSTANT_FALSE 1
#define Py_CONSTANT_TRUE 2
#define Py_CONSTANT_ELLIPSIS 3
#define Py_CONSTANT_NOT_IMPLEMENTED 4
#define Py_CONSTANT_ZERO 5
#define Py_CONSTANT_ONE 6
#define Py_CONSTANT_EMPTY_STR 7
#define Py_CONSTANT_EMPTY_BYTES 8
#define Py_CONSTANT_EMPTY_TUPLE 9
PyAPI_FUNC(PyObject *) Py_GetConstant(unsigned int constant_id);
PyAPI_FUNC(PyObject *) Py_GetConstantBorrowed(unsigned int constant_id);

// --- The functions that slots hold -----------------------------------------

typedef PyObject *(*unaryfunc)(PyObject *);
typedef PyObject *(*binaryfunc)(PyObject *, PyObject *);
typedef PyObject *(*ternaryfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*inquiry)(PyObject *);
typedef Py_ssize_t (*lenfunc)(PyObject *);
typedef PyObject *(*ssizeargfunc)(PyObject *, Py_ssize_t);
typedef PyObject *(*ssizessizeargfunc)(PyObject *, Py_ssize_t, Py_ssize_t);
typedef int (*ssizeobjargproc)(PyObject *, Py_ssize_t, PyObject *);
typedef int (*ssizessizeobjargproc)(PyObject *, Py_ssize_t, Py_ssize_t, PyObject *);
typedef int (*objobjargproc)(PyObject *, PyObject *, PyObject *);
typedef int (*objobjproc)(PyObject *, PyObject *);
typedef int (*visitproc)(PyObject *, void *);
typedef int (*traverseproc)(PyObject *, visitproc, void *);
typedef void (*freefunc)(void *);
typedef void (*destructor)(PyObject *);
typedef PyObject *(*getattrfunc)(PyObject *, char *);
typedef PyObject *(*getattrofunc)(PyObject *, PyObject *);
typedef int (*setattrfunc)(PyObject *, char *, PyObject *);
typedef int (*setattrofunc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*reprfunc)(PyObject *);
typedef Py_hash_t (*hashfunc)(PyObject *);
typedef PyObject *(*richcmpfunc)(PyObject *, PyObject *, int);
typedef PyObject *(*getiterfunc)(PyObject *);
typedef PyObject *(*iternextfunc)(PyObject *);
typedef PyObject *(*descrgetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*descrsetfunc)(PyObject *, PyObject *, PyObject *);
typedef int (*initproc)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*newfunc)(PyTypeObject *, PyObject *, PyObject *);
typedef PyObject *(*allocfunc)(PyTypeObject *, Py_ssize_t);
typedef PyObject *(*vectorcallfunc)(PyObject *callable, PyObject *const *args,
                                    size_t nargsf, PyObject *kwnames);

// What a send into an iterator or awaitable came to.
typedef enum {
    PYGEN_RETURN = 0,
    PYGEN_ERROR = -1,
    PYGEN_NEXT = 1,
} PySendResult;
typedef PySendResult (*sendfunc)(PyObject *iter, PyObject *value, PyObject **result);

typedef struct {
    binaryfunc nb_add;
    binaryfunc nb_subtract;
    binaryfunc nb_multiply;
    binaryfunc nb_remainder;
    binaryfunc nb_divmod;
    ternaryfunc nb_power;
    unaryfunc nb_negative;
    unaryfunc nb_positive;
    unaryfunc nb_absolute;
    inquiry nb_bool;
    unaryfunc nb_invert;
    binaryfunc nb_lshift;
    binaryfunc nb_rshift;
    binaryfunc nb_and;
    binaryfunc nb_xor;
    binaryfunc nb_or;
    unaryfunc nb_int;
    void *nb_reserved;
    unaryfunc nb_float;
    binaryfunc nb_inplace_add;
    binaryfunc nb_inplace_subtract;
    binaryfunc nb_inplace_multiply;
    binaryfunc nb_inplace_remainder;
    ternaryfunc nb_inplace_power;
    binaryfunc nb_inplace_lshift;
    binaryfunc nb_inplace_rshift;
    binaryfunc nb_inplace_and;
    binaryfunc nb_inplace_xor;
    binaryfunc nb_inplace_or;
    binaryfunc nb_floor_divide;
    binaryfunc nb_true_divide;
    binaryfunc nb_inplace_floor_divide;
    binaryfunc nb_inplace_true_divide;
    unaryfunc nb_index;
    binaryfunc nb_matrix_multiply;
    binaryfunc nb_inplace_matrix_multiply;
} PyNumberMethods;

typedef struct {
    lenfunc sq_length;
    binaryfunc sq_concat;
    ssizeargfunc sq_repeat;
    ssizeargfunc sq_item;
    void *was_sq_slice;
    ssizeobjargproc sq_ass_item;
    void *was_sq_ass_slice;
    objobjproc sq_contains;
    binaryfunc sq_inplace_concat;
    ssizeargfunc sq_inplace_repeat;
} PySequenceMethods;

typedef struct {
    lenfunc mp_length;
    binaryfunc mp_subscript;
    objobjargproc mp_ass_subscript;
} PyMappingMethods;

typedef struct {
    unaryfunc am_await;
    unaryfunc am_aiter;
    unaryfunc am_anext;
    sendfunc am_send;
} PyAsyncMethods;

typedef struct {
    getbufferproc bf_getbuffer;
    releasebufferproc bf_releasebuffer;
} PyBufferProcs;

// --- Types -------------------------------------------------------------------

struct _typeobject {
    PyVarObject ob_base;
    const char *tp_name;     // "module.name" for static types
    Py_ssize_t tp_basicsize; // bytes
    Py_ssize_t tp_itemsize;  // bytes an item
    destructor tp_dealloc;
    Py_ssize_t tp_vectorcall_offset;
    getattrfunc tp_getattr;
    setattrfunc tp_setattr;
    PyAsyncMethods *tp_as_async;
    reprfunc tp_repr;
    PyNumberMethods *tp_as_number;
    PySequenceMethods *tp_as_sequence;
    PyMappingMethods *tp_as_mapping;
    hashfunc tp_hash;
    ternaryfunc tp_call;
    reprfunc tp_str;
    getattrofunc tp_getattro;
    setattrofunc tp_setattro;
    PyBufferProcs *tp_as_buffer;
    unsigned long tp_flags; // Py_TPFLAGS_*
    const char *tp_doc;
    traverseproc tp_traverse;
    inquiry tp_clear;
    richcmpfunc tp_richcompare;
    Py_ssize_t tp_weaklistoffset; // 0 none, > 0 a field, < 0 managed
    getiterfunc tp_iter;
    iternextfunc tp_iternext;
    PyMethodDef *tp_methods;
    PyMemberDef *tp_members;
    PyGetSetDef *tp_getset;
    PyTypeObject *tp_base;
    PyObject *tp_dict;
    descrgetfunc tp_descr_get;
    descrsetfunc tp_descr_set;
    Py_ssize_t tp_dictoffset; // 0 none, > 0 a field, -1 managed
    initproc tp_init;
    allocfunc tp_alloc;
    newfunc tp_new;
    freefunc tp_free;
    inquiry tp_is_gc;
    PyObject *tp_bases; // tuple
    PyObject *tp_mro;   // tuple
    PyObject *tp_cache;
    void *tp_subclasses; // dict: address as int -> weak reference; or NULL
    PyObject *tp_weaklist;
    destructor tp_del;
    unsigned int tp_version_tag; // 0: none given
    destructor tp_finalize;
    vectorcallfunc tp_vectorcall;
    unsigned char tp_watched; // bit i: watcher i wants to hear of changes
    uint16_t tp_versions_used;
};

// The three words at the end of a heap type are free for the implementation.
struct _specialization_cache {
    PyObject *getitem;
    uint32_t getitem_version;
    uint32_t init_version;
    PyObject *init;
};

typedef struct _heaptypeobject {
    PyTypeObject ht_type;
    PyAsyncMethods as_async;
    PyNumberMethods as_number;
    PyMappingMethods as_mapping;
    PySequenceMethods as_sequence;
    PyBufferProcs as_buffer;
    PyObject *ht_name;
    PyObject *ht_slots;
    PyObject *ht_qualname;
    struct _dictkeysobject *ht_cached_keys; // Krait: the root KrShape
    PyObject *ht_module;
    char *_ht_tpname; // owned text of tp_name, PyMem_Free
    void *ht_token;
    struct _specialization_cache _spec_cache;
} PyHeapTypeObject;

typedef struct {
    int slot;
    void *pfunc;
} PyType_Slot;

typedef struct {
    const char *name;
    int basicsize;
    int itemsize;
    unsigned int flags;
    PyType_Slot *slots;
} PyType_Spec;

#define Py_TPFLAGS_DEFAULT 0UL
#define Py_TPFLAGS_HAVE_FINALIZE (1UL << 0)
#define _Py_TPFLAGS_STATIC_BUILTIN (1UL << 1)
#define Py_TPFLAGS_INLINE_VALUES (1UL << 2)
#define Py_TPFLAGS_MANAGED_WEAKREF (1UL << 3)
#define Py_TPFLAGS_MANAGED_DICT (1UL << 4)
#define Py_TPFLAGS_PREHEADER (Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_MANAGED_DICT)
#define Py_TPFLAGS_SEQUENCE (1UL << 5)
#define Py_TPFLAGS_MAPPING (1UL << 6)
#define Py_TPFLAGS_DISALLOW_INSTANTIATION (1UL << 7)
#define Py_TPFLAGS_IMMUTABLETYPE (1UL << 8)
#define Py_TPFLAGS_HEAPTYPE (1UL << 9)
#define Py_TPFLAGS_BASETYPE (1UL << 10)
#define Py_TPFLAGS_HAVE_VECTORCALL (1UL << 11)
#define _Py_TPFLAGS_HAVE_VECTORCALL Py_TPFLAGS_HAVE_VECTORCALL
#define Py_TPFLAGS_READY (1UL << 12)
#define Py_TPFLAGS_READYING (1UL << 13)
#define Py_TPFLAGS_HAVE_GC (1UL << 14)
#define Py_TPFLAGS_HAVE_STACKLESS_EXTENSION 0
#define Py_TPFLAGS_METHOD_DESCRIPTOR (1UL << 17)
#define Py_TPFLAGS_HAVE_VERSION_TAG (1UL << 18)
#define Py_TPFLAGS_VALID_VERSION_TAG (1UL << 19)
#define Py_TPFLAGS_IS_ABSTRACT (1UL << 20)
#define _Py_TPFLAGS_MATCH_SELF (1UL << 22)
#define Py_TPFLAGS_ITEMS_AT_END (1UL << 23)
#define Py_TPFLAGS_LONG_SUBCLASS (1UL << 24)
#define Py_TPFLAGS_LIST_SUBCLASS (1UL << 25)
#define Py_TPFLAGS_TUPLE_SUBCLASS (1UL << 26)
#define Py_TPFLAGS_BYTES_SUBCLASS (1UL << 27)
#define Py_TPFLAGS_UNICODE_SUBCLASS (1UL << 28)
#define Py_TPFLAGS_DICT_SUBCLASS (1UL << 29)
#define Py_TPFLAGS_BASE_EXC_SUBCLASS (1UL << 30)
#define Py_TPFLAGS_TYPE_SUBCLASS (1UL << 31)

// --- Slot numbers of PyType_Slot --------------------------------------------

#define Py_bf_getbuffer 1
#define Py_bf_releasebuffer 2
#define Py_mp_ass_subscript 3
#define Py_mp_length 4
#define Py_mp_subscript 5
#define Py_nb_absolute 6
#define Py_nb_add 7
#define Py_nb_and 8
#define Py_nb_bool 9
#define Py_nb_divmod 10
#define Py_nb_float 11
#define Py_nb_floor_divide 12
#define Py_nb_index 13
#define Py_nb_inplace_add 14
#define Py_nb_inplace_and 15
#define Py_nb_inplace_floor_divide 16
#define Py_nb_inplace_lshift 17
#define Py_nb_inplace_multiply 18
#define Py_nb_inplace_or 19
#define Py_nb_inplace_power 20
#define Py_nb_inplace_remainder 21
#define Py_nb_inplace_rshift 22
#define Py_nb_inplace_subtract 23
#define Py_nb_inplace_true_divide 24
#define Py_nb_inplace_xor 25
#define Py_nb_int 26
#define Py_nb_invert 27
#define Py_nb_lshift 28
#define Py_nb_multiply 29
#define Py_nb_negative 30
#define Py_nb_or 31
#define Py_nb_positive 32
#define Py_nb_power 33
#define Py_nb_remainder 34
#define Py_nb_rshift 35
#define Py_nb_subtract 36
#define Py_nb_true_divide 37
#define Py_nb_xor 38
#define Py_sq_ass_item 39
#define Py_sq_concat 40
#define Py_sq_contains 41
#define Py_sq_inplace_concat 42
#define Py_sq_inplace_repeat 43
#define Py_sq_item 44
#define Py_sq_length 45
#define Py_sq_repeat 46
#define Py_tp_alloc 47
#define Py_tp_base 48
#define Py_tp_bases 49
#define Py_tp_call 50
#define Py_tp_clear 51
#define Py_tp_dealloc 52
#define Py_tp_del 53
#define Py_tp_descr_get 54
#define Py_tp_descr_set 55
#define Py_tp_doc 56
#define Py_tp_getattr 57
#define Py_tp_getattro 58
#define Py_tp_hash 59
#define Py_tp_init 60
#define Py_tp_is_gc 61
#define Py_tp_iter 62
#define Py_tp_iternext 63
#define Py_tp_methods 64
#define Py_tp_new 65
#define Py_tp_repr 66
#define Py_tp_richcompare 67
#define Py_tp_setattr 68
#define Py_tp_setattro 69
#define Py_tp_str 70
#define Py_tp_traverse 71
#define Py_tp_members 72
#define Py_tp_getset 73
#define Py_tp_free 74
#define Py_nb_matrix_multiply 75
#define Py_nb_inplace_matrix_multiply 76
#define Py_am_await 77
#define Py_am_aiter 78
#define Py_am_anext 79
#define Py_tp_finalize 80
#define Py_am_send 81
#define Py_tp_vectorcall 82
#define Py_tp_token 83
#define Py_TP_USE_SPEC NULL
#define _Py_ATTR_CACHE_UNUSED 30000

// --- Reading the head --------------------------------------------------------

PyAPI_FUNC(int) Py_Is(PyObject *x, PyObject *y);
#define Py_Is(x, y) ((x) == (y))

static inline PyTypeObject *
_Py_TYPE_impl(PyObject *op)
{
    return op->ob_type;
}
PyAPI_FUNC(PyTypeObject *) Py_TYPE(PyObject *op);
#define Py_TYPE(op) _Py_TYPE_impl(_PyObject_CAST(op))

PyAPI_DATA(PyTypeObject) PyType_Type;
PyAPI_DATA(PyTypeObject) PyBaseObject_Type;
PyAPI_DATA(PyTypeObject) PySuper_Type;
PyAPI_DATA(PyTypeObject) PyLong_Type;
PyAPI_DATA(PyTypeObject) PyBool_Type;
PyAPI_DATA(PyTypeObject) _PyNone_Type;
PyAPI_DATA(PyTypeObject) _PyNotImplemented_Type;

static inline Py_ssize_t
Py_SIZE(PyObject *op)
{
    return ((PyVarObject *)op)->ob_size;
}
#define Py_SIZE(op) Py_SIZE(_PyObject_CAST(op))

static inline int
Py_IS_TYPE(PyObject *op, PyTypeObject *type)
{
    return Py_TYPE(op) == type;
}
#define Py_IS_TYPE(op, type) Py_IS_TYPE(_PyObject_CAST(op), (type))

static inline void
Py_SET_TYPE(PyObject *op, PyTypeObject *type)
{
    op->ob_type = type;
}
#define Py_SET_TYPE(op, type) Py_SET_TYPE(_PyObject_CAST(op), (type))

static inline void
Py_SET_SIZE(PyVarObject *op, Py_ssize_t size)
{
    op->ob_size = size;
}
#define Py_SET_SIZE(op, size) Py_SET_SIZE(_PyVarObject_CAST(op), (size))

PyAPI_FUNC(unsigned long) PyType_GetFlags(PyTypeObject *type);

static inline int
PyType_HasFeature(PyTypeObject *type, unsigned long feature)
{
    return (type->tp_flags & feature) != 0;
}
#define PyType_FastSubclass(type, flag) PyType_HasFeature((type), (flag))

PyAPI_FUNC(int) PyType_IsSubtype(PyTypeObject *a, PyTypeObject *b);

static inline int
PyObject_TypeCheck(PyObject *op, PyTypeObject *type)
{
    return Py_TYPE(op) == type || PyType_IsSubtype(Py_TYPE(op), type);
}
#define PyObject_TypeCheck(op, type) PyObject_TypeCheck(_PyObject_CAST(op), (type))

static inline int
PyType_Check(PyObject *op)
{
    return PyType_HasFeature(Py_TYPE(op), Py_TPFLAGS_TYPE_SUBCLASS);
}
#define PyType_Check(op) PyType_Check(_PyObject_CAST(op))
#define PyType_CheckExact(op) Py_IS_TYPE((op), &PyType_Type)
#define PyType_SUPPORTS_WEAKREFS(t) ((t)->tp_weaklistoffset != 0)
#define _PyType_CAST(op) _Py_CAST(PyTypeObject *, (op))

// --- Singletons --------------------------------------------------------------

PyAPI_DATA(PyObject) _Py_NoneStruct;
PyAPI_DATA(PyObject) _Py_NotImplementedStruct;
#define Py_None (&_Py_NoneStruct)
#define Py_NotImplemented (&_Py_NotImplementedStruct)
PyAPI_FUNC(int) Py_IsNone(PyObject *x);
#define Py_IsNone(x) Py_Is((x), Py_None)
#define Py_RETURN_NONE return Py_None
#define Py_RETURN_NOTIMPLEMENTED return Py_NotImplemented

#define Py_LT 0
#define Py_LE 1
#define Py_EQ 2
#define Py_NE 3
#define Py_GT 4
#define Py_GE 5
#define Py_RETURN_RICHCOMPARE(val1, val2, op)                                  \
    do {                                                                       \
        switch (op) {                                                          \
        case Py_EQ:                                                            \
            if ((val1) == (val2)) {                                            \
                Py_RETURN_TRUE;                                                \
            }                                                                  \
            Py_RETURN_FALSE;                                                   \
        case Py_NE:                                                            \
            if ((val1) != (val2)) {                                            \
                Py_RETURN_TRUE;                                                \
            }                                                                  \
            Py_RETURN_FALSE;                                                   \
        case Py_LT:                                                            \
            if ((val1) < (val2)) {                                             \
                Py_RETURN_TRUE;                                                \
            }                                                                  \
            Py_RETURN_FALSE;                                                   \
        case Py_GT:                                                            \
            if ((val1) > (val2)) {                                             \
                Py_RETURN_TRUE;                                                \
            }                                                                  \
            Py_RETURN_FALSE;                                                   \
        case Py_LE:                                                            \
            if ((val1) <= (val2)) {                                            \
                Py_RETURN_TRUE;                                                \
            }                                                                  \
            Py_RETURN_FALSE;                                                   \
        case Py_GE:                                                            \
            if ((val1) >= (val2)) {                                            \
                Py_RETURN_TRUE;                                                \
            }                                                                  \
            Py_RETURN_FALSE;                                                   \
        default:                                                               \
            Py_UNREACHABLE();                                                  \
        }                                                                      \
    } while (0)

#define Py_PRINT_RAW 1

// --- Types: functions ----------------------------------------------------------

PyAPI_FUNC(int) PyType_Ready(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GenericAlloc(PyTypeObject *type, Py_ssize_t nitems);
PyAPI_FUNC(PyObject *) PyType_GenericNew(PyTypeObject *type, PyObject *args, PyObject *kwds);
PyAPI_FUNC(unsigned int) PyType_ClearCache(void);
PyAPI_FUNC(void) PyType_Modified(PyTypeObject *type);
PyAPI_FUNC(int) PyType_Freeze(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_FromSpec(PyType_Spec *spec);
PyAPI_FUNC(PyObject *) PyType_FromSpecWithBases(PyType_Spec *spec, PyObject *bases);
PyAPI_FUNC(PyObject *) PyType_FromModuleAndSpec(PyObject *module, PyType_Spec *spec, PyObject *bases);
PyAPI_FUNC(PyObject *) PyType_FromMetaclass(PyTypeObject *meta, PyObject *module,
                                            PyType_Spec *spec, PyObject *bases);
PyAPI_FUNC(void *) PyType_GetSlot(PyTypeObject *type, int slot);
PyAPI_FUNC(PyObject *) PyType_GetModule(PyTypeObject *type);
PyAPI_FUNC(void *) PyType_GetModuleState(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GetModuleByDef(PyTypeObject *type, PyModuleDef *def);
PyAPI_FUNC(int) PyType_GetBaseByToken(PyTypeObject *type, void *token, PyTypeObject **result);
PyAPI_FUNC(PyObject *) PyType_GetName(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GetQualName(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GetFullyQualifiedName(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GetModuleName(PyTypeObject *type);
PyAPI_FUNC(PyObject *) PyType_GetDict(PyTypeObject *type);
PyAPI_FUNC(PyObject *) _PyType_Lookup(PyTypeObject *type, PyObject *name);
PyAPI_FUNC(const char *) _PyType_Name(PyTypeObject *type);
PyAPI_FUNC(const char *) _PyType_Name_utf8(PyTypeObject *type);
PyAPI_FUNC(void *) PyObject_GetTypeData(PyObject *obj, PyTypeObject *cls);
PyAPI_FUNC(Py_ssize_t) PyType_GetTypeDataSize(PyTypeObject *cls);
PyAPI_FUNC(void *) PyObject_GetItemData(PyObject *obj);
typedef int (*PyType_WatchCallback)(PyTypeObject *);
PyAPI_FUNC(int) PyType_AddWatcher(PyType_WatchCallback callback);
PyAPI_FUNC(int) PyType_ClearWatcher(int watcher_id);
PyAPI_FUNC(int) PyType_Watch(int watcher_id, PyObject *type);
PyAPI_FUNC(int) PyType_Unwatch(int watcher_id, PyObject *type);
PyAPI_FUNC(int) PyUnstable_Type_AssignVersionTag(PyTypeObject *type);

// --- Objects: functions ---------------------------------------------------------

PyAPI_FUNC(PyObject *) PyObject_Repr(PyObject *op);
PyAPI_FUNC(PyObject *) PyObject_Str(PyObject *op);
PyAPI_FUNC(PyObject *) PyObject_ASCII(PyObject *op);
PyAPI_FUNC(PyObject *) PyObject_Bytes(PyObject *op);
PyAPI_FUNC(PyObject *) PyObject_RichCompare(PyObject *a, PyObject *b, int op);
PyAPI_FUNC(int) PyObject_RichCompareBool(PyObject *a, PyObject *b, int op);
PyAPI_FUNC(PyObject *) PyObject_GetAttrString(PyObject *op, const char *name);
PyAPI_FUNC(int) PyObject_SetAttrString(PyObject *op, const char *name, PyObject *value);
PyAPI_FUNC(int) PyObject_DelAttrString(PyObject *op, const char *name);
PyAPI_FUNC(int) PyObject_HasAttrString(PyObject *op, const char *name);
PyAPI_FUNC(PyObject *) PyObject_GetAttr(PyObject *op, PyObject *name);
PyAPI_FUNC(int) PyObject_GetOptionalAttr(PyObject *op, PyObject *name, PyObject **result);
PyAPI_FUNC(int) PyObject_GetOptionalAttrString(PyObject *op, const char *name, PyObject **result);
PyAPI_FUNC(int) PyObject_SetAttr(PyObject *op, PyObject *name, PyObject *value);
PyAPI_FUNC(int) PyObject_DelAttr(PyObject *op, PyObject *name);
PyAPI_FUNC(int) PyObject_HasAttr(PyObject *op, PyObject *name);
PyAPI_FUNC(int) PyObject_HasAttrWithError(PyObject *op, PyObject *name);
PyAPI_FUNC(int) PyObject_HasAttrStringWithError(PyObject *op, const char *name);
PyAPI_FUNC(PyObject *) PyObject_SelfIter(PyObject *op);
PyAPI_FUNC(PyObject *) _PyObject_NextNotImplemented(PyObject *op);
PyAPI_FUNC(PyObject *) PyObject_GenericGetAttr(PyObject *op, PyObject *name);
PyAPI_FUNC(int) PyObject_GenericSetAttr(PyObject *op, PyObject *name, PyObject *value);
PyAPI_FUNC(PyObject *) PyObject_GenericGetDict(PyObject *op, void *context);
PyAPI_FUNC(int) PyObject_GenericSetDict(PyObject *op, PyObject *value, void *context);

PyAPI_FUNC(Py_hash_t) PyObject_Hash(PyObject *op);
PyAPI_FUNC(Py_hash_t) PyObject_HashNotImplemented(PyObject *op);
PyAPI_FUNC(Py_hash_t) PyObject_GenericHash(PyObject *op);
PyAPI_FUNC(int) PyObject_IsTrue(PyObject *op);
PyAPI_FUNC(int) PyObject_Not(PyObject *op);
PyAPI_FUNC(int) PyCallable_Check(PyObject *op);
PyAPI_FUNC(void) PyObject_ClearWeakRefs(PyObject *op);
PyAPI_FUNC(PyObject *) PyObject_Dir(PyObject *op);
PyAPI_FUNC(int) Py_ReprEnter(PyObject *op);
PyAPI_FUNC(void) Py_ReprLeave(PyObject *op);
PyAPI_FUNC(int) PyObject_Print(PyObject *op, FILE *file, int flags);
PyAPI_FUNC(void) _PyObject_Dump(PyObject *op);
PyAPI_FUNC(void) PyUnstable_Object_Dump(PyObject *op);
PyAPI_FUNC(PyObject **) _PyObject_GetDictPtr(PyObject *op);
PyAPI_FUNC(PyObject *) _PyObject_GetAttrId_(PyObject *op, PyObject *name);
PyAPI_FUNC(PyObject *) _PyObject_LookupSpecial(PyObject *self, PyObject *name);
PyAPI_FUNC(int) _PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method);
PyAPI_FUNC(PyObject *) _PyObject_GenericGetAttrWithDict(PyObject *obj, PyObject *name,
                                                        PyObject *dict, int suppress);
PyAPI_FUNC(int) _PyObject_GenericSetAttrWithDict(PyObject *obj, PyObject *name,
                                                 PyObject *value, PyObject *dict);
PyAPI_FUNC(PyObject *) _PyObject_FunctionStr(PyObject *func);
PyAPI_FUNC(int) PyObject_VisitManagedDict(PyObject *obj, visitproc visit, void *arg);
PyAPI_FUNC(void) PyObject_ClearManagedDict(PyObject *obj);
PyAPI_FUNC(int) PyUnstable_Object_EnableDeferredRefcount(PyObject *op);
PyAPI_FUNC(void) _Py_NewReference(PyObject *op);
PyAPI_FUNC(void) _Py_ForgetReference_(PyObject *op);

// Deallocation of deeply nested objects. Between the two, a dealloc function
// that is already nested deeply parks the object instead (see objects/object.c).
PyAPI_FUNC(int) _PyTrash_cond(PyObject *op, destructor dealloc);
PyAPI_FUNC(int) _PyTrash_begin(PyThreadState *tstate, PyObject *op);
PyAPI_FUNC(void) _PyTrash_end(PyThreadState *tstate);
PyAPI_FUNC(void) _PyTrash_thread_deposit_object(PyThreadState *tstate, PyObject *op);
PyAPI_FUNC(void) _PyTrash_thread_destroy_chain(PyThreadState *tstate);
#define Py_TRASHCAN_BEGIN(op, dealloc)                                         \
    do {                                                                       \
        PyThreadState *kr_trash_ = NULL;                                       \
        if (_PyTrash_cond(_PyObject_CAST(op), (destructor)(dealloc))) {        \
            kr_trash_ = PyThreadState_GetUnchecked();                          \
            if (_PyTrash_begin(kr_trash_, _PyObject_CAST(op))) {               \
                break;                                                         \
            }                                                                  \
        }
#define Py_TRASHCAN_END                                                        \
        if (kr_trash_ != NULL) {                                               \
            _PyTrash_end(kr_trash_);                                           \
        }                                                                      \
    } while (0);

#define Py_VISIT(op)                                                           \
    do {                                                                       \
        if (op) {                                                              \
            int kr_visit_ = visit(_PyObject_CAST(op), arg);                    \
            if (kr_visit_) {                                                   \
                return kr_visit_;                                              \
            }                                                                  \
        }                                                                      \
    } while (0)

typedef enum {
    PyRefTracer_CREATE = 0,
    PyRefTracer_DESTROY = 1,
} PyRefTracerEvent;
typedef int (*PyRefTracer)(PyObject *, PyRefTracerEvent event, void *);
PyAPI_FUNC(int) PyRefTracer_SetTracer(PyRefTracer tracer, void *data);
PyAPI_FUNC(PyRefTracer) PyRefTracer_GetTracer(void **data);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_OBJECT_H
