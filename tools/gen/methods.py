#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads KR_METHOD and its relatives above C functions, and writes the wrappers
that parse arguments and the method tables: build/gen/<dir>/<stem>.methods.h for
each src/<dir>/<stem>.c that declares any.

docs/add-a-builtin-method.md describes the notation. A mistake in a declaration
becomes an #error in the generated file, so it stops that one file only.
"""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SRC = os.path.join(ROOT, "src")
GEN = os.path.join(ROOT, "build", "gen")

START = re.compile(
    r"^KR_(METHOD_RAW|METHOD|FUNCTION_RAW|FUNCTION|NEW|INIT|GETTER|SETTER|TYPE|MODULE)"
    r"\s*\(", re.M)
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


C_KEYWORDS = set("auto break case char const continue default do double else enum "
                 "extern float for goto if inline int long register restrict return "
                 "short signed sizeof static struct switch typedef union unsigned "
                 "void volatile while bool true false".split())


class Mistake(Exception):
    pass


# ---- reading C ------------------------------------------------------------------

def split_arguments(text, position):
    """Splits a macro's arguments; position is just behind the opening bracket."""
    arguments, depth, start, i = [], 0, position, position
    while i < len(text):
        c = text[i]
        if c == '"':
            i = STRING.match(text, i).end()
            continue
        if c == "'":
            i = re.compile(r"'(?:[^'\\]|\\.)*'").match(text, i).end()
            continue
        if c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                arguments.append(text[start:i].strip())
                return arguments, i + 1
            depth -= 1
        elif c == "," and depth == 0:
            arguments.append(text[start:i].strip())
            start = i + 1
        i += 1
    raise Mistake("the macro's closing bracket is missing")


def literal_body(argument):
    """'"a" "b"' -> 'ab', escapes as written."""
    parts = STRING.findall(argument)
    if not parts or STRING.sub("", argument).strip():
        raise Mistake(f"expected string literals, not {argument[:40]}")
    return "".join(p[1:-1] for p in parts)


FUNCTION = re.compile(r"\s*((?:[A-Za-z_][\w ]*?[\s*]+))([A-Za-z_]\w*)\s*\(")


def read_function(text, position):
    """The C function after a declaration: (name, [(type, name)], static)."""
    while True:  # step over comments and further declarations
        m = re.compile(r"\s*(//[^\n]*\n|/\*.*?\*/)", re.S).match(text, position)
        if m:
            position = m.end()
            continue
        m = re.compile(r"\s*KR_[A-Z_]+\s*\(").match(text, position)
        if m:
            _, position = split_arguments(text, m.end())
            continue
        break
    m = FUNCTION.match(text, position)
    if not m:
        raise Mistake("no C function follows")
    parameters, _ = split_arguments(text, m.end())
    result = []
    for p in parameters:
        p = " ".join(p.split())
        if p in ("void", ""):
            continue
        pm = re.match(r"(.*?)(\w+)$", re.sub(r"\bPy_UNUSED\((\w+)\)", r"\1", p))
        if not pm:
            raise Mistake(f"cannot read the C parameter '{p}'")
        ctype = re.sub(r"\s*\*\s*", " *", pm.group(1)).strip()
        ctype = ctype.replace("* *", "**").replace(" *const", " *const")
        result.append((ctype, pm.group(2)))
    return m.group(2), result, "static" in m.group(1).split()


# ---- signatures -----------------------------------------------------------------

class Parameter:
    def __init__(self, name, annotation, default, kind):
        self.name = name
        self.local = name + '_' if name in C_KEYWORDS else name
        self.annotation = annotation
        self.default = default    # None: required
        self.kind = kind          # 'pos', 'any', 'kw', 'args', 'kwargs'
        self.c_default = None     # from "=None{C}"


