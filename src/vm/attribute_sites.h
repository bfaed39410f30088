// SPDX-License-Identifier: MIT
// attribute_sites.h - what an access site has seen: the facts behind inline caches.
#ifndef KRAIT_VM_ATTRIBUTE_SITES_H
#define KRAIT_VM_ATTRIBUTE_SITES_H

#include "vm/machine.h"

typedef enum {
    KR_SEEN_NOTHING,
    KR_SEEN_INLINE,     // a value of the instance, at place
    KR_SEEN_SLOT,       // a member of __slots__, at place
    KR_SEEN_ADD,        // store: the value is new at place, object is the next shape word
    KR_SEEN_DICT,       // the instance has a dict (functions, many attributes)
    KR_SEEN_CLASSVAR,   // object, an attribute of the class
    KR_SEEN_METHOD,     // object, to be called with the owner in front
    KR_SEEN_PROPERTY,   // object, a property
    KR_SEEN_CLASS,      // __class__ as object defines it
    KR_SEEN_PYTHON_GET, // object, whose class has a __get__ (or __set__) in Python
    KR_SEEN_DESCRIPTOR, // object, anything else with __get__
    KR_SEEN_HOOK,       // object, the class's __getattr__ or __setattr__
} KrSeenKind;

typedef struct {
    uint32_t version; // of the owner's type
    uint32_t place;   // bytes from the start of the owner
    uint64_t word;    // shape word of the owner; 0: does not matter
    void *object;     // borrowed from the type
    KrSeenKind kind;
} KrSeen;

#define KR_SEEN_MAX 8
#define KR_SEEN_RESETS 4

// Several facts of one site; lives as long as its executable code.
struct KrSeenList {
    struct KrSeenList *next;
    uint32_t count;
    uint32_t resets;
    KrSeen entries[KR_SEEN_MAX];
};
typedef struct KrSeenList KrSeenList;

// False when there is no fact to be had. method: the value will be called.
bool kr_see_load(PyObject *owner, PyObject *name, bool method, KrSeen *seen);
bool kr_see_store(PyObject *owner, PyObject *name, KrSeen *seen);

// The dict that holds the attributes of an object, borrowed, or NULL.
static inline PyObject *
kr_attribute_dict(PyObject *owner)
{
    PyTypeObject *type = Py_TYPE(owner);
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
        return kr_instance_dict_borrow(owner);
    }
    return type->tp_dictoffset > 0 ? *(PyObject **)((char *)owner + type->tp_dictoffset)
                                   : NULL;
}

static inline bool
kr_seen_holds(const KrSeen *seen, PyObject *owner)
{
    return Py_TYPE(owner)->tp_version_tag == seen->version &&
           (seen->word != 0 ? kr_instance_word(owner) == seen->word
                            : seen->kind != KR_SEEN_DICT || kr_attribute_dict(owner) != NULL);
}

// The fact that holds for the owner, or NULL.
static inline const KrSeen *
kr_seen_find(const KrSeenList *list, PyObject *owner)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (kr_seen_holds(&list->entries[i], owner)) {
            return &list->entries[i];
        }
    }
    return NULL;
}

KrSeenList *kr_seen_list_new(KrExec *exec); // NULL without memory, no exception
void kr_seen_lists_free(KrExec *exec);
// False when the site has seen too much.
bool kr_seen_list_add(KrSeenList *list, const KrSeen *seen);

#endif // KRAIT_VM_ATTRIBUTE_SITES_H
