# SPDX-License-Identifier: MIT
"""Compiles damaged sources: krait tests/fuzz/source.py [--seconds S | --tries N] [--seed N]

Pieces of real files (given as arguments, or this one and bytecode.py) are changed at
random and compiled in a child process. A code object or an exception is what should come
of it; a child that dies by a signal, or takes longer than ten seconds, is a finding.
"""
import argparse
import os
import random
import re
import signal
import sys
import time
import warnings

BATCH = 100
TOKENS = rb"""
( ) [ ] { } : , ; . = == := -> => ! % & * ** + - / // < << > >> ^ ~ @ | \ ' " f" f' t" t' b'
rb' ''' f''' {x!r:{y}} 0x 1e 1j 0b1_ 0o7 1__2 \N{DASH} # ... await async def class lambda
match case type with as from import yield return if else elif for while try except finally
raise global nonlocal del pass assert in is not and or None True __debug__ _ print
(((((((((( [[[[[[[[[[ {{{{{{{{{{
""".split() + [b"\t", b"\n", b"\r", b"\x0c", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xe2\x82\xac",
               b"\n\n    ", b"# coding: latin-1\n", b"# coding: utf-7\n", b"\\\n"]


def pieces(text):
    """Statements of the module, and of its classes and functions, moved to the left."""
    found = re.split(rb"\n(?=\S)", text)
    for width in (4, 8):
        for piece in re.split(rb"\n(?=%b\S)" % (b" " * width), text):
            found.append(re.sub(rb"(?m)^ {%d}" % width, b"", piece))
    return [piece[:2000] for piece in found]


def damaged(rng, texts):
    data = bytearray(rng.choice(texts) + b"\n")
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(5)
        if how == 0:
            data[at:at] = rng.choice(TOKENS)
        elif how == 1:
            del data[at:at + rng.randrange(1, 8)]
        elif how == 2:
            data[at:at + 1] = bytes((rng.choice((rng.randrange(128), rng.randrange(256))),))
        elif how == 3:
            other = rng.choice(texts)
            begin = rng.randrange(max(1, len(other)))
            data[at:at] = other[begin:begin + rng.randrange(30)]
        else:
            data[at:at] = data[at:at + rng.randrange(1, 10)] * rng.choice((2, 3, 200))
    return bytes(data)


def compile_one(rng, text):
    try:
        compile(text if rng.random() < 0.5 else text.decode("latin-1"), "fuzz",
                rng.choice(("exec", "exec", "single", "eval")),
                rng.choice((0, 0, 0x400, 0x2000)), optimize=rng.choice((0, 2)))
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        pass


def run_batch(seeds, texts):
    """True if all went well, in a child."""
    pid = os.fork()
    if pid == 0:
        warnings.simplefilter("ignore")
        for seed in seeds:
            signal.alarm(10)
            rng = random.Random(seed)
            compile_one(rng, damaged(rng, texts))
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    if status == 0:
        return True
    if len(seeds) == 1:
        print(f"seed {seeds[0]}: status {status}", flush=True)
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--tries", type=int, default=1 << 60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    names = args.files or [os.path.join(here, name) for name in ("source.py", "bytecode.py")]
    texts = [piece for name in names for piece in pieces(open(name, "rb").read())]
    end = time.monotonic() + args.seconds
    tries = findings = 0
    while tries < args.tries and time.monotonic() < end:
        seeds = range(args.seed + tries, args.seed + tries + BATCH)
        tries += BATCH
        if not run_batch(seeds, texts):
            findings += sum(not run_batch([seed], texts) for seed in seeds)
    print(f"{tries} tries from seed {args.seed}, {findings} findings")
    return min(findings, 100)


if __name__ == "__main__":
    sys.exit(main())
