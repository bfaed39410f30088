// SPDX-License-Identifier: MIT
// errors.c - OpenSSL's errors as exceptions.
#include "ext/ssl/ssl.h"

#include <ctype.h>
#include <string.h>

// ---- names ----------------------------------------------------------------------

static const struct {
    int code;
    const char *name;
} libraries[] = {
    {ERR_LIB_ASN1, "ASN1"},     {ERR_LIB_BN, "BN"},         {ERR_LIB_BUF, "BUF"},
    {ERR_LIB_CONF, "CONF"},     {ERR_LIB_CRYPTO, "CRYPTO"}, {ERR_LIB_DH, "DH"},
    {ERR_LIB_DSA, "DSA"},       {ERR_LIB_EC, "EC"},         {ERR_LIB_ENGINE, "ENGINE"},
    {ERR_LIB_EVP, "EVP"},       {ERR_LIB_OBJ, "OBJ"},       {ERR_LIB_OCSP, "OCSP"},
    {ERR_LIB_PEM, "PEM"},       {ERR_LIB_PKCS12, "PKCS12"}, {ERR_LIB_PKCS7, "PKCS7"},
    {ERR_LIB_PROV, "PROV"},     {ERR_LIB_RAND, "RAND"},     {ERR_LIB_RSA, "RSA"},
    {ERR_LIB_SSL, "SSL"},       {ERR_LIB_SYS, "SYS"},       {ERR_LIB_BIO, "BIO"},
    {ERR_LIB_X509, "X509"},     {ERR_LIB_X509V3, "X509V3"}, {ERR_LIB_UI, "UI"},
    {ERR_LIB_OSSL_DECODER, "OSSL_DECODER"},
};

// None, or the short name of the library that complained.
static PyObject *
library_name(unsigned long code)
{
    int library = ERR_GET_LIB(code);

    for (size_t i = 0; code != 0 && i < Py_ARRAY_LENGTH(libraries); i++) {
        if (libraries[i].code == library) {
            return PyUnicode_FromString(libraries[i].name);
        }
    }
    Py_RETURN_NONE;
}

// The reason's name is its text in capital letters: "wrong version number" is
// WRONG_VERSION_NUMBER.
static PyObject *
reason_name(unsigned long code)
{
    const char *text = code == 0 || ERR_SYSTEM_ERROR(code) ? NULL
                                                           : ERR_reason_error_string(code);
    char name[128];
    size_t i = 0;

    if (text == NULL) {
        Py_RETURN_NONE;
    }
    for (; text[i] != '\0' && i + 1 < sizeof name; i++) {
        name[i] = isalnum((unsigned char)text[i]) ? (char)toupper((unsigned char)text[i])
                                                  : '_';
    }
    name[i] = '\0';
    return PyUnicode_FromString(name);
}

// ---- making exceptions ------------------------------------------------------------

// Why a certificate was not accepted, as a str.
static PyObject *
verify_text(SslSocket *socket, long code)
{
    if (code == X509_V_ERR_HOSTNAME_MISMATCH && socket->hostname != NULL) {
        return PyUnicode_FromFormat("Hostname mismatch, certificate is not valid for "
                                    "'%S'.",
                                    socket->hostname);
    }
    if (code == X509_V_ERR_IP_ADDRESS_MISMATCH && socket->hostname != NULL) {
        return PyUnicode_FromFormat("IP address mismatch, certificate is not valid for "
                                    "'%S'.",
                                    socket->hostname);
    }
    const char *text = X509_verify_cert_error_string(code);
    return text == NULL ? Py_NewRef(Py_None) : PyUnicode_FromString(text);
}

// "[SSL: REASON] text: detail (_ssl.c:line)"
static PyObject *
full_text(PyObject *library, PyObject *reason, const char *text, PyObject *detail, int line)
{
    PyObject *body = detail == NULL ? PyUnicode_FromString(text)
                                    : PyUnicode_FromFormat("%s: %S", text, detail);
    PyObject *result = NULL;

    if (body == NULL) {
        return NULL;
    }
    if (reason != Py_None && library != Py_None) {
        result = PyUnicode_FromFormat("[%S: %S] %U (_ssl.c:%d)", library, reason, body,
                                      line);
    }
    else if (library != Py_None) {
        result = PyUnicode_FromFormat("[%S] %U (_ssl.c:%d)", library, body, line);
    }
    else {
        result = PyUnicode_FromFormat("%U (_ssl.c:%d)", body, line);
    }
    Py_DECREF(body);
    return result;
}