class Signature:
    def __init__(self, text, receivers=("self", "cls", "type")):
        m = re.match(r"\s*([\w.]+)\s*\((.*)\)\s*$", text, re.S)
        if not m:
            raise Mistake(f"'{text}' is no signature")
        self.name = m.group(1)
        self.first = None         # 'self', 'cls' or None
        self.slash = False
        self.parameters = []
        self.receivers = receivers
        self.parse(self.split(m.group(2)))

    @staticmethod
    def split(text):
        parts, depth, start, quote = [], 0, 0, None
        for i, c in enumerate(text):
            if quote:
                if c == quote:
                    quote = None
            elif c in "'\"":
                quote = c
            elif c in "([{":
                depth += 1
            elif c in ")]}":
                depth -= 1
            elif c == "," and depth == 0:
                parts.append(text[start:i].strip())
                start = i + 1
        last = text[start:].strip()
        return parts + ([last] if last else [])

    def parse(self, parts):
        if parts and parts[0].lstrip("$") in self.receivers:
            first = parts.pop(0).lstrip("$")
            self.first = {"type": "cls"}.get(first, first)
        keyword_only = False
        for part in parts:
            if part == "/":
                self.slash = True
                for p in self.parameters:
                    p.kind = "pos"
            elif part == "*":
                keyword_only = True
            elif part.startswith("**"):
                self.parameters.append(Parameter(part[2:].strip(), None, "", "kwargs"))
            elif part.startswith("*"):
                self.parameters.append(Parameter(part[1:].strip(), None, "", "args"))
                keyword_only = True
            else:
                m = re.match(r"(\w+)\s*(?::\s*([^=]+?))?\s*(?:=\s*(.*))?$", part, re.S)
                if not m:
                    raise Mistake(f"cannot read the parameter '{part}'")
                p = Parameter(m.group(1), m.group(2), m.group(3),
                              "kw" if keyword_only else "any")
                if p.default is not None:
                    p.default = p.default.strip()
                    d = re.match(r"(.*?)\{(.*)\}$", p.default)
                    if d and d.group(1):
                        p.default, p.c_default = d.group(1), d.group(2)
                self.parameters.append(p)

    def shown(self, first):
        """The text for __text_signature__; first is '$self', '$module' or ''."""
        words = [first] if first else []
        slashed = not self.slash and bool(first)
        if slashed:
            words.append("/")
        starred = False
        positional_only = [p for p in self.parameters if p.kind == "pos"]
        for i, p in enumerate(self.parameters):
            if p.kind == "args":
                words.append("*" + p.name)
                starred = True
                continue
            if p.kind == "kwargs":
                words.append("**" + p.name)
                continue
            if p.kind == "kw" and not starred:
                words.append("*")
                starred = True
            text = p.name
            if p.default is not None:
                default = "<unrepresentable>" if p.default == "<missing>" else p.default
                text += "=" + default.replace("\\", "\\\\").replace('"', '\\"')
            words.append(text)
            if positional_only and p is positional_only[-1]:
                words.append("/")
        if self.slash and not positional_only and first:
            words.insert(1, "/")
        return f"{self.name}({', '.join(words)})"


# ---- conversions ----------------------------------------------------------------

# C type: (function, needs the function's name and the argument's place)
CONVERT = {
    "Py_ssize_t": ("kr_arg_ssize", False),
    "int": ("kr_arg_int", False),
    "unsigned": ("kr_arg_uint", False),
    "unsigned int": ("kr_arg_uint", False),
    "long": ("kr_arg_long", False),
    "unsigned long": ("kr_arg_ulong", False),
    "long long": ("kr_arg_llong", False),
    "unsigned long long": ("kr_arg_ullong", False),
    "int64_t": ("kr_arg_long", False),
    "uint64_t": ("kr_arg_ulong", False),
    "size_t": ("kr_arg_ulong", False),
    "double": ("kr_arg_double", False),
    "bool": ("kr_arg_bool", False),
    "Py_UCS4": ("kr_arg_char", True),
    "const char *": ("kr_arg_utf8", True),
    "Py_buffer *": ("kr_arg_buffer", True),
    # Types of the operating system; modules/posix/path.h declares what they need.
    "KrPath *": ("kr_path_convert", False),
    "pid_t": ("kr_arg_int", False),
    "off_t": ("kr_arg_long", False),
    "uid_t": ("kr_arg_uid", False),
    "gid_t": ("kr_arg_gid", False),
    "dev_t": ("kr_arg_dev", False),
}
TYPE_CHECKS = {
    "str": "PyUnicode_Check", "tuple": "PyTuple_Check", "dict": "PyDict_Check",
    "bytes": "PyBytes_Check", "bytearray": "PyByteArray_Check", "type": "PyType_Check",
    "list": "PyList_Check", "set": "PyAnySet_Check", "code": "PyCode_Check",
    "function": "PyFunction_Check", "int": "PyLong_Check", "float": "PyFloat_Check",
}
NUMBERS = ("Py_ssize_t", "int", "unsigned", "unsigned int", "long", "unsigned long",
           "long long", "unsigned long long", "int64_t", "uint64_t", "size_t", "double",
           "bool", "pid_t", "off_t", "uid_t", "gid_t", "dev_t")


def c_default(p, ctype):
    """The C expression of a default."""
    if p.c_default is not None:
        return p.c_default
    d = p.default
    if p.annotation == "dir_fd" and d == "None":
        return "AT_FDCWD"
    if ctype.startswith("PyObject *") or ctype.endswith("*") and ctype.startswith("Py") \
            and ctype != "Py_buffer *":
        cast = "" if ctype == "PyObject *" else f"({ctype})"
        known = {"None": "Py_None", "True": "Py_True", "False": "Py_False"}
        return cast + known[d] if d in known else "NULL"
    if ctype == "const char *":
        if d in ("None", "<missing>"):
            return "NULL"
        m = re.match(r"(['\"])(.*)\1$", d)
        if m:
            return '"' + m.group(2).replace('"', '\\"') + '"'
    elif ctype == "Py_UCS4":
        m = re.match(r"'(.)'$", d)
        if m:
            return f"'{m.group(1)}'"
    elif ctype in NUMBERS:
        known = {"True": "1", "False": "0", "sys.maxsize": "PY_SSIZE_T_MAX", "None": "0",
                 "<missing>": "0"}
        if d in known:
            if d == "None" and p.annotation not in ("slice_index",):
                raise Mistake(f"{p.name}=None needs a C value: None{{...}}")
            return known[d]
        if re.match(r"-?[\w.]+$", d):
            return d
    raise Mistake(f"no C default for '{p.name}={d}' of type {ctype}")


