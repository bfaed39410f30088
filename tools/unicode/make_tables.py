#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes src/objects/str/unicode_data.{h,c} from the Unicode Character Database.

    make_tables.py FOLDER      (see ucd.py for what the folder holds)

Tables are two-stage: index[cp >> SHIFT] gives a block, the block the number of a
record. Equal blocks and equal records are stored once.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ucd  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(ROOT, "src", "objects", "str")

FLAGS = ["ALPHA", "DECIMAL", "DIGIT", "NUMERIC", "LOWER", "UPPER", "TITLE", "SPACE",
         "PRINTABLE", "XID_START", "XID_CONTINUE", "CASED", "CASE_IGNORABLE", "SPECIAL"]
BIT = {name: 1 << i for i, name in enumerate(FLAGS)}
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
QUICK = {"": 0, "N": 1, "M": 2}


class Tables:
    def __init__(self, db):
        self.db = db
        self.special = []          # (lower, upper, title, fold)
        self.numerics = [None]
        self.char_records()
        self.data_records()
        self.decompositions()
        self.compositions()

    def char_records(self):
        records, numbers = {}, []
        for cp, c in enumerate(self.db.chars):
            r = self.char_record(cp, c)
            numbers.append(records.setdefault(r, len(records)))
        self.chars = list(records)
        self.char_stages = ucd.two_stages(numbers)

    def char_record(self, cp, c):
        f = 0
        if c.category in ("Lm", "Lt", "Lu", "Ll", "Lo"):
            f |= BIT["ALPHA"]
        if c.decimal is not None:
            f |= BIT["DECIMAL"]
        if c.digit is not None:
            f |= BIT["DIGIT"]
        if c.numeric is not None:
            f |= BIT["NUMERIC"]
        for name, flag in (("Lowercase", "LOWER"), ("Uppercase", "UPPER"),
                           ("XID_Start", "XID_START"), ("XID_Continue", "XID_CONTINUE"),
                           ("Cased", "CASED"), ("Case_Ignorable", "CASE_IGNORABLE")):
            if name in c.flags:
                f |= BIT[flag]
        if c.category == "Lt":
            f |= BIT["TITLE"]
        if c.category == "Zs" or c.bidi in ("WS", "B", "S"):
            f |= BIT["SPACE"]
        if cp == 32 or c.category not in HIDDEN:
            f |= BIT["PRINTABLE"]
        upper = c.upper if c.upper is not None else cp
        lower = c.lower if c.lower is not None else cp
        title = c.title if c.title is not None else upper
        fold = c.fold or (cp,)
        full = c.special or ((lower,), (title,), (upper,))
        special = 0
        if c.special or fold != (lower,):
            f |= BIT["SPECIAL"]
            row = (full[0], full[2], full[1], fold)
            # Relative to the character, so that whole ranges share a row.
            if all(len(s) == 1 for s in row):
                row = tuple((("delta", s[0] - cp),) for s in row)
            if row not in self.special:
                self.special.append(row)
            special = self.special.index(row)
        numeric = 0
        if c.numeric is not None:
            if c.numeric not in self.numerics:
                self.numerics.append(c.numeric)
            numeric = self.numerics.index(c.numeric)
        return (f, numeric, -1 if c.decimal is None else c.decimal,
                -1 if c.digit is None else c.digit, special,
                lower - cp, upper - cp, title - cp)

    def data_records(self):
        records, numbers = {(0, 0, 0, 0, 5, 0): 0}, []
        for c in self.db.chars:
            quick = (QUICK[c.quick.get("NFD", "")] | QUICK[c.quick.get("NFKD", "")] << 2
                     | QUICK[c.quick.get("NFC", "")] << 4
                     | QUICK[c.quick.get("NFKC", "")] << 6)
            bidi = ucd.BIDI.index(c.bidi)
            r = (ucd.CATEGORIES.index(c.category), bidi, c.combining, int(c.mirrored),
                 ucd.WIDTHS.index(c.width), quick)
            numbers.append(records.setdefault(r, len(records)))
        self.data = list(records)
        self.data_stages = ucd.two_stages(numbers)

    def decompositions(self):
        self.tags = [""]
        data, seen, numbers = [0], {}, []
        for c in self.db.chars:
            if not c.decomposition:
                numbers.append(0)
                continue
            words = c.decomposition.split()
            tag = 0
            if words[0].startswith("<"):
                if words[0] not in self.tags:
                    self.tags.append(words[0])
                tag = self.tags.index(words.pop(0))
            row = (len(words) << 8 | tag,) + tuple(int(w, 16) for w in words)
            if row not in seen:
                seen[row] = len(data)
                data.extend(row)
            numbers.append(seen[row])
        self.decomposition_data = data
        self.decomposition_stages = ucd.two_stages(numbers)

    def compositions(self):
        pairs = []
        for cp, c in enumerate(self.db.chars):
            if c.decomposition and not c.decomposition.startswith("<") and not c.excluded:
                parts = [int(x, 16) for x in c.decomposition.split()]
                if len(parts) == 2:
                    pairs.append((parts[0], parts[1], cp))
        self.pairs = sorted(pairs)

    # -- output

    def header(self):
        out = ["""// SPDX-License-Identifier: MIT
// unicode_data.h - properties of code points; generated by tools/unicode/make_tables.py
// from the Unicode Character Database 16.0.0.
#ifndef KRAIT_OBJECTS_STR_UNICODE_DATA_H
#define KRAIT_OBJECTS_STR_UNICODE_DATA_H

#include <stdint.h>

#define KR_UNICODE_VERSION "16.0.0"

"""]
        for name in FLAGS:
            out.append(f"#define KR_CHAR_{name} 0x{BIT[name]:04x}u\n")
        out.append("""
// What str asks about a code point. Simple case mappings are differences; special is
// the row of kr_special_case that replaces them, where KR_CHAR_SPECIAL is set.
typedef struct {
    uint16_t flags;
    uint8_t numeric; // index into kr_numeric_values
    int8_t decimal;  // -1: none
    int8_t digit;    // -1: none
    uint16_t special;
    int32_t lower;
    int32_t upper;
    int32_t title;
} KrCharRecord;

// Full case mappings: the first count code points of each. A count of 0 means one
// code point, whose difference is in [0].
typedef struct {
    uint8_t count[4]; // lower, upper, title, fold
    int32_t to[4][3];
} KrSpecialCase;

// What unicodedata and normalisation ask about a code point.
typedef struct {
    uint8_t category;      // index into kr_category_names
    uint8_t bidirectional; // index into kr_bidirectional_names
    uint8_t combining;
    uint8_t mirrored;
    uint8_t width; // index into kr_width_names
    uint8_t quick; // two bits for NFD, NFKD, NFC, NFKC: 0 yes, 1 no, 2 maybe
} KrDataRecord;

typedef struct {
    uint32_t first;
    uint32_t second;
    uint32_t composed;
} KrCompositionPair;

""")
        for stem, stages in (("char", self.char_stages), ("data", self.data_stages),
                             ("decomposition", self.decomposition_stages)):
            shift, index, blocks = stages
            out.append(f"#define KR_{stem.upper()}_SHIFT {shift}\n")
            out.append(f"extern const {ucd.item_type(index)} kr_{stem}_index[];\n")
            out.append(f"extern const {ucd.item_type(blocks)} kr_{stem}_blocks[];\n")
        out.append(f"""extern const KrCharRecord kr_char_records[];
extern const KrDataRecord kr_data_records[];
extern const KrSpecialCase kr_special_case[];
extern const double kr_numeric_values[];
extern const uint32_t kr_decomposition_data[]; // count << 8 | tag, code points
extern const char *const kr_decomposition_tags[];
extern const KrCompositionPair kr_composition_pairs[]; // sorted
#define KR_COMPOSITION_PAIRS {len(self.pairs)}
extern const char *const kr_category_names[];
extern const char *const kr_bidirectional_names[];
extern const char *const kr_width_names[];

static inline const KrCharRecord *
kr_char_record(uint32_t ch)
{{
    if (ch > 0x10ffff) {{
        return &kr_char_records[kr_char_blocks[0]];
    }}
    unsigned block = kr_char_index[ch >> KR_CHAR_SHIFT];
    return &kr_char_records[kr_char_blocks[(block << KR_CHAR_SHIFT)
                                           + (ch & ((1u << KR_CHAR_SHIFT) - 1))]];
}}

static inline const KrDataRecord *
kr_data_record(uint32_t ch)
{{
    if (ch > 0x10ffff) {{
        return &kr_data_records[0];
    }}
    unsigned block = kr_data_index[ch >> KR_DATA_SHIFT];
    return &kr_data_records[kr_data_blocks[(block << KR_DATA_SHIFT)
                                           + (ch & ((1u << KR_DATA_SHIFT) - 1))]];
}}

// The single step of the decomposition: data[0] is 0 where there is none.
static inline const uint32_t *
kr_decomposition(uint32_t ch)
{{
    if (ch > 0x10ffff) {{
        return kr_decomposition_data;
    }}
    unsigned block = kr_decomposition_index[ch >> KR_DECOMPOSITION_SHIFT];
    return &kr_decomposition_data[kr_decomposition_blocks
                                      [(block << KR_DECOMPOSITION_SHIFT)
                                       + (ch & ((1u << KR_DECOMPOSITION_SHIFT) - 1))]];
}}

#endif // KRAIT_OBJECTS_STR_UNICODE_DATA_H
""")
        return "".join(out)

    @staticmethod
    def rows(out, ctype, name, rows):
        out.append(f"const {ctype} {name}[] = {{\n")
        line = "   "
        for r in rows:
            text = " " + r + ","
            if len(line) + len(text) > 88:
                out.append(line + "\n")
                line = "   "
            line += text
        out.append(line + "\n};\n\n")

    def source(self):
        out = ["""// SPDX-License-Identifier: MIT
// unicode_data.c - properties of code points; generated by tools/unicode/make_tables.py
// from the Unicode Character Database 16.0.0.
#include "objects/str/unicode_data.h"

"""]
        for stem, (shift, index, blocks) in (("char", self.char_stages),
                                             ("data", self.data_stages),
                                             ("decomposition", self.decomposition_stages)):
            ucd.c_array(out, ucd.item_type(index), f"kr_{stem}_index", index)
            ucd.c_array(out, ucd.item_type(blocks), f"kr_{stem}_blocks", blocks)

        def braces(values):
            return "{" + ", ".join(str(v) for v in values) + "}"
        self.rows(out, "KrCharRecord", "kr_char_records", [braces(r) for r in self.chars])
        self.rows(out, "KrDataRecord", "kr_data_records", [braces(r) for r in self.data])
        special = []
        for row in self.special:
            counts, values = [], []
            for s in row:
                if isinstance(s[0], tuple):
                    counts.append(0)
                    values.append((s[0][1], 0, 0))
                else:
                    counts.append(len(s))
                    values.append(tuple(s) + (0,) * (3 - len(s)))
            special.append("{" + braces(counts) + ", {" + ", ".join(map(braces, values)) + "}}")
        self.rows(out, "KrSpecialCase", "kr_special_case", special)
        numbers = ["-1.0"] + [f"{n.numerator}.0 / {n.denominator}.0" if n.denominator != 1
                              else f"{n.numerator}.0" for n in self.numerics[1:]]
        self.rows(out, "double", "kr_numeric_values", numbers)
        ucd.c_array(out, "uint32_t", "kr_decomposition_data", self.decomposition_data)
        for name, texts in (("kr_decomposition_tags", self.tags),
                            ("kr_category_names", ucd.CATEGORIES),
                            ("kr_bidirectional_names", ucd.BIDI),
                            ("kr_width_names", ucd.WIDTHS)):
            self.rows(out, "char *const", name, [f'"{t}"' for t in texts])
        self.rows(out, "KrCompositionPair", "kr_composition_pairs",
                  [f"{{0x{a:x}, 0x{b:x}, 0x{c:x}}}" for a, b, c in self.pairs])
        return "".join(out)


def main():
    tables = Tables(ucd.Database(sys.argv[1]))
    for name, text in (("unicode_data.h", tables.header()),
                       ("unicode_data.c", tables.source())):
        with open(os.path.join(OUT, name), "w", encoding="utf-8") as f:
            f.write(text)


if __name__ == "__main__":
    main()
