// SPDX-License-Identifier: MIT
// decode.c - a certificate as the dict that SSLSocket.getpeercert() gives.
#include "ext/ssl/ssl.h"

#include <string.h>

// dict[key] = value, which is taken over; NULL is passed on. 0 or -1.
static int
put(PyObject *dict, const char *key, PyObject *value)
{
    int status = value == NULL ? -1 : PyDict_SetItemString(dict, key, value);

    Py_XDECREF(value);
    return status;
}

// list.append(value), likewise.
static int
append(PyObject *list, PyObject *value)
{
    int status = value == NULL ? -1 : PyList_Append(list, value);

    Py_XDECREF(value);
    return status;
}

// The tuple of a list, which is freed, or NULL.
static PyObject *
as_tuple(PyObject *list)
{
    PyObject *tuple = list == NULL ? NULL : PyList_AsTuple(list);

    Py_XDECREF(list);
    return tuple;
}

// The name of an object: "commonName", or its number if it has none.
static PyObject *
object_name(const ASN1_OBJECT *object)
{
    char text[256];
    int size = OBJ_obj2txt(text, sizeof text, object, 0);

    if (size < 0) {
        return PyErr_NoMemory();
    }
    return PyUnicode_FromStringAndSize(text, Py_MIN(size, (int)sizeof text - 1));
}

static PyObject *
string_value(SslState *state, const ASN1_STRING *string)
{
    unsigned char *text = NULL;
    int size = ASN1_STRING_to_UTF8(&text, string);

    if (size < 0) {
        return KR_SSL_FAIL(state);
    }
    PyObject *value = PyUnicode_DecodeUTF8((char *)text, size, "strict");
    OPENSSL_free(text);
    return value;
}

static PyObject *
entry_pair(SslState *state, const X509_NAME_ENTRY *entry)
{
    PyObject *name = object_name(X509_NAME_ENTRY_get_object(entry));
    PyObject *value = name == NULL ? NULL
                                   : string_value(state, X509_NAME_ENTRY_get_data(entry));

    return value == NULL ? (Py_XDECREF(name), NULL) : Py_BuildValue("(NN)", name, value);
}

// A name: a tuple of sets, each a tuple of pairs.
static PyObject *
name_tuple(SslState *state, const X509_NAME *name)
{
    PyObject *sets = PyList_New(0), *set = NULL;
    int current = -1;

    for (int i = 0; sets != NULL && i < X509_NAME_entry_count(name); i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        if (set == NULL || X509_NAME_ENTRY_set(entry) != current) {
            if (set != NULL && append(sets, as_tuple(KR_MOVE(set))) < 0) {
                goto fail;
            }
            set = PyList_New(0);
            current = X509_NAME_ENTRY_set(entry);
        }
        if (set == NULL || append(set, entry_pair(state, entry)) < 0) {
            goto fail;
        }
    }
    if (set != NULL && append(sets, as_tuple(KR_MOVE(set))) < 0) {
        goto fail;
    }
    return as_tuple(sets);

fail:
    Py_XDECREF(set);
    Py_XDECREF(sets);
    return NULL;
}

// ---- alternative names ----------------------------------------------------------

static PyObject *
ia5_pair(const char *kind, const ASN1_IA5STRING *string)
{
    return Py_BuildValue("(ss#)", kind, (const char *)ASN1_STRING_get0_data(string),
                         (Py_ssize_t)ASN1_STRING_length(string));
}

static PyObject *
address_pair(const ASN1_OCTET_STRING *address)
{
    const unsigned char *p = ASN1_STRING_get0_data(address);

    switch (ASN1_STRING_length(address)) {
    case 4:
        return Py_BuildValue("(sN)", "IP Address",
                             PyUnicode_FromFormat("%d.%d.%d.%d", p[0], p[1], p[2], p[3]));
    case 16: {
        char text[48];
        PyOS_snprintf(text, sizeof text, "%X:%X:%X:%X:%X:%X:%X:%X", p[0] << 8 | p[1],
                      p[2] << 8 | p[3], p[4] << 8 | p[5], p[6] << 8 | p[7],
                      p[8] << 8 | p[9], p[10] << 8 | p[11], p[12] << 8 | p[13],
                      p[14] << 8 | p[15]);
        return Py_BuildValue("(ss)", "IP Address", text);
    }
    default:
        return Py_BuildValue("(ss)", "IP Address", "<invalid>");
    }
}

// What OpenSSL prints for other kinds: "kind:value".
static PyObject *
printed_pair(SslState *state, GENERAL_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PyObject *pair = NULL;
    char *text;

    if (bio == NULL) {
        return PyErr_NoMemory();
    }
    GENERAL_NAME_print(bio, name);
    long size = BIO_get_mem_data(bio, &text);
    const char *colon = size <= 0 ? NULL : memchr(text, ':', (size_t)size);
    if (colon == NULL) {
        PyErr_Format(PyExc_ValueError, "Invalid value %.200s", size <= 0 ? "" : text);
    }
    else {
        pair = Py_BuildValue("(s#s#)", text, (Py_ssize_t)(colon - text), colon + 1,
                             (Py_ssize_t)(text + size - colon - 1));
    }
    BIO_free(bio);
    return pair;
}