def conversion(p, ctype, source, function, which):
    """C statements' condition that fails, or None; and the value's declaration."""
    annotation = p.annotation
    if ctype == "Py_buffer *":
        names = {None: "kr_arg_buffer", "buffer": "kr_arg_buffer",
                 "writable": "kr_arg_writable", "text": "kr_arg_text_buffer",
                 "ascii": "kr_arg_ascii_buffer"}
        if annotation not in names:
            raise Mistake(f"unknown annotation '{annotation}' for a buffer")
        return f'{names[annotation]}({source}, "{function}", "{which}", &{p.local}) < 0'
    if ctype == "KrPath *":
        return f"kr_path_convert({source}, &{p.local}) < 0"
    if ctype == "int" and annotation in ("fd", "dir_fd"):
        return f"kr_arg_{annotation}({source}, &{p.local}) < 0"
    if annotation in ("slice_index", "slice_index_not_none"):
        if ctype != "Py_ssize_t":
            raise Mistake(f"{annotation} needs Py_ssize_t")
        return f"kr_arg_{annotation}({source}, &{p.local}) < 0"
    if ctype == "const char *" and annotation == "str | None":
        return f'kr_arg_utf8_or_none({source}, "{function}", "{which}", &{p.local}) < 0'
    if ctype in CONVERT:
        name, places = CONVERT[ctype]
        if ctype in ("int64_t",):
            return f"{name}({source}, (long *)&{p.local}) < 0"
        if ctype in ("uint64_t", "size_t"):
            return f"{name}({source}, (unsigned long *)&{p.local}) < 0"
        if places:
            return f'{name}({source}, "{function}", "{which}", &{p.local}) < 0'
        return f"{name}({source}, &{p.local}) < 0"
    if ctype.startswith("Py") and ctype.endswith("*"):
        if annotation is None or annotation == "object":
            return None
        none = ""
        kind = annotation
        if kind.endswith("| None"):
            kind = kind[:-6].strip()
            none = f"!Py_IsNone({source}) && "
        if kind in TYPE_CHECKS:
            check = f"!{TYPE_CHECKS[kind]}({source})"
        else:
            raise Mistake(f"unknown annotation '{annotation}'")
        shown = kind + (" or None" if none else "")
        return (f'{none}{check} && '
                f'kr_arg_bad("{function}", "{which}", "{shown}", {source}) < 0')
    raise Mistake(f"no conversion to the C type '{ctype}' of {p.local}")


# ---- declarations ---------------------------------------------------------------

