// SPDX-License-Identifier: MIT
// pickle.h - module _pickle as its files see it.
//
// A Pickler walks an object and writes instructions; an Unpickler is a machine with a
// stack that carries them out. Both remember objects by number in a memo.
// Read next: opcodes.def, output.c, save.c, load.c
#ifndef KRAIT_MODULES_PICKLE_PICKLE_H
#define KRAIT_MODULES_PICKLE_PICKLE_H

#include <Python.h>

#include "base/base.h"

enum { PICKLE_HIGHEST = 5, PICKLE_DEFAULT = 5 };

// A frame is closed when it is this long; longer data stand outside frames.
enum { PICKLE_FRAME_TARGET = 64 * 1024, PICKLE_BATCH = 1000 };

typedef enum {
#define OPCODE(name, byte) OP_##name = byte,
#include "modules/pickle/opcodes.def"
} PickleOpcode;

typedef struct {
    PyObject *error;           // classes, owned
    PyObject *pickling_error;
    PyObject *unpickling_error;
    PyTypeObject *pickler_type; // owned
    PyTypeObject *unpickler_type;
    PyTypeObject *pickler_memo_type;
    PyTypeObject *unpickler_memo_type;
    PyObject *dispatch_table;  // of copyreg, owned
    PyObject *extension_registry;
    PyObject *inverted_registry;
    PyObject *extension_cache;
    PyObject *name_2to3;       // of _compat_pickle: (module, name) -> the same
    PyObject *import_2to3;     // module -> module
    PyObject *name_3to2;
    PyObject *import_3to2;
    PyObject *codecs_encode;
    PyObject *getattr;
    PyObject *partial;
} PickleState;

extern PyModuleDef kr_pickle_def;

// The state, from an instance of a class of the module or of a subclass.
PickleState *kr_pickle_state_of(PyObject *self);

// ---- what has been pickled: object -> number ----------------------------------

typedef struct {
    PyObject *key; // owned, NULL: free
    Py_ssize_t number;
} PickleMemoEntry;

typedef struct {
    PickleMemoEntry *entries; // NULL until the first one
    size_t mask;
    size_t count;
} PickleMemo;

// The number, -1 if the object is not there.
Py_ssize_t kr_pickle_memo_find(const PickleMemo *memo, PyObject *key);
int kr_pickle_memo_add(PickleMemo *memo, PyObject *key, Py_ssize_t number);
void kr_pickle_memo_clear(PickleMemo *memo);

// ---- Pickler ------------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PickleState *state;        // borrowed; the type keeps the module alive
    PickleMemo memo;
    PyObject *persistent_id_attr; // set on the instance, owned, or NULL
    PyObject *persistent_id;   // while dumping: what to call, owned, or NULL
    PyObject *reducer_override; // the same
    PyObject *dispatch_table;  // private one, owned, or NULL
    PyObject *write;           // of the file, owned; NULL: not initialised, or dumps()
    PyObject *buffer_callback; // owned, or NULL
    char *out;                 // what has not been written yet
    size_t size;
    size_t capacity;
    ptrdiff_t frame_start;     // in out; -1: no frame is open
    int protocol;
    int bin;                   // protocol >= 1, as an attribute
    int fast;
    int fast_nesting;
    PyObject *fast_memo;       // ids of containers in fast mode, or NULL
    bool framing;
    bool fix_imports;
    bool ready;                // __init__ has run
    bool dumping;
} Pickler;

// output.c: all return 0, or -1 with an exception.
int kr_pickle_write(Pickler *self, const void *data, size_t size);
int kr_pickle_put(Pickler *self, PickleOpcode opcode);
// An opcode and a little-endian number of `width` bytes.
int kr_pickle_put_number(Pickler *self, PickleOpcode opcode, uint64_t value, int width);
// A head and data; long data go to the file without being copied.
int kr_pickle_put_data(Pickler *self, const char *head, size_t head_size, const char *data,
                       size_t size);
// Between instructions: closes a frame that is long enough.
int kr_pickle_boundary(Pickler *self);
void kr_pickle_start_frames(Pickler *self);
int kr_pickle_end_frames(Pickler *self);
int kr_pickle_flush(Pickler *self);

// save.c
int kr_pickle_dump(Pickler *self, PyObject *object);
int kr_pickle_save(Pickler *self, PyObject *object, bool persistent);
int kr_pickle_memoize(Pickler *self, PyObject *object);
int kr_pickle_put_get(Pickler *self, Py_ssize_t number);
// Adds a note to the pending exception.
void kr_pickle_note(const char *format, ...);

