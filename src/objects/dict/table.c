// SPDX-License-Identifier: MIT
// table.c - the keys table: an insertion-ordered compact hash table.
//
// Callers:     the files of this folder.
// Layout:      small:  [head with 8 tags | entries]
//              large:  [index head | head | entries | groups]
//              A group is 8 tag bytes and 8 entry numbers. The number of groups
//              is a power of two; a key's groups are tried in triangular steps,
//              which visits each once, until a group with a never-used slot.
// Invariants:  a large table holds at most 6 entries a group, so a never-used
//              slot exists; slots_left counts how many more may be filled.
//              A slot goes back to "never used" on deletion only while its
//              group still has another never-used slot: nothing was ever stored
//              further on because of it.
// Hashing:     groups are chosen by the low bits of the hash itself, so keys
//              that count up walk memory in order. When one insertion has to
//              try too many groups, the table is indexed again by the hash
//              times an odd constant, which breaks up regular patterns.
// Re-entrancy: __eq__ of keys may change or free the table during a lookup;
//              the epoch tells, and the lookup starts again.
#include "objects/dict/table.h"

#include "objects/state.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define TAG_EMPTY 0x80u
#define TAG_DELETED 0xfeu
#define GROUP_SLOTS 8
#define GROUP_FILL 6
#define SMALL_CAPACITY 8
#define MAX_TRIED_GROUPS 12
#define MIX UINT64_C(0x9E3779B97F4A7C15)

// Stands before the head of a large table; the block of memory starts here.
typedef struct KeysIndex {
    uint64_t group_mask;
    uint64_t multiplier;   // 1, or MIX once patterns were met
    Py_ssize_t slots_left; // never-used slots that may still be filled
    size_t bytes;          // of the whole block
} KeysIndex;

PyDictKeysObject kr_keys_empty = {
    .kind = KR_KEYS_STR,
    .is_small = true,
    .is_static = true,
    .tags = {TAG_EMPTY, TAG_EMPTY, TAG_EMPTY, TAG_EMPTY, TAG_EMPTY, TAG_EMPTY, TAG_EMPTY,
             TAG_EMPTY},
};

static inline KeysIndex *
index_of(PyDictKeysObject *keys)
{
    return (KeysIndex *)keys - 1;
}

static inline uint8_t
tag_of(Py_hash_t hash)
{
    return (uint8_t)(((uint64_t)hash * MIX) >> 57);
}

static inline uint64_t
first_group(const KeysIndex *index, Py_hash_t hash)
{
    uint64_t mixed = (uint64_t)hash * index->multiplier;
    return (mixed ^ (mixed >> 32)) & index->group_mask;
}

// --- Groups of eight tags ------------------------------------------------------

#ifdef __SSE2__
// Bit i: tag i equals tag.
static inline unsigned
group_match(const uint8_t *tags, uint8_t tag)
{
    __m128i group = _mm_loadl_epi64((const __m128i *)tags);
    __m128i equal = _mm_cmpeq_epi8(group, _mm_set1_epi8((char)tag));
    return (unsigned)_mm_movemask_epi8(equal) & 0xff;
}

// Bit i: slot i holds no entry.
static inline unsigned
group_free(const uint8_t *tags)
{
    return (unsigned)_mm_movemask_epi8(_mm_loadl_epi64((const __m128i *)tags)) & 0xff;
}
#else
static inline unsigned
gather_high_bits(uint64_t word)
{
    word = (word >> 7) & UINT64_C(0x0101010101010101);
    return (unsigned)((word * UINT64_C(0x0102040810204080)) >> 56);
}

static inline unsigned
group_match(const uint8_t *tags, uint8_t tag)
{
    uint64_t group;
    memcpy(&group, tags, sizeof group);
    group ^= UINT64_C(0x0101010101010101) * tag;
    // A byte is zero exactly when adding 0x7f to its low bits sets no high bit.
    uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    return gather_high_bits(~(((group & low) + low) | group));
}