class Declaration:
    """One KR_METHOD, KR_FUNCTION, KR_NEW or KR_INIT."""

    def __init__(self, kind, owner, signature, doc, line):
        self.kind, self.owner, self.doc, self.line = kind, owner, doc, line
        self.signature = Signature(signature, {"METHOD": ("self", "cls", "type"),
                                               "FUNCTION": ("module",)}.get(kind, ()))
        self.pyname = self.signature.name
        self.symbol = f"{owner}_{self.pyname.replace('.', '_')}_wrap"
        if kind == "NEW":
            self.symbol = f"{owner}_new"
        elif kind == "INIT":
            self.symbol = f"{owner}_init"
        self.extra_flags = ""
        self.extension = False    # in src/ext: keywords are C strings

    def bind(self, function, parameters):
        """Matches the C function's parameters with the signature's."""
        self.function = function
        sig = self.signature
        expected = len(sig.parameters)
        expected += sum(p.kind == "args" for p in sig.parameters)
        self.receiver = None
        if len(parameters) == expected + 1:
            self.receiver = parameters[0]
            parameters = parameters[1:]
        elif len(parameters) != expected or sig.first is not None or \
                self.kind != "METHOD":
            raise Mistake(f"{function}() has {len(parameters)} parameters; "
                          f"the signature of {sig.name}() needs {expected + 1}")
        bound, i = [], 0
        for p in sig.parameters:
            bound.append((p, parameters[i][0]))
            if p.kind == "args":
                if parameters[i][0] != "PyObject *const *" or \
                        parameters[i + 1][0] != "Py_ssize_t":
                    raise Mistake(f"*{p.name} of {function}() needs two C parameters, "
                                  "PyObject *const *args and Py_ssize_t nargs")
                i += 1
            elif p.kind == "kwargs" and parameters[i][0] != "PyObject *":
                raise Mistake(f"**{p.name} of {function}() must be a PyObject *")
            i += 1
        self.bound = bound
        self.ordinary = [(p, t) for p, t in bound if p.kind in ("pos", "any", "kw")]
        self.has_args = any(p.kind == "args" for p, _ in bound)
        self.has_kwargs = any(p.kind == "kwargs" for p, _ in bound)
        names = [p for p, _ in self.ordinary]
        self.keywords = [p for p in names if p.kind != "pos"]
        self.positional = sum(p.kind != "kw" for p in names)
        self.positional_only = sum(p.kind == "pos" for p in names)
        self.minimum = sum(p.default is None for p in names[:self.positional])
        seen_default = False
        for p in names[:self.positional]:
            if p.default is not None:
                seen_default = True
            elif seen_default:
                raise Mistake(f"{p.name} without a default follows one with a default")
        if self.kind == "METHOD":
            if sig.first == "cls":
                self.extra_flags = " | METH_CLASS"
            elif sig.first is None:
                self.extra_flags = " | METH_STATIC"
        self.simple = not self.keywords and not self.has_args and not self.has_kwargs
        if self.kind in ("NEW", "INIT"):
            self.flags = None
        elif self.simple and not self.ordinary:
            self.flags = "METH_NOARGS"
        elif self.simple and len(self.ordinary) == 1 and self.minimum == 1:
            self.flags = "METH_O"
        elif not self.keywords and not self.has_kwargs:
            self.flags = "METH_FASTCALL"
        else:
            self.flags = "METH_FASTCALL | METH_KEYWORDS"

    def which(self, index, p):
        if self.flags == "METH_O":
            return "argument"
        if self.keywords and p.kind != "pos":
            return f"argument '{p.name}'"
        return f"argument {index + 1}"

    # -- emission

    def doc_text(self):
        first = {"METHOD": {"self": "$self", "cls": "$type", None: ""}.get(
                     self.signature.first, "$self"),
                 "FUNCTION": "$module"}.get(self.kind, "")
        return f'"{self.signature.shown(first)}\\n--\\n\\n"\n     "{self.doc}"'

    def declared_values(self):
        """Local variables with their defaults, and the conversions' order."""
        lines = []
        for p, ctype in self.ordinary:
            if ctype == "Py_buffer *":
                if p.default is not None and \
                        p.default not in ("None", "<missing>", "b''"):
                    raise Mistake(f"a buffer's default must be None or b'': {p.name}")
                lines.append(f"    Py_buffer {p.local} = {{NULL, NULL}};")
            elif ctype == "KrPath *":
                nullable = "true" if p.default == "None" else "false"
                allow_fd = "true" if p.annotation == "path_or_fd" else "false"
                lines.append(f'    KrPath {p.local} = {{"{self.pyname}", "{p.name}", '
                             f"{nullable}, {allow_fd}, -1, NULL, NULL, NULL, 0}};")
            elif p.default is not None:
                space = "" if ctype.endswith("*") else " "
                lines.append(f"    {ctype}{space}{p.local} = {c_default(p, ctype)};")
            elif ctype in CONVERT:
                space = "" if ctype.endswith("*") else " "
                lines.append(f"    {ctype}{space}{p.local};")
        return lines

    def convert_lines(self, source_of, present_of):
        lines, direct = [], {}
        for i, (p, ctype) in enumerate(self.ordinary):
            source = source_of(i)
            condition = conversion(p, ctype, source, self.pyname, self.which(i, p))
            is_object = ctype not in CONVERT
            present = present_of(i) if p.default is not None else None
            if ctype == "Py_buffer *" and p.default == "None":
                present = f"{present} && !Py_IsNone({source})"
            cast = "" if ctype == "PyObject *" else f"({ctype})"
            if present is None:
                if condition:
                    lines += [f"    if ({condition}) {{", "        goto done;", "    }"]
                if is_object:
                    direct[p.local] = cast + source
            else:
                lines.append(f"    if ({present}) {{")
                if condition:
                    lines += [f"        if ({condition}) {{", "            goto done;",
                              "        }"]
                if is_object:
                    lines.append(f"        {p.local} = {cast}{source};")
                lines.append("    }")
        return lines, direct

    def call(self, receiver, direct, args="", kwargs="extra"):
        words = []
        if self.receiver is not None:
            ctype = self.receiver[0]
            if self.kind == "METHOD" and self.signature.first is None:
                receiver = "NULL"
            words.append(receiver if ctype == "PyObject *" and self.kind != "NEW"
                         else f"({ctype}){receiver}")
        for p, ctype in self.bound:
            if p.kind == "args":
                words.append(args)
            elif p.kind == "kwargs":
                words.append(kwargs)
            elif ctype in ("Py_buffer *", "KrPath *"):
                words.append("&" + p.local)
            else:
                words.append(direct.get(p.local, p.local))
        return f"{self.function}({', '.join(words)})"

    def finish(self, lines, call, result="NULL", ctype="PyObject *", always=False):
        """Closes a wrapper: the call, and the done label when something uses it."""
        buffers = [p.local for p, t in self.ordinary if t == "Py_buffer *"]
        paths = [p.local for p, t in self.ordinary if t == "KrPath *"]
        jumps = any("goto done" in line for line in lines)
        if not jumps and not buffers and not self.has_kwargs:
            return lines + [f"    return {call};", "}"]
        space = "" if ctype.endswith("*") else " "
        head = [f"    {ctype}{space}result = {result};"]
        body = lines + [f"    result = {call};", "done:"]
        if not jumps:
            body.remove("done:")
        for name in buffers:
            body += [f"    if ({name}.obj != NULL) {{",
                     f"        PyBuffer_Release(&{name});", "    }"]
        for name in paths:
            body.append(f"    kr_path_release(&{name});")
        if self.has_kwargs:
            body.append("    Py_XDECREF(extra);")
        return head + body + ["    return result;", "}"]

    def spec(self):
        lines = []
        keywords = self.keywords
        base = f"{self.symbol}_names"
        if self.extension:
            names = [f'"{p.name}"' for p in keywords]
        else:
            names = [f"(PyObject *)&kr_id_{p.name}" for p in keywords]
            lines += [f"extern KrStaticName kr_id_{p.name};" for p in keywords]
        if keywords:
            lines.append(f"static const KrArgName {base}[] = {{")
            lines += [f"    {name}," for name in names]
            lines.append("};")
        required = sum(1 << i for i, (p, _) in enumerate(self.ordinary)
                       if p.default is None)
        lines.append(f"static const KrArgSpec {self.symbol}_spec = {{")
        lines.append(f'    .name = "{self.pyname}",')
        lines.append(f"    .keywords = {base if keywords else 'NULL'},")
        lines.append(f"    .required = {required:#x},")
        lines.append(f"    .positional_only = {self.positional_only},")
        lines.append(f"    .positional = {self.positional},")
        lines.append(f"    .total = {len(self.ordinary)},")
        if self.has_args:
            lines.append("    .has_args = true,")
        if self.has_kwargs:
            lines.append("    .has_kwargs = true,")
        lines.append("};")
        return lines

    def wrapper(self, linkage):
        out = []
        if self.kind in ("NEW", "INIT"):
            return self.type_wrapper()
        head = f"{linkage}PyObject *\n{self.symbol}(PyObject *self"
        if self.flags == "METH_NOARGS":
            out.append(head + ", PyObject *Py_UNUSED(ignored))\n{")
            return out + [f"    return {self.call('self', {})};", "}"]
        if self.flags == "METH_O":
            out.append(head + ", PyObject *arg)\n{")
            lines = self.declared_values()
            more, direct = self.convert_lines(lambda i: "arg", lambda i: "true")
            return out + self.finish(lines + more, self.call("self", direct))
        if self.flags == "METH_FASTCALL":
            out.append(head + ", PyObject *const *args, Py_ssize_t nargs)\n{")
            lines = self.declared_values()
            maximum = "PY_SSIZE_T_MAX" if self.has_args else str(self.positional)
            if self.minimum or not self.has_args:
                lines += [f'    if (!kr_arg_count("{self.pyname}", nargs, {self.minimum}, '
                          f"{maximum})) {{", "        return NULL;", "    }"]
            more, direct = self.convert_lines(lambda i: f"args[{i}]",
                                              lambda i: f"nargs > {i}")
            n = self.positional
            rest = "args, nargs"
            if n:
                rest = (f"nargs > {n} ? args + {n} : args, "
                        f"nargs > {n} ? nargs - {n} : 0")
            return out + self.finish(lines + more, self.call("self", direct, rest))
        out = self.spec() + out
        out.append(head + ", PyObject *const *args, Py_ssize_t nargs,\n"
                   "    PyObject *kwnames)\n{")
        return out + self.unpacked("self", "kr_args_unpack", "args, nargs, kwnames",
                                   "args", "nargs")

    def unpacked(self, receiver, helper, given, array, count, failure="NULL",
                 ctype="PyObject *"):
        lines = []
        if self.has_kwargs:
            lines.append("    PyObject *extra = NULL;")
        lines.append(f"    PyObject *values[{max(len(self.ordinary), 1)}];")
        lines += self.declared_values()
        lines += [f"    PyObject *const *found = {helper}(&{self.symbol}_spec, {given},",
                  f"        values, {'&extra' if self.has_kwargs else 'NULL'});",
                  "    if (found == NULL) {", f"        return {failure};", "    }"]
        more, direct = self.convert_lines(lambda i: f"found[{i}]",
                                          lambda i: f"found[{i}] != NULL")
        if not self.ordinary:
            lines.append("    (void)found;")
        n = self.positional
        rest = f"{array}, {count}"
        if n:
            rest = (f"{count} > {n} ? {array} + {n} : {array}, "
                    f"{count} > {n} ? {count} - {n} : 0")
        return self.finish(lines + more, self.call(receiver, direct, rest), failure,
                           ctype)

    def type_wrapper(self):
        new = self.kind == "NEW"
        out = self.spec()
        if new:
            ctype, failure, receiver = "PyObject *", "NULL", "type"
            out.append(f"static PyObject *\n{self.symbol}(PyTypeObject *type, "
                       "PyObject *args, PyObject *kwargs)\n{")
        else:
            ctype, failure, receiver = "int", "-1", "self"
            out.append(f"static int\n{self.symbol}(PyObject *self, PyObject *args, "
                       "PyObject *kwargs)\n{")
        if self.simple:
            helper = "kr_arg_no_keywords_new" if new else "kr_arg_no_keywords_init"
            out += [f"    if (kwargs != NULL && !{helper}({receiver}, {self.symbol},",
                    f'            "{self.pyname}", kwargs)) {{',
                    f"        return {failure};", "    }"]
            lines = ["    Py_ssize_t nargs = PyTuple_GET_SIZE(args);"]
            lines += self.declared_values()
            lines += [f'    if (!kr_arg_count("{self.pyname}", nargs, {self.minimum}, '
                      f"{self.positional})) {{", f"        return {failure};", "    }"]
            more, direct = self.convert_lines(lambda i: f"PyTuple_GET_ITEM(args, {i})",
                                              lambda i: f"nargs > {i}")
            if not self.ordinary:
                lines[0] = lines[0]
            out += self.finish(lines + more, self.call(receiver, direct), failure, ctype)
            out = [line for line in out]
            del out[:len(self.spec())]
        else:
            out += self.unpacked(receiver, "kr_args_unpack_tuple", "args, kwargs",
                                 "(&PyTuple_GET_ITEM(args, 0))",
                                 "PyTuple_GET_SIZE(args)", failure, ctype)
        return out

    def vectorcall(self):
        """A tp_vectorcall for a type that has KR_NEW and no KR_INIT."""
        out = []
        if self.simple:
            out.append(f"__attribute__((unused)) static PyObject *\n"
                       f"{self.owner}_vectorcall(PyObject *type, PyObject *const *args, "
                       "size_t nargsf,\n    PyObject *kwnames)\n{")
            lines = ["    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);"]
            lines += self.declared_values()
            lines += [f'    if (kwnames != NULL && !kr_arg_no_kwnames("{self.pyname}", '
                      "kwnames)) {", "        return NULL;", "    }",
                      f'    if (!kr_arg_count("{self.pyname}", nargs, {self.minimum}, '
                      f"{self.positional})) {{", "        return NULL;", "    }"]
            more, direct = self.convert_lines(lambda i: f"args[{i}]",
                                              lambda i: f"nargs > {i}")
            return out + self.finish(lines + more, self.call("type", direct))
        out.append(f"__attribute__((unused)) static PyObject *\n"
                   f"{self.owner}_vectorcall(PyObject *type, PyObject *const *args, "
                   "size_t nargsf,\n    PyObject *kwnames)\n{")
        out.append("    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);")
        return out + self.unpacked("type", "kr_args_unpack", "args, nargs, kwnames",
                                   "args", "nargs")


