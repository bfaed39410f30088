# One loop sees several kinds of iterators; what they iterate changes meanwhile.
import gc


def collect(iterable):
    out = []
    for x in iterable:
        out.append(x)
    return out


def gen(n):
    for i in range(n):
        yield i


class Seq:
    def __getitem__(self, i):
        if i > 2:
            raise IndexError
        return -i


class Iter:
    def __init__(self):
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n > 2:
            raise StopIteration
        return self.n


def many():
    kinds = [[1, 2000], (3, 4000), range(3), gen(3), "ab", {5: 6}, {7}, Seq(), Iter(), b"c",
             range(2 ** 62 - 1, 2 ** 62 + 2), range(2 ** 61 - 2, 2 ** 61 + 1),
             range(5, -5, -4), zip((1,), (2,)), reversed([1, 2]), iter([]), range(0)]
    for _ in range(3):
        for kind in kinds:
            print(collect(kind), end=" ")
            collect(kind)
        print()
        kinds.reverse()


# expect: [1, 2000] [3, 4000] [0, 1, 2] [0, 1, 2] ['a', 'b'] [5] [7] [0, -1, -2] [1, 2] [99] [4611686018427387903, 4611686018427387904, 4611686018427387905] [2305843009213693950, 2305843009213693951, 2305843009213693952] [5, 1, -3] [(1, 2)] [2, 1] [] [] 
# expect: [] [] [] [] [5, 1, -3] [2305843009213693950, 2305843009213693951, 2305843009213693952] [4611686018427387903, 4611686018427387904, 4611686018427387905] [99] [] [0, -1, -2] [7] [5] ['a', 'b'] [] [0, 1, 2] [3, 4000] [1, 2000] 
# expect: [1, 2000] [3, 4000] [0, 1, 2] [] ['a', 'b'] [5] [7] [0, -1, -2] [] [99] [4611686018427387903, 4611686018427387904, 4611686018427387905] [2305843009213693950, 2305843009213693951, 2305843009213693952] [5, 1, -3] [] [] [] [] 
many()


def mutated():
    xs, seen = [1, 2, 3, 4], []
    for x in xs:
        seen.append(x)
        if x < 3:
            xs.append(x + 10)
        if x == 3:
            xs.pop(0)
    print(seen, xs)
    it, seen = iter(xs), []
    for x in it:
        seen.append(x)
        xs.clear()
    xs.append(7)
    print(seen, list(it))
    for x in it:
        print("never")


# expect: [1, 2, 3, 11, 12] [2, 3, 4, 11, 12]
# expect: [2] []
mutated()


def shared():
    it = iter(range(10))
    out = []
    for a in it:
        for b in it:
            out.append((a, b))
            if b % 3 == 0:
                break
    print(out)
    g = gen(6)
    out = [(a, next(g, None)) for a in g]
    print(out)


# expect: [(0, 1), (0, 2), (0, 3), (4, 5), (4, 6), (7, 8), (7, 9)]
# expect: [(0, 1), (2, 3), (4, 5)]
shared()


def reentrant():
    def inner():
        yield 1
        for _ in me:
            yield 2
    me = inner()
    try:
        for x in me:
            print(x)
    except ValueError as exc:
        print(exc)


# expect: 1
# expect: generator already executing
reentrant()


class Last:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


def order():
    for x in [Last("a"), Last("b")]:
        print("body", x.name)
    print("after")
    del x
    for x in (Last("c"),):
        pass
    x = None
    print("end")


# The list goes when its iterator reaches the end, the last item with x.
# expect: body a
# expect: body b
# expect: del a
# expect: after
# expect: del b
# expect: del c
# expect: end
order()


def not_iterator():
    code = (lambda it: (x for x in it)).__code__.co_consts[0]
    import types
    for bad in (5, 2.5, None, [1]):
        try:
            print(list(types.FunctionType(code, {})(bad)))
        except TypeError as exc:
            print(exc)


# expect: 'int' object is not an iterator
# expect: 'float' object is not an iterator
# expect: 'NoneType' object is not an iterator
# expect: 'list' object is not an iterator
not_iterator()


def unpack():
    for t in ((1, 2000), (2.5, "x"), [3, 4], "ab", gen(2), {1: 2, 3: 4}):
        a, b = t
        print(a, b, end="; ")
    print()
    a, b = 1, 2
    a, b = b, a
    a, a = a, b
    print(a, b)
    for bad in ((1,), (1, 2, 3), 5, [1]):
        try:
            a, b = bad
        except (ValueError, TypeError) as exc:
            print(exc)
    xs = [0, 1]
    i = 0
    i, xs[i] = 1, 5
    print(i, xs)


# expect: 1 2000; 2.5 x; 3 4; a b; 0 1; 1 3; 
# expect: 1 1
# expect: not enough values to unpack (expected 2, got 1)
# expect: too many values to unpack (expected 2, got 3)
# expect: cannot unpack non-iterable int object
# expect: not enough values to unpack (expected 2, got 1)
# expect: 1 [0, 5]
unpack()


def among():
    print(3 in (1, 2, 3), 4 in (1, 2, 3), 1 in (1.0, 2), True in [1], 1 in [True],
          3 in [2.0, 3.0], 2 ** 40 in (5, 2 ** 40), 1.5 in (1, 1.5), "a" in (1, "a"),
          1 not in (2, 3), {1} in [{1}], {1} in {frozenset({1})})


# expect: True False True True True True True True True True True True
among()
