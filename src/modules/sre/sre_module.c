// SPDX-License-Identifier: MIT
// sre_module.c - module _sre: patterns, matches, scanners, templates.
#include "modules/sre/sre.h"

#include "objects/ids.h"
#include "objects/method_macros.h"

#include <structmember.h>

typedef struct {
    PyObject_VAR_HEAD
    Py_ssize_t groups;
    PyObject *groupindex; // dict: name to number
    PyObject *indexgroup; // tuple: names by number
    PyObject *pattern;    // str, bytes or None
    int flags;
    int isbytes;          // -1 not known, 0 str, 1 bytes
    PyObject *weakreflist;
    KrSreSets sets;
    Py_ssize_t codesize;
    KrSreCode code[1];
} Pattern;

typedef struct {
    PyObject_VAR_HEAD
    PyObject *string;     // NULL only while being made
    PyObject *regs;       // cached tuple of spans
    Pattern *pattern;
    Py_ssize_t pos, endpos;
    Py_ssize_t lastindex; // -1: none
    Py_ssize_t groups;    // group 0 included
    Py_ssize_t mark[1];
} Match;

typedef struct {
    PyObject_HEAD
    Pattern *pattern;
    KrSreState state;
    Py_ssize_t *marks;
    Py_ssize_t next;      // where to go on
    bool executing;
} Scanner;

typedef struct {
    PyObject_VAR_HEAD
    Py_ssize_t chunks;
    PyObject *literal;    // what comes first
    struct {
        Py_ssize_t index;
        PyObject *literal; // behind the group, NULL if empty
    } items[1];
} Template;

// --- State ---------------------------------------------------------------------------------

static void
state_fini(KrSreState *state)
{
    if (state->buffer.obj != NULL) {
        PyBuffer_Release(&state->buffer);
    }
    Py_CLEAR(state->string);
    if (state->stack != state->local_stack) {
        PyMem_Free(state->stack);
    }
    PyMem_Free(state->loops);
    if (state->marks != state->local_marks) {
        PyMem_Free(state->marks);
    }
    state->stack = NULL;
    state->loops = NULL;
    state->marks = NULL;
}

static void
clear_marks(KrSreState *state)
{
    for (Py_ssize_t i = 0; i < state->nmarks; i++) {
        state->marks[i] = -1;
    }
    state->lastindex = -1;
}

// Prepares a run over string[pos:endpos]. -1 with an exception set.
static int
state_init(KrSreState *state, Pattern *pattern, PyObject *string, Py_ssize_t pos,
           Py_ssize_t endpos)
{
    Py_ssize_t length;
    memset(state, 0, offsetof(KrSreState, local_stack));
    state->stack = state->local_stack;
    state->room = KR_SRE_LOCAL_STACK;
    if (PyUnicode_Check(string)) {
        length = PyUnicode_GET_LENGTH(string);
        state->data = PyUnicode_DATA(string);
        state->charsize = PyUnicode_KIND(string);
    }
    else {
        if (PyObject_GetBuffer(string, &state->buffer, PyBUF_SIMPLE) < 0) {
            PyErr_Format(PyExc_TypeError, "expected string or bytes-like object, got '%.200s'",
                         Py_TYPE(string)->tp_name);
            return -1;
        }
        length = state->buffer.len;
        state->data = state->buffer.buf;
        state->charsize = 1;
        state->is_bytes = true;
    }
    if (pattern->isbytes == 1 && !state->is_bytes) {
        PyErr_SetString(PyExc_TypeError, "cannot use a bytes pattern on a string-like object");
        goto failed;
    }
    if (pattern->isbytes == 0 && state->is_bytes) {
        PyErr_SetString(PyExc_TypeError, "cannot use a string pattern on a bytes-like object");
        goto failed;
    }
    pos = pos < 0 ? 0 : pos > length ? length : pos;
    endpos = endpos < 0 ? 0 : endpos > length ? length : endpos;
    state->code = pattern->code;
    state->set_of = pattern->sets.of;
    state->sets = pattern->sets.sets;
    state->begin = pos;
    state->end = endpos;
    state->must_advance = -1;
    state->nmarks = 2 * pattern->groups;
    state->marks = state->local_marks;
    if (state->nmarks > KR_SRE_LOCAL_MARKS) {
        state->marks = PyMem_Malloc((size_t)state->nmarks * sizeof(Py_ssize_t));
        if (state->marks == NULL) {
            PyErr_NoMemory();
            goto failed;
        }
    }
    clear_marks(state);
    state->string = Py_NewRef(string);
    return 0;

failed:
    state_fini(state);
    return -1;
}

static int
run_match(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end)
{
    if (pos > state->end) {
        return 0;
    }
    switch (state->charsize) {
    case 1: return kr_sre_match_1(state, pos, end);
    case 2: return kr_sre_match_2(state, pos, end);
    default: return kr_sre_match_4(state, pos, end);
    }
}

static int
run_search(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end)
{
    if (pos > state->end) {
        return 0;
    }
    switch (state->charsize) {
    case 1: return kr_sre_search_1(state, pos, end);
    case 2: return kr_sre_search_2(state, pos, end);
    default: return kr_sre_search_4(state, pos, end);
    }
}