class Raw:
    """KR_METHOD_RAW and KR_FUNCTION_RAW: the function is the table's."""

    def __init__(self, kind, owner, signature, flags, doc):
        self.kind, self.owner, self.flags, self.doc = kind, owner, flags, doc
        self.text = signature
        self.pyname = re.match(r"[\w.]+", signature).group(0)
        self.extra_flags = ""

    def bind(self, function, parameters, static):
        self.function, self.static = function, static
        self.symbol = function
        self.parameters = parameters

    def doc_text(self):
        if "(" in self.text:
            text = self.text.replace('"', '\\"')
            return f'"{text}\\n--\\n\\n"\n     "{self.doc}"'
        return f'"{self.doc}"'


class Access:
    def __init__(self, owner, name):
        self.owner, self.name = owner, name
        self.getter = self.setter = None
        self.doc = None

    def wrapper(self, linkage):
        out = []
        base = f"{self.owner}_{self.name}"
        if self.getter:
            function, parameters = self.getter
            extra = ", closure" if len(parameters) > 1 else ""
            ctype = parameters[0][0]
            out.append(f"{linkage}PyObject *\n{base}_getter(PyObject *self, void *closure)\n"
                       f"{{\n    (void)closure;\n"
                       f"    return {function}(({ctype})self{extra});\n}}")
        if self.setter:
            function, parameters = self.setter
            extra = ", closure" if len(parameters) > 2 else ""
            ctype = parameters[0][0]
            out.append(f"{linkage}int\n{base}_setter(PyObject *self, PyObject *value, "
                       f"void *closure)\n{{\n    (void)closure;\n"
                       f"    return {function}(({ctype})self, value{extra});\n}}")
        return out


