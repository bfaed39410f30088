// SPDX-License-Identifier: MIT
// context_certs.c - certificates and keys of an _ssl._SSLContext.
#include "ext/ssl/ssl.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/pem.h>
#include <string.h>

#include "objects/args.h"

// ---- our own certificate ---------------------------------------------------------

// What a password callback needs.
typedef struct {
    PyObject *callable; // borrowed, or NULL
    char *text;         // owned
    int size;
    bool failed; // an exception is set
} Password;

// Takes str or bytes as the password. 0 or -1.
static int
take_password(Password *password, PyObject *object, const char *wrong_type)
{
    Py_ssize_t size;
    const char *text;

    if (PyUnicode_Check(object)) {
        text = PyUnicode_AsUTF8AndSize(object, &size);
    }
    else if (PyBytes_Check(object)) {
        text = PyBytes_AS_STRING(object);
        size = PyBytes_GET_SIZE(object);
    }
    else if (PyByteArray_Check(object)) {
        text = PyByteArray_AS_STRING(object);
        size = PyByteArray_GET_SIZE(object);
    }
    else {
        PyErr_SetString(PyExc_TypeError, wrong_type);
        return -1;
    }
    if (text == NULL) {
        return -1;
    }
    if (size > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "password cannot be longer than %d bytes", INT_MAX);
        return -1;
    }
    PyMem_Free(password->text);
    password->text = PyMem_Malloc(size > 0 ? (size_t)size : 1);
    if (password->text == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(password->text, text, (size_t)size);
    password->size = (int)size;
    return 0;
}

// OpenSSL asks for the password. Without the interpreter's lock.
static int
give_password(char *out, int room, int writing, void *arg)
{
    Password *password = arg;
    PyGILState_STATE gil = PyGILState_Ensure();
    int size = -1;

    if (password->failed) {
        goto done;
    }
    if (password->callable != NULL) {
        PyObject *object = PyObject_CallNoArgs(password->callable);
        int status = object == NULL
                         ? -1
                         : take_password(password, object,
                                         "password callback must return a string");
        Py_XDECREF(object);
        if (status < 0) {
            goto done;
        }
    }
    if (password->size > room) {
        PyErr_Format(PyExc_ValueError, "password cannot be longer than %d bytes", room);
        goto done;
    }
    memcpy(out, password->text, (size_t)password->size);
    size = password->size;

done:
    password->failed = size < 0;
    PyGILState_Release(gil);
    return size;
}

