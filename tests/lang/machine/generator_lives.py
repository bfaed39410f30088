# Generators from making to freeing: finalizers, weak references, loops over ranges.
import gc
import weakref


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


def gen(x):
    try:
        yield x
        yield x
    finally:
        print("closed")


def lives():
    g = gen(Loud("a"))
    ref = weakref.ref(g, lambda r: print("gone"))
    print(next(g).name)
    del g
    print(ref())
    g = gen(Loud("b"))
    del g
    print("never started")
    for x in gen(1):
        print(x)
    g = gen(Loud("c"))
    list(g)
    print("done", g.gi_frame, g.__name__, g.gi_code.co_name, g.gi_running)
    ref = weakref.ref(g, lambda r: print("gone"))
    g = None
    print(ref())


# expect: a
# expect: gone
# expect: closed
# expect: del a
# expect: None
# expect: del b
# expect: never started
# expect: 1
# expect: 1
# expect: closed
# expect: closed
# expect: del c
# expect: done None gen gen False
# expect: gone
# expect: None
lives()


kept = []


def survivor():
    try:
        yield 1
    finally:
        kept.append(me)


def resurrect():
    global me
    me = survivor()
    next(me)
    g, me = me, me
    del g
    me = None


resurrect()
# expect: [None]
print(kept)


def renamed():
    def f():
        yield 1
    g = f()
    f.__name__ = "other"
    print(g.__name__, f().__name__)
    g.__name__ = "mine"
    print(g.__name__, repr(g).split()[2])


# expect: f other
# expect: mine renamed.<locals>.f
renamed()


def cycle():
    def f():
        me = yield
        yield me
    g = f()
    next(g)
    g.send(g)
    ref = weakref.ref(g)
    del g
    gc.collect()
    print(ref())


# expect: None
cycle()


def arguments(a, b=2, *rest, c=3, **kw):
    yield a, b, rest, c, kw


def nested(depth):
    if depth:
        yield from nested(depth - 1)
        for x in nested(depth - 1):
            yield x
    yield depth


# expect: [(1, 2, (), 3, {})] [(1, 5, (6,), 7, {'d': 8})]
# expect: [0, 0, 1, 0, 0, 1, 2]
print(list(arguments(1)), list(arguments(1, 5, 6, c=7, d=8)))
print(list(nested(2)))


class Index:
    def __index__(self):
        return 3


def ranges():
    out = []
    for args in ((3,), (1, 3), (5, 0, -2), (True,), (Index(),), (0,), (-1,), (2 ** 61 - 1, 2 ** 61 + 1),
                 (2 ** 62, 2 ** 62 + 2), (-2 ** 61, 2 ** 61, 2 ** 61), (0, 3, 1)):
        got = []
        for i in range(*args):
            got.append(i)
        out.append(got)
    print(out)
    print([i for i in range(3)], [i for i in range(1, 4)], [i for i in range(7, 1, -3)],
          [i for i in range(True, Index())])
    for bad in ((lambda: [0 for i in range(1.5)]), (lambda: [0 for i in range(1, 2, 0)]),
                (lambda: [0 for i in range("a")]), (lambda: [0 for i in range()])):
        try:
            bad()
        except (TypeError, ValueError) as exc:
            print(exc)
    r = range(2)
    for _ in range(2):
        for i in r:
            print(i, end=" ")
    print()
    it = iter(range(3))
    print(next(it), list(it), type(it).__name__)


# expect: [[0, 1, 2], [1, 2], [5, 3, 1], [0], [0, 1, 2], [], [], [2305843009213693951, 2305843009213693952], [4611686018427387904, 4611686018427387905], [-2305843009213693952, 0], [0, 1, 2]]
# expect: [0, 1, 2] [1, 2, 3] [7, 4] [1, 2]
# expect: 'float' object cannot be interpreted as an integer
# expect: range() arg 3 must not be zero
# expect: 'str' object cannot be interpreted as an integer
# expect: range expected at least 1 argument, got 0
# expect: 0 1 0 1 
# expect: 0 [1, 2] range_iterator
ranges()


def shadowed():
    range = lambda n: "ab" * n
    return [c for c in range(2)]


# expect: ['a', 'b', 'a', 'b']
print(shadowed())