static int
set_verify_attributes(PyObject *error, long code, PyObject *text)
{
    PyObject *number = PyLong_FromLong(code);
    int status = number == NULL ||
                         PyObject_SetAttrString(error, "verify_code", number) < 0 ||
                         PyObject_SetAttrString(error, "verify_message", text) < 0
                     ? -1
                     : 0;
    Py_XDECREF(number);
    return status;
}

// Sets the exception. socket may be NULL.
static void
raise_error(SslState *state, SslSocket *socket, SslErrorKind kind, int number,
            const char *text, int line, unsigned long code)
{
    PyObject *library = library_name(code), *reason = reason_name(code);
    PyObject *detail = NULL, *message = NULL, *error = NULL;
    long verify = kind == KR_SSL_CERT_VERIFICATION && socket != NULL
                      ? SSL_get_verify_result(socket->ssl)
                      : 0;

    if (library == NULL || reason == NULL) {
        goto done;
    }
    if (text == NULL) {
        text = code == 0 ? NULL : ERR_reason_error_string(code);
        text = text == NULL ? "unknown error" : text;
    }
    if (kind == KR_SSL_CERT_VERIFICATION && socket != NULL) {
        detail = verify_text(socket, verify);
        if (detail == NULL) {
            goto done;
        }
    }
    message = full_text(library, reason, text, detail, line);
    error = message == NULL
                ? NULL
                : PyObject_CallFunction(state->errors[kind], "iO", number, message);
    if (error == NULL || PyObject_SetAttrString(error, "reason", reason) < 0 ||
        PyObject_SetAttrString(error, "library", library) < 0 ||
        (detail != NULL && set_verify_attributes(error, verify, detail) < 0)) {
        goto done;
    }
    PyErr_SetObject(state->errors[kind], error);

done:
    Py_XDECREF(library);
    Py_XDECREF(reason);
    Py_XDECREF(detail);
    Py_XDECREF(message);
    Py_XDECREF(error);
    ERR_clear_error();
}

PyObject *
kr_ssl_raise(SslState *state, SslErrorKind kind, int number, const char *text, int line)
{
    raise_error(state, NULL, kind, number, text, line, 0);
    return NULL;
}

PyObject *
kr_ssl_fail(SslState *state, const char *text, int line)
{
    unsigned long code = ERR_peek_last_error();

    raise_error(state, NULL, KR_SSL_ERROR_BASE, ERR_GET_REASON(code), text, line, code);
    return NULL;
}

// After SSL_ERROR_SYSCALL.
static PyObject *
syscall_fail(SslSocket *self, int saved_errno, int line)
{
    unsigned long code = ERR_peek_last_error();

    if (code != 0) {
        raise_error(self->state, self, KR_SSL_SYSCALL, SSL_ERROR_SYSCALL, NULL, line, code);
        return NULL;
    }
    if (self->socket != NULL && saved_errno != 0) {
        ERR_clear_error();
        errno = saved_errno;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    raise_error(self->state, self, KR_SSL_EOF, KR_SSL_ERROR_EOF,
                "EOF occurred in violation of protocol", line, 0);
    return NULL;
}

// After SSL_ERROR_SSL: something of the protocol.
static PyObject *
protocol_fail(SslSocket *self, int line)
{
    unsigned long code = ERR_peek_last_error();
    SslErrorKind kind = KR_SSL_ERROR_BASE;
    int number = SSL_ERROR_SSL;
    const char *text = code == 0 ? "A failure in the SSL library occurred" : NULL;

    if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
        ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        kind = KR_SSL_CERT_VERIFICATION;
    }
    else if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
             ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        kind = KR_SSL_EOF;
        number = KR_SSL_ERROR_EOF;
        text = "EOF occurred in violation of protocol";
    }
    raise_error(self->state, self, kind, number, text, line, code);
    return NULL;
}

