// SPDX-License-Identifier: MIT
// sre.h - what the files of module _sre share.
//
// The library's re._compiler turns a pattern into an array of 32-bit codes; the
// matcher runs them. It backtracks on an explicit stack on the heap, so that no
// input can overflow the C stack.
#ifndef KRAIT_MODULES_SRE_SRE_H
#define KRAIT_MODULES_SRE_SRE_H

#include <Python.h>

#include "base/base.h"

typedef uint32_t KrSreCode;

#define KR_SRE_MAGIC 20230612
// Of a literal prefix so much is searched for.
#define KR_SRE_PREFIX 32
#define KR_SRE_LOCAL_STACK 24
#define KR_SRE_LOCAL_MARKS 20
#define KR_SRE_MAXREPEAT UINT32_MAX
#define KR_SRE_MAXGROUPS ((Py_ssize_t)INT32_MAX / 2)

// Numbers of the operators, as the library's re._constants counts them.
enum {
    SRE_FAILURE, SRE_SUCCESS, SRE_ANY, SRE_ANY_ALL, SRE_ASSERT, SRE_ASSERT_NOT, SRE_AT,
    SRE_BRANCH, SRE_CATEGORY, SRE_CHARSET, SRE_BIGCHARSET, SRE_GROUPREF,
    SRE_GROUPREF_EXISTS, SRE_IN, SRE_INFO, SRE_JUMP, SRE_LITERAL, SRE_MARK,
    SRE_MAX_UNTIL, SRE_MIN_UNTIL, SRE_NOT_LITERAL, SRE_NEGATE, SRE_RANGE, SRE_REPEAT,
    SRE_REPEAT_ONE, SRE_SUBPATTERN, SRE_MIN_REPEAT_ONE, SRE_ATOMIC_GROUP,
    SRE_POSSESSIVE_REPEAT, SRE_POSSESSIVE_REPEAT_ONE, SRE_GROUPREF_IGNORE,
    SRE_IN_IGNORE, SRE_LITERAL_IGNORE, SRE_NOT_LITERAL_IGNORE, SRE_GROUPREF_LOC_IGNORE,
    SRE_IN_LOC_IGNORE, SRE_LITERAL_LOC_IGNORE, SRE_NOT_LITERAL_LOC_IGNORE,
    SRE_GROUPREF_UNI_IGNORE, SRE_IN_UNI_IGNORE, SRE_LITERAL_UNI_IGNORE,
    SRE_NOT_LITERAL_UNI_IGNORE, SRE_RANGE_UNI_IGNORE, SRE_OP_COUNT,
};
enum {
    SRE_AT_BEGINNING, SRE_AT_BEGINNING_LINE, SRE_AT_BEGINNING_STRING, SRE_AT_BOUNDARY,
    SRE_AT_NON_BOUNDARY, SRE_AT_END, SRE_AT_END_LINE, SRE_AT_END_STRING,
    SRE_AT_LOC_BOUNDARY, SRE_AT_LOC_NON_BOUNDARY, SRE_AT_UNI_BOUNDARY,
    SRE_AT_UNI_NON_BOUNDARY, SRE_AT_COUNT,
};
enum {
    SRE_CAT_DIGIT, SRE_CAT_NOT_DIGIT, SRE_CAT_SPACE, SRE_CAT_NOT_SPACE, SRE_CAT_WORD,
    SRE_CAT_NOT_WORD, SRE_CAT_LINEBREAK, SRE_CAT_NOT_LINEBREAK, SRE_CAT_LOC_WORD,
    SRE_CAT_LOC_NOT_WORD, SRE_CAT_UNI_DIGIT, SRE_CAT_UNI_NOT_DIGIT, SRE_CAT_UNI_SPACE,
    SRE_CAT_UNI_NOT_SPACE, SRE_CAT_UNI_WORD, SRE_CAT_UNI_NOT_WORD, SRE_CAT_UNI_LINEBREAK,
    SRE_CAT_UNI_NOT_LINEBREAK, SRE_CAT_COUNT,
};
enum {
    SRE_FLAG_IGNORECASE = 2, SRE_FLAG_LOCALE = 4, SRE_FLAG_MULTILINE = 8,
    SRE_FLAG_DOTALL = 16, SRE_FLAG_UNICODE = 32, SRE_FLAG_VERBOSE = 64,
    SRE_FLAG_DEBUG = 128, SRE_FLAG_ASCII = 256,
};
enum { SRE_INFO_PREFIX = 1, SRE_INFO_LITERAL = 2, SRE_INFO_CHARSET = 4 };

