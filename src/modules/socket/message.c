// SPDX-License-Identifier: MIT
// message.c - sendmsg, recvmsg and their kin: data in several buffers, and ancillary
// data (descriptors, credentials, options of packets).
#include "modules/socket/socket.h"

#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

// ---- sizes --------------------------------------------------------------------------

// The size of one item of ancillary data, its padding included or not. false: too big.
static bool
control_size(Py_ssize_t length, bool padded, size_t *out)
{
    if (length < 0 || (size_t)length > INT_MAX - (padded ? CMSG_SPACE(1) : CMSG_LEN(0))) {
        return false;
    }
    *out = padded ? CMSG_SPACE((size_t)length) : CMSG_LEN((size_t)length);
    return true;
}

KR_FUNCTION(sockets, "CMSG_LEN(length, /)",
            "The size of an item of ancillary data with length bytes, without padding\n"
            "behind it.")
static PyObject *
sockets_cmsg_len(PyObject *module, Py_ssize_t length)
{
    size_t size;

    if (!control_size(length, false, &size)) {
        PyErr_SetString(PyExc_OverflowError, "CMSG_LEN() argument out of range");
        return NULL;
    }
    return PyLong_FromSize_t(size);
}

KR_FUNCTION(sockets, "CMSG_SPACE(length, /)",
            "The room that an item of ancillary data with length bytes takes, padding\n"
            "included.")
static PyObject *
sockets_cmsg_space(PyObject *module, Py_ssize_t length)
{
    size_t size;

    if (!control_size(length, true, &size)) {
        PyErr_SetString(PyExc_OverflowError, "CMSG_SPACE() argument out of range");
        return NULL;
    }
    return PyLong_FromSize_t(size);
}

// ---- several buffers ------------------------------------------------------------------

typedef struct {
    PyObject *items;      // owned: a list or tuple
    Py_buffer *buffers;   // views of the first `count` items
    struct iovec *vector; // the same for the system
    Py_ssize_t count;
} Vector;

static void
vector_close(Vector *vector)
{
    for (Py_ssize_t i = 0; i < vector->count; i++) {
        PyBuffer_Release(&vector->buffers[i]);
    }
    PyMem_Free(vector->buffers);
    PyMem_Free(vector->vector);
    Py_XDECREF(vector->items);
}

// 0 or -1; vector_close() is due in either case. writable: for receiving.
static int
vector_open(Vector *vector, PyObject *iterable, bool writable, const char *method)
{
    char message[64];

    snprintf(message, sizeof message, "%s() argument 1 must be an iterable", method);
    vector->items = PySequence_Tuple(iterable);
    if (vector->items == NULL) {
        if (Py_TYPE(iterable)->tp_iter == NULL && !PySequence_Check(iterable)) {
            PyErr_SetString(PyExc_TypeError, message);
        }
        return -1;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(vector->items);
    if (count > INT_MAX) {
        PyErr_Format(PyExc_OSError, "%s() argument 1 is too long", method);
        return -1;
    }
    vector->buffers = PyMem_New(Py_buffer, count + 1);
    vector->vector = PyMem_New(struct iovec, count + 1);
    if (vector->buffers == NULL || vector->vector == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_buffer *buffer = &vector->buffers[i];
        if (PyObject_GetBuffer(PyTuple_GET_ITEM(vector->items, i), buffer,
                               writable ? PyBUF_WRITABLE : PyBUF_SIMPLE) < 0) {
            if (writable) {
                PyErr_Format(PyExc_TypeError,
                             "%s() argument 1 must be an iterable of single-segment "
                             "read-write buffers",
                             method);
            }
            return -1;
        }
        vector->count++;
        vector->vector[i].iov_base = buffer->buf;
        vector->vector[i].iov_len = (size_t)buffer->len;
    }
    return 0;
}

// ---- sending --------------------------------------------------------------------------

typedef struct {
    struct msghdr *message;
    int flags;
    ssize_t done;
} Sending;

static bool
call_sendmsg(KrSocket *self, void *data)
{
    Sending *call = data;
    call->done = sendmsg(self->fd, call->message, call->flags);
    return call->done >= 0;
}

// Sends a message; the number of bytes that the system took.
static PyObject *
send_message(KrSocket *self, struct msghdr *message, int flags)
{
    Sending call = {message, flags, 0};

    if (kr_socket_call(self, KR_SOCKET_WRITE, call_sendmsg, &call) < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(call.done);
}

typedef struct {
    int level;
    int type;
    Py_buffer data;
} ControlItem;

// Reads up to `room` items. Returns how many have been read; fewer than `room` with an
// exception.
static Py_ssize_t
control_read(PyObject *items, ControlItem *out, Py_ssize_t room, size_t *size_out)
{
    size_t total = 0, size;

    for (Py_ssize_t i = 0; i < room; i++) {
        ControlItem *item = &out[i];
        if (!PyArg_Parse(PyTuple_GET_ITEM(items, i),
                         "(iiy*):[sendmsg() ancillary data items]", &item->level,
                         &item->type, &item->data)) {
            return i;
        }
        const char *trouble = NULL;
        if (!control_size(item->data.len, true, &size)) {
            trouble = "ancillary data item too large";
        }
        else if (total + size > INT_MAX) {
            trouble = "too much ancillary data";
        }
        if (trouble != NULL) {
            PyErr_SetString(PyExc_OSError, trouble);
            PyBuffer_Release(&item->data);
            return i;
        }
        total += size;
    }
    *size_out = total;
    return room;
}

// Writes the items behind each other into message->msg_control, which is zeroed.
static void
control_write(struct msghdr *message, const ControlItem *items, Py_ssize_t count)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);

    for (Py_ssize_t i = 0; i < count && header != NULL; i++) {
        size_t length = (size_t)items[i].data.len;
        header->cmsg_level = items[i].level;
        header->cmsg_type = items[i].type;
        header->cmsg_len = CMSG_LEN(length);
        if (length > 0) {
            memcpy(CMSG_DATA(header), items[i].data.buf, length);
        }
        header = CMSG_NXTHDR(message, header);
    }
}