static inline unsigned
group_free(const uint8_t *tags)
{
    uint64_t group;
    memcpy(&group, tags, sizeof group);
    return gather_high_bits(group);
}
#endif

static inline Py_ssize_t
group_stride(const PyDictKeysObject *keys)
{
    return GROUP_SLOTS + GROUP_SLOTS * (Py_ssize_t)keys->index_width;
}

static inline Py_ssize_t
slot_entry(const PyDictKeysObject *keys, const uint8_t *group, unsigned slot)
{
    const uint8_t *numbers = group + GROUP_SLOTS;
    switch (keys->index_width) {
    case 1:
        return numbers[slot];
    case 2:
        return ((const uint16_t *)numbers)[slot];
    case 4:
        return ((const uint32_t *)numbers)[slot];
    default:
        return (Py_ssize_t)((const uint64_t *)numbers)[slot];
    }
}

static inline void
slot_set_entry(const PyDictKeysObject *keys, uint8_t *group, unsigned slot,
               Py_ssize_t entry)
{
    uint8_t *numbers = group + GROUP_SLOTS;
    switch (keys->index_width) {
    case 1:
        numbers[slot] = (uint8_t)entry;
        break;
    case 2:
        ((uint16_t *)numbers)[slot] = (uint16_t)entry;
        break;
    case 4:
        ((uint32_t *)numbers)[slot] = (uint32_t)entry;
        break;
    default:
        ((uint64_t *)numbers)[slot] = (uint64_t)entry;
        break;
    }
}

// --- Memory ------------------------------------------------------------------------

static inline size_t
entry_size(KrKeysKind kind)
{
    return kind == KR_KEYS_STR ? sizeof(KrDictStrEntry) : sizeof(KrDictEntry);
}

static void
clear_groups(PyDictKeysObject *keys)
{
    KeysIndex *index = index_of(keys);
    Py_ssize_t stride = group_stride(keys);
    uint8_t *group = keys->groups;
    for (uint64_t g = 0; g <= index->group_mask; g++, group += stride) {
        memset(group, TAG_EMPTY, GROUP_SLOTS);
    }
    index->slots_left = keys->capacity;
}

static void
init_head(PyDictKeysObject *keys, KrKeysKind kind, Py_ssize_t capacity)
{
    KrContainersState *state = &kr_interp()->containers;
    keys->version = 0;
    state->dict_epoch += 0x01000193u;
    keys->epoch = state->dict_epoch;
    keys->kind = (uint8_t)kind;
    keys->is_static = false;
    keys->reserved = 0;
    keys->nentries = 0;
    keys->capacity = capacity;
    keys->first_live = 0;
}

static PyDictKeysObject *
new_small(KrKeysKind kind, Py_ssize_t capacity)
{
    size_t bytes = sizeof(PyDictKeysObject) + (size_t)capacity * entry_size(kind);
    PyDictKeysObject *keys = PyObject_Malloc(bytes);
    if (KR_UNLIKELY(keys == NULL)) {
        PyErr_NoMemory();
        return NULL;
    }
    init_head(keys, kind, capacity);
    keys->is_small = true;
    keys->index_width = 0;
    memset(keys->tags, TAG_EMPTY, sizeof keys->tags);
    return keys;
}

