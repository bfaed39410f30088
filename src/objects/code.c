// SPDX-License-Identifier: MIT
// code.c - code objects: bytecode with its constants, names and tables.
//
// Callers:     compile (kr_code_new), marshal, extensions, vm (reads the fields).
// Invariants:  immutable but for caches. co_localsplusnames is: locals (arguments first),
//              cells that are no arguments, free variables; co_localspluskinds has a byte
//              of CO_FAST_* for each. The bytecode is portable and never rewritten; what
//              the machine makes of it hangs at co_executors.
// Read next:   code_iter.c, code_const.c, bytecode/verify.h

#include "objects/code.h"

#include <stddef.h>

#include "bytecode/opcodes.h"
#include "bytecode/verify.h"
#include "objects/args.h"
#include "objects/hooks.h"
#include "objects/ids.h"
#include "objects/state.h"
#include "objects/weakref.h"

// Words of a frame that are no locals and no operands.
#define FRAME_SPECIALS 10

// --- Construction ----------------------------------------------------------------------

static bool
is_name_tuple(PyObject *tuple)
{
    if (!PyTuple_Check(tuple)) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (!PyUnicode_Check(PyTuple_GET_ITEM(tuple, i))) {
            PyErr_SetString(PyExc_SystemError, "non-string found in code slot");
            return false;
        }
    }
    return true;
}

// Interns all names of the tuple in place; they must be exact strs for that.
static void
intern_names(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (PyUnicode_CheckExact(PyTuple_GET_ITEM(tuple, i))) {
            PyUnicode_InternInPlace(&PyTuple_GET_ITEM(tuple, i));
        }
    }
}

typedef struct {
    int nlocals;
    int ncellvars;
    int nfreevars;
} LocalCounts;

static LocalCounts
count_locals(PyObject *kinds)
{
    LocalCounts counts = {0, 0, 0};
    const uint8_t *kind = (const uint8_t *)PyBytes_AS_STRING(kinds);
    for (Py_ssize_t i = 0; i < PyBytes_GET_SIZE(kinds); i++) {
        counts.nlocals += (kind[i] & CO_FAST_LOCAL) != 0;
        counts.ncellvars += (kind[i] & CO_FAST_CELL) != 0;
        counts.nfreevars += (kind[i] & CO_FAST_FREE) != 0;
    }
    return counts;
}

static int
check_code_init(const KrCodeInit *init)
{
    if (init->argcount < init->posonlyargcount || init->posonlyargcount < 0
        || init->kwonlyargcount < 0 || init->stacksize < 0 || init->flags < 0
        || init->code == NULL || init->consts == NULL || !PyTuple_Check(init->consts)
        || init->names == NULL || init->localsplusnames == NULL
        || init->localspluskinds == NULL || !PyBytes_Check(init->localspluskinds)
        || !PyTuple_Check(init->localsplusnames)
        || PyTuple_GET_SIZE(init->localsplusnames)
               != PyBytes_GET_SIZE(init->localspluskinds)
        || init->name == NULL || !PyUnicode_Check(init->name) || init->qualname == NULL
        || !PyUnicode_Check(init->qualname) || init->filename == NULL
        || !PyUnicode_Check(init->filename) || init->linetable == NULL
        || !PyBytes_Check(init->linetable) || init->exceptiontable == NULL
        || !PyBytes_Check(init->exceptiontable)) {
        PyErr_BadInternalCall();
        return -1;
    }
    // Sizes that cannot be meant seriously would overflow frame sizes.
    if (init->stacksize > INT_MAX / 16
        || PyTuple_GET_SIZE(init->localsplusnames) > INT_MAX / 16) {
        PyErr_SetString(PyExc_OverflowError, "code: co_stacksize is too large");
        return -1;
    }
    if (init->code_size % 2 != 0 || init->code_size > INT_MAX / 2) {
        PyErr_SetString(PyExc_ValueError, "code: co_code is malformed");
        return -1;
    }
    if (!is_name_tuple(init->names) || !is_name_tuple(init->localsplusnames)) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return -1;
    }
    int args = init->argcount + init->kwonlyargcount
               + ((init->flags & CO_VARARGS) != 0)
               + ((init->flags & CO_VARKEYWORDS) != 0);
    if (args < 0 || args > count_locals(init->localspluskinds).nlocals) {
        PyErr_SetString(PyExc_ValueError, "code: co_varnames is too small");
        return -1;
    }
    return 0;
}

// The first instruction that is traced: what stands before RESUME is not.
static int
first_traceable(const PyCodeObject *code)
{
    const uint8_t *bytes = (const uint8_t *)code->co_code_adaptive;
    for (Py_ssize_t unit = 0; unit < Py_SIZE(code);) {
        int opcode = bytes[unit * 2];
        if (opcode == KR_OP_RESUME) {
            return (int)unit;
        }
        unit += 1 + kr_opcode_caches(opcode);
    }
    return (int)Py_SIZE(code);
}

static KR_COLD void notify_watchers(PyCodeEvent event, PyCodeObject *code);