class Source:
    """What one C file declares."""

    def __init__(self, path, relative, text):
        self.path, self.relative, self.text = path, relative, text
        self.items = []          # Declaration, Raw
        self.access = {}         # (owner, name) -> Access
        self.types, self.modules = [], []
        self.errors = []
        for m in START.finditer(text):
            line = text.count("\n", 0, m.start()) + 1
            try:
                self.read(m.group(1), m.end(), line)
            except Mistake as e:
                self.errors.append(f"{relative}:{line}: {e}")

    def read(self, kind, position, line):
        arguments, end = split_arguments(self.text, position)
        owner = arguments[0]
        if kind == "TYPE":
            self.types.append(owner)
            return
        if kind == "MODULE":
            self.modules.append(owner)
            return
        counts = {"METHOD": 3, "FUNCTION": 3, "NEW": 3, "INIT": 3, "METHOD_RAW": 4,
                  "FUNCTION_RAW": 4, "GETTER": 3, "SETTER": 2}
        if len(arguments) != counts[kind]:
            raise Mistake(f"KR_{kind} takes {counts[kind]} arguments")
        function, parameters, static = read_function(self.text, end)
        if kind in ("GETTER", "SETTER"):
            name = literal_body(arguments[1])
            access = self.access.setdefault((owner, name), Access(owner, name))
            if kind == "GETTER":
                access.getter = (function, parameters)
                access.doc = literal_body(arguments[2])
            else:
                access.setter = (function, parameters)
            return
        signature = literal_body(arguments[1])
        if kind.endswith("_RAW"):
            item = Raw(kind[:-4], owner, signature, arguments[2],
                       literal_body(arguments[3]))
            item.bind(function, parameters, static)
        else:
            item = Declaration(kind, owner, signature, literal_body(arguments[2]), line)
            item.extension = self.relative.startswith(os.path.join("src", "ext", ""))
            item.bind(function, parameters)
        self.items.append(item)