// What the backtracking stack holds.
typedef enum {
    SRE_TRY,          // go on at ip with pos
    SRE_TRY_SHORTER,  // greedy single repeat: give one back, not below `low`
    SRE_TRY_LONGER,   // lazy single repeat: take one more
    SRE_TRY_TAIL,     // greedy group repeat: leave the loop
    SRE_TRY_BODY,     // lazy group repeat: once more
    SRE_UNDO_MARK,    // a mark was set
    SRE_UNDO_LOOP,    // a loop's count and place changed
    SRE_UNDO_CURRENT, // another loop became the current one
    SRE_SUB_ATOMIC,   // a sub-match began here
    SRE_SUB_ASSERT,
    SRE_SUB_ASSERT_NOT,
    SRE_SUB_POSSESSIVE,
} KrSreEntryKind;

typedef struct {
    uint32_t kind;     // KrSreEntryKind
    uint32_t ip;
    Py_ssize_t pos;
    Py_ssize_t low;    // kind's own: lowest position, old value, count, old sub
    int64_t extra;
} KrSreEntry;

// A REPEAT ... UNTIL in progress.
typedef struct {
    uint32_t ip;       // of the REPEAT
    int32_t outer;     // loop around it, or -1
    int64_t count;     // complete bodies
    Py_ssize_t last;   // where the last body began, -1
} KrSreLoop;

// Which of the first 256 characters an item of one character matches: a bitmap.
typedef struct {
    uint64_t words[4];
} KrSreSet;

// The bitmaps of a pattern. of[ip] is the number of the item at code[ip], 0: none.
typedef struct {
    uint32_t *of;
    KrSreSet *sets;   // sets[0] is not used
    uint32_t count;   // of sets, with the first
    uint32_t room;
} KrSreSets;

static inline bool
kr_sre_set_has(const KrSreSet *set, Py_UCS4 ch)
{
    return set->words[ch >> 6] >> (ch & 63) & 1;
}

typedef struct {
    const KrSreCode *code;
    const uint32_t *set_of; // borrowed from the pattern, as code is
    const KrSreSet *sets;
    const void *data;      // the string from its beginning
    Py_ssize_t begin;      // pos argument
    Py_ssize_t end;        // endpos argument
    Py_ssize_t start;      // where the match begins
    Py_ssize_t must_advance; // the match may not end here when empty; -1: may
    bool full;             // the whole range must match
    bool match_all_locale;
    Py_ssize_t *marks;     // 2 a group, -1 unset
    Py_ssize_t nmarks;
    Py_ssize_t lastindex;
    KrSreEntry *stack;
    Py_ssize_t depth, room;
    KrSreLoop *loops;
    int32_t nloops, loops_room;
    uint32_t ticks;        // for looking at signals now and then
    PyObject *string;      // owned
    Py_buffer buffer;
    int charsize;
    bool is_bytes;
    // Room for most matches; what stands before is zeroed at the start.
    KrSreEntry local_stack[KR_SRE_LOCAL_STACK];
    Py_ssize_t local_marks[KR_SRE_LOCAL_MARKS];
} KrSreState;

// 1 match (end in *end_out), 0 none, -1 exception. One for each width.
int kr_sre_match_1(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out);
int kr_sre_match_2(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out);
int kr_sre_match_4(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out);
// Searches from pos; state->start is where it was found.
int kr_sre_search_1(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out);
int kr_sre_search_2(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out);
int kr_sre_search_4(KrSreState *state, Py_ssize_t pos, Py_ssize_t *end_out);

bool kr_sre_category(KrSreCode category, Py_UCS4 ch);
bool kr_sre_charset(const KrSreCode *set, Py_UCS4 ch);
// Whether the item of one character at code matches ch.
bool kr_sre_item(const KrSreCode *code, Py_UCS4 ch);
Py_UCS4 kr_sre_lower_ascii(Py_UCS4 ch);
Py_UCS4 kr_sre_lower_locale(Py_UCS4 ch);
Py_UCS4 kr_sre_lower_unicode(Py_UCS4 ch);
Py_UCS4 kr_sre_upper_locale(Py_UCS4 ch);
bool kr_sre_in_locale(const KrSreCode *set, Py_UCS4 ch);
KrSreEntry *kr_sre_push_slow(KrSreState *state);
int32_t kr_sre_new_loop(KrSreState *state);
// Checks the code of a pattern. True: the matcher may run it.
bool kr_sre_validate(const KrSreCode *code, Py_ssize_t n, Py_ssize_t groups);
// Makes the bitmaps of valid code. -1 with MemoryError.
int kr_sre_make_sets(KrSreSets *sets, const KrSreCode *code, Py_ssize_t n);
void kr_sre_free_sets(KrSreSets *sets);

extern PyTypeObject kr_sre_pattern_type;
extern PyTypeObject kr_sre_match_type;
extern PyTypeObject kr_sre_scanner_type;
extern PyTypeObject kr_sre_template_type;
PyObject *kr_sre_compile(PyObject *pattern, int flags, PyObject *code, Py_ssize_t groups,
                         PyObject *groupindex, PyObject *indexgroup);
PyObject *kr_sre_template(PyObject *pattern, PyObject *template);

#endif // KRAIT_MODULES_SRE_SRE_H