PyCodeObject *
kr_code_new(const KrCodeInit *init)
{
    if (check_code_init(init) < 0) {
        return NULL;
    }
    Py_ssize_t units = init->code_size / 2;
    PyCodeObject *code = PyObject_NewVar(PyCodeObject, &PyCode_Type, units);
    if (code == NULL) {
        return NULL;
    }
    memset((char *)code + offsetof(PyCodeObject, co_consts), 0,
           offsetof(PyCodeObject, co_code_adaptive)
               - offsetof(PyCodeObject, co_consts));
    memcpy(code->co_code_adaptive, init->code, (size_t)init->code_size);
    LocalCounts counts = count_locals(init->localspluskinds);
    intern_names(init->names);
    intern_names(init->localsplusnames);
    code->co_consts = Py_NewRef(init->consts);
    code->co_names = Py_NewRef(init->names);
    code->co_exceptiontable = Py_NewRef(init->exceptiontable);
    code->co_flags = init->flags;
    code->co_argcount = init->argcount;
    code->co_posonlyargcount = init->posonlyargcount;
    code->co_kwonlyargcount = init->kwonlyargcount;
    code->co_stacksize = init->stacksize;
    code->co_firstlineno = init->firstlineno;
    code->co_nlocalsplus = (int)PyTuple_GET_SIZE(init->localsplusnames);
    code->co_framesize = code->co_nlocalsplus + init->stacksize + FRAME_SPECIALS;
    code->co_nlocals = counts.nlocals;
    code->co_ncellvars = counts.ncellvars;
    code->co_nfreevars = counts.nfreevars;
    code->co_localsplusnames = Py_NewRef(init->localsplusnames);
    code->co_localspluskinds = Py_NewRef(init->localspluskinds);
    code->co_filename = Py_NewRef(init->filename);
    code->co_name = Py_NewRef(init->name);
    code->co_qualname = Py_NewRef(init->qualname);
    PyUnicode_InternInPlace(&code->co_name);
    PyUnicode_InternInPlace(&code->co_qualname);
    code->co_linetable = Py_NewRef(init->linetable);
    code->_co_firsttraceable = first_traceable(code);
    if (kr_interp()->code.watched) {
        notify_watchers(PY_CODE_EVENT_CREATE, code);
    }
    return code;
}

// Names of variables as the public constructors take them.
typedef struct {
    PyObject *varnames;
    PyObject *cellvars;
    PyObject *freevars;
} VariableNames;

static int
argument_kind(int index, int posonly, int positional, int kwonly, int flags)
{
    if (index < posonly) {
        return CO_FAST_ARG_POS;
    }
    if (index < positional) {
        return CO_FAST_ARG_POS | CO_FAST_ARG_KW;
    }
    int next = positional + kwonly;
    if (index < next) {
        return CO_FAST_ARG_KW;
    }
    if (flags & CO_VARARGS) {
        if (index == next) {
            return CO_FAST_ARG_VAR | CO_FAST_ARG_POS;
        }
        next++;
    }
    if ((flags & CO_VARKEYWORDS) && index == next) {
        return CO_FAST_ARG_VAR | CO_FAST_ARG_KW;
    }
    return 0;
}