static PyObject *
alternative_pair(SslState *state, GENERAL_NAME *name)
{
    switch (name->type) {
    case GEN_DIRNAME: {
        PyObject *value = name_tuple(state, name->d.dirn);
        return value == NULL ? NULL : Py_BuildValue("(sN)", "DirName", value);
    }
    case GEN_EMAIL:
        return ia5_pair("email", name->d.rfc822Name);
    case GEN_DNS:
        return ia5_pair("DNS", name->d.dNSName);
    case GEN_URI:
        return ia5_pair("URI", name->d.uniformResourceIdentifier);
    case GEN_RID: {
        PyObject *value = object_name(name->d.rid);
        return value == NULL ? NULL : Py_BuildValue("(sN)", "Registered ID", value);
    }
    case GEN_IPADD:
        return address_pair(name->d.iPAddress);
    default:
        return printed_pair(state, name);
    }
}

// A tuple of pairs, or None when the certificate has no such extension.
static PyObject *
alternative_names(SslState *state, X509 *cert)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);

    if (names == NULL) {
        ERR_clear_error();
        Py_RETURN_NONE;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_GENERAL_NAME_num(names); i++) {
        if (append(list, alternative_pair(state, sk_GENERAL_NAME_value(names, i))) < 0) {
            Py_CLEAR(list);
        }
    }
    GENERAL_NAMES_free(names);
    return as_tuple(list);
}

// ---- other extensions ---------------------------------------------------------------

// The same, but None for an empty list.
static PyObject *
tuple_or_none(PyObject *list)
{
    if (list != NULL && PyList_GET_SIZE(list) == 0) {
        Py_DECREF(list);
        Py_RETURN_NONE;
    }
    return as_tuple(list);
}

// The URIs for one method of access to the issuer's data; None when there are none.
static PyObject *
access_uris(X509 *cert, int nid)
{
    AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
    PyObject *list = PyList_New(0);

    for (int i = 0; info != NULL && list != NULL && i < sk_ACCESS_DESCRIPTION_num(info);
         i++) {
        ACCESS_DESCRIPTION *item = sk_ACCESS_DESCRIPTION_value(info, i);
        if (OBJ_obj2nid(item->method) != nid || item->location->type != GEN_URI) {
            continue;
        }
        const ASN1_IA5STRING *uri = item->location->d.uniformResourceIdentifier;
        if (append(list, PyUnicode_FromStringAndSize(
                             (const char *)ASN1_STRING_get0_data(uri),
                             ASN1_STRING_length(uri))) < 0) {
            Py_CLEAR(list);
        }
    }
    AUTHORITY_INFO_ACCESS_free(info);
    return tuple_or_none(list);
}

static PyObject *
revocation_uris(X509 *cert)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL,
                                               NULL);

    if (points == NULL) {
        ERR_clear_error();
        Py_RETURN_NONE;
    }
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < sk_DIST_POINT_num(points); i++) {
        DIST_POINT *point = sk_DIST_POINT_value(points, i);
        if (point->distpoint == NULL || point->distpoint->type != 0) {
            continue;
        }
        GENERAL_NAMES *names = point->distpoint->name.fullname;
        for (int j = 0; list != NULL && j < sk_GENERAL_NAME_num(names); j++) {
            GENERAL_NAME *name = sk_GENERAL_NAME_value(names, j);
            if (name->type != GEN_URI) {
                continue;
            }
            const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
            if (append(list, PyUnicode_FromStringAndSize(
                                 (const char *)ASN1_STRING_get0_data(uri),
                                 ASN1_STRING_length(uri))) < 0) {
                Py_CLEAR(list);
            }
        }
    }
    CRL_DIST_POINTS_free(points);
    return tuple_or_none(list);
}

// ---- the dict -------------------------------------------------------------------------

// What a printing function writes.
static PyObject *
printed(SslState *state, int (*print)(BIO *, const void *), const void *value)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PyObject *text = NULL;
    char *data;

    if (bio == NULL) {
        return PyErr_NoMemory();
    }
    if (print(bio, value) >= 0) {
        long size = BIO_get_mem_data(bio, &data);
        text = PyUnicode_FromStringAndSize(data, size);
    }
    else {
        KR_SSL_FAIL(state);
    }
    BIO_free(bio);
    return text;
}

static int
print_time(BIO *bio, const void *time)
{
    return ASN1_TIME_print(bio, time) ? 0 : -1;
}

static int
print_integer(BIO *bio, const void *number)
{
    return i2a_ASN1_INTEGER(bio, number);
}

// The same, unless the value is None.
static int
put_if_any(PyObject *dict, const char *key, PyObject *value)
{
    if (value == Py_None) {
        Py_DECREF(value);
        return 0;
    }
    return put(dict, key, value);
}

PyObject *
kr_ssl_decode_certificate(SslState *state, X509 *cert)
{
    PyObject *dict = PyDict_New();

    if (dict == NULL) {
        return NULL;
    }
    if (put(dict, "subject", name_tuple(state, X509_get_subject_name(cert))) < 0 ||
        put(dict, "issuer", name_tuple(state, X509_get_issuer_name(cert))) < 0 ||
        put(dict, "version", PyLong_FromLong(X509_get_version(cert) + 1)) < 0 ||
        put(dict, "serialNumber",
            printed(state, print_integer, X509_get0_serialNumber(cert))) < 0 ||
        put(dict, "notBefore", printed(state, print_time, X509_get0_notBefore(cert))) < 0 ||
        put(dict, "notAfter", printed(state, print_time, X509_get0_notAfter(cert))) < 0 ||
        put_if_any(dict, "subjectAltName", alternative_names(state, cert)) < 0 ||
        put_if_any(dict, "OCSP", access_uris(cert, NID_ad_OCSP)) < 0 ||
        put_if_any(dict, "caIssuers", access_uris(cert, NID_ad_ca_issuers)) < 0 ||
        put_if_any(dict, "crlDistributionPoints", revocation_uris(cert)) < 0) {
        Py_CLEAR(dict);
    }
    return dict;
}
