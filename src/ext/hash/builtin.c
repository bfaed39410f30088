// SPDX-License-Identifier: MIT
// builtin.c - the common part of _md5, _sha1 and _sha2.
#include "ext/hash/builtin.h"

#include "objects/args.h"

KR_METHOD(builtin_hash, "copy(self, /)", "Return a copy of the hash object.")
static PyObject *
builtin_copy(KrDigest *self)
{
    return (PyObject *)kr_digest_copy(self);
}

KR_METHOD(builtin_hash, "digest(self, /)", "Return the digest value as a bytes object.")
static PyObject *
builtin_digest(KrDigest *self)
{
    return kr_digest_result(self, -1, false);
}

KR_METHOD(builtin_hash, "hexdigest(self, /)",
          "Return the digest value as a string of hexadecimal digits.")
static PyObject *
builtin_hexdigest(KrDigest *self)
{
    return kr_digest_result(self, -1, true);
}

KR_METHOD(builtin_hash, "update(self, obj, /)",
          "Update this hash object's state with the provided string.")
static PyObject *
builtin_update(KrDigest *self, PyObject *obj)
{
    return kr_digest_update_object(self, obj);
}

KR_GETTER(builtin_hash, "block_size", "")
static PyObject *
builtin_block_size(KrDigest *self)
{
    return PyLong_FromLong(EVP_MD_CTX_get_block_size(self->ctx));
}

KR_GETTER(builtin_hash, "digest_size", "")
static PyObject *
builtin_digest_size(KrDigest *self)
{
    return PyLong_FromLong(EVP_MD_CTX_get_size(self->ctx));
}

KR_GETTER(builtin_hash, "name", "")
static PyObject *
builtin_name(KrDigest *self)
{
    return PyUnicode_FromString(self->name);
}

KR_TYPE(builtin_hash)
#include "ext/hash/builtin.methods.h"

static PyType_Slot builtin_slots[] = {
    {Py_tp_dealloc, kr_digest_dealloc},
    {Py_tp_methods, builtin_hash_methods},
    {Py_tp_getset, builtin_hash_getset},
    {0, NULL},
};

static int
builtin_add(PyObject *module, const KrBuiltinHash *hash, KrBuiltinSlot *slot)
{
    PyType_Spec spec = {
        .name = hash->type_name,
        .basicsize = sizeof(KrDigest),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                 Py_TPFLAGS_IMMUTABLETYPE,
        .slots = builtin_slots,
    };

    slot->md = EVP_MD_fetch(NULL, hash->openssl, NULL);
    if (slot->md == NULL) {
        kr_openssl_error(PyExc_ImportError);
        return -1;
    }
    slot->type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
    if (slot->type == NULL ||
        PyModule_AddObjectRef(module, hash->attribute, (PyObject *)slot->type) < 0) {
        return -1;
    }
    return 0;
}

static size_t
slot_count(PyObject *module)
{
    return (size_t)PyModule_GetDef(module)->m_size / sizeof(KrBuiltinSlot);
}

int
kr_builtin_exec(PyObject *module, const KrBuiltinHash *hashes)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);

    for (size_t i = 0; i < slot_count(module); i++) {
        if (builtin_add(module, &hashes[i], &slots[i]) < 0) {
            return -1;
        }
    }
    return PyModule_AddIntConstant(module, "_GIL_MINSIZE", KR_HASH_RELEASE_FROM);
}

int
kr_builtin_traverse(PyObject *module, visitproc visit, void *arg)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);

    for (size_t i = 0; i < slot_count(module); i++) {
        Py_VISIT(slots[i].type);
    }
    return 0;
}

int
kr_builtin_clear(PyObject *module)
{
    KrBuiltinSlot *slots = PyModule_GetState(module);

    for (size_t i = 0; i < slot_count(module); i++) {
        EVP_MD_free(KR_MOVE(slots[i].md));
        Py_CLEAR(slots[i].type);
    }
    return 0;
}

void
kr_builtin_free(void *module)
{
    kr_builtin_clear(module);
}

PyObject *
kr_builtin_make(const KrBuiltinHash *hash, const KrBuiltinSlot *slot, PyObject *data,
                PyObject *string)
{
    return kr_digest_begin(kr_digest_new(slot->type, slot->md, hash->name), data, string);
}