static int
find_name(PyObject *tuple, PyObject *name)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (PyUnicode_Compare(PyTuple_GET_ITEM(tuple, i), name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

// Joins the three tuples to co_localsplusnames and co_localspluskinds (new references).
static int
join_locals(const VariableNames *v, const KrCodeInit *init, PyObject **names_out,
            PyObject **kinds_out)
{
    Py_ssize_t nlocals = PyTuple_GET_SIZE(v->varnames);
    Py_ssize_t ncells = PyTuple_GET_SIZE(v->cellvars);
    Py_ssize_t nfree = PyTuple_GET_SIZE(v->freevars);
    Py_ssize_t total = nlocals + ncells + nfree;
    for (Py_ssize_t i = 0; i < ncells; i++) {
        if (find_name(v->varnames, PyTuple_GET_ITEM(v->cellvars, i)) >= 0) {
            total--;
        }
    }
    PyObject *names = PyTuple_New(total);
    PyObject *kinds = PyBytes_FromStringAndSize(NULL, total);
    if (names == NULL || kinds == NULL) {
        Py_XDECREF(names);
        Py_XDECREF(kinds);
        return -1;
    }
    uint8_t *kind = (uint8_t *)PyBytes_AS_STRING(kinds);
    Py_ssize_t next = 0;
    for (; next < nlocals; next++) {
        PyTuple_SET_ITEM(names, next, Py_NewRef(PyTuple_GET_ITEM(v->varnames, next)));
        kind[next] = (uint8_t)(CO_FAST_LOCAL
                               | argument_kind((int)next, init->posonlyargcount,
                                               init->argcount, init->kwonlyargcount,
                                               init->flags));
    }
    for (Py_ssize_t i = 0; i < ncells; i++) {
        PyObject *name = PyTuple_GET_ITEM(v->cellvars, i);
        int local = find_name(v->varnames, name);
        if (local >= 0) {
            kind[local] |= CO_FAST_CELL;
            continue;
        }
        PyTuple_SET_ITEM(names, next, Py_NewRef(name));
        kind[next++] = CO_FAST_CELL;
    }
    for (Py_ssize_t i = 0; i < nfree; i++) {
        PyTuple_SET_ITEM(names, next, Py_NewRef(PyTuple_GET_ITEM(v->freevars, i)));
        kind[next++] = CO_FAST_FREE;
    }
    *names_out = names;
    *kinds_out = kinds;
    return 0;
}

// Makes a code object from parts of unknown origin.
static PyCodeObject *
new_from_parts(KrCodeInit *init, PyObject *code, int nlocals, const VariableNames *v)
{
    PyObject *names = NULL, *kinds = NULL;
    PyCodeObject *result = NULL;

    if (code == NULL || !PyBytes_Check(code) || v->varnames == NULL
        || v->cellvars == NULL || v->freevars == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!is_name_tuple(v->varnames) || !is_name_tuple(v->cellvars)
        || !is_name_tuple(v->freevars)) {
        if (!PyErr_Occurred()) {
            PyErr_BadInternalCall();
        }
        return NULL;
    }
    if (join_locals(v, init, &names, &kinds) < 0) {
        return NULL;
    }
    init->code = PyBytes_AS_STRING(code);
    init->code_size = PyBytes_GET_SIZE(code);
    init->localsplusnames = names;
    init->localspluskinds = kinds;
    if (check_code_init(init) == 0) {
        if (nlocals != PyTuple_GET_SIZE(v->varnames)) {
            PyErr_SetString(PyExc_ValueError, "code: co_nlocals != len(co_varnames)");
        }
        else {
            result = kr_code_new(init);
        }
    }
    Py_DECREF(names);
    Py_DECREF(kinds);
    return result;
}

PyCodeObject *
PyUnstable_Code_NewWithPosOnlyArgs(int argcount, int posonlyargcount, int kwonlyargcount,
                                   int nlocals, int stacksize, int flags, PyObject *code,
                                   PyObject *consts, PyObject *names, PyObject *varnames,
                                   PyObject *freevars, PyObject *cellvars,
                                   PyObject *filename, PyObject *name, PyObject *qualname,
                                   int firstlineno, PyObject *linetable,
                                   PyObject *exceptiontable)
{
    KrCodeInit init = {
        .filename = filename,
        .name = name,
        .qualname = qualname,
        .flags = flags,
        .firstlineno = firstlineno,
        .linetable = linetable,
        .consts = consts,
        .names = names,
        .argcount = argcount,
        .posonlyargcount = posonlyargcount,
        .kwonlyargcount = kwonlyargcount,
        .stacksize = stacksize,
        .exceptiontable = exceptiontable,
    };
    VariableNames v = {varnames, cellvars, freevars};
    return new_from_parts(&init, code, nlocals, &v);
}

PyCodeObject *
PyUnstable_Code_New(int argcount, int kwonlyargcount, int nlocals, int stacksize,
                    int flags, PyObject *code, PyObject *consts, PyObject *names,
                    PyObject *varnames, PyObject *freevars, PyObject *cellvars,
                    PyObject *filename, PyObject *name, PyObject *qualname,
                    int firstlineno, PyObject *linetable, PyObject *exceptiontable)
{
    return PyUnstable_Code_NewWithPosOnlyArgs(
        argcount, 0, kwonlyargcount, nlocals, stacksize, flags, code, consts, names,
        varnames, freevars, cellvars, filename, name, qualname, firstlineno, linetable,
        exceptiontable);
}

// assert False, on one line: enough for a traceback entry.
PyCodeObject *
PyCode_NewEmpty(const char *filename, const char *funcname, int firstlineno)
{
    static const uint8_t bytes[] = {
        KR_OP_RESUME, KR_RESUME_AT_START,
        KR_OP_LOAD_COMMON_CONSTANT, KR_COMMON_ASSERTION_ERROR,
        KR_OP_RAISE_VARARGS, 1,
    };
    // One entry: three units, the first line, no columns.
    static const uint8_t lines[] = {0x80 | 13 << 3 | 2, 0};
    PyObject *empty_bytes = NULL, *file = NULL, *name = NULL, *table = NULL;
    PyObject *empty = NULL;
    PyCodeObject *result = NULL;

    empty_bytes = PyBytes_FromStringAndSize(NULL, 0);
    empty = PyTuple_New(0);
    file = PyUnicode_DecodeFSDefault(filename);
    name = PyUnicode_FromString(funcname);
    table = PyBytes_FromStringAndSize((const char *)lines, sizeof(lines));
    if (empty_bytes == NULL || empty == NULL || file == NULL || name == NULL
        || table == NULL) {
        goto done;
    }
    KrCodeInit init = {
        .filename = file,
        .name = name,
        .qualname = name,
        .code = bytes,
        .code_size = sizeof(bytes),
        .firstlineno = firstlineno,
        .linetable = table,
        .consts = empty,
        .names = empty,
        .localsplusnames = empty,
        .localspluskinds = empty_bytes,
        .stacksize = 1,
        .exceptiontable = empty_bytes,
    };
    result = kr_code_new(&init);

done:
    Py_XDECREF(table);
    Py_XDECREF(name);
    Py_XDECREF(file);
    Py_XDECREF(empty);
    Py_XDECREF(empty_bytes);
    return result;
}

static KrVerifyConst
verify_const_kind(void *context, int index, int *size_out)
{
    PyObject *value = PyTuple_GET_ITEM(((PyCodeObject *)context)->co_consts, index);

    if (PyUnicode_CheckExact(value)) {
        return KR_VERIFY_CONST_STR;
    }
    if (PyCode_Check(value)) {
        return KR_VERIFY_CONST_CODE;
    }
    if (!PyTuple_CheckExact(value)) {
        return KR_VERIFY_CONST_OTHER;
    }
    *size_out = (int)PyTuple_GET_SIZE(value);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
        if (!PyUnicode_CheckExact(PyTuple_GET_ITEM(value, i))) {
            return KR_VERIFY_CONST_TUPLE;
        }
    }
    return KR_VERIFY_CONST_NAMES;
}

bool
kr_code_verify(PyCodeObject *code)
{
    KrVerifyInput in = {
        .code = (const uint8_t *)code->co_code_adaptive,
        .units = (int)Py_SIZE(code),
        .exctable = (const uint8_t *)PyBytes_AS_STRING(code->co_exceptiontable),
        .exctable_size = (size_t)PyBytes_GET_SIZE(code->co_exceptiontable),
        .stacksize = code->co_stacksize,
        .consts = (int)PyTuple_GET_SIZE(code->co_consts),
        .const_kind = verify_const_kind,
        .context = code,
        .arguments = code->co_argcount + code->co_kwonlyargcount +
                     ((code->co_flags & CO_VARARGS) != 0) +
                     ((code->co_flags & CO_VARKEYWORDS) != 0),
        .names = (int)PyTuple_GET_SIZE(code->co_names),
        .locals = code->co_nlocalsplus,
        .freevars = code->co_nfreevars,
        .kinds = (const uint8_t *)PyBytes_AS_STRING(code->co_localspluskinds),
        .is_generator =
            (code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0,
        .alloc = PyMem_Malloc,
        .free = PyMem_Free,
    };
    int unit = 0;
    const char *problem = kr_verify_bytecode(&in, &unit);
    if (problem == NULL) {
        kr_code_set_verified(code);
        return true;
    }
    if (problem == kr_verify_no_memory) {
        PyErr_NoMemory();
    }
    else {
        PyErr_Format(PyExc_ValueError, "code: invalid bytecode of %R at offset %d: %s",
                     code->co_name, unit * 2, problem);
    }
    return false;
}

// --- Positions -------------------------------------------------------------------------

bool
kr_code_location(PyCodeObject *code, int byte_offset, KrLocation *loc_out)
{
    return kr_location_find((const uint8_t *)PyBytes_AS_STRING(code->co_linetable),
                            (size_t)PyBytes_GET_SIZE(code->co_linetable),
                            code->co_firstlineno, byte_offset / 2, loc_out);
}

int
PyCode_Addr2Line(PyCodeObject *code, int byte_offset)
{
    if (byte_offset < 0) {
        return code->co_firstlineno;
    }
    KrLocation loc;
    kr_code_location(code, byte_offset, &loc);
    return loc.line;
}

int
PyCode_Addr2Location(PyCodeObject *code, int byte_offset, int *start_line,
                     int *start_column, int *end_line, int *end_column)
{
    if (byte_offset < 0) {
        *start_line = *end_line = code->co_firstlineno;
        *start_column = *end_column = 0;
        return 1;
    }
    KrLocation loc;
    kr_code_location(code, byte_offset, &loc);
    *start_line = loc.line;
    *start_column = loc.col;
    *end_line = loc.end_line;
    *end_column = loc.end_col;
    return 1;
}

// --- Derived attributes ----------------------------------------------------------------

static _PyCoCached *
code_cache(PyCodeObject *code)
{
    if (code->_co_cached == NULL) {
        code->_co_cached = PyMem_Calloc(1, sizeof(_PyCoCached));
        if (code->_co_cached == NULL) {
            PyErr_NoMemory();
        }
    }
    return code->_co_cached;
}

// Names of the variables whose kind has one of the bits, cached at *slot. New reference.
static PyObject *
names_of_kind(PyCodeObject *code, int kind, int count, PyObject **slot)
{
    if (*slot != NULL) {
        return Py_NewRef(*slot);
    }
    PyObject *tuple = PyTuple_New(count);
    if (tuple == NULL) {
        return NULL;
    }
    int next = 0;
    for (int i = 0; i < code->co_nlocalsplus && next < count; i++) {
        if (kr_code_local_kind(code, i) & kind) {
            PyTuple_SET_ITEM(tuple, next++, Py_NewRef(kr_code_local_name(code, i)));
        }
    }
    *slot = Py_NewRef(tuple);
    return tuple;
}

PyObject *
PyCode_GetVarnames(PyCodeObject *code)
{
    _PyCoCached *cache = code_cache(code);
    return cache == NULL ? NULL
                         : names_of_kind(code, CO_FAST_LOCAL, code->co_nlocals,
                                         &cache->_co_varnames);
}

PyObject *
PyCode_GetCellvars(PyCodeObject *code)
{
    _PyCoCached *cache = code_cache(code);
    return cache == NULL ? NULL
                         : names_of_kind(code, CO_FAST_CELL, code->co_ncellvars,
                                         &cache->_co_cellvars);
}

PyObject *
PyCode_GetFreevars(PyCodeObject *code)
{
    _PyCoCached *cache = code_cache(code);
    return cache == NULL ? NULL
                         : names_of_kind(code, CO_FAST_FREE, code->co_nfreevars,
                                         &cache->_co_freevars);
}

PyObject *
PyCode_GetCode(PyCodeObject *code)
{
    _PyCoCached *cache = code_cache(code);
    if (cache == NULL) {
        return NULL;
    }
    if (cache->_co_code == NULL) {
        cache->_co_code =
            PyBytes_FromStringAndSize(code->co_code_adaptive, Py_SIZE(code) * 2);
    }
    return Py_XNewRef(cache->_co_code);
}

KR_GETTER(code, "co_code", "The bytecode.")
static PyObject *
code_get_co_code(PyCodeObject *self)
{
    return PyCode_GetCode(self);
}

KR_GETTER(code, "_co_code_adaptive",
          "The bytecode as it is executed: the same as co_code.")
static PyObject *
code_get_adaptive(PyCodeObject *self)
{
    return PyBytes_FromStringAndSize(self->co_code_adaptive, Py_SIZE(self) * 2);
}

KR_GETTER(code, "co_varnames",
          "Names of the local variables, arguments first.")
static PyObject *
code_get_co_varnames(PyCodeObject *self)
{
    return PyCode_GetVarnames(self);
}

KR_GETTER(code, "co_cellvars", "Names of the locals that inner scopes use.")
static PyObject *
code_get_co_cellvars(PyCodeObject *self)
{
    return PyCode_GetCellvars(self);
}

KR_GETTER(code, "co_freevars", "Names of the variables of outer scopes.")
static PyObject *
code_get_co_freevars(PyCodeObject *self)
{
    return PyCode_GetFreevars(self);
}

// Appends one step of the old line table: bytes forward, lines forward.
static int
add_lnotab_step(PyObject **table, int bytes, int lines)
{
    uint8_t pair[2] = {(uint8_t)bytes, (uint8_t)lines};
    PyObject *part = PyBytes_FromStringAndSize((const char *)pair, 2);
    PyBytes_ConcatAndDel(table, part);
    return *table == NULL ? -1 : 0;
}

KR_GETTER(code, "co_lnotab", "The line table of old; deprecated.")
static PyObject *
code_get_co_lnotab(PyCodeObject *self)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning,
                     "co_lnotab is deprecated, use co_lines instead.", 1)
        < 0) {
        return NULL;
    }
    PyObject *table = PyBytes_FromStringAndSize(NULL, 0);
    KrLocationIter it;
    kr_location_iter_init(&it, (const uint8_t *)PyBytes_AS_STRING(self->co_linetable),
                          (size_t)PyBytes_GET_SIZE(self->co_linetable),
                          self->co_firstlineno);
    int offset = 0, line = self->co_firstlineno;
    while (table != NULL && kr_location_iter_next(&it)) {
        if (it.loc.line < 0 || it.loc.line == line) {
            continue;
        }
        int bytes = it.start * 2 - offset;
        int lines = it.loc.line - line;
        for (; bytes > 255 && table != NULL; bytes -= 255) {
            add_lnotab_step(&table, 255, 0);
        }
        for (; lines > 127 && table != NULL; lines -= 127, bytes = 0) {
            add_lnotab_step(&table, bytes, 127);
        }
        for (; lines < -128 && table != NULL; lines += 128, bytes = 0) {
            add_lnotab_step(&table, bytes, -128);
        }
        if (table != NULL) {
            add_lnotab_step(&table, bytes, lines);
        }
        offset = it.start * 2;
        line = it.loc.line;
    }
    return table;
}

