# SPDX-License-Identifier: MIT
"""Loads damaged pickles: krait tests/fuzz/pickle_data.py [--seconds S | --tries N] [--seed N]

Pickles of all protocols are changed at random and loaded in a child process, from bytes
and from a file. Any exception is fine; a child that dies by a signal is a finding.
"""
import _pickle
import argparse
import collections
import io
import os
import random
import resource
import sys
import time

BATCH = 500
OBJECTS = ([1, 2.5, "a\xe9", b"x" * 300, {1: (2, 3), "k": []}, {4, 5}, frozenset([1]), None, 10**30],
           ValueError("x"), range(5), len, complex(1, 2), io.BytesIO, bytearray(b"abc"),
           collections.OrderedDict(a=1), collections.Counter("abca"), [[i] for i in range(300)])


def damaged(rng, pickles):
    data = bytearray(rng.choice(pickles))
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(data) + 1)
        how = rng.randrange(3)
        if how == 0:
            data[at:at + 1] = bytes((rng.randrange(256),))
        elif how == 1:
            del data[at:at + rng.randrange(4)]
        else:
            donor = rng.choice(pickles)
            start = rng.randrange(len(donor))
            data[at:at] = donor[start:start + rng.randrange(6)]
    return bytes(data)


def run(seeds, pickles):
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    for seed in seeds:
        rng = random.Random(seed)
        data = damaged(rng, pickles)
        try:
            if seed % 2:
                _pickle.loads(data)
            else:
                _pickle.load(io.BytesIO(data))
        except BaseException:
            pass
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--tries", type=int, default=1 << 60)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args = parser.parse_args()
    pickles = [_pickle.dumps(object, protocol) for protocol in range(6) for object in OBJECTS]
    end = time.monotonic() + args.seconds
    tries = findings = 0
    while tries < args.tries and time.monotonic() < end:
        seeds = range(args.seed + tries, args.seed + tries + BATCH)
        tries += BATCH
        pid = os.fork()
        if pid == 0:
            run(seeds, pickles)
        status = os.waitpid(pid, 0)[1]
        if status != 0:
            findings += 1
            print(f"seeds from {seeds[0]}: status {status}", flush=True)
    print(f"{tries} tries from seed {args.seed}, {findings} findings")
    return min(findings, 100)


if __name__ == "__main__":
    sys.exit(main())