# ---- writing --------------------------------------------------------------------

def emit(source, owners, spread, where, sources):
    """The text of <stem>.methods.h."""
    out = ["// SPDX-License-Identifier: MIT",
           f"// {os.path.basename(source.relative)[:-2]}.methods.h - generated by "
           f"tools/gen/methods.py from {source.relative}.",
           '#include "objects/args.h"', ""]
    for error in source.errors:
        out.append(f'#error "{error}"'.replace("\n", " "))
    inits = {i.owner for i in source.items if i.kind == "INIT"}
    docs = {}
    for item in source.items:
        linkage = "" if (item.kind in ("METHOD", "FUNCTION") and
                         (kind_key(item), item.owner) in spread) else "static "
        try:
            if isinstance(item, Raw):
                if not linkage and item.static:
                    # The table is elsewhere: a name that other files can see.
                    item.symbol = f"{item.owner}_{item.pyname}_wrap"
                    names = [f"a{i}" for i in range(len(item.parameters))]
                    typed = ", ".join(f"{t}{'' if t.endswith('*') else ' '}{n}"
                                      for (t, _), n in zip(item.parameters, names))
                    out.append(f"PyObject *\n{item.symbol}({typed})\n{{\n    return "
                               f"{item.function}({', '.join(names)});\n}}\n")
                continue
            out += item.wrapper(linkage)
            out.append("")
            if item.kind == "NEW" and item.owner not in inits:
                out += item.vectorcall()
                out.append("")
            if item.kind in ("NEW", "INIT"):
                docs.setdefault(item.owner, item)
        except Mistake as e:
            out.append(f'#error "{source.relative}:{item.line}: {e}"')
    for owner, item in docs.items():
        out.append(f"static const char {owner}_doc[] =\n     {item.doc_text()};\n")
    for (owner, _), access in source.access.items():
        linkage = "" if ("type", owner) in spread else "static "
        out += access.wrapper(linkage)
        out.append("")
    for kind, names in (("type", source.types), ("module", source.modules)):
        for owner in names:
            out += table(kind, owner, source, where, sources)
    text = "\n".join(out) + "\n"
    return re.sub(r"\n\n\n+", "\n\n", text)


def kind_key(item):
    return "module" if item.kind == "FUNCTION" else "type"


