# SPDX-License-Identifier: MIT
"""Runs damaged code objects: krait tests/fuzz/bytecode.py [--seconds S | --tries N] [--seed N]

Functions of many kinds are compiled, their bytecode, tables and constants changed at
random, and the result is run in a child process. An exception is what should come of it,
or a result; a child that dies by a signal is a finding. Prints one line for each finding
and exits with their number.
"""
import argparse
import os
import random
import resource
import signal
import sys
import time
import traceback
import types

SOURCES = """
def loop(n):
    total = 0
    for i in range(n):
        if i % 3: total += i
        else: continue
    else:
        total -= 1
    return total
def closure(a, *args, b=2, **kw):
    def inner(x: int = a) -> str:
        nonlocal b
        b += x
        return f"{a!r:>{b}} {args} {kw}"
    return inner()
def handlers(x):
    try:
        with open(x) as f:
            return f.read()
    except (OSError, TypeError) as e:
        return repr(e)
    finally:
        x = None
def groups():
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError as e:
        a = e
    except* TypeError:
        a = 2
    return a
def displays(a, b):
    return [*a, b], {*a, b}, {**{1: 2}, b: a}, (*a,), a[1:2], {k: v for k, v in zip(a, a)}
def matching(x):
    match x:
        case {"a": y, **rest}: return y, rest
        case [1, *z, 2]: return z
        case complex(real=r, imag=0): return r
        case str() | int(): return x
def calls(f, *args, **kw):
    return f(*args, **kw), f(1, k=2, **kw), print.__call__, max(1, 2), str.upper("a")
def generator(n):
    x = yield n
    try:
        yield from range(x or 2)
    finally:
        yield 3
async def coroutine(a):
    async with a as b:
        async for c in b:
            yield await c
def classes():
    class A:
        x = 1
        def f(self): return super().f()
    class B[T](A):
        __slots__ = ()
        y: T = 2
    type C[K: int = str] = dict[K, B]
    return B().x, C
def imports():
    import os.path as p
    from sys import path, flags as g
    global late
    late = p
    del late
    return p, path, g
def numbers(a, b):
    c = a + b * 2 - a // 3 ** 2
    c += 1.5
    return a < b <= c, -c, not a, ~b, a is b, a in (1, 2), lambda: c
def unpacking(a):
    x, (y, *z), w = a
    del y
    return x, z, w, t"{x} {w!s:>3}"
def comprehension(a):
    return [lambda: i for i in a], [j for i in a if i for j in (i, i)], sum(i for i in a)
"""
ARGUMENTS = [(), (3,), (0, 1), ([1, 2, 3],), ({"a": 1},), ((1, (2, 3), 4),), (max, 1, 2), (2.5, 3)]


def seeds():
    space = {}
    exec(SOURCES, space)
    found = [value.__code__ for value in space.values() if isinstance(value, types.FunctionType)]
    found.append(compile(SOURCES, "seeds", "exec"))
    for code in found:
        found.extend(c for c in code.co_consts if isinstance(c, types.CodeType))
    return found


def damaged_bytes(rng, data, donor):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not data:
            break
        at = rng.randrange(len(data))
        how = rng.randrange(6)
        if how == 0:
            data[at] = rng.randrange(256)
        elif how == 1:
            data[at] ^= 1 << rng.randrange(8)
        elif how == 2:
            at &= ~1
            data[at:at + 2] = bytes((rng.choice(donor[::2] or b"\x1b"), rng.randrange(6)))
        elif how == 3:
            at &= ~1
            other = rng.randrange(len(data)) & ~1
            data[at:at + 2], data[other:other + 2] = data[other:other + 2], data[at:at + 2]
        elif how == 4:
            at &= ~1
            del data[at:at + 2 * rng.randrange(1, 4)]
        else:
            at &= ~1
            start = rng.randrange(len(donor)) & ~1 if donor else 0
            data[at:at] = donor[start:start + 2 * rng.randrange(1, 6)]
    return bytes(data)


def damaged(rng, code, all_codes):
    changes = {}
    donor = rng.choice(all_codes)
    how = rng.randrange(12)
    if how < 8:
        changes["co_code"] = damaged_bytes(rng, code.co_code, donor.co_code)
    if how in (7, 8):
        changes["co_exceptiontable"] = damaged_bytes(
            rng, code.co_exceptiontable or donor.co_exceptiontable, donor.co_exceptiontable)
    if how == 9:
        consts = list(code.co_consts)
        for _ in range(2):
            consts[rng.randrange(len(consts))] = rng.choice(
                (None, 1, 2.5, "s", (), ("a", "b"), b"x", frozenset({1}), donor, ...))
        changes["co_consts"] = tuple(consts)
    if how == 10:
        changes["co_flags"] = code.co_flags ^ 1 << rng.randrange(10)
    if how == 11:
        changes["co_stacksize"] = rng.randrange(4)
    return code.replace(**changes)


def cells(code):
    return tuple(types.CellType(n) for n in range(len(code.co_freevars)))


def run(code, args):
    """In the child: whatever happens but a crash is fine."""
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2)) # for loops that serve no signals
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        try_function(code, args)
    except BaseException as e:
        "".join(traceback.format_exception(e))
    finally:
        os._exit(0)


def try_function(code, args):
    result = types.FunctionType(code, {"__name__": "fuzz"}, closure=cells(code) or None)(*args)
    for step in range(4):
        if hasattr(result, "send"):
            result.send(None if step == 0 else step)
        elif hasattr(result, "asend"):
            result.asend(None).send(None)
        elif callable(result):
            result = result()
    repr(result)
    if hasattr(result, "throw"):
        result.throw(ValueError(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--tries", type=int, default=1 << 60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args = parser.parse_args()
    codes = seeds()
    end = time.monotonic() + args.seconds
    tries = findings = 0
    while tries < args.tries and time.monotonic() < end:
        seed = args.seed + tries
        rng = random.Random(seed)
        tries += 1
        try:
            code = damaged(rng, rng.choice(codes), codes)
        except (ValueError, TypeError, IndexError):
            continue
        arguments = rng.choice(ARGUMENTS)
        pid = os.fork()
        if pid == 0:
            run(code, arguments)
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGXCPU, signal.SIGKILL):
            findings += 1
            print(f"seed {seed}: {code.co_name} dies by signal {os.WTERMSIG(status)}",
                  flush=True)
    print(f"{tries} tries from seed {args.seed}, {findings} findings")
    return min(findings, 100)


if __name__ == "__main__":
    sys.exit(main())
