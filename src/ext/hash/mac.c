// SPDX-License-Identifier: MIT
// mac.c - an HMAC object over EVP_MAC.
#include "ext/hash/mac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "objects/args.h"

// Keys of no bytes need an address all the same.
static bool
start(EVP_MAC_CTX *ctx, const char *digest, const Py_buffer *key)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_end(),
    };
    const unsigned char *bytes = key->len > 0 ? key->buf : (const unsigned char *)"";

    return EVP_MAC_init(ctx, bytes, (size_t)key->len, parameters);
}

static KrMac *
wrap_context(PyTypeObject *type, EVP_MAC_CTX *ctx, const char *name)
{
    if (ctx == NULL) {
        kr_openssl_error(PyExc_ValueError);
        return NULL;
    }
    KrMac *self = PyObject_New(KrMac, type);
    if (self == NULL) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    self->ctx = ctx;
    self->name = name;
    self->lock = (PyMutex){0};
    return self;
}

KrMac *
kr_mac_new(PyTypeObject *type, EVP_MAC *mac, const char *digest, const char *name,
           const Py_buffer *key)
{
    KrMac *self = wrap_context(type, EVP_MAC_CTX_new(mac), name);

    if (self != NULL && !start(self->ctx, digest, key)) {
        Py_DECREF(self);
        kr_openssl_error(PyExc_ValueError);
        return NULL;
    }
    return self;
}

static void
mac_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);

    EVP_MAC_CTX_free(((KrMac *)object)->ctx);
    PyObject_Free(object);
    Py_DECREF(type);
}

static int
mac_feed(KrMac *self, PyObject *msg)
{
    Py_buffer view;
    int done;

    if (kr_hash_view(msg, &view) < 0) {
        return -1;
    }
    PyMutex_Lock(&self->lock);
    if (view.len >= KR_HASH_RELEASE_FROM) {
        Py_BEGIN_ALLOW_THREADS
        done = EVP_MAC_update(self->ctx, view.buf, (size_t)view.len);
        Py_END_ALLOW_THREADS
    }
    else {
        done = EVP_MAC_update(self->ctx, view.buf, (size_t)view.len);
    }
    PyMutex_Unlock(&self->lock);
    PyBuffer_Release(&view);
    if (!done) {
        kr_openssl_error(PyExc_ValueError);
        return -1;
    }
    return 0;
}

PyObject *
kr_mac_begin(KrMac *self, PyObject *msg)
{
    if (self != NULL && msg != NULL && msg != Py_None && mac_feed(self, msg) < 0) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

PyObject *
kr_mac_compute(EVP_MAC *mac, const char *digest, const Py_buffer *key,
               const Py_buffer *msg)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    size_t size = 0;
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    bool done = false;

    if (ctx != NULL) {
        Py_BEGIN_ALLOW_THREADS
        done = start(ctx, digest, key) &&
               EVP_MAC_update(ctx, msg->buf, (size_t)msg->len) &&
               EVP_MAC_final(ctx, out, &size, sizeof out);
        Py_END_ALLOW_THREADS
    }
    EVP_MAC_CTX_free(ctx);
    return done ? kr_hash_output(out, (Py_ssize_t)size, false)
                : kr_openssl_error(PyExc_ValueError);
}

// A copy of the context that may be finished.
static EVP_MAC_CTX *
copy_context(KrMac *self)
{
    PyMutex_Lock(&self->lock);
    EVP_MAC_CTX *copy = EVP_MAC_CTX_dup(self->ctx);
    PyMutex_Unlock(&self->lock);
    return copy;
}

static PyObject *
mac_result(KrMac *self, bool hex)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    size_t size = 0;
    EVP_MAC_CTX *copy = copy_context(self);
    bool done = copy != NULL && EVP_MAC_final(copy, out, &size, sizeof out);

    EVP_MAC_CTX_free(copy);
    return done ? kr_hash_output(out, (Py_ssize_t)size, hex)
                : kr_openssl_error(PyExc_ValueError);
}

KR_METHOD(mac, "copy(self, /)", "Return a copy (\\\"clone\\\") of the HMAC object.")
static PyObject *
mac_copy(KrMac *self)
{
    return (PyObject *)wrap_context(Py_TYPE(self), copy_context(self), self->name);
}

KR_METHOD(mac, "update(self, msg)", "Update the HMAC object with msg.")
static PyObject *
mac_update(KrMac *self, PyObject *msg)
{
    return mac_feed(self, msg) < 0 ? NULL : Py_NewRef(Py_None);
}

KR_METHOD(mac, "digest(self, /)",
          "Return the digest of the bytes passed to the update() method so far.")
static PyObject *
mac_digest(KrMac *self)
{
    return mac_result(self, false);
}

KR_METHOD(mac, "hexdigest(self, /)",
          "Return hexadecimal digest of the bytes passed to the update() method so far.\n\n"
          "This may be used to exchange the value safely in email or other non-binary\n"
          "environments.")
static PyObject *
mac_hexdigest(KrMac *self)
{
    return mac_result(self, true);
}

KR_GETTER(mac, "digest_size", "")
static PyObject *
mac_digest_size(KrMac *self)
{
    return PyLong_FromSize_t(EVP_MAC_CTX_get_mac_size(self->ctx));
}

KR_GETTER(mac, "block_size", "")
static PyObject *
mac_block_size(KrMac *self)
{
    return PyLong_FromSize_t(EVP_MAC_CTX_get_block_size(self->ctx));
}

KR_GETTER(mac, "name", "")
static PyObject *
mac_name(KrMac *self)
{
    return PyUnicode_FromFormat("hmac-%s", self->name);
}

static PyObject *
mac_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<%s HMAC object @ %p>", ((KrMac *)self)->name, self);
}

KR_TYPE(mac)
#include "ext/hash/mac.methods.h"

PyTypeObject *
kr_mac_type(PyObject *module, const char *name, const char *doc)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, mac_dealloc},
        {Py_tp_repr, mac_repr},
        {Py_tp_methods, mac_methods},
        {Py_tp_getset, mac_getset},
        {doc == NULL ? 0 : Py_tp_doc, (void *)doc},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = name,
        .basicsize = sizeof(KrMac),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                 Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