PyDictKeysObject *
kr_keys_new(KrKeysKind kind, Py_ssize_t want)
{
    if (want <= SMALL_CAPACITY) {
        return new_small(kind, want <= 4 ? 4 : SMALL_CAPACITY);
    }
    if ((size_t)want > ((size_t)1 << 56)) {
        PyErr_NoMemory();
        return NULL;
    }
    size_t groups = 2;
    while (groups * GROUP_FILL < (size_t)want) {
        groups *= 2;
    }
    size_t capacity = groups * GROUP_FILL;
    unsigned width = capacity <= 0x100           ? 1
                     : capacity <= 0x10000       ? 2
                     : capacity <= 0x100000000ul ? 4
                                                 : 8;
    size_t stride = GROUP_SLOTS + (size_t)GROUP_SLOTS * width;
    size_t head = sizeof(KeysIndex) + sizeof(PyDictKeysObject);
    size_t entries = capacity * entry_size(kind);
    size_t bytes = head + entries + groups * stride;
    KeysIndex *index = PyObject_Malloc(bytes);
    if (KR_UNLIKELY(index == NULL)) {
        PyErr_NoMemory();
        return NULL;
    }
    PyDictKeysObject *keys = (PyDictKeysObject *)(index + 1);
    init_head(keys, kind, (Py_ssize_t)capacity);
    keys->is_small = false;
    keys->index_width = (uint8_t)width;
    keys->groups = (uint8_t *)(keys + 1) + entries;
    index->group_mask = groups - 1;
    index->multiplier = 1;
    index->bytes = bytes;
    clear_groups(keys);
    return keys;
}

size_t
kr_keys_sizeof(PyDictKeysObject *keys)
{
    if (keys->is_static) {
        return 0;
    }
    return keys->is_small
               ? sizeof *keys + (size_t)keys->capacity * entry_size(keys->kind)
               : index_of(keys)->bytes;
}

void
kr_keys_free(PyDictKeysObject *keys)
{
    if (!keys->is_static) {
        PyObject_Free(keys->is_small ? (void *)keys : (void *)index_of(keys));
    }
}

void
kr_keys_release(PyDictKeysObject *keys)
{
    if (keys->is_static) {
        return;
    }
    if (keys->kind == KR_KEYS_STR) {
        KrDictStrEntry *entries = kr_keys_str_entries(keys);
        for (Py_ssize_t i = keys->first_live, n = keys->nentries; i < n; i++) {
            if (i + 4 < n) {
                __builtin_prefetch(entries[i + 4].key, 1);
                __builtin_prefetch(entries[i + 4].value, 1);
            }
            if (entries[i].key != NULL) {
                Py_DECREF(entries[i].key);
                Py_DECREF(entries[i].value);
            }
        }
    }
    else {
        KrDictEntry *entries = kr_keys_entries(keys);
        for (Py_ssize_t i = keys->first_live, n = keys->nentries; i < n; i++) {
            if (i + 4 < n) {
                __builtin_prefetch(entries[i + 4].key, 1);
                __builtin_prefetch(entries[i + 4].value, 1);
            }
            if (entries[i].key != NULL) {
                Py_DECREF(entries[i].key);
                Py_DECREF(entries[i].value);
            }
        }
    }
    kr_keys_free(keys);
}

PyDictKeysObject *
kr_keys_clone(PyDictKeysObject *keys)
{
    if (keys->is_static) {
        return keys;
    }
    size_t bytes = kr_keys_sizeof(keys);
    void *from = keys->is_small ? (void *)keys : (void *)index_of(keys);
    void *block = PyObject_Malloc(bytes);
    if (KR_UNLIKELY(block == NULL)) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(block, from, bytes);
    PyDictKeysObject *copy = block;
    if (!keys->is_small) {
        copy = (PyDictKeysObject *)((KeysIndex *)block + 1);
        copy->groups = (uint8_t *)(copy + 1) + (keys->groups - (uint8_t *)(keys + 1));
    }
    copy->version = 0;
    for (Py_ssize_t i = copy->first_live; i < copy->nentries; i++) {
        PyObject *key = *kr_keys_key_at(copy, i);
        if (key != NULL) {
            Py_INCREF(key);
            Py_INCREF(*kr_keys_value_at(copy, i));
        }
    }
    return copy;
}

// --- Looking up --------------------------------------------------------------------

// What comparing an entry's key with the wanted one came to.
typedef enum {
    CMP_NO = 0,
    CMP_YES = 1,
    CMP_ERROR = 2,
    CMP_CHANGED = 3, // the table is not what it was: start again
} CompareResult;

#define LOOKUP_ABSENT (-1)
#define LOOKUP_ERROR (-2)
#define LOOKUP_AGAIN (-3)