def table(kind, owner, source, where, sources):
    """The method and getset tables of a type or module."""
    out, rows, declared = [], [], []
    for other in where.get((kind, owner), [source]):
        for item in other.items:
            if item.owner != owner or item.kind not in ("METHOD", "FUNCTION") or \
                    kind_key(item) != kind:
                continue
            if other is not source:
                declared.append(prototype(item))
            flags = item.flags + item.extra_flags
            rows.append(f'    {{"{item.pyname}", (PyCFunction)(void (*)(void)){item.symbol},\n'
                        f"     {flags},\n     {item.doc_text()}}},")
    out += declared
    out.append(f"__attribute__((unused)) static PyMethodDef {owner}_methods[] = {{")
    out += rows + ["    {NULL, NULL, 0, NULL},", "};", ""]
    if kind == "module":
        return out
    merged, declared = {}, []
    for other in where.get((kind, owner), [source]):
        for (o, name), access in other.access.items():
            if o != owner:
                continue
            row = merged.setdefault(name, [None, None, None])
            base = f"{owner}_{name}"
            if access.getter:
                row[0], row[2] = f"{base}_getter", access.doc
                if other is not source:
                    declared.append(f"PyObject *{base}_getter(PyObject *, void *);")
            if access.setter:
                row[1] = f"{base}_setter"
                if other is not source:
                    declared.append(f"int {base}_setter(PyObject *, PyObject *, void *);")
    out += declared
    out.append(f"__attribute__((unused)) static PyGetSetDef {owner}_getset[] = {{")
    for name, (getter, setter, doc) in merged.items():
        shown = f'"{doc}"' if doc else "NULL"
        out.append(f'    {{"{name}", {getter or "NULL"}, {setter or "NULL"},\n'
                   f"     {shown}, NULL}},")
    out += ["    {NULL, NULL, NULL, NULL, NULL},", "};", ""]
    return out


def prototype(item):
    if isinstance(item, Raw):
        return (f"PyObject *{item.symbol if not item.static else item.owner + '_' + item.pyname + '_wrap'}"
                f"({', '.join(t for t, _ in item.parameters) or 'void'});")
    arguments = {"METH_NOARGS": "PyObject *, PyObject *", "METH_O": "PyObject *, PyObject *",
                 "METH_FASTCALL": "PyObject *, PyObject *const *, Py_ssize_t"}.get(
        item.flags, "PyObject *, PyObject *const *, Py_ssize_t, PyObject *")
    return f"PyObject *{item.symbol}({arguments});"


def write_if_changed(path, text):
    data = text.encode()
    try:
        with open(path, "rb") as f:
            if f.read() == data:
                return
    except OSError:
        pass
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as f:
        f.write(data)
    os.replace(temporary, path)


def read_tree():
    sources = []
    for folder, _, names in sorted(os.walk(SRC)):
        for name in sorted(names):
            if not name.endswith(".c"):
                continue
            path = os.path.join(folder, name)
            try:
                with open(path, encoding="utf-8", errors="replace") as f:
                    text = f.read()
            except OSError:
                continue
            if "KR_" in text and START.search(text):
                sources.append(Source(path, os.path.relpath(path, ROOT), text))
    return sources


def main():
    sources = read_tree()
    homes, users = {}, {}
    for s in sources:
        for kind, names in (("type", s.types), ("module", s.modules)):
            for owner in names:
                homes.setdefault((kind, owner), []).append(s)
        for item in s.items:
            if item.kind in ("METHOD", "FUNCTION"):
                users.setdefault((kind_key(item), item.owner), set()).add(s)
        for owner, _ in s.access:
            users.setdefault(("type", owner), set()).add(s)
    # where: table's key -> files whose declarations go into it.
    where_of = {}
    spread_of = {s: set() for s in sources}
    for key, files in users.items():
        places = homes.get(key, [])
        if not places:
            for s in files:
                s.errors.append(f"{s.relative}: no KR_{key[0].upper()}({key[1]}) anywhere")
            continue
        orphans = [s for s in files if s not in places]
        if orphans and len(places) > 1:
            for s in orphans:
                s.errors.append(f"{s.relative}: two files have "
                                f"KR_{key[0].upper()}({key[1]})")
        for place in places:
            mine = [place] + sorted((s for s in orphans if len(places) == 1),
                                    key=lambda s: s.relative)
            where_of[(key, place)] = mine
            if len(mine) > 1:
                for s in orphans:
                    spread_of[s].add(key)
    for s in sources:
        where = {key: files for (key, place), files in where_of.items() if place is s}
        text = emit_raw_symbols(s, where, spread_of, sources)
        stem = os.path.relpath(s.path, SRC)[:-2]
        write_if_changed(os.path.join(GEN, stem + ".methods.h"), text)


def emit_raw_symbols(source, where, spread_of, sources):
    # Raw functions of other files get their public names before the table shows them.
    for key, files in where.items():
        for other in files:
            for item in other.items:
                if isinstance(item, Raw) and item.static and key in spread_of[other] \
                        and (kind_key(item), item.owner) == key:
                    item.symbol = f"{item.owner}_{item.pyname}_wrap"
    return emit(source, None, spread_of[source], where, sources)


if __name__ == "__main__":
    main()