// --- Comparison ------------------------------------------------------------------------

static bool
same_code(PyCodeObject *a, PyCodeObject *b)
{
    return a->co_argcount == b->co_argcount
           && a->co_posonlyargcount == b->co_posonlyargcount
           && a->co_kwonlyargcount == b->co_kwonlyargcount && a->co_flags == b->co_flags
           && a->co_firstlineno == b->co_firstlineno && Py_SIZE(a) == Py_SIZE(b)
           && memcmp(a->co_code_adaptive, b->co_code_adaptive, (size_t)Py_SIZE(a) * 2)
                  == 0
           && kr_code_same_const(a->co_name, b->co_name)
           && kr_code_same_const(a->co_consts, b->co_consts)
           && kr_code_same_const(a->co_names, b->co_names)
           && kr_code_same_const(a->co_localsplusnames, b->co_localsplusnames)
           && kr_code_same_const(a->co_linetable, b->co_linetable)
           && kr_code_same_const(a->co_exceptiontable, b->co_exceptiontable);
}

static PyObject *
code_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyCode_Check(self) || !PyCode_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    bool equal = self == other;
    if (!equal) {
        if (Py_EnterRecursiveCall(" in comparison")) {
            return NULL;
        }
        equal = same_code((PyCodeObject *)self, (PyCodeObject *)other);
        Py_LeaveRecursiveCall();
    }
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t
code_hash(PyObject *op)
{
    PyCodeObject *self = (PyCodeObject *)op;
    Py_uhash_t hash = 20221211;
    PyObject *const parts[] = {self->co_name,      self->co_consts,
                               self->co_names,     self->co_localsplusnames,
                               self->co_linetable, self->co_exceptiontable};
    for (int i = 0; i < KR_ARRAY_LEN(parts); i++) {
        Py_hash_t part = kr_code_const_hash(parts[i]);
        if (part == -1) {
            return -1;
        }
        hash = hash * 1000003u ^ (Py_uhash_t)part;
    }
    const int numbers[] = {self->co_argcount,       self->co_posonlyargcount,
                           self->co_kwonlyargcount, self->co_flags,
                           self->co_firstlineno,    (int)Py_SIZE(self)};
    for (int i = 0; i < KR_ARRAY_LEN(numbers); i++) {
        hash = hash * 1000003u ^ (Py_uhash_t)numbers[i];
    }
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        hash = hash * 1000003u ^ ((const uint16_t *)self->co_code_adaptive)[i];
    }
    return (Py_hash_t)hash == -1 ? -2 : (Py_hash_t)hash;
}