typedef CompareResult (*KeyCompare)(PyDictObject *dict, PyDictKeysObject *keys,
                                    Py_ssize_t entry, PyObject *key, Py_hash_t hash);

// Both keys are exact strs.
static inline CompareResult
compare_str(PyDictObject *dict, PyDictKeysObject *keys, Py_ssize_t entry, PyObject *key,
            Py_hash_t hash)
{
    PyObject *other = kr_keys_str_entries(keys)[entry].key;
    return other == key
           || (_PyASCIIObject_CAST(other)->hash == hash && kr_keys_str_equal(other, key));
}

// Both ints are exact and fit one digit: the head words say all.
static inline bool
both_compact_int(PyObject *a, PyObject *b)
{
    return PyLong_CheckExact(a) && PyLong_CheckExact(b)
           && ((PyLongObject *)a)->long_value.lv_tag < 16
           && ((PyLongObject *)b)->long_value.lv_tag < 16;
}

static inline bool
compact_int_equal(PyObject *a, PyObject *b)
{
    const PyLongObject *x = (PyLongObject *)a, *y = (PyLongObject *)b;
    // Bit 2 only says that the int is one of the shared small ones.
    return ((x->long_value.lv_tag ^ y->long_value.lv_tag) & ~(uintptr_t)4) == 0
           && x->long_value.ob_digit[0] == y->long_value.ob_digit[0];
}

static KR_COLD CompareResult
compare_by_python(PyDictObject *dict, PyDictKeysObject *keys, Py_ssize_t entry,
                  PyObject *key)
{
    uint32_t epoch = keys->epoch;
    PyObject *other = *kr_keys_key_at(keys, entry);
    Py_INCREF(other);
    int equal = PyObject_RichCompareBool(other, key, Py_EQ); // may run Python
    bool in_place = dict->ma_keys == keys && *kr_keys_key_at(keys, entry) == other;
    Py_DECREF(other);
    if (equal < 0) {
        return CMP_ERROR;
    }
    // What was found counts though other keys have come or gone; to search on, none may.
    if (!in_place || (!equal && keys->epoch != epoch)) {
        return CMP_CHANGED;
    }
    return equal ? CMP_YES : CMP_NO;
}

static inline CompareResult
compare_any(PyDictObject *dict, PyDictKeysObject *keys, Py_ssize_t entry, PyObject *key,
            Py_hash_t hash)
{
    PyObject *other = *kr_keys_key_at(keys, entry);
    if (other == key) {
        return CMP_YES;
    }
    if (kr_keys_hash_at(keys, entry) != hash) {
        return CMP_NO;
    }
    if (PyUnicode_CheckExact(other) && PyUnicode_CheckExact(key)) {
        return kr_keys_str_equal(other, key);
    }
    if (both_compact_int(other, key)) {
        return compact_int_equal(other, key);
    }
    return compare_by_python(dict, keys, entry, key);
}

// Searches for an entry; the comparison is inlined into each use.
static inline __attribute__((always_inline)) Py_ssize_t
probe(PyDictObject *dict, PyDictKeysObject *keys, PyObject *key, Py_hash_t hash,
      KeyCompare compare)
{
    uint8_t tag = tag_of(hash);
    if (keys->is_small) {
        for (unsigned m = group_match(keys->tags, tag); m != 0; m &= m - 1) {
            Py_ssize_t entry = __builtin_ctz(m);
            CompareResult result = compare(dict, keys, entry, key, hash);
            if (result != CMP_NO) {
                return result == CMP_YES ? entry : -(Py_ssize_t)result;
            }
        }
        return LOOKUP_ABSENT;
    }
    const KeysIndex *index = index_of(keys);
    Py_ssize_t stride = group_stride(keys);
    uint64_t g = first_group(index, hash);
    for (uint64_t step = 1;; step++) {
        const uint8_t *group = keys->groups + (Py_ssize_t)g * stride;
        for (unsigned m = group_match(group, tag); m != 0; m &= m - 1) {
            Py_ssize_t entry = slot_entry(keys, group, (unsigned)__builtin_ctz(m));
            CompareResult result = compare(dict, keys, entry, key, hash);
            if (result != CMP_NO) {
                return result == CMP_YES ? entry : -(Py_ssize_t)result;
            }
        }
        if (KR_LIKELY(group_match(group, TAG_EMPTY) != 0)) {
            return LOOKUP_ABSENT;
        }
        g = (g + step) & index->group_mask;
    }
}