// string[start:end] in the string's own type.
static PyObject *
slice_of(PyObject *string, const KrSreState *state, Py_ssize_t start, Py_ssize_t end)
{
    if (state != NULL && state->is_bytes) {
        if (PyBytes_CheckExact(string) && start == 0 && end == state->buffer.len) {
            return Py_NewRef(string);
        }
        return PyBytes_FromStringAndSize((const char *)state->data + start, end - start);
    }
    if (PyUnicode_Check(string)) {
        return PyUnicode_Substring(string, start, end);
    }
    Py_buffer buffer;
    if (PyObject_GetBuffer(string, &buffer, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    if (end > buffer.len) {
        end = buffer.len;
    }
    PyObject *bytes = PyBytes_CheckExact(string) && start == 0 && end == buffer.len
                          ? Py_NewRef(string)
                          : PyBytes_FromStringAndSize((char *)buffer.buf + start,
                                                      end > start ? end - start : 0);
    PyBuffer_Release(&buffer);
    return bytes;
}

// A Match for a status of the matcher: None for 0, NULL for an error.
static PyObject *
match_new(Pattern *pattern, const KrSreState *state, int status, Py_ssize_t end)
{
    if (status <= 0) {
        return status < 0 ? NULL : Py_NewRef(Py_None);
    }
    Match *match = PyObject_GC_NewVar(Match, &kr_sre_match_type, 2 * (pattern->groups + 1));
    if (match == NULL) {
        return NULL;
    }
    match->string = Py_NewRef(state->string);
    match->regs = NULL;
    match->pattern = (Pattern *)Py_NewRef(pattern);
    match->pos = state->begin;
    match->endpos = state->end;
    match->lastindex = state->lastindex;
    match->groups = pattern->groups + 1;
    match->mark[0] = state->start;
    match->mark[1] = end;
    for (Py_ssize_t i = 0; i < 2 * pattern->groups; i += 2) {
        bool set = state->marks[i] >= 0 && state->marks[i + 1] >= state->marks[i];
        match->mark[i + 2] = set ? state->marks[i] : -1;
        match->mark[i + 3] = set ? state->marks[i + 1] : -1;
    }
    PyObject_GC_Track(match);
    return (PyObject *)match;
}

// --- Patterns ---------------------------------------------------------------------------------

static PyObject *
pattern_run(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos, bool search,
            bool full)
{
    KrSreState state;
    Py_ssize_t end = 0;
    if (state_init(&state, self, string, pos, endpos) < 0) {
        return NULL;
    }
    state.full = full;
    int status = search ? run_search(&state, state.begin, &end)
                        : run_match(&state, state.begin, &end);
    PyObject *result = match_new(self, &state, status, end);
    state_fini(&state);
    return result;
}

KR_METHOD(pattern, "match(self, string, pos=0, endpos=sys.maxsize)",
          "Matches zero or more characters at the beginning of the string.")
static PyObject *
pattern_match(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return pattern_run(self, string, pos, endpos, false, false);
}

KR_METHOD(pattern, "fullmatch(self, string, pos=0, endpos=sys.maxsize)",
          "Matches against all of the string.")
static PyObject *
pattern_fullmatch(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return pattern_run(self, string, pos, endpos, false, true);
}

KR_METHOD(pattern, "search(self, string, pos=0, endpos=sys.maxsize)",
          "Scan through string looking for a match, and return a corresponding match object "
          "instance.")
static PyObject *
pattern_search(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return pattern_run(self, string, pos, endpos, true, false);
}

// Moves on behind a match found at state->start..end.
static Py_ssize_t
advance(KrSreState *state, Py_ssize_t end)
{
    state->must_advance = end == state->start ? end : -1;
    clear_marks(state);
    return end;
}

// The text of group i of the run; unset groups give an empty slice.
static PyObject *
group_text(const KrSreState *state, Py_ssize_t i, Py_ssize_t end, bool empty)
{
    Py_ssize_t from = i == 0 ? state->start : state->marks[2 * i - 2];
    Py_ssize_t to = i == 0 ? end : state->marks[2 * i - 1];
    if (from < 0 || to < from) {
        if (!empty) {
            return Py_NewRef(Py_None);
        }
        from = to = 0;
    }
    return slice_of(state->string, state, from, to);
}

KR_METHOD(pattern, "findall(self, string, pos=0, endpos=sys.maxsize)",
          "Return a list of all non-overlapping matches of pattern in string.")
static PyObject *
pattern_findall(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    KrSreState state;
    Py_ssize_t end = 0, at;
    int status = 0;
    if (state_init(&state, self, string, pos, endpos) < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(0);
    at = state.begin;
    while (list != NULL && (status = run_search(&state, at, &end)) > 0) {
        PyObject *item;
        if (self->groups <= 1) {
            item = group_text(&state, self->groups, end, true);
        }
        else {
            item = PyTuple_New(self->groups);
            for (Py_ssize_t i = 0; item != NULL && i < self->groups; i++) {
                PyObject *text = group_text(&state, i + 1, end, true);
                if (text == NULL) {
                    Py_CLEAR(item);
                    break;
                }
                PyTuple_SET_ITEM(item, i, text);
            }
        }
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_XDECREF(item);
            Py_CLEAR(list);
            break;
        }
        Py_DECREF(item);
        at = advance(&state, end);
    }
    if (status < 0) {
        Py_CLEAR(list);
    }
    state_fini(&state);
    return list;
}

static PyObject *
scanner_new(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    Scanner *scanner = PyObject_GC_New(Scanner, &kr_sre_scanner_type);
    if (scanner == NULL) {
        return NULL;
    }
    scanner->pattern = NULL;
    scanner->executing = false;
    if (state_init(&scanner->state, self, string, pos, endpos) < 0) {
        Py_DECREF(scanner);
        return NULL;
    }
    scanner->pattern = (Pattern *)Py_NewRef(self);
    scanner->next = scanner->state.begin;
    PyObject_GC_Track(scanner);
    return (PyObject *)scanner;
}

KR_METHOD(pattern, "scanner(self, string, pos=0, endpos=sys.maxsize)", "")
static PyObject *
pattern_scanner(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    return scanner_new(self, string, pos, endpos);
}

KR_METHOD(pattern, "finditer(self, string, pos=0, endpos=sys.maxsize)",
          "Return an iterator over all non-overlapping matches for the RE pattern in string.")
static PyObject *
pattern_finditer(Pattern *self, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos)
{
    PyObject *scanner = scanner_new(self, string, pos, endpos);
    PyObject *search = scanner == NULL ? NULL : PyObject_GetAttr(scanner, KR_ID(search));
    PyObject *iterator = search == NULL ? NULL : PyCallIter_New(search, Py_None);
    Py_XDECREF(scanner);
    Py_XDECREF(search);
    return iterator;
}

KR_METHOD(pattern, "split(self, string, maxsplit=0)",
          "Split string by the occurrences of pattern.")
static PyObject *
pattern_split(Pattern *self, PyObject *string, Py_ssize_t maxsplit)
{
    KrSreState state;
    Py_ssize_t end = 0, last = 0, n = 0, at = 0;
    int status = 0;
    if (state_init(&state, self, string, 0, PY_SSIZE_T_MAX) < 0) {
        return NULL;
    }
    PyObject *list = PyList_New(0), *item;
    while (list != NULL && (maxsplit == 0 || n < maxsplit) &&
           (status = run_search(&state, at, &end)) > 0) {
        item = slice_of(string, &state, last, state.start);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_XDECREF(item);
            Py_CLEAR(list);
            break;
        }
        Py_DECREF(item);
        for (Py_ssize_t i = 0; list != NULL && i < self->groups; i++) {
            item = group_text(&state, i + 1, end, false);
            if (item == NULL || PyList_Append(list, item) < 0) {
                Py_CLEAR(list);
            }
            Py_XDECREF(item);
        }
        n++;
        last = end;
        at = advance(&state, end);
    }
    if (status < 0) {
        Py_CLEAR(list);
    }
    if (list != NULL) {
        item = slice_of(string, &state, last, state.end);
        if (item == NULL || PyList_Append(list, item) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(item);
    }
    state_fini(&state);
    return list;
}

// Whether the replacement has a backslash and so must be parsed.
static int
has_backslash(PyObject *text)
{
    if (PyUnicode_Check(text)) {
        return PyUnicode_FindChar(text, '\\', 0, PyUnicode_GET_LENGTH(text), 1) >= 0;
    }
    Py_buffer buffer;
    if (PyObject_GetBuffer(text, &buffer, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    bool found = buffer.len > 0 && memchr(buffer.buf, '\\', (size_t)buffer.len) != NULL;
    PyBuffer_Release(&buffer);
    return found;
}

static PyObject *
compile_template(Pattern *pattern, PyObject *template)
{
    PyObject *function = PyImport_ImportModuleAttrString("re", "_compile_template");
    if (function == NULL) {
        return NULL;
    }
    PyObject *args[2] = {(PyObject *)pattern, template};
    PyObject *result = PyObject_Vectorcall(function, args, 2, NULL);
    if (result == NULL && PyErr_ExceptionMatches(PyExc_TypeError) &&
        PyObject_Hash(template) == -1) {
        // The cache of templates needs a hashable one: bytearray and the like.
        PyErr_Clear();
        PyObject *bytes = PyBytes_FromObject(template);
        if (bytes != NULL) {
            args[1] = bytes;
            result = PyObject_Vectorcall(function, args, 2, NULL);
            Py_DECREF(bytes);
        }
    }
    Py_DECREF(function);
    return result;
}

static PyObject *template_expand(Template *self, Match *match);

// The pieces joined in the type of the string.
static PyObject *
join_pieces(PyObject *list, PyObject *string)
{
    PyObject *empty = PyUnicode_Check(string) ? PyUnicode_New(0, 0)
                                              : PyBytes_FromStringAndSize(NULL, 0);
    if (empty == NULL) {
        return NULL;
    }
    PyObject *joined = PyUnicode_Check(string) ? PyUnicode_Join(empty, list)
                                               : PyBytes_Join(empty, list);
    Py_DECREF(empty);
    return joined;
}

static PyObject *
substitute(Pattern *self, PyObject *replacement, PyObject *string, Py_ssize_t count,
           bool with_count)
{
    KrSreState state;
    PyObject *filter = NULL, *list = NULL, *item = NULL, *result = NULL;
    Py_ssize_t end = 0, last = 0, n = 0, at = 0;
    int status = 0;
    bool callable = PyCallable_Check(replacement), literal = false;

    if (callable) {
        filter = Py_NewRef(replacement);
    }
    else {
        int escape = has_backslash(replacement);
        if (escape < 0) {
            PyErr_Clear();
            escape = 1;
        }
        literal = !escape;
        if (literal) {
            filter = Py_NewRef(replacement);
        }
        else {
            filter = compile_template(self, replacement);
            if (filter != NULL && !Py_IS_TYPE(filter, &kr_sre_template_type)) {
                literal = true;
            }
            else if (filter != NULL && ((Template *)filter)->chunks == 0) {
                Py_SETREF(filter, Py_NewRef(((Template *)filter)->literal));
                literal = true;
            }
        }
    }
    if (filter == NULL || state_init(&state, self, string, 0, PY_SSIZE_T_MAX) < 0) {
        Py_XDECREF(filter);
        return NULL;
    }
    list = PyList_New(0);
    while (list != NULL && (count == 0 || n < count) &&
           (status = run_search(&state, at, &end)) > 0) {
        if (last < state.start) {
            item = slice_of(string, &state, last, state.start);
            if (item == NULL || PyList_Append(list, item) < 0) {
                goto done;
            }
            Py_CLEAR(item);
        }
        if (literal) {
            item = Py_NewRef(filter);
        }
        else {
            PyObject *match = match_new(self, &state, 1, end);
            if (match == NULL) {
                goto done;
            }
            item = callable ? PyObject_CallOneArg(filter, match)
                            : template_expand((Template *)filter, (Match *)match);
            Py_DECREF(match);
            if (item == NULL) {
                goto done;
            }
        }
        if (item != Py_None && PyList_Append(list, item) < 0) {
            goto done;
        }
        Py_CLEAR(item);
        last = end;
        n++;
        at = advance(&state, end);
    }
    if (list == NULL || status < 0) {
        goto done;
    }
    if (last < state.end || PyList_GET_SIZE(list) == 0) {
        item = slice_of(string, &state, last, state.end);
        if (item == NULL || PyList_Append(list, item) < 0) {
            goto done;
        }
        Py_CLEAR(item);
    }
    item = join_pieces(list, string);
    if (item != NULL) {
        result = with_count ? Py_BuildValue("On", item, n) : Py_NewRef(item);
    }

done:
    Py_XDECREF(item);
    Py_XDECREF(list);
    Py_DECREF(filter);
    state_fini(&state);
    return result;
}

KR_METHOD(pattern, "sub(self, repl, string, count=0)",
          "Return the string obtained by replacing the leftmost non-overlapping occurrences "
          "of pattern in string by the replacement repl.")
static PyObject *
pattern_sub(Pattern *self, PyObject *repl, PyObject *string, Py_ssize_t count)
{
    return substitute(self, repl, string, count, false);
}

KR_METHOD(pattern, "subn(self, repl, string, count=0)",
          "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost "
          "non-overlapping occurrences of pattern with the replacement repl.")
static PyObject *
pattern_subn(Pattern *self, PyObject *repl, PyObject *string, Py_ssize_t count)
{
    return substitute(self, repl, string, count, true);
}

KR_METHOD(pattern, "__copy__(self, /)", "")
static PyObject *
pattern___copy__(Pattern *self)
{
    return Py_NewRef(self);
}

KR_METHOD(pattern, "__deepcopy__(self, memo, /)", "")
static PyObject *
pattern___deepcopy__(Pattern *self, PyObject *memo)
{
    return Py_NewRef(self);
}

KR_METHOD_RAW(pattern, "__class_getitem__", METH_O | METH_CLASS, "See PEP 585")
static PyObject *
pattern___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_GETTER(pattern, "groupindex", "A dictionary mapping group names to group numbers.")
static PyObject *
pattern_get_groupindex(Pattern *self)
{
    return PyDict_GET_SIZE(self->groupindex) > 0 ? PyDictProxy_New(self->groupindex)
                                                 : PyDictProxy_New(self->groupindex);
}

static PyMemberDef pattern_members[] = {
    {"pattern", _Py_T_OBJECT, offsetof(Pattern, pattern), Py_READONLY,
     "The pattern string from which the RE object was compiled."},
    {"flags", Py_T_INT, offsetof(Pattern, flags), Py_READONLY, "The regex matching flags."},
    {"groups", Py_T_PYSSIZET, offsetof(Pattern, groups), Py_READONLY,
     "The number of capturing groups in the pattern."},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *
pattern_repr(PyObject *op)
{
    static const struct {
        const char *name;
        int value;
    } names[] = {
        {"re.IGNORECASE", SRE_FLAG_IGNORECASE}, {"re.MULTILINE", SRE_FLAG_MULTILINE},
        {"re.DOTALL", SRE_FLAG_DOTALL},         {"re.VERBOSE", SRE_FLAG_VERBOSE},
        {"re.DEBUG", SRE_FLAG_DEBUG},           {"re.ASCII", SRE_FLAG_ASCII},
        {"re.LOCALE", SRE_FLAG_LOCALE},         {"re.UNICODE", SRE_FLAG_UNICODE},
    };
    Pattern *self = (Pattern *)op;
    int flags = self->flags;
    PyObject *list = NULL, *text = NULL, *bar = NULL, *joined = NULL, *result = NULL;
    if (self->isbytes == 0 && (flags & (SRE_FLAG_LOCALE | SRE_FLAG_UNICODE | SRE_FLAG_ASCII)) ==
                                  SRE_FLAG_UNICODE) {
        flags &= ~SRE_FLAG_UNICODE;
    }
    list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (flags & names[i].value) {
            text = PyUnicode_FromString(names[i].name);
            if (text == NULL || PyList_Append(list, text) < 0) {
                goto done;
            }
            Py_CLEAR(text);
            flags &= ~names[i].value;
        }
    }
    if (list == NULL) {
        return NULL;
    }
    if (flags != 0) {
        text = PyUnicode_FromFormat("0x%x", flags);
        if (text == NULL || PyList_Append(list, text) < 0) {
            goto done;
        }
        Py_CLEAR(text);
    }
    text = PyObject_Repr(self->pattern);
    if (text == NULL) {
        goto done;
    }
    if (PyUnicode_GET_LENGTH(text) > 200) {
        Py_SETREF(text, PyUnicode_Substring(text, 0, 200));
    }
    if (PyList_GET_SIZE(list) > 0) {
        bar = PyUnicode_FromString("|");
        joined = bar == NULL ? NULL : PyUnicode_Join(bar, list);
        result = joined == NULL || text == NULL
                     ? NULL : PyUnicode_FromFormat("re.compile(%U, %U)", text, joined);
    }
    else if (text != NULL) {
        result = PyUnicode_FromFormat("re.compile(%U)", text);
    }

done:
    Py_XDECREF(text);
    Py_XDECREF(bar);
    Py_XDECREF(joined);
    Py_DECREF(list);
    return result;
}

static Py_hash_t
pattern_hash(PyObject *op)
{
    Pattern *self = (Pattern *)op;
    Py_hash_t hash = PyObject_Hash(self->pattern);
    if (hash == -1) {
        return -1;
    }
    hash ^= Py_HashBuffer(self->code, self->codesize * (Py_ssize_t)sizeof(KrSreCode));
    hash ^= self->flags ^ self->isbytes ^ self->codesize;
    return hash == -1 ? -2 : hash;
}

static PyObject *
pattern_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || Py_TYPE(a) != &kr_sre_pattern_type ||
        Py_TYPE(b) != &kr_sre_pattern_type) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    Pattern *x = (Pattern *)a, *y = (Pattern *)b;
    int same = x == y;
    if (!same && x->flags == y->flags && x->isbytes == y->isbytes &&
        x->codesize == y->codesize &&
        memcmp(x->code, y->code, (size_t)x->codesize * sizeof(KrSreCode)) == 0) {
        same = PyObject_RichCompareBool(x->pattern, y->pattern, Py_EQ);
        if (same < 0) {
            return NULL;
        }
    }
    return PyBool_FromLong(same == (op == Py_EQ));
}

static int
pattern_traverse(PyObject *op, visitproc visit, void *arg)
{
    Pattern *self = (Pattern *)op;
    Py_VISIT(self->groupindex);
    Py_VISIT(self->indexgroup);
    Py_VISIT(self->pattern);
    return 0;
}

static int
pattern_clear(PyObject *op)
{
    Pattern *self = (Pattern *)op;
    Py_CLEAR(self->groupindex);
    Py_CLEAR(self->indexgroup);
    Py_CLEAR(self->pattern);
    return 0;
}

static void
pattern_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (((Pattern *)op)->weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    pattern_clear(op);
    kr_sre_free_sets(&((Pattern *)op)->sets);
    PyObject_GC_Del(op);
}

// --- Matches -----------------------------------------------------------------------------------

// The number of a group given by number or name; -1 with IndexError set.
static Py_ssize_t
group_number(Match *self, PyObject *key)
{
    Py_ssize_t i = -1;
    if (PyIndex_Check(key)) {
        i = PyNumber_AsSsize_t(key, NULL);
    }
    else {
        PyObject *number;
        if (PyDict_GetItemRef(self->pattern->groupindex, key, &number) > 0) {
            i = PyLong_AsSsize_t(number);
            Py_DECREF(number);
        }
    }
    if (i < 0 || i >= self->groups) {
        if (!PyErr_Occurred() || !PyErr_ExceptionMatches(PyExc_MemoryError)) {
            PyErr_SetString(PyExc_IndexError, "no such group");
        }
        return -1;
    }
    return i;
}

static PyObject *
match_slice(Match *self, Py_ssize_t i, PyObject *fallback)
{
    Py_ssize_t from = self->mark[2 * i], to = self->mark[2 * i + 1];
    if (from < 0) {
        return Py_NewRef(fallback);
    }
    return slice_of(self->string, NULL, from, to);
}

static PyObject *
match_get_key(Match *self, PyObject *key, PyObject *fallback)
{
    Py_ssize_t i = group_number(self, key);
    return i < 0 ? NULL : match_slice(self, i, fallback);
}

KR_METHOD_RAW(match, "group", METH_VARARGS,
              "group([group1, ...]) -> str or tuple.\n"
              "Return subgroup(s) of the match by indices or names.")
static PyObject *
match_group(PyObject *op, PyObject *args)
{
    Match *self = (Match *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n == 0) {
        return match_slice(self, 0, Py_None);
    }
    if (n == 1) {
        return match_get_key(self, PyTuple_GET_ITEM(args, 0), Py_None);
    }
    PyObject *result = PyTuple_New(n);
    for (Py_ssize_t i = 0; result != NULL && i < n; i++) {
        PyObject *item = match_get_key(self, PyTuple_GET_ITEM(args, i), Py_None);
        if (item == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    return result;
}

KR_METHOD(match, "groups(self, default=None)",
          "Return a tuple containing all the subgroups of the match, from 1.")
static PyObject *
match_groups(Match *self, PyObject *fallback)
{
    PyObject *result = PyTuple_New(self->groups - 1);
    for (Py_ssize_t i = 1; result != NULL && i < self->groups; i++) {
        PyObject *item = match_slice(self, i, fallback);
        if (item == NULL) {
            Py_CLEAR(result);
            break;
        }
        PyTuple_SET_ITEM(result, i - 1, item);
    }
    return result;
}

KR_METHOD(match, "groupdict(self, default=None)",
          "Return a dictionary containing all the named subgroups of the match, keyed by the "
          "subgroup name.")
static PyObject *
match_groupdict(Match *self, PyObject *fallback)
{
    PyObject *result = PyDict_New(), *key, *number;
    Py_ssize_t pos = 0;
    while (result != NULL && PyDict_Next(self->pattern->groupindex, &pos, &key, &number)) {
        PyObject *value = match_get_key(self, key, fallback);
        if (value == NULL || PyDict_SetItem(result, key, value) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(value);
    }
    return result;
}

KR_METHOD(match, "start(self, group=0, /)",
          "Return index of the start of the substring matched by group.")
static PyObject *
match_start(Match *self, PyObject *group)
{
    Py_ssize_t i = group == NULL ? 0 : group_number(self, group);
    return i < 0 ? NULL : PyLong_FromSsize_t(self->mark[2 * i]);
}

KR_METHOD(match, "end(self, group=0, /)",
          "Return index of the end of the substring matched by group.")
static PyObject *
match_end(Match *self, PyObject *group)
{
    Py_ssize_t i = group == NULL ? 0 : group_number(self, group);
    return i < 0 ? NULL : PyLong_FromSsize_t(self->mark[2 * i + 1]);
}

KR_METHOD(match, "span(self, group=0, /)",
          "For match object m, return the 2-tuple (m.start(group), m.end(group)).")
static PyObject *
match_span(Match *self, PyObject *group)
{
    Py_ssize_t i = group == NULL ? 0 : group_number(self, group);
    return i < 0 ? NULL : Py_BuildValue("nn", self->mark[2 * i], self->mark[2 * i + 1]);
}

KR_METHOD(match, "expand(self, template)",
          "Return the string obtained by doing backslash substitution on the string template, "
          "as done by the sub() method.")
static PyObject *
match_expand(Match *self, PyObject *template)
{
    PyObject *compiled = compile_template(self->pattern, template), *result;
    if (compiled == NULL) {
        return NULL;
    }
    if (!Py_IS_TYPE(compiled, &kr_sre_template_type)) {
        return compiled;
    }
    result = template_expand((Template *)compiled, self);
    Py_DECREF(compiled);
    return result;
}

KR_METHOD(match, "__copy__(self, /)", "")
static PyObject *
match___copy__(Match *self)
{
    return Py_NewRef(self);
}

KR_METHOD(match, "__deepcopy__(self, memo, /)", "")
static PyObject *
match___deepcopy__(Match *self, PyObject *memo)
{
    return Py_NewRef(self);
}

KR_METHOD_RAW(match, "__class_getitem__", METH_O | METH_CLASS, "See PEP 585")
static PyObject *
match___class_getitem__(PyObject *cls, PyObject *item)
{
    return Py_GenericAlias(cls, item);
}

KR_GETTER(match, "lastindex", "The integer index of the last matched capturing group.")
static PyObject *
match_get_lastindex(Match *self)
{
    return self->lastindex >= 0 ? PyLong_FromSsize_t(self->lastindex) : Py_NewRef(Py_None);
}

KR_GETTER(match, "lastgroup", "The name of the last matched capturing group.")
static PyObject *
match_get_lastgroup(Match *self)
{
    PyObject *names = self->pattern->indexgroup;
    if (self->lastindex >= 0 && self->lastindex < PyTuple_GET_SIZE(names)) {
        return Py_NewRef(PyTuple_GET_ITEM(names, self->lastindex));
    }
    Py_RETURN_NONE;
}

KR_GETTER(match, "regs", "")
static PyObject *
match_get_regs(Match *self)
{
    if (self->regs == NULL) {
        PyObject *regs = PyTuple_New(self->groups);
        for (Py_ssize_t i = 0; regs != NULL && i < self->groups; i++) {
            PyObject *span = Py_BuildValue("nn", self->mark[2 * i], self->mark[2 * i + 1]);
            if (span == NULL) {
                Py_CLEAR(regs);
                break;
            }
            PyTuple_SET_ITEM(regs, i, span);
        }
        self->regs = regs;
    }
    return Py_XNewRef(self->regs);
}

static PyMemberDef match_members[] = {
    {"string", _Py_T_OBJECT, offsetof(Match, string), Py_READONLY,
     "The string passed to match() or search()."},
    {"re", _Py_T_OBJECT, offsetof(Match, pattern), Py_READONLY, "The regular expression object."},
    {"pos", Py_T_PYSSIZET, offsetof(Match, pos), Py_READONLY,
     "The index into the string at which the RE engine started looking for a match."},
    {"endpos", Py_T_PYSSIZET, offsetof(Match, endpos), Py_READONLY,
     "The index into the string beyond which the RE engine will not go."},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *
match_repr(PyObject *op)
{
    Match *self = (Match *)op;
    PyObject *group = match_slice(self, 0, Py_None);
    PyObject *text = group == NULL ? NULL
                                   : PyUnicode_FromFormat("<%s object; span=(%zd, %zd), match=%.50R>",
                                                          Py_TYPE(op)->tp_name, self->mark[0],
                                                          self->mark[1], group);
    Py_XDECREF(group);
    return text;
}

static PyObject *
match_subscript(PyObject *self, PyObject *key)
{
    return match_get_key((Match *)self, key, Py_None);
}

static int
match_traverse(PyObject *op, visitproc visit, void *arg)
{
    Match *self = (Match *)op;
    Py_VISIT(self->string);
    Py_VISIT(self->regs);
    Py_VISIT(self->pattern);
    return 0;
}

static void
match_dealloc(PyObject *op)
{
    Match *self = (Match *)op;
    PyObject_GC_UnTrack(op);
    Py_CLEAR(self->string);
    Py_CLEAR(self->regs);
    Py_CLEAR(self->pattern);
    PyObject_GC_Del(op);
}

// --- Scanners ------------------------------------------------------------------------------------

static PyObject *
scanner_step(Scanner *self, bool search)
{
    Py_ssize_t end = 0;
    if (self->next < 0) {
        Py_RETURN_NONE;
    }
    if (self->executing) {
        PyErr_SetString(PyExc_ValueError, "regular expression scanner already executing");
        return NULL;
    }
    self->executing = true;
    clear_marks(&self->state);
    int status = search ? run_search(&self->state, self->next, &end)
                        : run_match(&self->state, self->next, &end);
    self->executing = false;
    PyObject *match = match_new(self->pattern, &self->state, status, end);
    if (status <= 0) {
        self->next = -1;
    }
    else {
        self->next = end;
        self->state.must_advance = end == self->state.start ? end : -1;
    }
    return match;
}

KR_METHOD(scanner, "match(self, /)", "")
static PyObject *
scanner_match(Scanner *self)
{
    return scanner_step(self, false);
}

KR_METHOD(scanner, "search(self, /)", "")
static PyObject *
scanner_search(Scanner *self)
{
    return scanner_step(self, true);
}

static PyMemberDef scanner_members[] = {
    {"pattern", _Py_T_OBJECT, offsetof(Scanner, pattern), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static int
scanner_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Scanner *)op)->pattern);
    Py_VISIT(((Scanner *)op)->state.string);
    return 0;
}

static void
scanner_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    state_fini(&((Scanner *)op)->state);
    Py_CLEAR(((Scanner *)op)->pattern);
    PyObject_GC_Del(op);
}

// --- Templates ------------------------------------------------------------------------------------

PyObject *
kr_sre_template(PyObject *pattern, PyObject *list)
{
    // [literal, group, literal, group, ..., literal]
    if (!PyList_Check(list) || PyList_GET_SIZE(list) % 2 == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid template");
        return NULL;
    }
    Py_ssize_t groups = Py_IS_TYPE(pattern, &kr_sre_pattern_type)
                            ? ((Pattern *)pattern)->groups : KR_SRE_MAXGROUPS;
    Py_ssize_t chunks = PyList_GET_SIZE(list) / 2;
    Template *self = PyObject_GC_NewVar(Template, &kr_sre_template_type, chunks);
    if (self == NULL) {
        return NULL;
    }
    self->chunks = 0;
    self->literal = Py_NewRef(PyList_GET_ITEM(list, 0));
    for (Py_ssize_t i = 0; i < chunks; i++) {
        Py_ssize_t index = PyLong_AsSsize_t(PyList_GET_ITEM(list, 2 * i + 1));
        if (index < 0 || index > groups) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_TypeError, "invalid template");
            }
            Py_DECREF(self);
            return NULL;
        }
        PyObject *literal = PyList_GET_ITEM(list, 2 * i + 2);
        bool empty = PyObject_Size(literal) == 0;
        self->items[i].index = index;
        self->items[i].literal = empty ? NULL : Py_NewRef(literal);
        self->chunks = i + 1;
    }
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *
template_expand(Template *self, Match *match)
{
    if (self->chunks == 0) {
        return Py_NewRef(self->literal);
    }
    PyObject *list = PyList_New(0), *result = NULL;
    if (list == NULL || PyList_Append(list, self->literal) < 0) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < self->chunks; i++) {
        if (self->items[i].index >= match->groups) {
            PyErr_SetString(PyExc_IndexError, "no such group");
            goto done;
        }
        PyObject *group = match_slice(match, self->items[i].index, Py_None);
        if (group == NULL) {
            goto done;
        }
        int status = group == Py_None ? 0 : PyList_Append(list, group);
        Py_DECREF(group);
        if (status < 0 || (self->items[i].literal != NULL &&
                           PyList_Append(list, self->items[i].literal) < 0)) {
            goto done;
        }
    }
    result = join_pieces(list, match->string);

done:
    Py_XDECREF(list);
    return result;
}