static PyObject *
code_repr(PyObject *op)
{
    PyCodeObject *self = (PyCodeObject *)op;
    int line = self->co_firstlineno != 0 ? self->co_firstlineno : -1;
    return PyUnicode_FromFormat("<code object %U at %p, file \"%U\", line %d>",
                                self->co_name, self, self->co_filename, line);
}

// --- Methods ---------------------------------------------------------------------------

KR_METHOD_RAW(code, "__sizeof__($self, /)", METH_NOARGS, "Size in memory, in bytes.")
static PyObject *
code_sizeof(PyObject *op, PyObject *ignored)
{
    PyCodeObject *self = (PyCodeObject *)op;
    size_t size = offsetof(PyCodeObject, co_code_adaptive) + (size_t)Py_SIZE(self) * 2;
    if (self->_co_cached != NULL) {
        size += sizeof(_PyCoCached);
    }
    return PyLong_FromSize_t(size);
}

KR_METHOD_RAW(code, "co_lines($self, /)", METH_NOARGS,
              "Iterate over (start, end, line) of all ranges of instructions.")
static PyObject *
code_lines(PyObject *self, PyObject *ignored)
{
    return kr_code_lines_iter((PyCodeObject *)self);
}

KR_METHOD_RAW(code, "co_branches($self, /)", METH_NOARGS,
              "Iterate over (source, left target, right target) of all branches.")
static PyObject *
code_branches(PyObject *self, PyObject *ignored)
{
    return kr_code_branches_iter((PyCodeObject *)self);
}

KR_METHOD_RAW(code, "co_positions($self, /)", METH_NOARGS,
              "Iterate over the source ranges of all code units.")
static PyObject *
code_positions(PyObject *self, PyObject *ignored)
{
    return kr_code_positions_iter((PyCodeObject *)self);
}

KR_METHOD(code, "_varname_from_oparg(self, oparg)",
          "(internal-only) Return the name of a local by its number in instructions.")
static PyObject *
code_varname_from_oparg(PyCodeObject *self, int oparg)
{
    PyObject *name = PyTuple_GetItem(self->co_localsplusnames, oparg);
    return Py_XNewRef(name);
}

// The parts of a code object while a changed copy is made.
typedef struct {
    int argcount;
    int posonlyargcount;
    int kwonlyargcount;
    int nlocals;
    int stacksize;
    int flags;
    int firstlineno;
    PyObject *code;
    PyObject *consts;
    PyObject *names;
    PyObject *varnames;
    PyObject *freevars;
    PyObject *cellvars;
    PyObject *filename;
    PyObject *name;
    PyObject *qualname;
    PyObject *linetable;
    PyObject *exceptiontable;
} CodeParts;

#define INT_PART(field) {"co_" #field, offsetof(CodeParts, field), NULL}
#define OBJECT_PART(field, type) {"co_" #field, offsetof(CodeParts, field), type}