_Static_assert(LOOKUP_ERROR == -CMP_ERROR && LOOKUP_AGAIN == -CMP_CHANGED,
               "probe() negates what a comparison came to");

static KR_COLD Py_ssize_t
lookup_any(PyDictObject *dict, PyObject *key, Py_hash_t hash)
{
    Py_ssize_t entry;
    do {
        entry = probe(dict, dict->ma_keys, key, hash, compare_any);
    } while (entry == LOOKUP_AGAIN);
    return entry;
}

Py_ssize_t
kr_dict_lookup_index(PyDictObject *dict, PyObject *key, Py_hash_t hash)
{
    PyDictKeysObject *keys = dict->ma_keys;
    if (KR_LIKELY(keys->kind == KR_KEYS_STR && PyUnicode_CheckExact(key))) {
        return probe(dict, keys, key, hash, compare_str);
    }
    Py_ssize_t entry = probe(dict, keys, key, hash, compare_any);
    return KR_LIKELY(entry != LOOKUP_AGAIN) ? entry : lookup_any(dict, key, hash);
}

// --- Index changes --------------------------------------------------------------------

// Points a free slot at entry. Returns the number of groups tried.
static unsigned
index_add(PyDictKeysObject *keys, Py_hash_t hash, Py_ssize_t entry)
{
    KeysIndex *index = index_of(keys);
    Py_ssize_t stride = group_stride(keys);
    uint64_t g = first_group(index, hash);
    for (unsigned step = 1;; step++) {
        uint8_t *group = keys->groups + (Py_ssize_t)g * stride;
        unsigned free_slots = group_free(group);
        if (KR_LIKELY(free_slots != 0)) {
            unsigned slot = (unsigned)__builtin_ctz(free_slots);
            index->slots_left -= group[slot] == TAG_EMPTY;
            group[slot] = tag_of(hash);
            slot_set_entry(keys, group, slot, entry);
            return step;
        }
        g = (g + step) & index->group_mask;
    }
}

// Indexes all live entries again, by mixed hashes.
static KR_COLD void
index_mix(PyDictKeysObject *keys)
{
    index_of(keys)->multiplier = MIX;
    clear_groups(keys);
    for (Py_ssize_t i = keys->first_live; i < keys->nentries; i++) {
        if (*kr_keys_key_at(keys, i) != NULL) {
            index_add(keys, kr_keys_hash_at(keys, i), i);
        }
    }
}

// The tag of an entry that is in the index of a large table, and its group.
static uint8_t *
index_find(PyDictKeysObject *keys, Py_hash_t hash, Py_ssize_t entry, uint8_t **group_out)
{
    const KeysIndex *index = index_of(keys);
    uint8_t tag = tag_of(hash);
    uint64_t g = first_group(index, hash);
    for (uint64_t step = 1;; step++) {
        uint8_t *group = keys->groups + (Py_ssize_t)g * group_stride(keys);
        for (unsigned m = group_match(group, tag); m != 0; m &= m - 1) {
            unsigned slot = (unsigned)__builtin_ctz(m);
            if (slot_entry(keys, group, slot) == entry) {
                *group_out = group;
                return &group[slot];
            }
        }
        KR_ASSERT(group_match(group, TAG_EMPTY) == 0);
        g = (g + step) & index->group_mask;
    }
}

static void
index_remove(PyDictKeysObject *keys, Py_hash_t hash, Py_ssize_t entry)
{
    if (keys->is_small) {
        keys->tags[entry] = TAG_EMPTY;
        return;
    }
    uint8_t *group;
    uint8_t *tag = index_find(keys, hash, entry, &group);
    if (group_match(group, TAG_EMPTY) != 0) {
        *tag = TAG_EMPTY;
        index_of(keys)->slots_left++;
    }
    else {
        *tag = TAG_DELETED;
    }
}

