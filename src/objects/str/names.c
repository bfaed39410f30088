// SPDX-License-Identifier: MIT
// names.c - names of code points: from number to name and back.
//
// The names are packed (tools/unicode/make_names.py). The first use makes an index:
// where each word and each name begins, and a hash table of all names.
#include "objects/str/str.h"

#include "objects/state.h"
#include "objects/str/unicode_names.h"

#define NAME_ROOM 256
#define TABLE_SIZE 65536

struct KrNameIndex {
    int names;                  // characters, aliases, sequences in this order
    uint16_t table[TABLE_SIZE]; // number of the name + 1, linear probing; 0 free
    signed char symbol[128];    // value of a character of the packed text
    uint32_t *words;            // in the same block: offsets into the lexicon
    uint32_t *offsets;          // and into the text
};

// Reads one word's number at *p.
static int
read_word(const KrNameIndex *index, const char **p)
{
    int base = kr_names_symbols, one = kr_names_one, two = kr_names_two;
    int value = index->symbol[(unsigned char)*(*p)++];
    if (value < one) {
        return value;
    }
    value -= one;
    if (value < two) {
        return one + value * base + index->symbol[(unsigned char)*(*p)++];
    }
    value -= two;
    int middle = index->symbol[(unsigned char)*(*p)++];
    int low = index->symbol[(unsigned char)*(*p)++];
    return one + two * base + (value * base + middle) * base + low;
}

// Unpacks a name into buffer; its length.
static int
unpack_name(const KrNameIndex *index, int number, Py_UCS4 ch, char *buffer)
{
    const char *p = kr_names_text + index->offsets[number];
    int length = 0;
    while (*p != '~') {
        int word = read_word(index, &p);
        if (word == 0) {
            length += snprintf(buffer + length, (size_t)(NAME_ROOM - length), "-%04X",
                               (unsigned)ch);
            continue;
        }
        if (length > 0) {
            buffer[length++] = ' ';
        }
        const char *text = kr_names_lexicon + index->words[word];
        int size = (int)(index->words[word + 1] - index->words[word]) - 1;
        memcpy(buffer + length, text, (size_t)size);
        length += size;
    }
    buffer[length] = 0;
    return length;
}

static uint32_t
hash_name(const char *name, int length)
{
    uint32_t hash = 2166136261u;
    for (int i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    }
    return hash ^ hash >> 15;
}

static void
enter_name(KrNameIndex *index, int number, Py_UCS4 ch)
{
    char buffer[NAME_ROOM];
    int length = unpack_name(index, number, ch, buffer);
    uint32_t place = hash_name(buffer, length) % TABLE_SIZE;
    while (index->table[place] != 0) {
        place = (place + 1) % TABLE_SIZE;
    }
    index->table[place] = (uint16_t)(number + 1);
}

// The index of this interpreter; NULL without memory.
static const KrNameIndex *
name_index(void)
{
    KrStrState *state = &kr_interp()->str;
    if (state->names != NULL) {
        return state->names;
    }
    int names = kr_names_characters + kr_names_aliases + kr_names_sequences;
    KrNameIndex *index = PyMem_RawCalloc(
        1, sizeof(KrNameIndex) + sizeof(uint32_t) * (size_t)(kr_names_words + 1 + names));
    if (index == NULL) {
        return NULL;
    }
    index->names = names;
    index->words = (uint32_t *)(index + 1);
    index->offsets = index->words + kr_names_words + 1;
    int value = 0;
    for (int c = 32; c < 126; c++) {
        if (c != '"' && c != '\\' && c != '?') {
            index->symbol[c] = (signed char)value++;
        }
    }
    const char *p = kr_names_lexicon;
    for (int i = 0; i <= kr_names_words; i++) {
        index->words[i] = (uint32_t)(p - kr_names_lexicon);
        if (i < kr_names_words) {
            p = strchr(p, ' ') + 1;
        }
    }
    p = kr_names_text;
    for (int i = 0; i < names; i++) {
        index->offsets[i] = (uint32_t)(p - kr_names_text);
        while (*p != '~') {
            read_word(index, &p);
        }
        p++;
    }
    for (int r = 0; r < kr_names_range_count; r++) {
        const KrNameRange *range = &kr_names_ranges[r];
        for (uint32_t ch = range->first; ch <= range->last; ch++) {
            enter_name(index, (int)(range->ordinal + ch - range->first), ch);
        }
    }
    for (int i = kr_names_characters; i < names; i++) {
        enter_name(index, i, 0);
    }
    state->names = index;
    return index;
}

