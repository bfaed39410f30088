// SPDX-License-Identifier: MIT
// hashlib_kdf.c - pbkdf2_hmac, scrypt and compare_digest of _hashlib.
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evperr.h>

#include "ext/hash/hashlib.h"
#include "objects/args.h"

KR_FUNCTION(hashlib, "pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None)",
            "Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as\n"
            "pseudorandom function.")
static PyObject *
hashlib_pbkdf2_hmac(PyObject *module, const char *hash_name, Py_buffer *password,
                    Py_buffer *salt, long iterations, PyObject *dklen)
{
    HashlibState *state = PyModule_GetState(module);
    PyObject *key = NULL;
    long size;
    int done;

    EVP_MD *md = kr_hashlib_find(state, hash_name, true);
    if (md == NULL) {
        return NULL;
    }
    if (password->len > INT_MAX || salt->len > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, password->len > INT_MAX
                                                 ? "password is too long."
                                                 : "salt is too long.");
        goto done;
    }
    if (iterations < 1) {
        PyErr_SetString(PyExc_ValueError, "iteration value must be greater than 0.");
        goto done;
    }
    if (iterations > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "iteration value is too great.");
        goto done;
    }
    size = dklen == Py_None ? EVP_MD_get_size(md) : PyLong_AsLong(dklen);
    if (size == -1 && PyErr_Occurred()) {
        goto done;
    }
    if (size < 1 || (dklen == Py_None && (EVP_MD_get_flags(md) & EVP_MD_FLAG_XOF))) {
        PyErr_SetString(PyExc_ValueError, "key length must be greater than 0.");
        goto done;
    }
    if (size > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "key length is too great.");
        goto done;
    }
    key = PyBytes_FromStringAndSize(NULL, size);
    if (key == NULL) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    done = PKCS5_PBKDF2_HMAC(password->buf, (int)password->len, salt->buf, (int)salt->len,
                             (int)iterations, md, (int)size,
                             (unsigned char *)PyBytes_AS_STRING(key));
    Py_END_ALLOW_THREADS
    if (!done) {
        Py_CLEAR(key);
        kr_openssl_error(PyExc_ValueError);
    }

done:
    EVP_MD_free(md);
    return key;
}

KR_FUNCTION(hashlib, "scrypt(password, *, salt, n, r, p, maxmem=0, dklen=64)",
            "scrypt password-based key derivation function.")
static PyObject *
hashlib_scrypt(PyObject *module, Py_buffer *password, Py_buffer *salt, unsigned long n,
               unsigned long r, unsigned long p, long maxmem, long dklen)
{
    int done;

    if (password->len > INT_MAX || salt->len > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, password->len > INT_MAX
                                                 ? "password is too long."
                                                 : "salt is too long.");
        return NULL;
    }
    if (n < 2 || (n & (n - 1)) != 0) {
        PyErr_SetString(PyExc_ValueError, "n must be a power of 2.");
        return NULL;
    }
    if (maxmem < 0 || maxmem > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "maxmem must be positive and smaller than %d",
                     INT_MAX);
        return NULL;
    }
    if (dklen < 1 || dklen > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "dklen must be greater than 0 and smaller than %d",
                     INT_MAX);
        return NULL;
    }
    // Without an output only the parameters are checked.
    if (!EVP_PBE_scrypt(NULL, 0, NULL, 0, n, r, p, (uint64_t)maxmem, NULL, 0)) {
        if (ERR_GET_REASON(ERR_peek_last_error()) == EVP_R_MEMORY_LIMIT_EXCEEDED) {
            return kr_openssl_error(PyExc_ValueError);
        }
        ERR_clear_error();
        PyErr_SetString(PyExc_ValueError,
                        "Invalid parameter combination for n, r, p, maxmem.");
        return NULL;
    }
    PyObject *key = PyBytes_FromStringAndSize(NULL, dklen);
    if (key == NULL) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    done = EVP_PBE_scrypt(password->buf, (size_t)password->len, salt->buf,
                          (size_t)salt->len, n, r, p, (uint64_t)maxmem,
                          (unsigned char *)PyBytes_AS_STRING(key), (size_t)dklen);
    Py_END_ALLOW_THREADS
    if (!done) {
        Py_DECREF(key);
        return kr_openssl_error(PyExc_ValueError);
    }
    return key;
}

// Whether two pieces of memory are equal, in a time that depends on b's length only.
static PyObject *
compare(const void *a, Py_ssize_t a_size, const void *b, Py_ssize_t b_size)
{
    bool same = a_size == b_size;

    // With unequal lengths b is compared with itself, so as to take the same time.
    same &= CRYPTO_memcmp(same ? a : b, b, (size_t)b_size) == 0;
    return PyBool_FromLong(same);
}

KR_FUNCTION(hashlib, "compare_digest(a, b, /)",
            "Return 'a == b'.\n\n"
            "The time that it takes does not tell where the two differ; both are of the\n"
            "same type, either str (ASCII only), or bytes-like.")
static PyObject *
hashlib_compare_digest(PyObject *module, PyObject *a, PyObject *b)
{
    Py_buffer left, right;

    if (PyUnicode_Check(a) && PyUnicode_Check(b)) {
        if (!PyUnicode_IS_ASCII(a) || !PyUnicode_IS_ASCII(b)) {
            PyErr_SetString(PyExc_TypeError, "comparing strings with non-ASCII characters "
                                             "is not supported");
            return NULL;
        }
        return compare(PyUnicode_DATA(a), PyUnicode_GET_LENGTH(a), PyUnicode_DATA(b),
                       PyUnicode_GET_LENGTH(b));
    }
    if (!PyObject_CheckBuffer(a) && !PyObject_CheckBuffer(b)) {
        PyErr_Format(PyExc_TypeError,
                     "unsupported operand types(s) or combination of types: '%.100s' and "
                     "'%.100s'",
                     Py_TYPE(a)->tp_name, Py_TYPE(b)->tp_name);
        return NULL;
    }
    if (PyObject_GetBuffer(a, &left, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    if (PyObject_GetBuffer(b, &right, PyBUF_SIMPLE) < 0) {
        PyBuffer_Release(&left);
        return NULL;
    }
    PyObject *result = NULL;
    if (left.ndim > 1 || right.ndim > 1) {
        PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
    }
    else {
        result = compare(left.buf, left.len, right.buf, right.len);
    }
    PyBuffer_Release(&left);
    PyBuffer_Release(&right);
    return result;
}

KR_FUNCTION(hashlib, "get_fips_mode()",
            "Determine the OpenSSL FIPS mode of operation: 1 when it is on, else 0.")
static PyObject *
hashlib_get_fips_mode(PyObject *module)
{
    return PyLong_FromLong(EVP_default_properties_is_fips_enabled(NULL));
}

#include "ext/hash/hashlib_kdf.methods.h"