// Puts ancillary data into a message; *out is to be freed. 0 or -1.
static int
control_make(PyObject *iterable, struct msghdr *message, void **out)
{
    ControlItem *items = NULL;
    Py_ssize_t done = 0;
    size_t size = 0;
    int status = -1;
    PyObject *tuple = PySequence_Tuple(iterable);

    if (tuple == NULL) {
        if (Py_TYPE(iterable)->tp_iter == NULL && !PySequence_Check(iterable)) {
            PyErr_SetString(PyExc_TypeError, "sendmsg() argument 2 must be an iterable");
        }
        return -1;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    items = PyMem_New(ControlItem, count + 1);
    if (items == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    done = control_read(tuple, items, count, &size);
    if (done < count) {
        goto done;
    }
    if (count > 0) {
        *out = PyMem_Calloc(1, size);
        if (*out == NULL) {
            PyErr_NoMemory();
            goto done;
        }
        message->msg_control = *out;
        message->msg_controllen = size;
        control_write(message, items, count);
    }
    status = 0;

done:
    for (Py_ssize_t i = 0; i < done; i++) {
        PyBuffer_Release(&items[i].data);
    }
    PyMem_Free(items);
    Py_DECREF(tuple);
    return status;
}

KR_METHOD(socket, "sendmsg(self, buffers, ancdata=(), flags=0, address=None, /)",
          "Send data gathered from buffers, and ancillary data: tuples (level, type,\n"
          "data). Returns the number of bytes of the former that were sent.")
static PyObject *
socket_sendmsg(KrSocket *self, PyObject *buffers, PyObject *ancdata, int flags,
               PyObject *address)
{
    Vector vector = {NULL};
    KrAddress to;
    struct msghdr message = {0};
    void *control = NULL;
    PyObject *result = NULL;

    if (address != Py_None) {
        message.msg_name = &to;
        if (kr_address_parse(self, address, "sendmsg", &to, &message.msg_namelen) < 0) {
            return NULL;
        }
    }
    if (PySys_Audit("socket.sendmsg", "OO", (PyObject *)self, address) < 0 ||
        vector_open(&vector, buffers, false, "sendmsg") < 0 ||
        (ancdata != NULL && control_make(ancdata, &message, &control) < 0)) {
        goto done;
    }
    message.msg_iov = vector.vector;
    message.msg_iovlen = (size_t)vector.count;
    result = send_message(self, &message, flags);

done:
    PyMem_Free(control);
    vector_close(&vector);
    return result;
}

// ---- sending to the kernel's cryptography -----------------------------------------------

// Appends one item to a message's control data.
static void
alg_append(struct msghdr *message, char *control, int type, const void *head,
           size_t head_size, const void *data, size_t size)
{
    struct cmsghdr *header = (struct cmsghdr *)(control + message->msg_controllen);

    header->cmsg_level = SOL_ALG;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(head_size + size);
    memcpy(CMSG_DATA(header), head, head_size);
    if (size > 0) {
        memcpy(CMSG_DATA(header) + head_size, data, size);
    }
    message->msg_controllen += CMSG_SPACE(head_size + size);
}

static int
alg_number(PyObject *object, const char *trouble, uint32_t *out)
{
    int value;

    if (kr_arg_int(object, &value) < 0) {
        return -1;
    }
    if (value < 0) {
        PyErr_SetString(PyExc_TypeError, trouble);
        return -1;
    }
    *out = (uint32_t)value;
    return 0;
}

// The control data of an operation; *out is to be freed. 0 or -1.
static int
alg_control(PyObject *op, PyObject *assoclen, const Py_buffer *iv, struct msghdr *message,
            char **out)
{
    uint32_t operation, associated = 0;

    if (op == NULL) {
        PyErr_SetString(PyExc_TypeError, "Invalid or missing argument 'op'");
        return -1;
    }
    if (alg_number(op, "Invalid or missing argument 'op'", &operation) < 0 ||
        (assoclen != NULL &&
         alg_number(assoclen, "assoclen must be positive", &associated) < 0)) {
        return -1;
    }
    if (iv->len > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "iv is too long");
        return -1;
    }
    *out = PyMem_Calloc(1, 2 * CMSG_SPACE(4) + CMSG_SPACE(4 + (size_t)iv->len));
    if (*out == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    message->msg_control = *out;
    alg_append(message, *out, ALG_SET_OP, &operation, 4, NULL, 0);
    if (iv->obj != NULL) {
        uint32_t length = (uint32_t)iv->len;
        alg_append(message, *out, ALG_SET_IV, &length, 4, iv->buf, length);
    }
    if (assoclen != NULL) {
        alg_append(message, *out, ALG_SET_AEAD_ASSOCLEN, &associated, 4, NULL, 0);
    }
    return 0;
}

KR_METHOD(socket,
          "sendmsg_afalg(self, msg=(), /, *, op=<missing>, iv=None, assoclen=<missing>, "
          "flags=0)",
          "Set operation, initialisation vector and length of associated data of an\n"
          "AF_ALG socket, and send data.")
static PyObject *
socket_sendmsg_afalg(KrSocket *self, PyObject *msg, PyObject *op, Py_buffer *iv,
                     PyObject *assoclen, int flags)
{
    Vector vector = {NULL};
    struct msghdr message = {0};
    char *control = NULL;
    PyObject *result = NULL;

    if (self->family != AF_ALG) {
        PyErr_SetString(PyExc_OSError, "algset is only supported for AF_ALG");
        return NULL;
    }
    if (alg_control(op, assoclen, iv, &message, &control) == 0 &&
        (msg == NULL || vector_open(&vector, msg, false, "sendmsg_afalg") == 0)) {
        message.msg_iov = vector.vector;
        message.msg_iovlen = (size_t)vector.count;
        result = send_message(self, &message, flags);
    }
    PyMem_Free(control);
    vector_close(&vector);
    return result;
}

// ---- receiving --------------------------------------------------------------------------

typedef struct {
    struct msghdr message;
    KrAddress address;
    int flags;
    ssize_t done;
} Received;

static bool
call_recvmsg(KrSocket *self, void *data)
{
    Received *received = data;
    received->done = recvmsg(self->fd, &received->message, received->flags);
    return received->done >= 0;
}

// How much data an item of ancillary data has; false: it is cut off or nonsense.
static bool
control_length(const struct msghdr *message, const struct cmsghdr *header, size_t *out)
{
    size_t before = (size_t)((const char *)CMSG_DATA(header) -
                             (const char *)message->msg_control);
    size_t room = before > message->msg_controllen ? 0 : message->msg_controllen - before;

    if (header->cmsg_len < CMSG_LEN(0)) {
        *out = 0;
        return false;
    }
    *out = header->cmsg_len - CMSG_LEN(0);
    if (*out > room) {
        *out = room;
        return false;
    }
    return true;
}

static PyObject *
control_list(struct msghdr *message)
{
    PyObject *list = PyList_New(0);
    bool whole = true;

    for (struct cmsghdr *header = message->msg_controllen > 0 ? CMSG_FIRSTHDR(message)
                                                              : NULL;
         list != NULL && header != NULL && whole; header = CMSG_NXTHDR(message, header)) {
        size_t length;
        whole = control_length(message, header, &length);
        if (!whole && PyErr_WarnEx(PyExc_RuntimeWarning,
                                   "received malformed or improperly-truncated "
                                   "ancillary data",
                                   1) < 0) {
            Py_CLEAR(list);
            break;
        }
        PyObject *item = Py_BuildValue("iiy#", header->cmsg_level, header->cmsg_type,
                                       (const char *)CMSG_DATA(header),
                                       (Py_ssize_t)length);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    return list;
}

// Closes descriptors that have been received and that nobody will get to know.
static void
control_forget(struct msghdr *message)
{
    for (struct cmsghdr *header = message->msg_controllen > 0 ? CMSG_FIRSTHDR(message)
                                                              : NULL;
         header != NULL; header = CMSG_NXTHDR(message, header)) {
        size_t length;
        bool whole = control_length(message, header, &length);
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            for (size_t i = 0; i + sizeof(int) <= length; i += sizeof(int)) {
                int fd;
                memcpy(&fd, CMSG_DATA(header) + i, sizeof fd);
                close(fd);
            }
        }
        if (!whole) {
            break;
        }
    }
}

// Receives into a vector. The first item of the result is `bytes`, which it takes over,
// cut to what came; without it, the number of bytes.
static PyObject *
receive_message(KrSocket *self, struct iovec *vector, Py_ssize_t count, PyObject *bytes,
                Py_ssize_t control_room, int flags)
{
    Received received = {.flags = flags};
    struct msghdr *message = &received.message;
    PyObject *list = NULL, *address = NULL, *result = NULL;
    void *control = NULL;

    if (control_room < 0 || control_room > INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "invalid ancillary data buffer length");
        goto done;
    }
    if (control_room > 0) {
        control = PyMem_Calloc(1, (size_t)control_room);
        if (control == NULL) {
            PyErr_NoMemory();
            goto done;
        }
    }
    *message = (struct msghdr){
        .msg_name = &received.address,
        .msg_namelen = sizeof received.address,
        .msg_iov = vector,
        .msg_iovlen = (size_t)count,
        .msg_control = control,
        .msg_controllen = (size_t)control_room,
    };
    if (kr_socket_call(self, KR_SOCKET_READ, call_recvmsg, &received) < 0) {
        goto done;
    }
    if (bytes == NULL) {
        bytes = PyLong_FromSsize_t(received.done);
    }
    else if (received.done < PyBytes_GET_SIZE(bytes)) {
        _PyBytes_Resize(&bytes, received.done);
    }
    list = control_list(message);
    address = kr_address_object(self->fd, &received.address, message->msg_namelen,
                                self->proto);
    if (bytes != NULL && list != NULL && address != NULL) {
        result = Py_BuildValue("OOiO", bytes, list, message->msg_flags, address);
    }
    if (result == NULL) {
        control_forget(message);
    }

done:
    PyMem_Free(control);
    Py_XDECREF(bytes);
    Py_XDECREF(list);
    Py_XDECREF(address);
    return result;
}

KR_METHOD(socket, "recvmsg(self, bufsize, ancbufsize=0, flags=0, /)",
          "Receive up to bufsize bytes, and ancillary data into a buffer of ancbufsize\n"
          "bytes: a tuple (data, ancdata, msg_flags, address), ancdata being a list of\n"
          "tuples (level, type, data).")
static PyObject *
socket_recvmsg(KrSocket *self, Py_ssize_t bufsize, Py_ssize_t ancbufsize, int flags)
{
    if (bufsize < 0) {
        PyErr_SetString(PyExc_ValueError, "negative buffer size in recvmsg()");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, bufsize);
    if (bytes == NULL) {
        return NULL;
    }
    struct iovec vector = {PyBytes_AS_STRING(bytes), (size_t)bufsize};
    return receive_message(self, &vector, 1, bytes, ancbufsize, flags);
}

KR_METHOD(socket, "recvmsg_into(self, buffers, ancbufsize=0, flags=0, /)",
          "Like recvmsg(), but scatter the data over writable buffers; the first item\n"
          "of the result is the number of bytes.")
static PyObject *
socket_recvmsg_into(KrSocket *self, PyObject *buffers, Py_ssize_t ancbufsize, int flags)
{
    Vector vector = {NULL};
    PyObject *result = NULL;

    if (vector_open(&vector, buffers, true, "recvmsg_into") == 0) {
        result = receive_message(self, vector.vector, vector.count, NULL, ancbufsize, flags);
    }
    vector_close(&vector);
    return result;
}

#include "modules/socket/message.methods.h"