// The exception after OpenSSL did not read a file. NULL.
static PyObject *
file_failed(SslState *state, const Password *password, int saved_errno)
{
    if (password != NULL && password->failed) {
        ERR_clear_error();
        return NULL;
    }
    if (saved_errno != 0) {
        ERR_clear_error();
        errno = saved_errno;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return KR_SSL_FAIL(state);
}

// Loads chain and key. Whether it went well.
static bool
load_files(SSL_CTX *ctx, const char *cert, const char *key, int *saved_errno)
{
    bool done;

    Py_BEGIN_ALLOW_THREADS
    ERR_clear_error();
    errno = 0;
    done = SSL_CTX_use_certificate_chain_file(ctx, cert) == 1;
    if (done) {
        errno = 0;
        done = SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1;
    }
    *saved_errno = errno;
    Py_END_ALLOW_THREADS
    return done;
}

static PyObject *
load_chain(SslContext *self, const char *cert, const char *key, Password *password)
{
    pem_password_cb *old = SSL_CTX_get_default_passwd_cb(self->ctx);
    void *old_data = SSL_CTX_get_default_passwd_cb_userdata(self->ctx);
    PyObject *result = NULL;
    int saved_errno;

    if (password != NULL) {
        SSL_CTX_set_default_passwd_cb(self->ctx, give_password);
        SSL_CTX_set_default_passwd_cb_userdata(self->ctx, password);
    }
    if (!load_files(self->ctx, cert, key, &saved_errno)) {
        // Once OpenSSL has complained itself, errno says something else.
        unsigned long code = ERR_peek_last_error();
        bool system = ERR_SYSTEM_ERROR(code) || ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_SYS;
        file_failed(self->state, password, system ? saved_errno : 0);
    }
    else if (!SSL_CTX_check_private_key(self->ctx)) {
        KR_SSL_FAIL(self->state);
    }
    else {
        result = Py_NewRef(Py_None);
    }
    SSL_CTX_set_default_passwd_cb(self->ctx, old);
    SSL_CTX_set_default_passwd_cb_userdata(self->ctx, old_data);
    return result;
}

// A path as bytes; the error says which argument is no path.
static PyObject *
path_bytes(PyObject *path, const char *name)
{
    PyObject *bytes = NULL;

    if (!PyUnicode_FSConverter(path, &bytes) &&
        PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Format(PyExc_TypeError, "%s should be a valid filesystem path", name);
    }
    return bytes;
}

KR_METHOD(ssl_context, "load_cert_chain(self, certfile, keyfile=None, password=None)", "")
static PyObject *
context_load_cert_chain(SslContext *self, PyObject *certfile, PyObject *keyfile,
                        PyObject *password)
{
    Password secret = {NULL, NULL, 0, false};
    PyObject *cert = path_bytes(certfile, "certfile");
    PyObject *key = NULL, *result = NULL;

    if (cert == NULL) {
        return NULL;
    }
    key = keyfile == Py_None ? Py_NewRef(cert) : path_bytes(keyfile, "keyfile");
    if (key == NULL) {
        goto done;
    }
    if (password != Py_None) {
        if (PyCallable_Check(password)) {
            secret.callable = password;
        }
        else if (take_password(&secret, password,
                               "password should be a string or callable") < 0) {
            goto done;
        }
    }
    result = load_chain(self, PyBytes_AS_STRING(cert), PyBytes_AS_STRING(key),
                        password == Py_None ? NULL : &secret);

done:
    PyMem_Free(secret.text);
    Py_DECREF(cert);
    Py_XDECREF(key);
    return result;
}

// ---- certificates to trust ------------------------------------------------------------

// Adds all certificates of the data. 0 or -1.
static int
add_ca_certs(SslContext *self, const void *data, Py_ssize_t size, bool der)
{
    X509_STORE *store = SSL_CTX_get_cert_store(self->ctx);
    BIO *bio = NULL;
    int loaded = 0, status = -1;

    if (size <= 0) {
        PyErr_SetString(PyExc_ValueError, "Empty certificate data");
        return -1;
    }
    if (size > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Certificate data is too long.");
        return -1;
    }
    bio = BIO_new_mem_buf(data, (int)size);
    if (bio == NULL) {
        KR_SSL_FAIL(self->state);
        return -1;
    }
    for (;;) {
        X509 *cert = der ? d2i_X509_bio(bio, NULL)
                         : PEM_read_bio_X509(bio, NULL,
                                             SSL_CTX_get_default_passwd_cb(self->ctx),
                                             SSL_CTX_get_default_passwd_cb_userdata(
                                                 self->ctx));
        if (cert == NULL) {
            break;
        }
        // One that is there already is no error.
        int added = X509_STORE_add_cert(store, cert);
        X509_free(cert);
        if (!added) {
            goto done;
        }
        loaded++;
    }
    unsigned long code = ERR_peek_last_error();
    if (loaded == 0) {
        kr_ssl_fail(self->state,
                    der ? "not enough data: cadata does not contain a certificate"
                        : "no start line: cadata does not contain a certificate",
                    __LINE__);
        goto free;
    }
    // Both kinds end with an error that only says that the data is at its end.
    bool end = der ? ERR_GET_LIB(code) == ERR_LIB_ASN1 &&
                         ERR_GET_REASON(code) == ASN1_R_HEADER_TOO_LONG
                   : ERR_GET_LIB(code) == ERR_LIB_PEM &&
                         ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (end || code == 0) {
        ERR_clear_error();
        status = 0;
    }

done:
    if (status < 0) {
        KR_SSL_FAIL(self->state);
    }
free:
    BIO_free(bio);
    return status;
}

static int
load_ca_data(SslContext *self, PyObject *cadata)
{
    Py_buffer view;

    if (PyUnicode_Check(cadata)) {
        PyObject *bytes = PyUnicode_AsASCIIString(cadata);
        if (bytes == NULL) {
            if (PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
                PyErr_SetString(PyExc_TypeError, "cadata should be an ASCII string or a "
                                                 "bytes-like object");
            }
            return -1;
        }
        int status = add_ca_certs(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes),
                                  false);
        Py_DECREF(bytes);
        return status;
    }
    if (PyObject_GetBuffer(cadata, &view, PyBUF_SIMPLE) < 0) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_SetString(PyExc_TypeError,
                            "cadata should be an ASCII string or a bytes-like object");
        }
        return -1;
    }
    int status = add_ca_certs(self, view.buf, view.len, true);
    PyBuffer_Release(&view);
    return status;
}