static inline void
entry_write(PyDictKeysObject *keys, Py_ssize_t entry, PyObject *key, Py_hash_t hash,
            PyObject *value)
{
    if (keys->kind == KR_KEYS_STR) {
        KrDictStrEntry *e = &kr_keys_str_entries(keys)[entry];
        e->key = key;
        e->value = value;
    }
    else {
        KrDictEntry *e = &kr_keys_entries(keys)[entry];
        e->hash = hash;
        e->key = key;
        e->value = value;
    }
}

// Makes the written entry findable.
static inline void
entry_publish(PyDictKeysObject *keys, Py_ssize_t entry, Py_hash_t hash)
{
    if (keys->is_small) {
        keys->tags[entry] = tag_of(hash);
    }
    else if (KR_UNLIKELY(index_add(keys, hash, entry) > MAX_TRIED_GROUPS)
             && index_of(keys)->multiplier == 1) {
        index_mix(keys);
    }
}

bool
kr_keys_is_full(const PyDictKeysObject *keys)
{
    return keys->nentries >= keys->capacity
           || (!keys->is_small
               && index_of((PyDictKeysObject *)keys)->slots_left <= 0);
}

void
kr_keys_append_steal(PyDictKeysObject *keys, PyObject *key, Py_hash_t hash,
                     PyObject *value)
{
    Py_ssize_t entry = keys->nentries++;
    entry_write(keys, entry, key, hash, value);
    entry_publish(keys, entry, hash);
}

// --- Changing a dict --------------------------------------------------------------------

int
kr_dict_rebuild(PyDictObject *dict, KrKeysKind kind, Py_ssize_t want, Py_ssize_t front)
{
    PyDictKeysObject *old = dict->ma_keys;
    PyDictKeysObject *keys = kr_keys_new(kind, want + front);
    if (keys == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < front; i++) {
        entry_write(keys, i, NULL, 0, NULL);
    }
    keys->nentries = keys->first_live = front;
    for (Py_ssize_t i = old->first_live, n = old->nentries; i < n; i++) {
        PyObject *key = *kr_keys_key_at(old, i);
        if (key != NULL) {
            kr_keys_append_steal(keys, key, kr_keys_hash_at(old, i),
                                 *kr_keys_value_at(old, i));
        }
    }
    dict->ma_keys = keys;
    kr_keys_free(old);
    return 0;
}

int
kr_dict_insert_new_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash,
                         PyObject *value)
{
    kr_dict_notify(PyDict_EVENT_ADDED, dict, key, value);
    PyDictKeysObject *keys = dict->ma_keys;
    bool general = keys->kind == KR_KEYS_STR && !PyUnicode_CheckExact(key);
    if (KR_UNLIKELY(general || kr_keys_is_full(keys))) {
        KrKeysKind kind = general ? KR_KEYS_GENERAL : keys->kind;
        // An unused presized table keeps its size when it becomes general.
        Py_ssize_t want = general && !kr_keys_is_full(keys)
                              ? keys->capacity
                              : (dict->ma_used < 2 ? 4 : dict->ma_used * 2);
        if (kr_dict_rebuild(dict, kind, want, 0) < 0) {
            Py_DECREF(key);
            Py_DECREF(value);
            return -1;
        }
        keys = dict->ma_keys;
    }
    kr_keys_append_steal(keys, key, hash, value);
    kr_keys_changed(keys);
    dict->ma_used++;
    return 0;
}

