// SPDX-License-Identifier: MIT
// suggest.c - edit distance between names, for hints in error messages.
//
// The distance is Levenshtein's over UTF-8 bytes with weights: a change of case
// costs half of any other edit. A candidate is offered when at most about a third
// of the two names' characters would have to change.
#include "objects/suggest.h"

#include <string.h>

enum { EDIT_COST = 2, CASE_COST = 1, MAX_NAME = 40, MAX_CANDIDATES = 750 };

static int
replace_cost(char a, char b)
{
    if (a == b) {
        return 0;
    }
    if ('A' <= a && a <= 'Z') {
        a = (char)(a - 'A' + 'a');
    }
    if ('A' <= b && b <= 'Z') {
        b = (char)(b - 'A' + 'a');
    }
    return a == b ? CASE_COST : EDIT_COST;
}

// The distance, or limit + 1 when it is greater than limit.
static Py_ssize_t
edit_distance(const char *a, size_t a_size, const char *b, size_t b_size,
              Py_ssize_t limit)
{
    Py_ssize_t row[MAX_NAME + 1];

    while (a_size && b_size && *a == *b) {
        a++, b++, a_size--, b_size--;
    }
    while (a_size && b_size && a[a_size - 1] == b[b_size - 1]) {
        a_size--, b_size--;
    }
    if (a_size == 0 || b_size == 0) {
        return (Py_ssize_t)(a_size + b_size) * EDIT_COST;
    }
    if (a_size > MAX_NAME || b_size > MAX_NAME) {
        return limit + 1;
    }
    for (size_t i = 0; i <= a_size; i++) {
        row[i] = (Py_ssize_t)i * EDIT_COST;
    }
    for (size_t j = 0; j < b_size; j++) {
        Py_ssize_t diagonal = row[0];
        Py_ssize_t least = PY_SSIZE_T_MAX;
        row[0] = (Py_ssize_t)(j + 1) * EDIT_COST;
        for (size_t i = 0; i < a_size; i++) {
            Py_ssize_t replaced = diagonal + replace_cost(a[i], b[j]);
            Py_ssize_t shifted = Py_MIN(row[i], row[i + 1]) + EDIT_COST;
            diagonal = row[i + 1];
            row[i + 1] = Py_MIN(replaced, shifted);
            least = Py_MIN(least, row[i + 1]);
        }
        if (least > limit) {
            return limit + 1;
        }
    }
    return row[a_size];
}

PyObject *
kr_suggest_nofail(PyObject *name, PyObject *const *candidates, Py_ssize_t count)
{
    Py_ssize_t size, best = PY_SSIZE_T_MAX;
    PyObject *result = NULL;
    const char *text;

    if (count >= MAX_CANDIDATES || !PyUnicode_Check(name)) {
        return NULL;
    }
    text = PyUnicode_AsUTF8AndSize(name, &size);
    if (text == NULL) {
        PyErr_Clear();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t other_size;
        const char *other;
        if (candidates[i] == NULL || !PyUnicode_Check(candidates[i])) {
            continue;
        }
        other = PyUnicode_AsUTF8AndSize(candidates[i], &other_size);
        if (other == NULL) {
            PyErr_Clear();
            continue;
        }
        if (other_size == size && memcmp(text, other, (size_t)size) == 0) {
            continue;
        }
        Py_ssize_t limit = (size + other_size + 3) * EDIT_COST / 6;
        limit = Py_MIN(limit, best - 1);
        Py_ssize_t distance =
            edit_distance(text, (size_t)size, other, (size_t)other_size, limit);
        if (distance <= limit) {
            best = distance;
            result = candidates[i];
        }
    }
    return result;
}