static int
load_ca_files(SslContext *self, const char *file, const char *folder)
{
    int done, saved_errno;

    Py_BEGIN_ALLOW_THREADS
    ERR_clear_error();
    errno = 0;
    done = SSL_CTX_load_verify_locations(self->ctx, file, folder);
    saved_errno = errno;
    Py_END_ALLOW_THREADS
    if (!done) {
        file_failed(self->state, NULL, saved_errno);
        return -1;
    }
    return 0;
}

KR_METHOD(ssl_context, "load_verify_locations(self, cafile=None, capath=None, cadata=None)",
          "")
static PyObject *
context_load_verify_locations(SslContext *self, PyObject *cafile, PyObject *capath,
                              PyObject *cadata)
{
    PyObject *file = NULL, *folder = NULL, *result = NULL;

    if (cafile == Py_None && capath == Py_None && cadata == Py_None) {
        PyErr_SetString(PyExc_TypeError, "cafile, capath and cadata cannot be all omitted");
        return NULL;
    }
    if ((cafile != Py_None && (file = path_bytes(cafile, "cafile")) == NULL) ||
        (capath != Py_None && (folder = path_bytes(capath, "capath")) == NULL)) {
        goto done;
    }
    if (cadata != Py_None && load_ca_data(self, cadata) < 0) {
        goto done;
    }
    if ((file != NULL || folder != NULL) &&
        load_ca_files(self, file == NULL ? NULL : PyBytes_AS_STRING(file),
                      folder == NULL ? NULL : PyBytes_AS_STRING(folder)) < 0) {
        goto done;
    }
    result = Py_NewRef(Py_None);

done:
    Py_XDECREF(file);
    Py_XDECREF(folder);
    return result;
}

KR_METHOD(ssl_context, "set_default_verify_paths(self, /)", "")
static PyObject *
context_set_default_verify_paths(SslContext *self)
{
    int done;

    Py_BEGIN_ALLOW_THREADS
    done = SSL_CTX_set_default_verify_paths(self->ctx);
    Py_END_ALLOW_THREADS
    return done ? Py_NewRef(Py_None) : KR_SSL_FAIL(self->state);
}

KR_METHOD(ssl_context, "cert_store_stats(self, /)",
          "Returns quantities of loaded X.509 certificates.\n\n"
          "Certificates in a capath directory are not loaded unless they have been used\n"
          "at least once.")