static const struct {
    const char *name;
    size_t offset;
    PyTypeObject *type; // NULL: an int
} code_parts[] = {
    INT_PART(argcount),
    INT_PART(posonlyargcount),
    INT_PART(kwonlyargcount),
    INT_PART(nlocals),
    INT_PART(stacksize),
    INT_PART(flags),
    INT_PART(firstlineno),
    OBJECT_PART(code, &PyBytes_Type),
    OBJECT_PART(consts, &PyTuple_Type),
    OBJECT_PART(names, &PyTuple_Type),
    OBJECT_PART(varnames, &PyTuple_Type),
    OBJECT_PART(freevars, &PyTuple_Type),
    OBJECT_PART(cellvars, &PyTuple_Type),
    OBJECT_PART(filename, &PyUnicode_Type),
    OBJECT_PART(name, &PyUnicode_Type),
    OBJECT_PART(qualname, &PyUnicode_Type),
    OBJECT_PART(linetable, &PyBytes_Type),
    OBJECT_PART(exceptiontable, &PyBytes_Type),
};

static bool
is_of_kind(PyObject *value, PyTypeObject *type)
{
    return type == &PyTuple_Type   ? PyTuple_Check(value)
           : type == &PyBytes_Type ? PyBytes_Check(value)
                                   : PyUnicode_Check(value);
}

// Takes one keyword of replace(). 0 or -1.
static int
set_code_part(CodeParts *parts, PyObject *key, PyObject *value)
{
    for (int i = 0; i < KR_ARRAY_LEN(code_parts); i++) {
        if (!PyUnicode_EqualToUTF8(key, code_parts[i].name)) {
            continue;
        }
        void *field = (char *)parts + code_parts[i].offset;
        if (code_parts[i].type == NULL) {
            int number = PyLong_AsInt(value);
            if (number == -1 && PyErr_Occurred()) {
                return -1;
            }
            *(int *)field = number;
            return 0;
        }
        if (!is_of_kind(value, code_parts[i].type)) {
            PyErr_Format(PyExc_TypeError, "replace() argument '%s' must be %s, not %.50s",
                         code_parts[i].name, code_parts[i].type->tp_name,
                         value == Py_None ? "None" : Py_TYPE(value)->tp_name);
            return -1;
        }
        *(PyObject **)field = value;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "replace() got an unexpected keyword argument '%U'",
                 key);
    return -1;
}

static int
check_part_signs(const CodeParts *parts)
{
    const struct {
        const char *name;
        int value;
    } checks[] = {
        {"co_argcount", parts->argcount},
        {"co_posonlyargcount", parts->posonlyargcount},
        {"co_kwonlyargcount", parts->kwonlyargcount},
        {"co_nlocals", parts->nlocals},
        {"co_stacksize", parts->stacksize},
        {"co_flags", parts->flags},
        {"co_firstlineno", parts->firstlineno},
    };
    for (int i = 0; i < KR_ARRAY_LEN(checks); i++) {
        if (checks[i].value < 0) {
            PyErr_Format(PyExc_ValueError, "%s must be a positive integer",
                         checks[i].name);
            return -1;
        }
    }
    return 0;
}

static PyObject *
code_from_parts(const CodeParts *p)
{
    if (PySys_Audit("code.__new__", "OOOiiiiii", p->code, p->filename, p->name,
                    p->argcount, p->posonlyargcount, p->kwonlyargcount, p->nlocals,
                    p->stacksize, p->flags)
        < 0) {
        return NULL;
    }
    return (PyObject *)PyUnstable_Code_NewWithPosOnlyArgs(
        p->argcount, p->posonlyargcount, p->kwonlyargcount, p->nlocals, p->stacksize,
        p->flags, p->code, p->consts, p->names, p->varnames, p->freevars, p->cellvars,
        p->filename, p->name, p->qualname, p->firstlineno, p->linetable,
        p->exceptiontable);
}

static PyObject *
replace_parts(PyCodeObject *self, PyObject *changes)
{
    PyObject *code = NULL, *varnames = NULL, *cellvars = NULL, *freevars = NULL;
    PyObject *result = NULL;

    code = PyCode_GetCode(self);
    varnames = PyCode_GetVarnames(self);
    cellvars = PyCode_GetCellvars(self);
    freevars = PyCode_GetFreevars(self);
    if (code == NULL || varnames == NULL || cellvars == NULL || freevars == NULL) {
        goto done;
    }
    CodeParts parts = {
        .argcount = self->co_argcount,
        .posonlyargcount = self->co_posonlyargcount,
        .kwonlyargcount = self->co_kwonlyargcount,
        .nlocals = self->co_nlocals,
        .stacksize = self->co_stacksize,
        .flags = self->co_flags,
        .firstlineno = self->co_firstlineno,
        .code = code,
        .consts = self->co_consts,
        .names = self->co_names,
        .varnames = varnames,
        .freevars = freevars,
        .cellvars = cellvars,
        .filename = self->co_filename,
        .name = self->co_name,
        .qualname = self->co_qualname,
        .linetable = self->co_linetable,
        .exceptiontable = self->co_exceptiontable,
    };
    PyObject *key, *value;
    Py_ssize_t pos = 0;
    while (changes != NULL && PyDict_Next(changes, &pos, &key, &value)) {
        if (set_code_part(&parts, key, value) < 0) {
            goto done;
        }
    }
    if (check_part_signs(&parts) < 0) {
        goto done;
    }
    result = code_from_parts(&parts);

done:
    Py_XDECREF(freevars);
    Py_XDECREF(cellvars);
    Py_XDECREF(varnames);
    Py_XDECREF(code);
    return result;
}

KR_METHOD(code, "replace(self, /, **changes)",
          "Return a copy of the code object with the given fields changed.")
static PyObject *
code_replace(PyCodeObject *self, PyObject *changes)
{
    return replace_parts(self, changes);
}

KR_METHOD(code, "__replace__(self, /, **changes)", "The same as replace().")
static PyObject *
code_replace_dunder(PyCodeObject *self, PyObject *changes)
{
    return replace_parts(self, changes);
}

// Requires a str, bytes or tuple as argument `index` (from 1) of code().
static int
check_new_arg(PyObject *args, int index, PyTypeObject *type)
{
    PyObject *value = PyTuple_GET_ITEM(args, index - 1);
    if (is_of_kind(value, type)) {
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "code() argument %d must be %s, not %.50s", index,
                 type->tp_name, value == Py_None ? "None" : Py_TYPE(value)->tp_name);
    return -1;
}

