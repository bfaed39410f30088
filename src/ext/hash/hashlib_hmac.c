// SPDX-License-Identifier: MIT
// hashlib_hmac.c - hmac_new and hmac_digest of _hashlib.
#include "ext/hash/hashlib.h"
#include "objects/args.h"

KR_FUNCTION(hashlib, "hmac_new(key, msg=b'', digestmod=None)", "Return a new hmac object.")
static PyObject *
hashlib_hmac_new(PyObject *module, Py_buffer *key, PyObject *msg, PyObject *digestmod)
{
    HashlibState *state = PyModule_GetState(module);

    if (digestmod == Py_None) {
        PyErr_SetString(PyExc_TypeError, "Missing required parameter 'digestmod'.");
        return NULL;
    }
    EVP_MD *md = kr_hashlib_from_object(state, digestmod);
    if (md == NULL) {
        return NULL;
    }
    // Names live as long as the provider, which is never unloaded.
    KrMac *self = kr_mac_new(state->mac_type, state->mac, EVP_MD_get0_name(md),
                             kr_hashlib_name(md), key);
    EVP_MD_free(md);
    return kr_mac_begin(self, msg);
}

KR_FUNCTION(hashlib, "hmac_digest(key, msg, digest)", "Single-shot HMAC.")
static PyObject *
hashlib_hmac_digest(PyObject *module, Py_buffer *key, Py_buffer *msg, PyObject *digest)
{
    HashlibState *state = PyModule_GetState(module);
    EVP_MD *md = kr_hashlib_from_object(state, digest);

    if (md == NULL) {
        return NULL;
    }
    PyObject *result = kr_mac_compute(state->mac, EVP_MD_get0_name(md), key, msg);
    EVP_MD_free(md);
    return result;
}

#include "ext/hash/hashlib_hmac.methods.h"
