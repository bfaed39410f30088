#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the parser with a reference Python over files and mutated snippets.

    compare_syntax.py --reference "CMD" [--work DIR] [--mutations N] [--seed S] PATH...

CMD runs a Python 3.14 that sees the same paths. Every .py file under the paths is
parsed by both, trees and warnings compared; then N snippets of them are damaged and
the errors compared. Prints what differs; exit status 1 if anything does.
"""
import argparse
import ast
import collections
import glob
import os
import random
import re
import shlex
import subprocess
import sys
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REFERENCE = os.path.join(ROOT, "tests", "tools", "syntax_reference.py")
WORDS = """( ) [ ] { } , : = == := + - * ** . not in is if else for lambda x 1 "s" f"{x}"
async await yield pass def class return from import as with try except finally match
case _ type @ -> ... ! ~ None True del raise global while elif and or t"{x}" b"s" ; /
+= 0 1.5 $ ? print""".split() + ["\n", "    ", "\t"]


def build(work):
    exe = os.path.join(work, "dump")
    sources = glob.glob(os.path.join(ROOT, "src", "syntax", "*.c"))
    sources += [os.path.join(ROOT, "src", "base", n)
                for n in ("arena.c", "utf8.c", "base.c")]
    sources.append(os.path.join(ROOT, "tests", "unit", "syntax", "dump.c"))
    subprocess.run(["gcc", "-std=c17", "-D_GNU_SOURCE", "-O1", "-g",
                    "-fsanitize=address,undefined", "-Isrc", "-Ibuild/gen", "-o", exe,
                    *sources], check=True, cwd=ROOT)
    return exe


def files_of(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
            continue
        for folder, _, names in sorted(os.walk(path, followlinks=True)):
            yield from (os.path.join(folder, n) for n in sorted(names)
                        if n.endswith(".py"))


def snippets(files):
    found = []
    for path in files:
        try:
            text = open(path, encoding="utf-8").read()
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        lines = text.split("\n")
        for node in ast.walk(tree):
            if isinstance(node, ast.stmt) and node.end_lineno - node.lineno < 8:
                part = lines[node.lineno - 1:node.end_lineno]
                found.append(textwrap.dedent("\n".join(part)))
    return found


def damage(text, rng):
    parts = re.findall(r"\w+|\s+|[^\w\s]", text)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not parts:
            break
        i, kind = rng.randrange(len(parts)), rng.random()
        if kind < .3:
            del parts[i]
        elif kind < .6:
            parts.insert(i, " " + rng.choice(WORDS) + " ")
        elif kind < .8:
            parts[i] = rng.choice(WORDS)
        else:
            j = rng.randrange(len(parts))
            parts[i], parts[j] = parts[j], parts[i]
    return "".join(parts)


def write_cases(path, texts):
    with open(path, "wb") as file:
        for text in texts:
            data = text.encode("utf-8", "replace")
            file.write(b"0 16 %d\n" % len(data) + data + b"\n")


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        return file.read()


def compare_trees(exe, reference, work, files):
    ours, theirs = os.path.join(work, "ours.txt"), os.path.join(work, "theirs.txt")
    with open(ours, "wb") as out:
        subprocess.run([exe, *files], stdout=out, check=True)
    subprocess.run([*reference, REFERENCE, theirs, *files], check=True)
    split = lambda path: dict(part.split("\n", 1)
                              for part in re.split("^== ", read(path), flags=re.M)[1:])
    a, b = split(ours), split(theirs)
    bad = [name for name in b if a.get(name) != b[name]]
    for name in bad:
        print("tree differs:", name)
    print(f"{len(b)} files, {len(bad)} differ")
    return len(bad)


def compare_errors(exe, reference, work, texts):
    cases, theirs = os.path.join(work, "cases"), os.path.join(work, "cases.txt")
    write_cases(cases, texts)
    subprocess.run([*reference, "-W", "ignore", REFERENCE, "--cases", theirs, cases],
                   check=True)
    ours = subprocess.run([exe, "--cases", cases], capture_output=True, check=True)
    a = ours.stdout.decode("utf-8", "surrogateescape").split("\n")
    b = read(theirs).split("\n")
    kinds = collections.Counter()
    for text, x, y in zip(texts, a, b):
        if x != y:
            kinds[y.split(" (")[0].split(" ", 1)[1][:60]] += 1
            print(f"{text!r}\n   reference {y}\n   ours      {x}")
    print(f"{len(texts)} errors, {sum(kinds.values())} differ")
    return sum(kinds.values())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", required=True)
    parser.add_argument("--work", default="/tmp/krait-syntax")
    parser.add_argument("--mutations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    exe = build(options.work)
    reference = shlex.split(options.reference)
    files = list(files_of(options.paths))
    bad = compare_trees(exe, reference, options.work, files)
    rng = random.Random(options.seed)
    parts = snippets(files)
    texts = [damage(rng.choice(parts), rng) for _ in range(options.mutations)]
    # One line per record: no line breaks in what the records print.
    bad += compare_errors(exe, reference, options.work,
                          [t for t in texts if "\r" not in t])
    sys.exit(bad > 0)


main()