static const KrNameRange *
range_of(Py_UCS4 ch)
{
    int low = 0, high = kr_names_range_count - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        const KrNameRange *range = &kr_names_ranges[middle];
        if (ch < range->first) {
            high = middle - 1;
        }
        else if (ch > range->last) {
            low = middle + 1;
        }
        else {
            return range;
        }
    }
    return NULL;
}

// --- Number to name -------------------------------------------------------------------

#define HANGUL_FIRST 0xac00
#define HANGUL_COUNT 11172

int
kr_unicode_name_of(Py_UCS4 ch, char *buffer, int room, bool with_aliases)
{
    char name[NAME_ROOM];
    if (ch >= HANGUL_FIRST && ch < HANGUL_FIRST + HANGUL_COUNT) {
        unsigned at = ch - HANGUL_FIRST;
        return snprintf(buffer, (size_t)room, "HANGUL SYLLABLE %s%s%s",
                        kr_names_jamo_lead[at / 588], kr_names_jamo_vowel[at % 588 / 28],
                        kr_names_jamo_tail[at % 28])
               < room;
    }
    for (int i = 0; i < kr_names_prefix_count; i++) {
        const KrNamePrefix *prefix = &kr_names_prefixes[i];
        // The reference knows the names of Tangut ideographs in one direction only.
        if (ch >= prefix->first && ch <= prefix->last && prefix->prefix[0] == 'C') {
            return snprintf(buffer, (size_t)room, "%s%04X", prefix->prefix, (unsigned)ch)
                   < room;
        }
    }
    const KrNameRange *range = range_of(ch);
    const KrNameIndex *index = range == NULL ? NULL : name_index();
    if (index == NULL) {
        return 0;
    }
    int length = unpack_name(index, (int)(range->ordinal + ch - range->first), ch, name);
    if (length >= room) {
        return 0;
    }
    memcpy(buffer, name, (size_t)length + 1);
    return 1;
}

// --- Name to number -------------------------------------------------------------------

// The number of the longest text of a row that name starts with; its length is added
// to *at. -1 if there is none.
static int
match_jamo(const char *name, int length, int *at, const char *const *row, int count)
{
    int best = -1, best_length = -1;
    for (int i = 0; i < count; i++) {
        int size = (int)strlen(row[i]);
        if (size > best_length && size <= length - *at
            && memcmp(name + *at, row[i], (size_t)size) == 0) {
            best = i;
            best_length = size;
        }
    }
    if (best >= 0) {
        *at += best_length;
    }
    return best;
}

static int
hangul_by_name(const char *name, int length, Py_UCS4 *ch_out)
{
    int at = 0;
    int lead = match_jamo(name, length, &at, kr_names_jamo_lead, 19);
    int vowel = lead < 0 ? -1 : match_jamo(name, length, &at, kr_names_jamo_vowel, 21);
    int tail = vowel < 0 ? -1 : match_jamo(name, length, &at, kr_names_jamo_tail, 28);
    if (tail < 0 || at != length) {
        return 0;
    }
    *ch_out = (Py_UCS4)(HANGUL_FIRST + (lead * 21 + vowel) * 28 + tail);
    return 1;
}

