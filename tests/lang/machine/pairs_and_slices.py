# Loops over pairs make no pair; slices and displays of builtin types take short ways.
import sys


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


def pairs():
    big = sys.maxsize - 1
    sources = [enumerate("ab"), zip([1, 2], (3, 4)), {5: 6, 7: 8}.items(), enumerate([1, 2], big),
               enumerate(range(2), 2 ** 61 - 1), [(1, 2)], zip("ab", "cd", strict=True),
               zip(range(3), [1]), ["xy"], enumerate(x * x for x in range(3)), zip(), zip([], [1])]
    for source in sources:
        for i, x in source:
            print(i, x, end="; ")
        print()


# expect: 0 a; 1 b; 
# expect: 1 3; 2 4; 
# expect: 5 6; 7 8; 
# expect: 9223372036854775806 1; 9223372036854775807 2; 
# expect: 2305843009213693951 0; 2305843009213693952 1; 
# expect: 1 2; 
# expect: a c; b d; 
# expect: 0 1; 
# expect: x y; 
# expect: 0 0; 1 1; 2 4; 
# expect: 
# expect: 
pairs()


def wrong(source):
    try:
        for i, x in source:
            print(i, x, end="; ")
    except (ValueError, RuntimeError, TypeError, ZeroDivisionError) as exc:
        print(type(exc).__name__, exc)


def grow(d):
    for k, v in d.items():
        yield k, v
        d[k + 1] = v


def failing():
    yield 1
    1 / 0


d = {1: 2}
# expect: 1 2; ValueError zip() argument 2 is shorter than argument 1
# expect: 1 2; RuntimeError dictionary changed size during iteration
# expect: 0 1; ZeroDivisionError division by zero
# expect: 1 3; ZeroDivisionError division by zero
# expect: ValueError too many values to unpack (expected 2, got 3)
# expect: ValueError not enough values to unpack (expected 2, got 1)
wrong(zip([1, 3], [2], strict=True))
wrong(grow({1: 2}))
wrong(enumerate(failing()))
wrong(zip(failing(), [3, 4]))
wrong(zip([1], [2], [3]))
wrong(zip([1]))


def changed():
    d = {1: 10, 2: 20}
    try:
        for k, v in d.items():
            print(k, v)
            d[k] = 5
            del d[2]
            d[9] = 0
    except RuntimeError as exc:
        print(exc)


# expect: 1 10
# expect: 9 0
# expect: 2
changed.__name__
try:
    changed()
except KeyError as exc:
    print(exc)


def lifetimes():
    for i, x in enumerate([Loud("a"), Loud("b")]):
        print(i, x.name)
    print("end")


# expect: 0 a
# expect: 1 b
# expect: del a
# expect: end
# expect: del b
lifetimes()


def mixed(source):
    out = []
    for a, b in source:
        out.append((a, b))
    return out


# expect: [(0, 'a')] [(1, 2)] [('k', 'v')] [(3, 4)] [(0, 1)] [('p', 'q')]
print(mixed(enumerate("a")), mixed(zip([1], [2])), mixed({"k": "v"}.items()), mixed([(3, 4)]),
      mixed((i, i + 1) for i in range(1)), mixed(["pq"]))


class L(list):
    def __getitem__(self, key):
        return key


class I:
    def __index__(self):
        return 2


def slices():
    xs, t, s = [0, 1, 2, 3, 4], (0, 1, 2, 3, 4), "h\xe9llo\u20ac"
    a, b, n = 1, -1, None
    print(xs[a:b], t[a:b], s[a:b], xs[n:2], t[3:n], s[:], xs[:] is xs, t[:] is t, s[:] is s)
    print(xs[4:1], t[9:], s[-99:2], xs[-2 ** 70:2 ** 70], xs[2 ** 61 - 1:], t[-2 ** 61:1])
    print(xs[True:I()], t[I():], s[:I()], xs[::2], xs[1:3], xs[False:], L("ab")[1:n])
    for bad in (1.5, "a"):
        try:
            xs[bad:]
        except TypeError as exc:
            print(exc)
    try:
        a[1:2]
    except TypeError as exc:
        print(exc)
    xs[1:3] = "abc"
    xs[a:a] = (9,)
    xs[-1:] = xs
    xs[5:2] = [7]
    print(xs)
    xs[:] = []
    print(xs)
    try:
        xs[:] = 5
    except TypeError as exc:
        print(exc)


# expect: [1, 2, 3] (1, 2, 3) éllo [0, 1] (3, 4) héllo€ False True True
# expect: [] () hé [0, 1, 2, 3, 4] [] (0,)
# expect: [1] (2, 3, 4) hé [0, 2, 4] [1, 2] [0, 1, 2, 3, 4] slice(1, None, None)
# expect: slice indices must be integers or None or have an __index__ method
# expect: slice indices must be integers or None or have an __index__ method
# expect: 'int' object is not subscriptable
# expect: [0, 9, 'a', 'b', 'c', 7, 3, 0, 9, 'a', 'b', 'c', 3, 4]
# expect: []
# expect: must assign iterable to extended slice
slices()


def unpacking():
    for source in ([1, 2, 3], (1, 2), [1], range(4), "a"):
        a, *b = source
        *c, d = source
        print(a, b, c, d, end="; ")
    print()
    a, *b, c = [1, 2000]
    print(a, b, c)
    for source in ([1], (), 5):
        try:
            a, *b, c = source
        except (ValueError, TypeError) as exc:
            print(exc)
    xs = [1, [2], 3]
    a, *xs, b = xs
    print(a, xs, b)


# expect: 1 [2, 3] [1, 2] 3; 1 [2] [1] 2; 1 [] [] 1; 0 [1, 2, 3] [0, 1, 2] 3; a [] [] a; 
# expect: 1 [] 2000
# expect: not enough values to unpack (expected at least 2, got 1)
# expect: not enough values to unpack (expected at least 2, got 0)
# expect: cannot unpack non-iterable int object
# expect: 1 [[2]] 3
unpacking()