static PyObject *
code_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t count = PyTuple_GET_SIZE(args);
    if (kwargs != NULL && PyDict_GET_SIZE(kwargs) > 0) {
        PyErr_SetString(PyExc_TypeError, "code() takes no keyword arguments");
        return NULL;
    }
    if (count < 16 || count > 18) {
        PyErr_Format(PyExc_TypeError, "code expected at %s %d arguments, got %zd",
                     count < 16 ? "least" : "most", count < 16 ? 16 : 18, count);
        return NULL;
    }
    static const int ints[] = {0, 1, 2, 3, 4, 5, 13};
    int numbers[KR_ARRAY_LEN(ints)];
    for (int i = 0; i < KR_ARRAY_LEN(ints); i++) {
        numbers[i] = PyLong_AsInt(PyTuple_GET_ITEM(args, ints[i]));
        if (numbers[i] == -1 && PyErr_Occurred()) {
            return NULL;
        }
    }
    if (check_new_arg(args, 7, &PyBytes_Type) < 0
        || check_new_arg(args, 8, &PyTuple_Type) < 0
        || check_new_arg(args, 9, &PyTuple_Type) < 0
        || check_new_arg(args, 10, &PyTuple_Type) < 0
        || check_new_arg(args, 11, &PyUnicode_Type) < 0
        || check_new_arg(args, 12, &PyUnicode_Type) < 0
        || check_new_arg(args, 13, &PyUnicode_Type) < 0
        || check_new_arg(args, 15, &PyBytes_Type) < 0
        || check_new_arg(args, 16, &PyBytes_Type) < 0
        || (count > 16 && check_new_arg(args, 17, &PyTuple_Type) < 0)
        || (count > 17 && check_new_arg(args, 18, &PyTuple_Type) < 0)) {
        return NULL;
    }
    static const char *const names[] = {"argcount", "posonlyargcount", "kwonlyargcount",
                                        "nlocals"};
    for (int i = 0; i < KR_ARRAY_LEN(names); i++) {
        if (numbers[i] < 0) {
            PyErr_Format(PyExc_ValueError, "code: %s must not be negative", names[i]);
            return NULL;
        }
    }
    PyObject *empty = PyTuple_New(0);
    if (empty == NULL) {
        return NULL;
    }
    CodeParts parts = {
        .argcount = numbers[0],
        .posonlyargcount = numbers[1],
        .kwonlyargcount = numbers[2],
        .nlocals = numbers[3],
        .stacksize = numbers[4],
        .flags = numbers[5],
        .firstlineno = numbers[6],
        .code = PyTuple_GET_ITEM(args, 6),
        .consts = PyTuple_GET_ITEM(args, 7),
        .names = PyTuple_GET_ITEM(args, 8),
        .varnames = PyTuple_GET_ITEM(args, 9),
        .filename = PyTuple_GET_ITEM(args, 10),
        .name = PyTuple_GET_ITEM(args, 11),
        .qualname = PyTuple_GET_ITEM(args, 12),
        .linetable = PyTuple_GET_ITEM(args, 14),
        .exceptiontable = PyTuple_GET_ITEM(args, 15),
        .freevars = count > 16 ? PyTuple_GET_ITEM(args, 16) : empty,
        .cellvars = count > 17 ? PyTuple_GET_ITEM(args, 17) : empty,
    };
    PyObject *result = code_from_parts(&parts);
    Py_DECREF(empty);
    return result;
}

// --- Extra data and watchers -----------------------------------------------------------

typedef struct {
    Py_ssize_t size;
    void *values[];
} CodeExtra;

int
PyUnstable_Code_GetExtra(PyObject *code, Py_ssize_t index, void **extra)
{
    if (!PyCode_Check(code)) {
        PyErr_BadInternalCall();
        return -1;
    }
    CodeExtra *all = ((PyCodeObject *)code)->co_extra;
    *extra = all != NULL && index >= 0 && index < all->size ? all->values[index] : NULL;
    return 0;
}

