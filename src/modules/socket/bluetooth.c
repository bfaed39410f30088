// SPDX-License-Identifier: MIT
// bluetooth.c - addresses of AF_BLUETOOTH: L2CAP, RFCOMM, HCI and SCO.
#include "modules/socket/socket.h"

#include <endian.h>

// "12:34:56:78:9A:BC": 1 to 2 hexadecimal digits each. 0 or -1 with OSError.
static int
bluetooth_from_text(const char *text, KrBluetooth *out)
{
    const char *at = text;

    for (int i = 5; i >= 0; i--) {
        unsigned value = 0;
        int digits = 0;
        while (Py_ISXDIGIT((unsigned char)*at) && value < 0x10) {
            int c = Py_TOLOWER((unsigned char)*at++);
            value = value * 16 + (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
            digits++;
        }
        if (digits == 0 || *at != (i > 0 ? ':' : 0)) {
            PyErr_SetString(PyExc_OSError, "bad bluetooth address");
            return -1;
        }
        at++;
        out->b[i] = (uint8_t)value;
    }
    return 0;
}

static PyObject *
bluetooth_to_text(const KrBluetooth *a)
{
    return PyUnicode_FromFormat("%02X:%02X:%02X:%02X:%02X:%02X", a->b[5], a->b[4],
                                a->b[3], a->b[2], a->b[1], a->b[0]);
}

// OSError for arguments of a wrong shape, in place of what the parser raised.
static int
wrong_format(const char *caller)
{
    PyErr_Format(PyExc_OSError, "%s(): wrong format", caller);
    return -1;
}

static int
parse_l2cap(PyObject *object, const char *caller, struct kr_sockaddr_l2 *out)
{
    const char *text;
    unsigned short psm, cid = 0;
    unsigned char type = 0;

    if (!PyTuple_Check(object) ||
        !PyArg_ParseTuple(object, "sH|HB", &text, &psm, &cid, &type)) {
        return wrong_format(caller);
    }
    *out = (struct kr_sockaddr_l2){
        .family = AF_BLUETOOTH,
        .psm = htole16(psm),
        .cid = htole16(cid),
        .address_type = type,
    };
    return bluetooth_from_text(text, &out->address);
}

static int
parse_rfcomm(PyObject *object, const char *caller, struct kr_sockaddr_rfcomm *out)
{
    const char *text;
    unsigned char channel;

    if (!PyTuple_Check(object) || !PyArg_ParseTuple(object, "sB", &text, &channel)) {
        return wrong_format(caller);
    }
    *out = (struct kr_sockaddr_rfcomm){.family = AF_BLUETOOTH, .channel = channel};
    return bluetooth_from_text(text, &out->address);
}

static int
parse_hci(PyObject *object, const char *caller, struct kr_sockaddr_hci *out)
{
    unsigned short device, channel = 0;

    if (PyLong_Check(object)) {
        unsigned long number = PyLong_AsUnsignedLong(object);
        if (PyErr_Occurred() || number > UINT16_MAX) {
            return wrong_format(caller);
        }
        device = (unsigned short)number;
    }
    else if (!PyTuple_Check(object) ||
             !PyArg_ParseTuple(object, "H|H", &device, &channel)) {
        return wrong_format(caller);
    }
    *out = (struct kr_sockaddr_hci){
        .family = AF_BLUETOOTH, .device = device, .channel = channel};
    return 0;
}

// str or bytes.
static int
parse_sco(PyObject *object, const char *caller, struct kr_sockaddr_sco *out)
{
    Py_ssize_t length;
    const char *text;

    if (PyBytes_Check(object)) {
        text = PyBytes_AS_STRING(object);
        length = PyBytes_GET_SIZE(object);
    }
    else if (PyUnicode_Check(object)) {
        text = PyUnicode_AsUTF8AndSize(object, &length);
        if (text == NULL) {
            return -1;
        }
    }
    else {
        return wrong_format(caller);
    }
    if (strlen(text) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    *out = (struct kr_sockaddr_sco){.family = AF_BLUETOOTH};
    return bluetooth_from_text(text, &out->address);
}

int
kr_bluetooth_parse(KrSocket *self, PyObject *object, const char *caller, KrAddress *out,
                   socklen_t *size_out)
{
    switch (self->proto) {
    case KR_BT_L2CAP:
        *size_out = sizeof out->l2cap;
        return parse_l2cap(object, caller, &out->l2cap);
    case KR_BT_RFCOMM:
        *size_out = sizeof out->rfcomm;
        return parse_rfcomm(object, caller, &out->rfcomm);
    case KR_BT_HCI:
        *size_out = sizeof out->hci;
        return parse_hci(object, caller, &out->hci);
    case KR_BT_SCO:
        *size_out = sizeof out->sco;
        return parse_sco(object, caller, &out->sco);
    default:
        PyErr_Format(PyExc_OSError, "%s(): unknown Bluetooth protocol", caller);
        return -1;
    }
}

static PyObject *
l2cap_object(const struct kr_sockaddr_l2 *l2cap)
{
    PyObject *address = bluetooth_to_text(&l2cap->address);
    int psm = le16toh(l2cap->psm), cid = le16toh(l2cap->cid);

    if (address == NULL) {
        return NULL;
    }
    if (l2cap->address_type != 0) {
        return Py_BuildValue("Niii", address, psm, cid, (int)l2cap->address_type);
    }
    return cid != 0 ? Py_BuildValue("Nii", address, psm, cid)
                    : Py_BuildValue("Ni", address, psm);
}

PyObject *
kr_bluetooth_object(const KrAddress *address, int proto)
{
    PyObject *text;

    switch (proto) {
    case KR_BT_L2CAP:
        return l2cap_object(&address->l2cap);
    case KR_BT_RFCOMM:
        text = bluetooth_to_text(&address->rfcomm.address);
        return text == NULL ? NULL
                            : Py_BuildValue("Ni", text, (int)address->rfcomm.channel);
    case KR_BT_HCI:
        return address->hci.channel == 0
                   ? PyLong_FromLong(address->hci.device)
                   : Py_BuildValue("ii", (int)address->hci.device,
                                   (int)address->hci.channel);
    case KR_BT_SCO:
        return bluetooth_to_text(&address->sco.address);
    default:
        PyErr_SetString(PyExc_ValueError, "Unknown Bluetooth protocol");
        return NULL;
    }
}
