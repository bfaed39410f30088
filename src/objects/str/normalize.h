// SPDX-License-Identifier: MIT
// normalize.h - the four normalisation forms.
#ifndef KRAIT_OBJECTS_STR_NORMALIZE_H
#define KRAIT_OBJECTS_STR_NORMALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { KR_NFD, KR_NFKD, KR_NFC, KR_NFKC } KrNormalForm;
typedef enum { KR_QUICK_YES, KR_QUICK_MAYBE, KR_QUICK_NO } KrQuickCheck;

// Answers about single code points that another version of the database changes;
// NULL in all places means the current one.
typedef struct {
    bool (*is_unassigned)(uint32_t ch);
    uint32_t (*correction)(uint32_t ch); // what ch decomposes to alone, 0: as now
} KrNormalVersion;

// A buffer of code points from malloc; free it with free().
typedef struct {
    uint32_t *items;
    size_t count;
    size_t room;
} KrCodePoints;

// Whether a row of code points has the form.
KrQuickCheck kr_normal_check(const uint32_t *text, size_t count, KrNormalForm form);
// Appends the normal form of text; false without memory.
bool kr_normalize(const uint32_t *text, size_t count, KrNormalForm form,
                  const KrNormalVersion *version, KrCodePoints *out);

#endif // KRAIT_OBJECTS_STR_NORMALIZE_H
