# SPDX-License-Identifier: MIT
"""Reads the Unicode Character Database, version 16.0.0.

The folder holds one JSON file for each published text file: UnicodeData,
DerivedCoreProperties, PropList, EastAsianWidth, SpecialCasing, CaseFolding,
CompositionExclusions, DerivedNormalizationProps, NameAliases, NamedSequences,
Unihan_NumericValues, DerivedAge, NormalizationCorrections.
"""
import json
import os
from fractions import Fraction

LIMIT = 0x110000
CATEGORIES = ("Cn Lu Ll Lt Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Lm Lo Pc Pd Ps Pe "
              "Pi Pf Po Sm Sc Sk So").split()
BIDI = [""] + ("L LRE LRO R AL RLE RLO PDF EN ES ET AN CS NSM BN B S WS ON LRI RLI FSI "
               "PDI").split()
WIDTHS = "F H W Na A N".split()


class Char:
    __slots__ = ("name", "category", "combining", "bidi", "decomposition", "decimal",
                 "digit", "numeric", "mirrored", "upper", "lower", "title", "flags",
                 "width", "special", "fold", "quick", "excluded", "age")

    def __init__(self):
        self.name = ""
        self.category = "Cn"
        self.combining = 0
        self.bidi = ""
        self.decomposition = ""
        self.decimal = self.digit = None
        self.numeric = None
        self.mirrored = False
        self.upper = self.lower = self.title = None
        self.flags = set()
        self.width = "N"
        self.special = None      # (lower, title, upper) sequences
        self.fold = None         # sequence
        self.quick = {}
        self.excluded = False
        self.age = None


def hexes(text):
    return tuple(int(x, 16) for x in text.split())


class Database:
    def __init__(self, folder):
        self.folder = folder
        self.chars = [Char() for _ in range(LIMIT)]
        self.unicode_data()
        self.properties()
        self.casing()
        self.numbers()
        self.names()

    def load(self, name):
        with open(os.path.join(self.folder, name + ".json"), encoding="utf-8") as f:
            return json.load(f)[os.path.basename(name)]

    @staticmethod
    def span(row):
        r = row["range"]
        first = int(r[0], 16)
        return range(first, (int(r[1], 16) if len(r) > 1 else first) + 1)

    def unicode_data(self):
        first = None
        for row in self.load("UnicodeData"):
            cp = int(row["codepoint"], 16)
            c = self.chars[cp]
            c.name = row["name"]
            c.category = row["category"]
            c.combining = int(row["canonicalCombiningClass"])
            c.bidi = row["bidirectionalCategory"]
            c.mirrored = row["mirrored"] == "Y"
            c.decomposition = row.get("characterDecompositionMapping", "")
            for field in ("upper", "lower", "title"):
                value = row.get(field)
                if value:
                    setattr(c, field, int(value, 16))
            for field, key in (("decimal", "decimalDigitValue"), ("digit", "digitValue")):
                if row.get(key):
                    setattr(c, field, int(row[key]))
            if row.get("numericValue"):
                c.numeric = Fraction(row["numericValue"])
            if c.name.endswith(", First>"):
                first = cp
            elif c.name.endswith(", Last>"):
                for other in range(first, cp):
                    o = self.chars[other]
                    o.category, o.bidi, o.combining = c.category, c.bidi, c.combining
                    o.mirrored = c.mirrored
                    o.name = c.name
        for c in self.chars:
            if c.name.startswith("<"):
                c.name = ""

    def properties(self):
        chars = self.chars
        for row in self.load("DerivedCoreProperties"):
            p = row["property"]
            if p in ("Lowercase", "Uppercase", "Cased", "Case_Ignorable", "XID_Start",
                     "XID_Continue"):
                for cp in self.span(row):
                    chars[cp].flags.add(p)
        for row in self.load("EastAsianWidth"):
            for cp in self.span(row):
                chars[cp].width = row["width"]
        for cp in self.load("CompositionExclusions"):
            chars[int(cp, 16)].excluded = True
        for row in self.load("DerivedNormalizationProps"):
            p = row["property"]
            value = (row.get("normalized") or row.get("value") or "").strip()
            if p == "Full_Composition_Exclusion":
                for cp in self.span(row):
                    chars[cp].excluded = True
            elif p.endswith("_QC"):
                for cp in self.span(row):
                    chars[cp].quick[p[:-3]] = value or row.get("quickCheck") or "N"
        for row in self.load("DerivedAge"):
            version = tuple(int(x) for x in row["unicodeVersion"].split("."))
            for cp in self.span(row):
                chars[cp].age = version

    def casing(self):
        for row in self.load("SpecialCasing"):
            if row.get("conditionList") or row.get("conditions") or row.get("condition"):
                continue
            c = self.chars[int(row["codepoint"], 16)]
            c.special = tuple(tuple(int(x, 16) for x in row.get(k, ()))
                              for k in ("lowerSequence", "titleSequence", "upperSequence"))
        for row in self.load("CaseFolding"):
            if row["status"] in "CF":
                self.chars[int(row["codepoint"], 16)].fold = hexes(row["mapping"])

    def numbers(self):
        for row in self.load("Unihan_NumericValues"):
            for key in ("kAccountingNumeric", "kOtherNumeric", "kPrimaryNumeric"):
                if key in row:
                    value = row[key]
                    if isinstance(value, list):
                        value = value[0]
                    self.chars[int(row["codepoint"][2:], 16)].numeric = \
                        Fraction(value.split()[0])

    def names(self):
        self.aliases = [(int(r["codepoint"], 16), r["alias"], r["type"])
                        for r in self.load("NameAliases")]
        self.sequences = [(r["name"], tuple(int(x, 16) for x in r["codepointSequence"]))
                          for r in self.load("NamedSequences")]


def two_stages(values):
    """Splits values into (shift, index, blocks) of the least size."""
    best = None
    for shift in range(4, 10):
        size = 1 << shift
        seen, index, blocks = {}, [], []
        for start in range(0, len(values), size):
            block = tuple(values[start:start + size])
            if block not in seen:
                seen[block] = len(seen)
                blocks.extend(block)
            index.append(seen[block])
        width = 1 if len(seen) <= 256 else 2
        item = 1 if max(blocks) < 256 else 2 if max(blocks) < 65536 else 4
        cost = len(index) * width + len(blocks) * item
        if best is None or cost < best[0]:
            best = (cost, shift, index, blocks)
    return best[1:]


def c_array(out, ctype, name, values, per_line=None):
    out.append(f"const {ctype} {name}[{len(values)}] = {{\n")
    line = "   "
    for v in values:
        text = f" {v},"
        if len(line) + len(text) > 88:
            out.append(line + "\n")
            line = "   "
        line += text
    out.append(line + "\n};\n\n")


def item_type(values):
    top = max(values)
    return "uint8_t" if top < 256 else "uint16_t" if top < 65536 else "uint32_t"