void
kr_dict_take_at(PyDictObject *dict, Py_ssize_t entry, PyObject **key_out,
                PyObject **value_out)
{
    PyDictKeysObject *keys = dict->ma_keys;
    Py_hash_t hash = kr_keys_hash_at(keys, entry);
    index_remove(keys, hash, entry);
    *key_out = *kr_keys_key_at(keys, entry);
    *value_out = *kr_keys_value_at(keys, entry);
    entry_write(keys, entry, NULL, 0, NULL);
    if (entry == keys->first_live) {
        keys->first_live++;
    }
    kr_keys_changed(keys);
    dict->ma_used--;
}

int
kr_dict_pop_end(PyObject *op, bool last, PyObject **key_out, PyObject **value_out)
{
    PyDictObject *dict = (PyDictObject *)op;
    *key_out = *value_out = NULL;
    if (dict->ma_used == 0) {
        return 0;
    }
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t entry;
    if (last) {
        entry = keys->nentries - 1;
        while (*kr_keys_key_at(keys, entry) == NULL) {
            entry--;
        }
    }
    else {
        entry = kr_keys_live_from(keys, 0);
    }
    kr_dict_notify(PyDict_EVENT_DELETED, dict, *kr_keys_key_at(keys, entry), NULL);
    kr_dict_take_at(dict, entry, key_out, value_out);
    if (last) {
        // The dead tail is given back, so that popping to the end stays linear.
        keys->nentries = entry;
        if (keys->first_live > entry) {
            keys->first_live = entry;
        }
    }
    return 1;
}

// Moves entry to the place before the first one.
static int
move_to_front(PyDictObject *dict, Py_ssize_t entry)
{
    PyDictKeysObject *keys = dict->ma_keys;
    PyObject *key, *value;
    Py_ssize_t first = kr_keys_live_from(keys, 0);
    if (first == entry) {
        return 1;
    }
    Py_hash_t hash = kr_keys_hash_at(keys, entry);
    if (first == 0) {
        // Room for as many moves as there are items keeps the cost linear.
        key = Py_NewRef(*kr_keys_key_at(keys, entry));
        int failed = kr_dict_rebuild(dict, keys->kind, dict->ma_used + 1,
                                     dict->ma_used + 1);
        Py_DECREF(key);
        if (failed) {
            return -1;
        }
        keys = dict->ma_keys;
        first = keys->first_live;
        for (entry = first; *kr_keys_key_at(keys, entry) != key;) {
            entry++;
        }
    }
    kr_dict_take_at(dict, entry, &key, &value);
    entry_write(keys, first - 1, key, hash, value);
    keys->first_live = first - 1;
    entry_publish(keys, first - 1, hash);
    kr_keys_changed(keys);
    dict->ma_used++;
    return 1;
}

int
kr_dict_move_to_end(PyObject *op, PyObject *wanted, Py_hash_t hash, bool last)
{
    PyDictObject *dict = (PyDictObject *)op;
    Py_ssize_t entry = kr_dict_lookup_index(dict, wanted, hash);
    if (entry < 0) {
        return entry == -1 ? 0 : -1;
    }
    if (!last) {
        return move_to_front(dict, entry);
    }
    PyDictKeysObject *keys = dict->ma_keys;
    if (entry == keys->nentries - 1) {
        return 1;
    }
    if (kr_keys_is_full(keys)) {
        PyObject *key = *kr_keys_key_at(keys, entry);
        if (kr_dict_rebuild(dict, keys->kind, dict->ma_used * 2, 0) < 0) {
            return -1;
        }
        keys = dict->ma_keys;
        for (entry = 0; *kr_keys_key_at(keys, entry) != key;) {
            entry++;
        }
    }
    PyObject *key, *value;
    kr_dict_take_at(dict, entry, &key, &value);
    kr_keys_append_steal(keys, key, hash, value);
    kr_keys_changed(keys);
    dict->ma_used++;
    return 1;
}

// --- Versions -------------------------------------------------------------------------

uint32_t
kr_dict_keys_version_slow(PyDictKeysObject *keys)
{
    KrContainersState *state = &kr_interp()->containers;
    if (keys->is_static || state->dict_next_version == UINT32_MAX) {
        return 0;
    }
    keys->version = ++state->dict_next_version;
    return keys->version;
}