// Four or five hexadecimal digits, upper case.
static int
read_number(const char *text, int length, Py_UCS4 *value_out)
{
    Py_UCS4 value = 0;
    if (length != 4 && length != 5) {
        return 0;
    }
    for (int i = 0; i < length; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9') {
            value = value * 16 + (Py_UCS4)(c - '0');
        }
        else if (c >= 'A' && c <= 'F') {
            value = value * 16 + (Py_UCS4)(c - 'A') + 10;
        }
        else {
            return 0;
        }
    }
    *value_out = value;
    return length == 4 || value >= 0x10000;
}

static int
prefixed_by_name(const char *name, int length, Py_UCS4 *ch_out)
{
    for (int i = 0; i < kr_names_prefix_count; i++) {
        const KrNamePrefix *prefix = &kr_names_prefixes[i];
        int size = (int)strlen(prefix->prefix);
        Py_UCS4 ch;
        if (length > size && memcmp(name, prefix->prefix, (size_t)size) == 0
            && read_number(name + size, length - size, &ch) && ch >= prefix->first
            && ch <= prefix->last) {
            *ch_out = ch;
            return 1;
        }
    }
    return 0;
}

// The code point of the character with that number of name.
static Py_UCS4
char_of_number(int number)
{
    int low = 0, high = kr_names_range_count - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if ((int)kr_names_ranges[middle].ordinal <= number) {
            low = middle;
        }
        else {
            high = middle - 1;
        }
    }
    const KrNameRange *range = &kr_names_ranges[low];
    return range->first + (Py_UCS4)number - range->ordinal;
}

// The number of a name in upper case; -1 if there is none.
static int
find_name(const char *name, int length)
{
    const KrNameIndex *index = name_index();
    char buffer[NAME_ROOM];
    if (index == NULL) {
        return -1;
    }
    for (uint32_t place = hash_name(name, length) % TABLE_SIZE; index->table[place] != 0;
         place = (place + 1) % TABLE_SIZE) {
        int number = index->table[place] - 1;
        Py_UCS4 ch = number < kr_names_characters ? char_of_number(number) : 0;
        if (unpack_name(index, number, ch, buffer) == length
            && memcmp(buffer, name, (size_t)length) == 0) {
            return number;
        }
    }
    return -1;
}

// Upper case into buffer; false if the name is too long or empty.
static bool
raise_name(const char *name, int length, char buffer[NAME_ROOM])
{
    if (length <= 0 || length >= NAME_ROOM) {
        return false;
    }
    for (int i = 0; i < length; i++) {
        buffer[i] = (char)Py_TOUPPER(name[i]);
    }
    return true;
}

int
kr_unicode_by_name(const char *name, int length, Py_UCS4 *ch_out, bool with_aliases)
{
    static const char hangul[] = "HANGUL SYLLABLE ";
    char upper[NAME_ROOM];
    if (!raise_name(name, length, upper)) {
        return 0;
    }
    int prefix = (int)sizeof(hangul) - 1;
    if (length > prefix && memcmp(upper, hangul, (size_t)prefix) == 0) {
        return hangul_by_name(upper + prefix, length - prefix, ch_out);
    }
    if (prefixed_by_name(upper, length, ch_out)) {
        return 1;
    }
    int number = find_name(upper, length);
    if (number < 0) {
        return 0;
    }
    if (number < kr_names_characters) {
        *ch_out = char_of_number(number);
        return 1;
    }
    number -= kr_names_characters;
    if (with_aliases && number < kr_names_aliases) {
        *ch_out = kr_names_alias_of[number];
        return 1;
    }
    return 0;
}

int
kr_unicode_sequence_by_name(const char *name, int length, Py_UCS4 out[6])
{
    char upper[NAME_ROOM];
    int number = raise_name(name, length, upper) ? find_name(upper, length) : -1;
    number -= kr_names_characters + kr_names_aliases;
    if (number < 0) {
        return 0;
    }
    int count = 0;
    while (count < KR_SEQUENCE_MAX && kr_names_sequence[number][count] != 0) {
        out[count] = kr_names_sequence[number][count];
        count++;
    }
    return count;
}