static int
template_traverse(PyObject *op, visitproc visit, void *arg)
{
    Template *self = (Template *)op;
    Py_VISIT(self->literal);
    for (Py_ssize_t i = 0; i < self->chunks; i++) {
        Py_VISIT(self->items[i].literal);
    }
    return 0;
}

static void
template_dealloc(PyObject *op)
{
    Template *self = (Template *)op;
    PyObject_GC_UnTrack(op);
    Py_CLEAR(self->literal);
    for (Py_ssize_t i = 0; i < self->chunks; i++) {
        Py_CLEAR(self->items[i].literal);
    }
    PyObject_GC_Del(op);
}

// --- Types -----------------------------------------------------------------------------------------

KR_FUNCTION(sre, "compile(pattern, flags, code, groups, groupindex, indexgroup)", "")
static PyObject *
sre_compile(PyObject *module, PyObject *pattern, int flags, PyObject *code, Py_ssize_t groups,
            PyObject *groupindex, PyObject *indexgroup)
{
    if (!PyList_Check(code) || !PyDict_Check(groupindex) || !PyTuple_Check(indexgroup)) {
        PyErr_SetString(PyExc_TypeError, "compile() argument 'code' must be list");
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(code);
    Pattern *self = PyObject_GC_NewVar(Pattern, &kr_sre_pattern_type, n);
    if (self == NULL) {
        return NULL;
    }
    self->groups = groups;
    self->groupindex = Py_NewRef(groupindex);
    self->indexgroup = Py_NewRef(indexgroup);
    self->pattern = Py_NewRef(pattern);
    self->flags = flags;
    self->isbytes = pattern == Py_None ? -1 : !PyUnicode_Check(pattern);
    self->weakreflist = NULL;
    self->sets = (KrSreSets){0};
    self->codesize = n;
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned long value = PyLong_AsUnsignedLong(PyList_GET_ITEM(code, i));
        if (value == (unsigned long)-1 && PyErr_Occurred()) {
            Py_DECREF(self);
            return NULL;
        }
        if (value > UINT32_MAX) {
            PyErr_SetString(PyExc_OverflowError, "regular expression code size limit exceeded");
            Py_DECREF(self);
            return NULL;
        }
        self->code[i] = (KrSreCode)value;
    }
    PyObject_GC_Track(self);
    if (!kr_sre_validate(self->code, n, groups)) {
        PyErr_SetString(PyExc_RuntimeError, "invalid SRE code");
        Py_DECREF(self);
        return NULL;
    }
    if (kr_sre_make_sets(&self->sets, self->code, n) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

KR_FUNCTION(sre, "template(pattern, template, /)", "")
static PyObject *
sre_template(PyObject *module, PyObject *pattern, PyObject *template)
{
    return kr_sre_template(pattern, template);
}

KR_FUNCTION(sre, "getcodesize()", "")
static PyObject *
sre_getcodesize(PyObject *module)
{
    return PyLong_FromSize_t(sizeof(KrSreCode));
}

KR_FUNCTION(sre, "ascii_iscased(character, /)", "")
static PyObject *
sre_ascii_iscased(PyObject *module, int character)
{
    return PyBool_FromLong((character >= 'a' && character <= 'z') ||
                           (character >= 'A' && character <= 'Z'));
}

KR_FUNCTION(sre, "unicode_iscased(character, /)", "")
static PyObject *
sre_unicode_iscased(PyObject *module, int character)
{
    Py_UCS4 ch = (Py_UCS4)character;
    return PyBool_FromLong(Py_UNICODE_TOLOWER(ch) != ch || Py_UNICODE_TOUPPER(ch) != ch);
}

KR_FUNCTION(sre, "ascii_tolower(character, /)", "")
static PyObject *
sre_ascii_tolower(PyObject *module, int character)
{
    return PyLong_FromLong((long)kr_sre_lower_ascii((Py_UCS4)character));
}

KR_FUNCTION(sre, "unicode_tolower(character, /)", "")
static PyObject *
sre_unicode_tolower(PyObject *module, int character)
{
    return PyLong_FromLong((long)kr_sre_lower_unicode((Py_UCS4)character));
}

KR_TYPE(pattern)
KR_TYPE(match)
KR_TYPE(scanner)
KR_MODULE(sre)
#include "modules/sre/sre_module.methods.h"

PyTypeObject kr_sre_pattern_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "re.Pattern",
    .tp_basicsize = offsetof(Pattern, code),
    .tp_itemsize = sizeof(KrSreCode),
    .tp_dealloc = pattern_dealloc,
    .tp_repr = pattern_repr,
    .tp_hash = pattern_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "Compiled regular expression object.",
    .tp_traverse = pattern_traverse,
    .tp_clear = pattern_clear,
    .tp_richcompare = pattern_richcompare,
    .tp_weaklistoffset = offsetof(Pattern, weakreflist),
    .tp_methods = pattern_methods,
    .tp_members = pattern_members,
    .tp_getset = pattern_getset,
};

static PyMappingMethods match_as_mapping = {.mp_subscript = match_subscript};

PyTypeObject kr_sre_match_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "re.Match",
    .tp_basicsize = offsetof(Match, mark),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_dealloc = match_dealloc,
    .tp_repr = match_repr,
    .tp_as_mapping = &match_as_mapping,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = "The result of re.match() and re.search().\n"
              "Match objects always have a boolean value of True.",
    .tp_traverse = match_traverse,
    .tp_methods = match_methods,
    .tp_members = match_members,
    .tp_getset = match_getset,
};

