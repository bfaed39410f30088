// SPDX-License-Identifier: MIT
// unicode_names.h - the packed names of code points; see tools/unicode/make_names.py.
#ifndef KRAIT_OBJECTS_STR_UNICODE_NAMES_H
#define KRAIT_OBJECTS_STR_UNICODE_NAMES_H

#include <stdint.h>

#define KR_SEQUENCE_MAX 6

// Code points first..last have the names ordinal, ordinal + 1...
typedef struct {
    uint32_t first;
    uint32_t last;
    uint32_t ordinal;
} KrNameRange;

// Code points whose name is the prefix and the number in hexadecimal.
typedef struct {
    uint32_t first;
    uint32_t last;
    const char *prefix;
} KrNamePrefix;

extern const int kr_names_symbols;
extern const int kr_names_one;
extern const int kr_names_two;
extern const int kr_names_words;
extern const int kr_names_characters;
extern const int kr_names_aliases;
extern const int kr_names_sequences;
extern const char kr_names_lexicon[]; // words, each with a blank behind it
extern const char kr_names_text[];
extern const int kr_names_range_count;
extern const KrNameRange kr_names_ranges[];
extern const uint32_t kr_names_alias_of[];
extern const uint32_t kr_names_sequence[][KR_SEQUENCE_MAX];
extern const int kr_names_prefix_count;
extern const KrNamePrefix kr_names_prefixes[];
extern const char *const kr_names_jamo_lead[];
extern const char *const kr_names_jamo_vowel[];
extern const char *const kr_names_jamo_tail[];

#endif // KRAIT_OBJECTS_STR_UNICODE_NAMES_H
