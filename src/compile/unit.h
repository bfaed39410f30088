// SPDX-License-Identifier: MIT
// unit.h - one code object in the making: its instructions, names and open blocks.
//
// Read next: unit.c, codegen.h, flow.h
#ifndef KRAIT_COMPILE_UNIT_H
#define KRAIT_COMPILE_UNIT_H

#include "compile/compiler.h"
#include "compile/symtable.h"

typedef enum {
    KR_UNIT_MODULE,
    KR_UNIT_CLASS,
    KR_UNIT_FUNCTION,
    KR_UNIT_ASYNC_FUNCTION,
    KR_UNIT_LAMBDA,
    KR_UNIT_COMPREHENSION,
    KR_UNIT_ANNOTATIONS,
} KrUnitType;

typedef struct {
    int op;
    int arg;            // jumps: label, later the target's index
    KrLocation loc;
} KrInstr;

// Instructions as they are emitted; labels are resolved when the flow graph is built.
typedef struct KrInstrSeq {
    KrInstr *items;
    int count;
    int capacity;
    int *labels;        // label -> index of the instruction it stands before; -1 unused
    int label_count;
    int label_capacity;
    struct KrInstrSeq *annotations; // goes where ANNOTATIONS_PLACEHOLDER stands
} KrInstrSeq;

// Statements that jumps have to unwind.
typedef enum {
    KR_FBLOCK_WHILE_LOOP,
    KR_FBLOCK_FOR_LOOP,
    KR_FBLOCK_ASYNC_FOR_LOOP,
    KR_FBLOCK_TRY_EXCEPT,
    KR_FBLOCK_FINALLY_TRY,
    KR_FBLOCK_FINALLY_END,
    KR_FBLOCK_WITH,
    KR_FBLOCK_ASYNC_WITH,
    KR_FBLOCK_HANDLER_CLEANUP,
    KR_FBLOCK_POP_VALUE,
    KR_FBLOCK_EXCEPTION_HANDLER,
    KR_FBLOCK_EXCEPTION_GROUP_HANDLER,
    KR_FBLOCK_ASYNC_COMPREHENSION_GENERATOR,
    KR_FBLOCK_STOP_ITERATION,
} KrFBlockType;

typedef struct {
    KrFBlockType type;
    int block;          // label of the start, for continue
    int exit;           // label of the end, for break; -1 none
    KrLocation loc;
    const void *datum;  // finally: the statements; handler: its name (PyObject *)
} KrFBlock;

typedef struct {
    const KrStmt *stmt; // AnnAssign
    int index;          // number in __conditional_annotations__, -1: unconditional
} KrDeferredAnnotation;

struct KrUnit {
    KrUnit *outer;
    KrScope *scope;
    KrUnitType type;
    PyObject *name;
    PyObject *qualname;
    PyObject *private_name;     // class whose private names are mangled here
    KrPtrMap consts;            // canonical object -> index
    KrPtrMap names;
    KrPtrMap varnames;
    KrPtrMap cellvars;
    KrPtrMap freevars;
    KrPtrMap fast_hidden;       // locals of inlined comprehensions -> active
    KrPtrMap static_attributes; // of a class
    KrInstrSeq *seq;            // where instructions go
    KrInstrSeq *main_seq;
    KrFBlock fblocks[CO_MAXBLOCKS];
    int fblock_count;
    int argcount;
    int posonlyargcount;
    int kwonlyargcount;
    int firstlineno;
    KrDeferredAnnotation *deferred;
    int deferred_count;
    int deferred_capacity;
    int next_conditional;       // next number in __conditional_annotations__
    int in_conditional_block;
    int in_inlined_comp;
};

// Opens a unit for the scope of `node`. Emits RESUME.
void kr_unit_enter(KrCompiler *c, PyObject *name, KrUnitType type, const void *node,
                   int firstlineno, PyObject *private_name);
// Closes it; the unit around becomes current again.
void kr_unit_leave(KrCompiler *c);
// Optimises and assembles the current unit, then closes it. Borrowed; NULL when failed.
PyCodeObject *kr_unit_finish(KrCompiler *c, bool add_return_none);

// Instructions.
void kr_emit(KrCompiler *c, KrLocation loc, int op, int arg);
void kr_emit_const(KrCompiler *c, KrLocation loc, PyObject *object);
void kr_emit_name(KrCompiler *c, KrLocation loc, int op, PyObject *name);
int kr_label_new(KrCompiler *c);
void kr_label_use(KrCompiler *c, int label);
static inline void
kr_emit0(KrCompiler *c, KrLocation loc, int op)
{
    kr_emit(c, loc, op, 0);
}
// Puts an instruction at `index`, moving what follows.
void kr_seq_insert(KrCompiler *c, KrInstrSeq *seq, int index, KrInstr instr);
KrInstrSeq *kr_seq_new(KrCompiler *c);

// Places in the tables of the unit.
int kr_unit_const(KrCompiler *c, PyObject *object);
int kr_unit_add(KrCompiler *c, KrPtrMap *map, PyObject *key);
PyObject *kr_unit_mangle(KrCompiler *c, PyObject *name);
// Index of a cell or free variable.
int kr_unit_deref(KrCompiler *c, PyObject *name);

// Index of a free variable, which is made one if it is not yet: cells of the class that
// the symbol table has tied to a variable of the same name.
int kr_unit_free(KrCompiler *c, PyObject *name);

// Open blocks.
void kr_fblock_push(KrCompiler *c, KrLocation loc, KrFBlockType type, int block, int exit,
                    const void *datum);
void kr_fblock_pop(KrCompiler *c, KrFBlockType type, int block);

#endif // KRAIT_COMPILE_UNIT_H
