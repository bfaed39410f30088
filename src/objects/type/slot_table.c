// SPDX-License-Identifier: MIT
// slot_table.c - keeps C slots and special methods of a type in step.
//
// Callers:     ready.c (C types), new.c and attrs.c (Python classes).
// Invariants:  rows of slots.def with the same place form a group; a slot is always
//              decided by its whole group.
#include "objects/type/slots.h"

#include "objects/ids.h"
#include "objects/state.h"

#define TP(field) (int)offsetof(PyHeapTypeObject, ht_type.field)
#define AM(field) (int)offsetof(PyHeapTypeObject, as_async.field)
#define NB(field) (int)offsetof(PyHeapTypeObject, as_number.field)
#define MP(field) (int)offsetof(PyHeapTypeObject, as_mapping.field)
#define SQ(field) (int)offsetof(PyHeapTypeObject, as_sequence.field)
#define BF(field) (int)offsetof(PyHeapTypeObject, as_buffer.field)

// The text of a static name (ids.h) as a constant.
#define NAME_TEXT(id) ((const char *)(id) + sizeof(PyASCIIObject))

// wrapperbase.doc holds the part behind the name of "name(signature)\n--\n\ntext";
// descr.c puts the two together.
#define SLOT(id, place, dispatch, wrap, flag, signature, text)                 \
    {.name = NAME_TEXT(id),                                                    \
     .offset = place,                                                          \
     .function = (void *)dispatch,                                             \
     .wrapper = (wrapperfunc)wrap,                                             \
     .doc = signature "\n--\n\n" text,                                         \
     .flags = flag,                                                            \
     .name_strobj = id},

struct wrapperbase kr_slot_table[] = {
#include "objects/slots.def"
    {.name = NULL},
};

void **
kr_slot_place(PyTypeObject *type, int offset)
{
    char *suite;

    if (kr_type_is_heap(type)) {
        return (void **)((char *)type + offset);
    }
    if (offset >= (int)offsetof(PyHeapTypeObject, as_buffer)) {
        suite = (char *)type->tp_as_buffer;
        offset -= (int)offsetof(PyHeapTypeObject, as_buffer);
    }
    else if (offset >= (int)offsetof(PyHeapTypeObject, as_sequence)) {
        suite = (char *)type->tp_as_sequence;
        offset -= (int)offsetof(PyHeapTypeObject, as_sequence);
    }
    else if (offset >= (int)offsetof(PyHeapTypeObject, as_mapping)) {
        suite = (char *)type->tp_as_mapping;
        offset -= (int)offsetof(PyHeapTypeObject, as_mapping);
    }
    else if (offset >= (int)offsetof(PyHeapTypeObject, as_number)) {
        suite = (char *)type->tp_as_number;
        offset -= (int)offsetof(PyHeapTypeObject, as_number);
    }
    else if (offset >= (int)offsetof(PyHeapTypeObject, as_async)) {
        suite = (char *)type->tp_as_async;
        offset -= (int)offsetof(PyHeapTypeObject, as_async);
    }
    else {
        suite = (char *)type;
    }
    return suite == NULL ? NULL : (void **)(suite + offset);
}

// -------------------------------------------------------------- slots -> methods

int
kr_type_add_slot_wrappers(PyTypeObject *type)
{
    if (kr_type_is_python(type)) {
        // Nothing is filled yet.
        return 0;
    }
    if (kr_type_add_new(type) < 0) {
        return -1;
    }
    for (struct wrapperbase *row = kr_slot_table; row->name != NULL; row++) {
        void **place;
        PyObject *descr;
        int known;

        if (row->wrapper == NULL) {
            continue;
        }
        place = kr_slot_place(type, row->offset);
        if (place == NULL || *place == NULL) {
            continue;
        }
        known = PyDict_Contains(type->tp_dict, row->name_strobj);
        if (known < 0) {
            return -1;
        }
        if (known) {
            continue;
        }
        if (*place == (void *)PyObject_HashNotImplemented) {
            // Such classes say so: __hash__ is None.
            if (PyDict_SetItem(type->tp_dict, row->name_strobj, Py_None) < 0) {
                return -1;
            }
            continue;
        }
        descr = PyDescr_NewWrapper(type, row, *place);
        if (descr == NULL) {
            return -1;
        }
        if (PyDict_SetItem(type->tp_dict, row->name_strobj, descr) < 0) {
            Py_DECREF(descr);
            return -1;
        }
        Py_DECREF(descr);
    }
    return 0;
}

// -------------------------------------------------------------- methods -> slots

// What one row says about its slot.
typedef enum {
    VOTE_NONE,     // no such method
    VOTE_SPECIFIC, // the method wraps a C function that fits the slot
    VOTE_GENERIC,  // the method has to be looked up at each call
} SlotVote;