// save_containers.c, save_global.c, save_reduce.c
int kr_pickle_save_tuple(Pickler *self, PyObject *object);
int kr_pickle_save_list(Pickler *self, PyObject *object);
int kr_pickle_save_dict(Pickler *self, PyObject *object);
int kr_pickle_save_set(Pickler *self, PyObject *object);
int kr_pickle_save_frozenset(Pickler *self, PyObject *object);
int kr_pickle_append_items(Pickler *self, PyObject *iterator, PyObject *object);
int kr_pickle_set_items(Pickler *self, PyObject *iterator, PyObject *object);
int kr_pickle_save_global(Pickler *self, PyObject *object, PyObject *name);
int kr_pickle_save_type(Pickler *self, PyObject *object);
// value is what __reduce__ returned for the object (NULL: there is none).
int kr_pickle_save_reduce(Pickler *self, PyObject *value, PyObject *object);
// The same for a function and its arguments; args is consumed.
int kr_pickle_save_call_steal(Pickler *self, PyObject *func, PyObject *args,
                              PyObject *object);

// pickler.c
int kr_pickler_setup(Pickler *self, PyObject *protocol, bool fix_imports,
                     PyObject *buffer_callback);
extern PyType_Spec kr_pickler_spec;
extern PyType_Spec kr_pickler_memo_spec;

// ---- Unpickler ----------------------------------------------------------------

typedef struct {
    PyObject_HEAD
    PickleState *state;        // borrowed; the type keeps the module alive
    // The stack, and where each open mark is in it.
    PyObject **stack;
    Py_ssize_t depth;
    Py_ssize_t stack_room;
    Py_ssize_t fence;          // the newest mark, 0 without one
    Py_ssize_t *marks;
    Py_ssize_t mark_count;
    Py_ssize_t marks_room;
    // The memo: an array for the usual dense numbers, a dict for others.
    PyObject **memo;
    size_t memo_room;
    size_t memo_count;
    PyObject *far_memo;        // int -> object, or NULL
    // The input.
    const char *data;          // in `buffer`
    size_t size;
    size_t next;
    size_t frame_end;          // 0: no frame
    Py_buffer buffer;          // of loads(), or of what was read from the file
    PyObject *read;            // methods of the file, owned; NULL with loads()
    PyObject *readinto;        // may be NULL
    PyObject *readline;
    PyObject *peek;            // may be NULL
    size_t peeked;             // bytes at the start of data that read() has yet to skip
    PyObject *buffers;         // iterator of out-of-band buffers, or NULL
    PyObject *persistent_load_attr; // set on the instance, owned, or NULL
    PyObject *persistent_load; // while loading: what to call, owned, or NULL
    char *encoding;            // NULL: not initialised
    char *errors;
    int protocol;
    bool fix_imports;
    bool loading;
} Unpickler;

// input.c. The pointer is valid until the next call. NULL or -1 with an exception.
const char *kr_unpickle_read(Unpickler *self, size_t size);
int kr_unpickle_read_into(Unpickler *self, char *out, size_t size);
// A line with its newline, NUL behind it.
char *kr_unpickle_readline(Unpickler *self, size_t *size_out);
int kr_unpickle_set_file(Unpickler *self, PyObject *file);
int kr_unpickle_set_data(Unpickler *self, PyObject *data);
int kr_unpickle_skip_peeked(Unpickler *self);
void kr_unpickle_drop_input(Unpickler *self);

// unpickle_stack.c
int kr_unpickle_push_steal(Unpickler *self, PyObject *value); // NULL gives -1
PyObject *kr_unpickle_pop(Unpickler *self);                   // new reference
PyObject *kr_unpickle_top_borrow(Unpickler *self);
int kr_unpickle_mark(Unpickler *self);
// Where the values above the newest mark begin; the mark is gone. -1 without one.
Py_ssize_t kr_unpickle_pop_mark(Unpickler *self);
void kr_unpickle_cut(Unpickler *self, Py_ssize_t depth);
PyObject *kr_unpickle_take_tuple(Unpickler *self, Py_ssize_t from);
PyObject *kr_unpickle_take_list(Unpickler *self, Py_ssize_t from);
int kr_unpickle_underflow(Unpickler *self);
PyObject *kr_unpickle_memo_get(Unpickler *self, size_t number); // borrowed; error if absent
int kr_unpickle_memo_put(Unpickler *self, size_t number, PyObject *value);
void kr_unpickle_memo_clear(Unpickler *self);

// load.c, load_values.c, load_objects.c
PyObject *kr_unpickle_load(Unpickler *self);
int kr_unpickle_value(Unpickler *self, int opcode, bool *handled);
int kr_unpickle_object(Unpickler *self, int opcode, bool *handled);
PyObject *kr_unpickle_find_class(Unpickler *self, PyObject *module_name,
                                 PyObject *global_name);

// unpickler.c
int kr_unpickler_setup(Unpickler *self, bool fix_imports, const char *encoding,
                       const char *errors, PyObject *buffers);
extern PyType_Spec kr_unpickler_spec;
extern PyType_Spec kr_unpickler_memo_spec;

#endif // KRAIT_MODULES_PICKLE_PICKLE_H