int
PyUnstable_Code_SetExtra(PyObject *code, Py_ssize_t index, void *extra)
{
    KrCodeState *state = &kr_interp()->code;
    if (!PyCode_Check(code) || index < 0 || index >= state->extra_count) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyCodeObject *self = (PyCodeObject *)code;
    CodeExtra *all = self->co_extra;
    if (all == NULL || all->size <= index) {
        Py_ssize_t old = all != NULL ? all->size : 0;
        Py_ssize_t size = state->extra_count;
        all = PyMem_Realloc(all, sizeof(*all) + (size_t)size * sizeof(void *));
        if (all == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        for (Py_ssize_t i = old; i < size; i++) {
            all->values[i] = NULL;
        }
        all->size = size;
        self->co_extra = all;
    }
    if (all->values[index] != NULL && state->extra_free[index] != NULL) {
        state->extra_free[index](all->values[index]);
    }
    all->values[index] = extra;
    return 0;
}

Py_ssize_t
PyUnstable_Eval_RequestCodeExtraIndex(freefunc free)
{
    KrCodeState *state = &kr_interp()->code;
    if (state->extra_count >= KR_CODE_EXTRA_MAX - 1) {
        return -1;
    }
    state->extra_free[state->extra_count] = free;
    return state->extra_count++;
}

int
PyCode_AddWatcher(PyCode_WatchCallback callback)
{
    KrCodeState *state = &kr_interp()->code;
    for (int i = 0; i < KR_CODE_WATCHER_MAX; i++) {
        if (state->watchers[i] == NULL) {
            state->watchers[i] = callback;
            state->watched = true;
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more code watcher IDs available");
    return -1;
}

int
PyCode_ClearWatcher(int watcher_id)
{
    KrCodeState *state = &kr_interp()->code;
    if (watcher_id < 0 || watcher_id >= KR_CODE_WATCHER_MAX) {
        PyErr_Format(PyExc_ValueError, "Invalid code watcher ID %d", watcher_id);
        return -1;
    }
    if (state->watchers[watcher_id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No code watcher set for ID %d", watcher_id);
        return -1;
    }
    state->watchers[watcher_id] = NULL;
    state->watched = false;
    for (int i = 0; i < KR_CODE_WATCHER_MAX; i++) {
        state->watched |= state->watchers[i] != NULL;
    }
    return 0;
}

static KR_COLD void
notify_watchers(PyCodeEvent event, PyCodeObject *code)
{
    KrCodeState *state = &kr_interp()->code;
    for (int i = 0; i < KR_CODE_WATCHER_MAX; i++) {
        if (state->watchers[i] != NULL && state->watchers[i](event, code) < 0) {
            PyErr_FormatUnraisable("Exception ignored in %s watcher callback for %R",
                                   event == PY_CODE_EVENT_CREATE
                                       ? "PY_CODE_EVENT_CREATE"
                                       : "PY_CODE_EVENT_DESTROY",
                                   code);
        }
    }
}

PyObject *
PyCode_Optimize(PyObject *code, PyObject *consts, PyObject *names, PyObject *lnotab)
{
    return Py_NewRef(code);
}

// --- The type --------------------------------------------------------------------------

static void
free_code_extra(PyCodeObject *self)
{
    CodeExtra *all = self->co_extra;
    if (all == NULL) {
        return;
    }
    KrCodeState *state = &kr_interp()->code;
    for (Py_ssize_t i = 0; i < all->size; i++) {
        if (all->values[i] != NULL && i < state->extra_count
            && state->extra_free[i] != NULL) {
            state->extra_free[i](all->values[i]);
        }
    }
    PyMem_Free(all);
}

static void
code_dealloc(PyObject *op)
{
    PyCodeObject *self = (PyCodeObject *)op;
    if (kr_interp()->code.watched) {
        // The callback may look at the object, not keep it.
        Py_SET_REFCNT(op, 1);
        PyObject *error = PyErr_GetRaisedException();
        notify_watchers(PY_CODE_EVENT_DESTROY, self);
        PyErr_SetRaisedException(error);
        Py_SET_REFCNT(op, Py_REFCNT(op) - 1);
        if (Py_REFCNT(op) > 0) {
            return;
        }
    }
    if (self->co_weakreflist != NULL) {
        PyObject_ClearWeakRefs(op);
    }
    if (kr_hooks.code_dealloc != NULL) {
        kr_hooks.code_dealloc(self);
    }
    free_code_extra(self);
    _PyCoCached *cache = self->_co_cached;
    if (cache != NULL) {
        Py_XDECREF(cache->_co_code);
        Py_XDECREF(cache->_co_varnames);
        Py_XDECREF(cache->_co_cellvars);
        Py_XDECREF(cache->_co_freevars);
        PyMem_Free(cache);
    }
    Py_XDECREF(self->co_consts);
    Py_XDECREF(self->co_names);
    Py_XDECREF(self->co_exceptiontable);
    Py_XDECREF(self->co_localsplusnames);
    Py_XDECREF(self->co_localspluskinds);
    Py_XDECREF(self->co_filename);
    Py_XDECREF(self->co_name);
    Py_XDECREF(self->co_qualname);
    Py_XDECREF(self->co_linetable);
    PyObject_Free(op);
}

static PyMemberDef code_members[] = {
    {"co_argcount", Py_T_INT, offsetof(PyCodeObject, co_argcount), Py_READONLY},
    {"co_posonlyargcount", Py_T_INT, offsetof(PyCodeObject, co_posonlyargcount),
     Py_READONLY},
    {"co_kwonlyargcount", Py_T_INT, offsetof(PyCodeObject, co_kwonlyargcount),
     Py_READONLY},
    {"co_stacksize", Py_T_INT, offsetof(PyCodeObject, co_stacksize), Py_READONLY},
    {"co_flags", Py_T_INT, offsetof(PyCodeObject, co_flags), Py_READONLY},
    {"co_names", _Py_T_OBJECT, offsetof(PyCodeObject, co_names), Py_READONLY},
    {"co_filename", _Py_T_OBJECT, offsetof(PyCodeObject, co_filename), Py_READONLY},
    {"co_name", _Py_T_OBJECT, offsetof(PyCodeObject, co_name), Py_READONLY},
    {"co_qualname", _Py_T_OBJECT, offsetof(PyCodeObject, co_qualname), Py_READONLY},
    {"co_firstlineno", Py_T_INT, offsetof(PyCodeObject, co_firstlineno), Py_READONLY},
    {"co_linetable", _Py_T_OBJECT, offsetof(PyCodeObject, co_linetable), Py_READONLY},
    {"co_exceptiontable", _Py_T_OBJECT, offsetof(PyCodeObject, co_exceptiontable),
     Py_READONLY},
    {"co_nlocals", Py_T_INT, offsetof(PyCodeObject, co_nlocals), Py_READONLY},
    {"co_consts", _Py_T_OBJECT, offsetof(PyCodeObject, co_consts), Py_READONLY},
    {NULL},
};

KR_TYPE(code)
#include "objects/code.methods.h"

PyTypeObject PyCode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "code",
    .tp_basicsize = offsetof(PyCodeObject, co_code_adaptive),
    .tp_itemsize = sizeof(uint16_t),
    .tp_dealloc = code_dealloc,
    .tp_repr = code_repr,
    .tp_hash = code_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "code(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n"
              "     flags, codestring, constants, names, varnames, filename, name,\n"
              "     qualname, firstlineno, linetable, exceptiontable, freevars=(),\n"
              "     cellvars=(), /)\n--\n\n"
              "Create a code object.  Not for the faint of heart.",
    .tp_richcompare = code_richcompare,
    .tp_weaklistoffset = offsetof(PyCodeObject, co_weakreflist),
    .tp_methods = code_methods,
    .tp_members = code_members,
    .tp_getset = code_getset,
    .tp_new = code_new,
};