static bool
is_number_slot(int offset)
{
    return offset >= (int)offsetof(PyHeapTypeObject, as_number) &&
           offset < (int)(offsetof(PyHeapTypeObject, as_number) + sizeof(PyNumberMethods));
}

static SlotVote
slot_vote(PyTypeObject *type, struct wrapperbase *row, void **specific_out)
{
    PyObject *descr = kr_type_lookup_borrow(type, row->name_strobj);
    PyTypeObject *owner;

    if (descr == NULL) {
        if (row->offset == TP(tp_iternext)) {
            *specific_out = (void *)_PyObject_NextNotImplemented;
        }
        return VOTE_NONE;
    }
    if (Py_IS_TYPE(descr, &PyWrapperDescr_Type) &&
        ((PyWrapperDescrObject *)descr)->d_base->name_strobj == row->name_strobj) {
        PyWrapperDescrObject *wrapper = (PyWrapperDescrObject *)descr;
        if (!PyType_IsSubtype(type, PyDescr_TYPE(wrapper))) {
            return VOTE_GENERIC;
        }
        if (wrapper->d_base->offset == row->offset ||
            (wrapper->d_base->wrapper == row->wrapper &&
             is_number_slot(wrapper->d_base->offset) == is_number_slot(row->offset))) {
            // __len__ of a sequence also serves mp_length and the other way round.
            *specific_out = wrapper->d_wrapped;
            return wrapper->d_base->wrapper == row->wrapper ? VOTE_SPECIFIC
                                                            : VOTE_GENERIC;
        }
        // __add__ of a sequence says nothing about nb_add, which is empty there; but
        // __getitem__ of a tuple, which wraps mp_subscript, goes with its sq_item.
        void **own = kr_slot_place(PyDescr_TYPE(wrapper), row->offset);
        if (own == NULL || *own == NULL) {
            return VOTE_NONE;
        }
        *specific_out = *own;
        return VOTE_SPECIFIC;
    }
    if (row->offset == TP(tp_new) && kr_is_new_wrapper(descr, &owner)) {
        // The __new__ of a C type says nothing that tp_new, inherited from the base
        // of the layout, does not know better: object.__new__ named in a subclass of
        // dict still makes dicts.
        if (PyType_IsSubtype(type, owner)) {
            *specific_out = (void *)type->tp_new;
            return VOTE_SPECIFIC;
        }
        return VOTE_GENERIC;
    }
    if (descr == Py_None && row->offset == TP(tp_hash)) {
        *specific_out = (void *)PyObject_HashNotImplemented;
        return VOTE_SPECIFIC;
    }
    return VOTE_GENERIC;
}

// Decides the slot of a group whose first row is given; returns the row after it.
static struct wrapperbase *
slot_decide(PyTypeObject *type, struct wrapperbase *row)
{
    int offset = row->offset;
    void **place = kr_slot_place(type, offset);
    void *specific = NULL, *generic = NULL;
    bool use_generic = false;

    for (; row->name != NULL && row->offset == offset; row++) {
        void *candidate = NULL;
        switch (slot_vote(type, row, &candidate)) {
        case VOTE_NONE:
            if (candidate != NULL) {
                specific = candidate;
            }
            break;
        case VOTE_SPECIFIC:
            if (specific != NULL && specific != candidate) {
                use_generic = true;
            }
            specific = candidate;
            generic = row->function != NULL ? row->function : generic;
            break;
        case VOTE_GENERIC:
            use_generic = true;
            generic = row->function != NULL ? row->function : generic;
            break;
        }
    }
    if (place != NULL) {
        *place = use_generic ? generic : specific;
        if (use_generic && generic == (void *)slot_getattr_hook &&
            kr_type_lookup_borrow(type, KR_ID(__getattr__)) == NULL) {
            *place = (void *)slot_getattro;
        }
        if (use_generic && generic == (void *)slot_call) {
            // Calls have to go through __call__ now.
            type->tp_flags &= ~Py_TPFLAGS_HAVE_VECTORCALL;
        }
    }
    return row;
}

static struct wrapperbase *
group_start(struct wrapperbase *row)
{
    while (row > kr_slot_table && row[-1].offset == row->offset) {
        row--;
    }
    return row;
}

// ------------------------------------------------------------- from name to slots

// The groups that a method's name takes part in.
typedef struct KrSlotGroups {
    struct wrapperbase *rows[3]; // first rows of the groups
    int count;
} KrSlotGroups;

