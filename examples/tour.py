# SPDX-License-Identifier: MIT
"""A tour of what Krait runs today. Start it with `make run`."""
import collections
import contextlib
import dataclasses
import enum
import functools
import gc
import itertools
import json
import re
import sys
import threading


def show(title, value):
    print(f"{title:<22} {value}")


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


@dataclasses.dataclass(order=True)
class Item:
    price: float
    name: str = dataclasses.field(compare=False)


class Node:
    """Dies when its last reference goes."""

    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append("node is gone")


def primes():
    """An endless generator of prime numbers."""
    found = []
    for n in itertools.count(2):
        if all(n % p for p in found if p * p <= n):
            found.append(n)
            yield n


def describe(value):
    match value:
        case {"kind": "point", "at": [x, y]}:
            return f"point at {x}, {y}"
        case [first, *rest]:
            return f"{first!r} and {len(rest)} more"
        case int() | float() as number if number > 100:
            return "a large number"
        case _:
            return "something else"


@functools.lru_cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@contextlib.contextmanager
def step(log, name):
    log.append(f"enter {name}")
    try:
        yield name
    finally:
        log.append(f"leave {name}")


def first[T](items: list[T]) -> T:
    return items[0]


def main():
    show("interpreter", sys.version.split("[")[0].strip())
    show("big ints", f"2**200 % 10**9 = {2**200 % 10**9}, fib(90) = {fib(90)}")
    show("generators", list(itertools.islice(primes(), 10)))
    show("pattern matching", [describe(v) for v in
                              ({"kind": "point", "at": [1, 2]}, [1, 2, 3], 1e6, None)])
    items = sorted([Item(2.5, "tea"), Item(0.5, "bun")])
    show("dataclasses, enums", (items[0], Colour(2).name))
    show("regular expressions", re.findall(r"(\w+)=(\d+)", "a=1, bb=22, c=x"))
    show("json", json.dumps({"b": [1, 2.5, None], "a": "é"}, sort_keys=True))
    show("counting", collections.Counter("abracadabra").most_common(2))
    show("generics", first(["type", "parameters"]))
    name = "t-strings"
    template = t"{name!r} with {len(name)} letters"
    show("template strings", [i.expression for i in template.interpolations])

    log = []
    with step(log, "outer"), step(log, "inner"):
        log.append("work")
    show("context managers", log)

    log = []
    node = Node(log)
    del node
    show("reference counts", log)
    ring = Node(log)
    ring.me = ring
    del ring
    gc.collect()
    show("cycle collector", log)

    try:
        raise ExceptionGroup("two", [ValueError("a"), KeyError("b")])
    except* ValueError as group:
        show("exception groups", group.exceptions)
    except* KeyError:
        pass

    results = []
    threads = [threading.Thread(target=lambda n=n: results.append(n * n)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    show("threads", sorted(results))

    try:
        print(undefined_name)
    except NameError as error:
        show("errors", error)


main()
