# SPDX-License-Identifier: MIT
"""The reference's side of the syntax comparison; run by the reference Python.

    syntax_reference.py OUT FILE...          trees as tests/unit/syntax/dump prints them
    syntax_reference.py --cases OUT CASES    error or OK for each record
"""
import ast
import struct
import sys
import warnings

sys.setrecursionlimit(100000)
SCALAR = (ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context)
MODES = ["exec", "eval", "single", "func_type"]


def text(data):
    return '"' + "".join(chr(c) if 32 <= c < 127 and c not in b'"\\' else "\\%02x" % c
                         for c in data) + '"'


def value_text(value):
    if isinstance(value, SCALAR):
        return type(value).__name__
    if value is None or value is True or value is False:
        return str(value)
    if value is ...:
        return "Ellipsis"
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, float):
        return "float" + struct.pack(">d", value).hex()
    if isinstance(value, complex):
        return "complex" + struct.pack(">d", value.imag).hex()
    if isinstance(value, bytes):
        return "b" + text(value)
    return text(value.encode("utf-8", "surrogatepass"))


def is_scalar(field_type, value):
    return not isinstance(value, ast.AST) or isinstance(value, SCALAR)


OPTIONAL_NODES = {}


def optional_nodes(cls):
    """Names of the fields that hold a node or nothing."""
    names = OPTIONAL_NODES.get(cls)
    if names is None:
        names = set()
        for name, kind in cls._field_types.items():
            for part in getattr(kind, "__args__", (kind,)):
                if isinstance(part, type) and issubclass(part, ast.AST) and not issubclass(part, SCALAR):
                    names.add(name)
        OPTIONAL_NODES[cls] = names
    return names


def dump(node, label, depth, out):
    pad = " " * depth
    if node is None:
        out.append(f"{pad}{label}: None")
        return
    line = f"{pad}{label}: {type(node).__name__}"
    if "lineno" in node._attributes:
        line += f" {node.lineno}:{node.col_offset}-{node.end_lineno}:{node.end_col_offset}"
    later = []
    nodes = optional_nodes(type(node))
    for name in node._fields:
        value = getattr(node, name)
        if isinstance(value, list):
            later.append((name, value, True))
        elif name in nodes:
            later.append((name, value, False))
        elif isinstance(value, int) and not isinstance(value, bool) and type(node)._field_types[name] in (int, int | None):
            line += f" {name}={value}"
        else:
            line += f" {name}={value_text(value)}"
    out.append(line)
    for name, value, is_list in later:
        if not is_list:
            dump(value, name, depth + 1, out)
            continue
        for i, item in enumerate(value):
            if name in nodes:
                dump(item, name, depth + 1, out)
            else:
                out.append(f"{pad} {name}[{i}]: {value_text(item)}")


def error_text(e):
    if not isinstance(e, SyntaxError):
        return f"{type(e).__name__}: {e} (0, 0, 0, 0)"
    none = lambda x: 0 if x is None else x
    line = f"{type(e).__name__}: {e.msg} ({none(e.lineno)}, {none(e.offset)}, " \
           f"{none(e.end_lineno)}, {none(e.end_offset)})"
    if e.text is not None:
        line += text(e.text.encode("utf-8", "surrogatepass"))
    return line


def parse(source, mode, flags):
    cf = 0x400
    for bit, flag in ((1, 0x1000), (2, 0x200), (4, 0x4000), (8, 0x40000)):
        if flags & bit:
            cf |= flag
    if flags & 16:
        source = source.decode("utf-8", "surrogatepass")
    return compile(source, "<s>", MODES[mode], cf, dont_inherit=True)


def result(source, mode, flags, with_tree, out, prefix=""):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = parse(source, mode, flags)
        except (SyntaxError, MemoryError, ValueError, OverflowError, RecursionError) as e:
            out.append(prefix + error_text(e))
        else:
            if with_tree:
                lines = []
                dump(tree, "mod", 0, lines)
                lines[0] = prefix + lines[0]
                out.extend(lines)
            else:
                out.append(prefix + "OK")
    if with_tree:
        for w in caught:
            out.append(f"warning {w.category.__name__}: {w.message} ({w.lineno})")


def cases(data, with_tree, out):
    at = number = 0
    while at < len(data):
        stop = data.index(b"\n", at)
        mode, flags, size = map(int, data[at:stop].split())
        at = stop + 1
        result(data[at:at + size], mode, flags, with_tree, out, f"{number} ")
        at += size + 1
        number += 1


def main():
    out = []
    if sys.argv[1] in ("--cases", "--trees"):
        target = sys.argv[2]
        with open(sys.argv[3], "rb") as file:
            cases(file.read(), sys.argv[1] == "--trees", out)
    else:
        target = sys.argv[1]
        with open(target, "w", encoding="utf-8", errors="surrogatepass") as sink:
            for path in sys.argv[2:]:
                with open(path, "rb") as file:
                    source = file.read()
                out = [f"== {path}"]
                result(source, 0, 0, True, out)
                sink.write("\n".join(out) + "\n")
        return
    with open(target, "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write("\n".join(out) + "\n")


main()