PyObject *
kr_ssl_socket_fail(SslSocket *self, int error, int saved_errno, int line)
{
    static const struct {
        int error;
        SslErrorKind kind;
        const char *text;
    } simple[] = {
        {SSL_ERROR_ZERO_RETURN, KR_SSL_ZERO_RETURN,
         "TLS/SSL connection has been closed (EOF)"},
        {SSL_ERROR_WANT_READ, KR_SSL_WANT_READ, "The operation did not complete (read)"},
        {SSL_ERROR_WANT_WRITE, KR_SSL_WANT_WRITE,
         "The operation did not complete (write)"},
        {SSL_ERROR_WANT_X509_LOOKUP, KR_SSL_ERROR_BASE,
         "The operation did not complete (X509 lookup)"},
        {SSL_ERROR_WANT_CONNECT, KR_SSL_ERROR_BASE,
         "The operation did not complete (connect)"},
    };

    if (self->pending_error != NULL) {
        // A callback failed, which is why OpenSSL did.
        ERR_clear_error();
        PyErr_SetRaisedException(KR_MOVE(self->pending_error));
        return NULL;
    }
    if (PyErr_Occurred()) {
        ERR_clear_error();
        return NULL;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(simple); i++) {
        if (simple[i].error == error) {
            return kr_ssl_raise(self->state, simple[i].kind, error, simple[i].text, line);
        }
    }
    if (error == SSL_ERROR_SYSCALL) {
        return syscall_fail(self, saved_errno, line);
    }
    if (error == SSL_ERROR_SSL) {
        return protocol_fail(self, line);
    }
    return kr_ssl_raise(self->state, KR_SSL_ERROR_BASE, KR_SSL_ERROR_INVALID,
                        "Invalid error code", line);
}

// ---- the types ----------------------------------------------------------------------

// The text alone, without the number that OSError would show.
static PyObject *
error_str(PyObject *self)
{
    PyObject *text = PyObject_GetAttrString(self, "strerror");

    if (text == NULL || PyUnicode_Check(text)) {
        return text;
    }
    Py_DECREF(text);
    PyObject *args = PyObject_GetAttrString(self, "args");
    text = args == NULL ? NULL : PyObject_Str(args);
    Py_XDECREF(args);
    return text;
}

static PyObject *
base_error(PyObject *module)
{
    PyType_Slot slots[] = {
        {Py_tp_doc, "An error occurred in the SSL implementation."},
        {Py_tp_str, error_str},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "ssl.SSLError",
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
        .slots = slots,
    };

    return PyType_FromModuleAndSpec(module, &spec, PyExc_OSError);
}

int
kr_ssl_add_errors(PyObject *module, SslState *state)
{
    static const struct {
        SslErrorKind kind;
        const char *name;
        const char *doc;
    } kinds[] = {
        {KR_SSL_CERT_VERIFICATION, "ssl.SSLCertVerificationError",
         "A certificate could not be verified."},
        {KR_SSL_ZERO_RETURN, "ssl.SSLZeroReturnError", "SSL/TLS session closed cleanly."},
        {KR_SSL_WANT_READ, "ssl.SSLWantReadError",
         "Non-blocking SSL socket needs to read more data\n"
         "before the requested operation can be completed."},
        {KR_SSL_WANT_WRITE, "ssl.SSLWantWriteError",
         "Non-blocking SSL socket needs to write more data\n"
         "before the requested operation can be completed."},
        {KR_SSL_SYSCALL, "ssl.SSLSyscallError",
         "System error when attempting SSL operation."},
        {KR_SSL_EOF, "ssl.SSLEOFError", "SSL/TLS connection terminated abruptly."},
    };

    state->errors[KR_SSL_ERROR_BASE] = base_error(module);
    if (state->errors[KR_SSL_ERROR_BASE] == NULL ||
        PyModule_AddObjectRef(module, "SSLError", state->errors[KR_SSL_ERROR_BASE]) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(kinds); i++) {
        PyObject *base = kinds[i].kind == KR_SSL_CERT_VERIFICATION
                             ? PyTuple_Pack(2, state->errors[KR_SSL_ERROR_BASE],
                                            PyExc_ValueError)
                             : Py_NewRef(state->errors[KR_SSL_ERROR_BASE]);
        PyObject *error = base == NULL ? NULL
                                       : PyErr_NewExceptionWithDoc(kinds[i].name,
                                                                   kinds[i].doc, base, NULL);
        Py_XDECREF(base);
        state->errors[kinds[i].kind] = error;
        if (error == NULL ||
            PyModule_AddObjectRef(module, strchr(kinds[i].name, '.') + 1, error) < 0) {
            return -1;
        }
    }
    return 0;
}
