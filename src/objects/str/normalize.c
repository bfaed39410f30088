// SPDX-License-Identifier: MIT
// normalize.c - normalisation forms of Unicode (Annex 15), on plain code points.
//
// Text is decomposed fully, marks are put into canonical order, and for the composed
// forms pairs are put together again.
#include "objects/str/normalize.h"

#include "objects/str/unicode_data.h"

#include <stdlib.h>

#define S_BASE 0xac00u
#define L_BASE 0x1100u
#define V_BASE 0x1161u
#define T_BASE 0x11a7u
#define L_COUNT 19u
#define V_COUNT 21u
#define T_COUNT 28u
#define S_COUNT (L_COUNT * V_COUNT * T_COUNT)

KrQuickCheck
kr_normal_check(const uint32_t *text, size_t count, KrNormalForm form)
{
    KrQuickCheck result = KR_QUICK_YES;
    unsigned previous = 0;
    for (size_t i = 0; i < count; i++) {
        const KrDataRecord *record = kr_data_record(text[i]);
        if (record->combining != 0 && previous > record->combining) {
            return KR_QUICK_NO;
        }
        previous = record->combining;
        switch (record->quick >> (2 * form) & 3) {
        case 1:
            return KR_QUICK_NO;
        case 2:
            result = KR_QUICK_MAYBE;
            break;
        default:
            break;
        }
    }
    return result;
}

static bool
append(KrCodePoints *out, uint32_t ch)
{
    if (out->count == out->room) {
        size_t room = out->room == 0 ? 64 : out->room * 2;
        uint32_t *items = realloc(out->items, room * sizeof(uint32_t));
        if (items == NULL) {
            return false;
        }
        out->items = items;
        out->room = room;
    }
    out->items[out->count++] = ch;
    return true;
}

// Decompositions nest at most a few levels deep: the data is finite and acyclic.
static bool
decompose(KrCodePoints *out, uint32_t ch, bool compatible, const KrNormalVersion *version)
{
    if (ch < 0x80) {
        return append(out, ch);
    }
    if (ch - S_BASE < S_COUNT) {
        uint32_t at = ch - S_BASE, tail = at % T_COUNT;
        return append(out, L_BASE + at / (V_COUNT * T_COUNT))
               && append(out, V_BASE + at % (V_COUNT * T_COUNT) / T_COUNT)
               && (tail == 0 || append(out, T_BASE + tail));
    }
    if (version != NULL) {
        if (version->is_unassigned(ch)) {
            return append(out, ch);
        }
        uint32_t corrected = version->correction(ch);
        if (corrected != 0) {
            return append(out, corrected);
        }
    }
    const uint32_t *data = kr_decomposition(ch);
    uint32_t count = data[0] >> 8;
    if (count == 0 || ((data[0] & 255) != 0 && !compatible)) {
        return append(out, ch);
    }
    for (uint32_t i = 1; i <= count; i++) {
        if (!decompose(out, data[i], compatible, version)) {
            return false;
        }
    }
    return true;
}

// The order of marks is the current one in every version.
static unsigned
combining_class(uint32_t ch)
{
    return kr_data_record(ch)->combining;
}

static void
insertion_order(uint32_t *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t ch = items[i];
        unsigned class = combining_class(ch);
        size_t j = i;
        while (j > 0 && combining_class(items[j - 1]) > class) {
            items[j] = items[j - 1];
            j--;
        }
        items[j] = ch;
    }
}

// Sorts one run of marks by class, keeping the order of equal ones. Long runs are
// counted out, so that no text takes quadratic time.
static bool
order_run(uint32_t *items, size_t count)
{
    if (count < 32) {
        insertion_order(items, count);
        return true;
    }
    size_t start[257] = {0};
    uint32_t *sorted = malloc(count * sizeof(uint32_t));
    if (sorted == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        start[combining_class(items[i]) + 1]++;
    }
    for (int i = 0; i < 256; i++) {
        start[i + 1] += start[i];
    }
    for (size_t i = 0; i < count; i++) {
        sorted[start[combining_class(items[i])]++] = items[i];
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = sorted[i];
    }
    free(sorted);
    return true;
}

static bool
order_marks(uint32_t *items, size_t count)
{
    for (size_t i = 0; i < count;) {
        if (combining_class(items[i]) == 0) {
            i++;
            continue;
        }
        size_t end = i + 1;
        while (end < count && combining_class(items[end]) != 0) {
            end++;
        }
        if (!order_run(items + i, end - i)) {
            return false;
        }
        i = end;
    }
    return true;
}

// The character that two make together, 0 if none; pairs too are the current ones in
// every version.
static uint32_t
pair(uint32_t first, uint32_t second)
{
    if (first - L_BASE < L_COUNT && second - V_BASE < V_COUNT) {
        return S_BASE + ((first - L_BASE) * V_COUNT + (second - V_BASE)) * T_COUNT;
    }
    if (first - S_BASE < S_COUNT && (first - S_BASE) % T_COUNT == 0
        && second - T_BASE - 1 < T_COUNT - 1) {
        return first + (second - T_BASE);
    }
    int low = 0, high = KR_COMPOSITION_PAIRS - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        const KrCompositionPair *entry = &kr_composition_pairs[middle];
        if (entry->first == first && entry->second == second) {
            return entry->composed;
        }
        if (entry->first < first || (entry->first == first && entry->second < second)) {
            low = middle + 1;
        }
        else {
            high = middle - 1;
        }
    }
    return 0;
}

// Puts pairs together in place; returns the new count.
static size_t
compose(uint32_t *items, size_t count)
{
    size_t out = 0, starter = 0;
    bool have_starter = false;
    unsigned last_class = 0; // of the character before, where it was not taken in
    for (size_t i = 0; i < count; i++) {
        uint32_t ch = items[i];
        unsigned class = combining_class(ch);
        // A character is blocked from the starter by one of the same or higher class
        // between them, and by another starter.
        bool adjacent = have_starter && out == starter + 1;
        if (have_starter && (adjacent || (last_class != 0 && last_class < class))) {
            uint32_t together = pair(items[starter], ch);
            if (together != 0) {
                items[starter] = together;
                continue;
            }
        }
        if (class == 0) {
            have_starter = true;
            starter = out;
        }
        last_class = class;
        items[out++] = ch;
    }
    return out;
}

bool
kr_normalize(const uint32_t *text, size_t count, KrNormalForm form,
             const KrNormalVersion *version, KrCodePoints *out)
{
    bool compatible = form == KR_NFKD || form == KR_NFKC;
    size_t start = out->count;
    for (size_t i = 0; i < count; i++) {
        if (!decompose(out, text[i], compatible, version)) {
            return false;
        }
    }
    if (out->count == start) {
        return true;
    }
    if (!order_marks(out->items + start, out->count - start)) {
        return false;
    }
    if (form == KR_NFC || form == KR_NFKC) {
        out->count = start + compose(out->items + start, out->count - start);
    }
    return true;
}