static int
slot_groups_add(KrTypesState *types, struct wrapperbase *row, Py_ssize_t *count)
{
    PyObject *name = row->name_strobj, *number;
    struct wrapperbase *first = group_start(row);
    KrSlotGroups *groups;

    number = PyDict_GetItemWithError(types->slot_names, name);
    if (number == NULL) {
        if (PyErr_Occurred()) {
            return -1;
        }
        number = PyLong_FromSsize_t(*count);
        if (number == NULL || PyDict_SetItem(types->slot_names, name, number) < 0) {
            Py_XDECREF(number);
            return -1;
        }
        groups = &types->slot_groups[(*count)++];
        Py_DECREF(number);
    }
    else {
        groups = &types->slot_groups[PyLong_AsSsize_t(number)];
    }
    for (int i = 0; i < groups->count; i++) {
        if (groups->rows[i] == first) {
            return 0;
        }
    }
    KR_CHECK(groups->count < KR_ARRAY_LEN(groups->rows));
    groups->rows[groups->count++] = first;
    return 0;
}

int
kr_slots_init(PyInterpreterState *interp)
{
    KrTypesState *types = &interp->types;
    Py_ssize_t count = 0;

    types->slot_names = PyDict_New();
    types->slot_groups =
        PyMem_Calloc((size_t)KR_ARRAY_LEN(kr_slot_table), sizeof(KrSlotGroups));
    if (types->slot_names == NULL || types->slot_groups == NULL) {
        return -1;
    }
    for (struct wrapperbase *row = kr_slot_table; row->name != NULL; row++) {
        if (slot_groups_add(types, row, &count) < 0) {
            return -1;
        }
    }
    return 0;
}

// NULL for names that have nothing to do with slots, and when the index does not
// exist yet. name must be an exact str.
static KrSlotGroups *
slot_groups_of(PyObject *name)
{
    KrTypesState *types = &kr_interp()->types;
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    PyObject *number;

    // Only names like __this__ can matter.
    if (length < 5 || PyUnicode_READ_CHAR(name, 0) != '_' ||
        PyUnicode_READ_CHAR(name, 1) != '_' ||
        PyUnicode_READ_CHAR(name, length - 1) != '_' || types->slot_names == NULL) {
        return NULL;
    }
    number = PyDict_GetItemWithError(types->slot_names, name);
    return number == NULL ? NULL : &types->slot_groups[PyLong_AsSsize_t(number)];
}

// ------------------------------------------------------------------- new classes

static void
fix_all_slots(PyTypeObject *type)
{
    for (struct wrapperbase *row = kr_slot_table; row->name != NULL;) {
        row = slot_decide(type, row);
    }
}

// All slots as the only base has them.
static void
copy_slots(PyTypeObject *type, PyTypeObject *base)
{
    for (struct wrapperbase *row = kr_slot_table; row->name != NULL; row++) {
        if (row > kr_slot_table && row[-1].offset == row->offset) {
            continue;
        }
        void **from = kr_slot_place(base, row->offset);
        *kr_slot_place(type, row->offset) = from == NULL ? NULL : *from;
    }
    if (type->tp_iternext == NULL) {
        type->tp_iternext = _PyObject_NextNotImplemented;
    }
}

int
kr_type_fix_slots(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    PyObject *key;
    Py_ssize_t at = 0;

    // With one base of which all is known, only the class's own methods count.
    if (PyTuple_GET_SIZE(type->tp_bases) != 1 ||
        type->tp_versions_used == KR_TYPE_NO_VERSION ||
        (base != &PyBaseObject_Type && !kr_type_is_python(base))) {
        fix_all_slots(type);
        return 0;
    }
    copy_slots(type, base);
    while (PyDict_Next(type->tp_dict, &at, &key, NULL)) {
        if (!PyUnicode_CheckExact(key)) {
            fix_all_slots(type);
            return 0;
        }
        KrSlotGroups *groups = slot_groups_of(key);
        for (int i = 0; groups != NULL && i < groups->count; i++) {
            slot_decide(type, groups->rows[i]);
        }
    }
    return 0;
}

// ---------------------------------------------------------------------- updates

typedef struct {
    KrSlotGroups *groups;
    PyObject *name;
} SlotUpdate;

static int slot_update_visit(PyTypeObject *type, void *arg);

static int
slot_update_below(PyTypeObject *type, SlotUpdate *update)
{
    for (int i = 0; i < update->groups->count; i++) {
        slot_decide(type, update->groups->rows[i]);
    }
    return kr_type_each_subclass(type, slot_update_visit, update);
}

static int
slot_update_visit(PyTypeObject *type, void *arg)
{
    SlotUpdate *update = arg;
    int own = 0;

    // A class that has the method itself hides the change from all below.
    if (type->tp_dict != NULL) {
        own = PyDict_Contains(type->tp_dict, update->name);
        if (own < 0) {
            return -1;
        }
    }
    return own ? 0 : slot_update_below(type, update);
}

int
kr_type_update_slot(PyTypeObject *type, PyObject *name)
{
    SlotUpdate update = {.groups = slot_groups_of(name), .name = name};

    return update.groups == NULL ? 0 : slot_update_below(type, &update);
}
