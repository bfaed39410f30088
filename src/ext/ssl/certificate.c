// SPDX-License-Identifier: MIT
// certificate.c - _ssl.Certificate.
#include "ext/ssl/ssl.h"

#include <string.h>

#include "objects/args.h"

PyObject *
kr_ssl_certificate_new(SslState *state, X509 *cert)
{
    SslCertificate *self = PyObject_New(SslCertificate, state->certificate_type);

    if (self != NULL) {
        X509_up_ref(cert);
        self->cert = cert;
        self->hash = -1;
    }
    return (PyObject *)self;
}

static void
certificate_dealloc(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);

    X509_free(((SslCertificate *)object)->cert);
    PyObject_Free(object);
    Py_DECREF(type);
}

PyObject *
kr_ssl_certificate_der(SslState *state, X509 *cert)
{
    unsigned char *data = NULL;
    int size = i2d_X509(cert, &data);

    if (size < 0) {
        return KR_SSL_FAIL(state);
    }
    PyObject *bytes = PyBytes_FromStringAndSize((char *)data, size);
    OPENSSL_free(data);
    return bytes;
}

static PyObject *
certificate_pem(SslState *state, X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PyObject *text = NULL;
    char *data;

    if (bio == NULL) {
        return PyErr_NoMemory();
    }
    if (PEM_write_bio_X509(bio, cert)) {
        long size = BIO_get_mem_data(bio, &data);
        text = PyUnicode_DecodeUTF8(data, size, "strict");
    }
    else {
        KR_SSL_FAIL(state);
    }
    BIO_free(bio);
    return text;
}

KR_METHOD(ssl_certificate, "public_bytes(self, format=Encoding.PEM{KR_ENCODING_PEM}, /)", "")
static PyObject *
certificate_public_bytes(SslCertificate *self, int format)
{
    SslState *state = kr_ssl_state(Py_TYPE(self));

    if (state == NULL) {
        return NULL;
    }
    switch (format) {
    case KR_ENCODING_PEM:
        return certificate_pem(state, self->cert);
    case KR_ENCODING_DER:
        return kr_ssl_certificate_der(state, self->cert);
    default:
        PyErr_SetString(PyExc_ValueError, "Unsupported format");
        return NULL;
    }
}

KR_METHOD(ssl_certificate, "get_info(self, /)", "")
static PyObject *
certificate_get_info(SslCertificate *self)
{
    SslState *state = kr_ssl_state(Py_TYPE(self));

    return state == NULL ? NULL : kr_ssl_decode_certificate(state, self->cert);
}

static PyObject *
certificate_repr(PyObject *object)
{
    char *name = X509_NAME_oneline(
        X509_get_subject_name(((SslCertificate *)object)->cert), NULL, 0);
    PyObject *text = PyUnicode_FromFormat("<%s '%s'>", Py_TYPE(object)->tp_name,
                                          name == NULL ? "" : name);

    OPENSSL_free(name);
    return text;
}

static Py_hash_t
certificate_hash(PyObject *object)
{
    SslCertificate *self = (SslCertificate *)object;

    if (self->hash == -1) {
        unsigned long hash = X509_subject_name_hash(self->cert);
        self->hash = (Py_hash_t)hash == -1 ? -2 : (Py_hash_t)hash;
    }
    return self->hash;
}

static PyObject *
certificate_compare(PyObject *object, PyObject *other, int op)
{
    SslState *state = kr_ssl_state(Py_TYPE(object));

    if (state == NULL) {
        return NULL;
    }
    if (!Py_IS_TYPE(other, state->certificate_type) || (op != Py_EQ && op != Py_NE)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int order = X509_cmp(((SslCertificate *)object)->cert, ((SslCertificate *)other)->cert);
    return PyBool_FromLong((order == 0) == (op == Py_EQ));
}

KR_TYPE(ssl_certificate)
#include "ext/ssl/certificate.methods.h"

PyTypeObject *
kr_ssl_certificate_type(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_dealloc, certificate_dealloc},
        {Py_tp_repr, certificate_repr},
        {Py_tp_hash, certificate_hash},
        {Py_tp_richcompare, certificate_compare},
        {Py_tp_methods, ssl_certificate_methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_ssl.Certificate",
        .basicsize = sizeof(SslCertificate),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION |
                 Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
