#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails when a file of src/ includes a header its layer may not see.

The table is the one of docs/style.md, 2.1, with one addition: the machine's headers
may be seen by runtime, capi and main only.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAY = {
    "base": "",
    "port": "base",
    "mem": "base port",
    "syntax": "base mem",
    "bytecode": "base",
    "objects": "include base port mem bytecode",
    "compile": "include base mem syntax bytecode objects",
    "vm": "include base port mem bytecode objects",
    "runtime": "include base port mem syntax bytecode objects compile vm",
    "modules": "include base port objects runtime/module_api.h",
    "ext": "include base objects/args.h",
    "capi": "include base objects vm runtime",
    "main": "include runtime",
}


def main():
    bad = []
    for folder, _, files in os.walk(os.path.join(ROOT, "src")):
        for name in sorted(files):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.join(folder, name)
            shown = os.path.relpath(path, ROOT)
            layer = shown.split(os.sep)[1]
            allowed = MAY[layer].split()
            for number, line in enumerate(open(path, encoding="utf-8"), 1):
                m = re.match(r'#include "(\w+)/([^"]*)"', line)
                if not m or m[1] == layer or m[1] in allowed:
                    continue
                if m[1] + "/" + m[2] not in allowed and m[1] in MAY:
                    bad.append(f"{shown}:{number}: {layer} may not include {m[1]}/{m[2]}")
    print("\n".join(bad) or "layers: every #include is allowed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