PyTypeObject kr_sre_scanner_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_sre.SRE_Scanner",
    .tp_basicsize = sizeof(Scanner),
    .tp_dealloc = scanner_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = scanner_traverse,
    .tp_methods = scanner_methods,
    .tp_members = scanner_members,
};

PyTypeObject kr_sre_template_type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_sre.SRE_Template",
    .tp_basicsize = offsetof(Template, items),
    .tp_itemsize = sizeof(((Template *)0)->items[0]),
    .tp_dealloc = template_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE |
                Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = template_traverse,
};

static int
sre_exec(PyObject *module)
{
    if (PyType_Ready(&kr_sre_pattern_type) < 0 || PyType_Ready(&kr_sre_match_type) < 0 ||
        PyType_Ready(&kr_sre_scanner_type) < 0 || PyType_Ready(&kr_sre_template_type) < 0) {
        return -1;
    }
    return PyModule_AddIntConstant(module, "MAGIC", KR_SRE_MAGIC) < 0 ||
                   PyModule_AddIntConstant(module, "CODESIZE", sizeof(KrSreCode)) < 0 ||
                   PyModule_Add(module, "MAXREPEAT", PyLong_FromUnsignedLong(KR_SRE_MAXREPEAT)) < 0 ||
                   PyModule_Add(module, "MAXGROUPS", PyLong_FromSsize_t(KR_SRE_MAXGROUPS)) < 0 ||
                   PyModule_AddStringConstant(module, "copyright",
                                              " Krait's matcher of regular expressions ") < 0
               ? -1 : 0;
}

static PyModuleDef_Slot sre_slots[] = {
    {Py_mod_exec, sre_exec},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef sre_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sre",
    .m_methods = sre_methods,
    .m_slots = sre_slots,
};

PyMODINIT_FUNC
PyInit__sre(void)
{
    return PyModuleDef_Init(&sre_def);
}