static PyObject *
context_cert_store_stats(SslContext *self)
{
    X509_STORE *store = SSL_CTX_get_cert_store(self->ctx);
    int certs = 0, crls = 0, authorities = 0;

    X509_STORE_lock(store);
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        X509_OBJECT *object = sk_X509_OBJECT_value(objects, i);
        if (X509_OBJECT_get_type(object) == X509_LU_X509) {
            certs++;
            authorities += X509_check_ca(X509_OBJECT_get0_X509(object)) != 0;
        }
        else if (X509_OBJECT_get_type(object) == X509_LU_CRL) {
            crls++;
        }
    }
    X509_STORE_unlock(store);
    return Py_BuildValue("{sisisi}", "x509", certs, "crl", crls, "x509_ca", authorities);
}

KR_METHOD(ssl_context, "get_ca_certs(self, binary_form=False)",
          "Returns a list of dicts with information of loaded CA certs.\n\n"
          "If the optional argument is True, returns a DER-encoded copy of the CA\n"
          "certificate.")
static PyObject *
context_get_ca_certs(SslContext *self, bool binary_form)
{
    STACK_OF(X509_OBJECT) *objects =
        X509_STORE_get0_objects(SSL_CTX_get_cert_store(self->ctx));
    PyObject *list = PyList_New(0);

    for (int i = 0; list != NULL && i < sk_X509_OBJECT_num(objects); i++) {
        X509_OBJECT *object = sk_X509_OBJECT_value(objects, i);
        if (X509_OBJECT_get_type(object) != X509_LU_X509) {
            continue;
        }
        X509 *cert = X509_OBJECT_get0_X509(object);
        if (!X509_check_ca(cert)) {
            continue;
        }
        PyObject *item = binary_form ? kr_ssl_certificate_der(self->state, cert)
                                     : kr_ssl_decode_certificate(self->state, cert);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

// ---- key exchange -----------------------------------------------------------------------

KR_METHOD(ssl_context, "load_dh_params(self, path, /)", "")
static PyObject *
context_load_dh_params(SslContext *self, PyObject *path)
{
    PyObject *bytes = NULL;
    EVP_PKEY *key = NULL;
    int saved_errno;

    if (!PyUnicode_FSConverter(path, &bytes)) {
        return NULL;
    }
    if (PySys_Audit("open", "Osi", path, "rb", 0) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    ERR_clear_error();
    errno = 0;
    BIO *bio = BIO_new_file(PyBytes_AS_STRING(bytes), "r");
    saved_errno = errno;
    if (bio != NULL) {
        saved_errno = 0;
        key = PEM_read_bio_Parameters_ex(bio, NULL, NULL, NULL);
        BIO_free(bio);
    }
    Py_END_ALLOW_THREADS
    Py_DECREF(bytes);
    if (key == NULL) {
        if (saved_errno == 0) {
            // Which of its decoders failed last says nothing: there are no parameters.
            ERR_clear_error();
            ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
        }
        if (saved_errno != 0) {
            ERR_clear_error();
            errno = saved_errno;
            return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        }
        return KR_SSL_FAIL(self->state);
    }
    // The context takes the key over when it accepts it.
    if (!SSL_CTX_set0_tmp_dh_pkey(self->ctx, key)) {
        EVP_PKEY_free(key);
        return KR_SSL_FAIL(self->state);
    }
    Py_RETURN_NONE;
}

KR_METHOD(ssl_context, "set_ecdh_curve(self, name, /)", "")
static PyObject *
context_set_ecdh_curve(SslContext *self, PyObject *name)
{
    PyObject *bytes = NULL;

    if (!PyUnicode_FSConverter(name, &bytes)) {
        return NULL;
    }
    int nid = OBJ_sn2nid(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    if (nid == NID_undef) {
        PyErr_Format(PyExc_ValueError, "unknown elliptic curve name %R", name);
        return NULL;
    }
    return SSL_CTX_set1_groups(self->ctx, &nid, 1) ? Py_NewRef(Py_None)
                                                   : KR_SSL_FAIL(self->state);
}

#include "ext/ssl/context_certs.methods.h"
