// SPDX-License-Identifier: MIT
// intern.c - one object for each text: the table of interned strings.
//
// Invariants: the table borrows mortal strings; str_dealloc takes them out.
//             Names of KR_ID and the Latin-1 characters are static and shared by
//             all interpreters; each interpreter has them in its table.
//             A table is never more than two thirds full.
#include "objects/str/str.h"

#include "objects/ids.h"
#include "objects/state.h"

#define FORMER ((PyObject *)1)
#define FIRST_SIZE 4096

void kr_str_init_chars(void);

static inline size_t
first_place(Py_hash_t hash, size_t mask)
{
    return (size_t)hash & mask;
}

// Puts text into a table known to have room and not to contain it.
static void
place_text(PyObject **table, size_t mask, PyObject *text)
{
    size_t i = first_place(KR_ASCII(text)->hash, mask);
    while (table[i] != NULL) {
        i = (i + 1) & mask;
    }
    table[i] = text;
}

static int
make_room(KrStrState *state)
{
    size_t size = state->interned_mask + 1;
    if (state->interned != NULL && (size_t)state->interned_full * 3 < size * 2) {
        return 0;
    }
    if (state->interned == NULL) {
        size = FIRST_SIZE;
    }
    else if ((size_t)state->interned_used * 3 >= size) {
        size *= 2;
    }
    PyObject **table = PyMem_RawCalloc(size, sizeof(PyObject *));
    if (table == NULL) {
        return -1;
    }
    if (state->interned != NULL) {
        for (size_t i = 0; i <= state->interned_mask; i++) {
            PyObject *text = state->interned[i];
            if (text != NULL && text != FORMER) {
                place_text(table, size - 1, text);
            }
        }
        PyMem_RawFree(state->interned);
    }
    state->interned = table;
    state->interned_mask = size - 1;
    state->interned_full = state->interned_used;
    return 0;
}

// The interned string equal to text; else enters text. Borrowed; NULL where the
// table cannot grow (no exception is set).
static PyObject *
find_or_enter(KrStrState *state, PyObject *text)
{
    Py_hash_t hash = kr_str_hash(text);
    if (make_room(state) < 0) {
        return NULL;
    }
    PyObject **table = state->interned;
    size_t mask = state->interned_mask;
    PyObject **grave = NULL;
    size_t i = first_place(hash, mask);
    for (; table[i] != NULL; i = (i + 1) & mask) {
        PyObject *other = table[i];
        if (other == FORMER) {
            if (grave == NULL) {
                grave = &table[i];
            }
        }
        else if (other == text
                 || (KR_ASCII(other)->hash == hash && kr_str_equal(other, text))) {
            return other;
        }
    }
    if (grave != NULL) {
        *grave = text;
    }
    else {
        table[i] = text;
        state->interned_full++;
    }
    state->interned_used++;
    return text;
}

void
kr_str_intern(PyObject **text)
{
    PyObject *mine = *text;
    if (mine == NULL || !PyUnicode_CheckExact(mine) || KR_ASCII(mine)->state.interned) {
        return;
    }
    PyObject *known = NULL;
    Py_ssize_t length = KR_ASCII(mine)->length;
    if (length <= 1 && KR_ASCII(mine)->state.kind == 1) {
        known = length == 0 ? kr_empty_str_borrow()
                            : kr_latin1_strings[*(Py_UCS1 *)PyUnicode_DATA(mine)];
    }
    else {
        known = find_or_enter(&kr_interp()->str, mine);
        if (known == NULL) {
            return; // without memory the string simply stays as it is
        }
    }
    if (known == mine) {
        KR_ASCII(mine)->state.interned =
            PyUnstable_IsImmortal(mine) ? SSTATE_INTERNED_IMMORTAL : SSTATE_INTERNED_MORTAL;
        return;
    }
    Py_INCREF(known);
    *text = known;
    Py_DECREF(mine);
}

void
kr_intern_forget(PyObject *text)
{
    KrStrState *state = &kr_interp()->str;
    if (state->interned == NULL) {
        return;
    }
    PyObject **table = state->interned;
    size_t mask = state->interned_mask;
    for (size_t i = first_place(KR_ASCII(text)->hash, mask); table[i] != NULL;
         i = (i + 1) & mask) {
        if (table[i] == text) {
            table[i] = FORMER;
            state->interned_used--;
            // A run's last entry needs no mark, nor do the marks before it.
            if (table[(i + 1) & mask] == NULL) {
                while (table[i] == FORMER) {
                    table[i] = NULL;
                    state->interned_full--;
                    i = (i - 1) & mask;
                }
            }
            break;
        }
    }
    KR_ASCII(text)->state.interned = SSTATE_NOT_INTERNED;
}

Py_ssize_t
kr_intern_count(PyInterpreterState *interp)
{
    return interp->str.interned_used;
}

void
PyUnicode_InternInPlace(PyObject **str)
{
    kr_str_intern(str);
}

void
PyUnicode_InternImmortal(PyObject **str)
{
    kr_str_intern(str);
    if (KR_ASCII(*str)->state.interned == SSTATE_INTERNED_MORTAL) {
        _Py_SetImmortal(*str);
        KR_ASCII(*str)->state.interned = SSTATE_INTERNED_IMMORTAL;
    }
}

PyObject *
PyUnicode_InternFromString(const char *u)
{
    PyObject *text = PyUnicode_FromString(u);
    if (text != NULL) {
        kr_str_intern(&text);
    }
    return text;
}

int
kr_init_str(PyInterpreterState *interp)
{
    KrStrState *state = &interp->str;
    kr_str_init_chars();
    if (find_or_enter(state, kr_empty_str_borrow()) == NULL) {
        goto no_memory;
    }
    for (int c = 0; c < 256; c++) {
        if (find_or_enter(state, kr_latin1_strings[c]) == NULL) {
            goto no_memory;
        }
    }
    for (Py_ssize_t i = 0; i < kr_static_name_count; i++) {
        PyObject *name = (PyObject *)kr_static_names[i];
        if (KR_ASCII(name)->length != 0 && find_or_enter(state, name) == NULL) {
            goto no_memory;
        }
    }
    return 0;

no_memory:
    PyErr_NoMemory();
    return -1;
}

void
kr_fini_str(PyInterpreterState *interp)
{
    KrStrState *state = &interp->str;
    Py_CLEAR(state->codec_search_path);
    Py_CLEAR(state->codec_cache);
    Py_CLEAR(state->codec_errors);
    PyMem_RawFree(KR_MOVE(state->fs_encoding));
    PyMem_RawFree(KR_MOVE(state->fs_errors));
    PyMem_RawFree(KR_MOVE(state->names));
    if (state->interned != NULL) {
        for (size_t i = 0; i <= state->interned_mask; i++) {
            PyObject *text = state->interned[i];
            if (text != NULL && text != FORMER
                && KR_ASCII(text)->state.interned == SSTATE_INTERNED_MORTAL) {
                KR_ASCII(text)->state.interned = SSTATE_NOT_INTERNED;
            }
        }
        PyMem_RawFree(KR_MOVE(state->interned));
        state->interned_mask = 0;
        state->interned_used = state->interned_full = 0;
    }
}
