#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads src/vm/ops.kop, the one description of the executable instructions, and
writes build/gen/vm/ops.h (numbers, operand tables) and build/gen/vm/ops_body.h
(the bodies of the interpreter).

An op is written as

    // What it does.
    op NAME(out a, in b, in c) cache 2 raises runs
    {
        C body; falls through to the next instruction at its end
    }

Operand roles: out (written slot), in (read slot), inout, window (first slot of
a call window or of consecutive items), const, number (indexes), name (index in
co_names), imm (small integer), count, jump (relative, in words). Effects:
raises (may leave with an exception), runs (may run Python code), ends (control
never reaches the next instruction).
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEAD = re.compile(r"op (\w+)\(([^)]*)\)((?: \w+)*)$")
ROLES = ("out", "in", "inout", "window", "const", "number", "name", "imm", "count", "jump")
EFFECTS = ("raises", "runs", "ends")


def parse(path):
    """Yields (name, operands, cache, effects, body, line) of each op."""
    ops = []
    lines = open(path, encoding="utf-8").read().split("\n")
    i = 0
    while i < len(lines):
        line = lines[i]
        i += 1
        if not line.startswith("op "):
            if line and not line.startswith("//"):
                sys.exit(f"{path}:{i}: neither a comment nor an op: {line}")
            continue
        m = HEAD.match(line)
        if not m:
            sys.exit(f"{path}:{i}: bad heading: {line}")
        operands = []
        for text in filter(None, (t.strip() for t in m[2].split(","))):
            role, field = text.split()
            if role not in ROLES or field not in ("a", "b", "c", "bc", "w1", "w2"):
                sys.exit(f"{path}:{i}: bad operand: {text}")
            operands.append((role, field))
        words = m[3].split()
        cache = 0
        if "cache" in words:
            at = words.index("cache")
            cache = int(words[at + 1])
            del words[at:at + 2]
        for w in words:
            if w not in EFFECTS:
                sys.exit(f"{path}:{i}: bad effect: {w}")
        if lines[i] != "{":
            sys.exit(f"{path}:{i + 1}: expected {{")
        first = i + 2
        end = lines.index("}", i)
        ops.append((m[1], operands, cache, words, lines[i + 1:end], first))
        i = end + 1
    return ops


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path) and open(path, encoding="utf-8").read() == text:
        return
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    source = "src/vm/ops.kop"
    ops = parse(os.path.join(ROOT, source))
    if len(ops) > 256:
        sys.exit("more than 256 ops")
    head = [f"// Made by tools/gen/ops.py from {source}.",
            "#ifndef KRAIT_GEN_VM_OPS_H", "#define KRAIT_GEN_VM_OPS_H", "",
            "typedef enum KrXop {"]
    head += [f"    KR_X_{name}," for name, *_ in ops]
    head += ["    KR_X_COUNT", "} KrXop;", "", "// Rows: name, cache words, operands, effects.",
             "#define KR_XOPS(X) \\"]
    for name, operands, cache, effects, _, _ in ops:
        text = " ".join(f"{r}:{f}" for r, f in operands)
        head.append(f'    X({name}, {cache}, "{text}", "{" ".join(effects)}") \\')
    head += ["", "#endif // KRAIT_GEN_VM_OPS_H", ""]
    write(os.path.join(ROOT, "build/gen/vm/ops.h"), "\n".join(head))
    body = [f"// Made by tools/gen/ops.py from {source}."]
    for name, _, cache, _, lines, first in ops:
        body.append(f"KR_TARGET({name})")
        body.append("{")
        body.append(f'#line {first} "{source}"')
        body += lines
        body.append("}")
        body.append(f"KR_NEXT({1 + cache})")
    write(os.path.join(ROOT, "build/gen/vm/ops_body.h"), "\n".join(body) + "\n")


if __name__ == "__main__":
    main()
