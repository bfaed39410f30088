# C functions that consume generators and iterators step by words.
def gen(*values, last=None, error=None):
    for v in values:
        yield v
    if error:
        raise error
    return last


def consumers():
    print(sum(gen(1, 2, 3)), sum(gen(1, 2.5, 3)), sum(gen(2 ** 62, 2 ** 62, 5)), sum(gen(True, 2)),
          sum(gen(1.5, 2), 1), sum(gen(), 7), sum(gen(1, 2j)), sum(gen(2 ** 61 - 1, 1, -5)))
    print(sum(range(5)), sum([2 ** 40, 1]), sum((1.5, 0.0)), sum({1: 2, 3: 4}), sum(map(int, "12")),
          sum(zip_first((1, 2), (3, 4))), sum([[1], [2]], []), sum(gen((1,), (2,)), ()))
    print(any(gen(0, 0.0, "", None)), any(gen(0, 2.5)), all(gen(1, "a", 2.5)), all(gen(1, 0, 5)),
          any(gen()), all(gen()), any([0, 1]), all(range(1, 3)), any({}), all("ab"))
    print(list(gen(1, 2000, 2.5)), tuple(gen("a", None)), sorted(gen(3, 1, 2)), max(gen(3, 9, 4)),
          min(gen(2.5, -1)), set(gen(1, 1)), dict(gen((1, 2))), "".join(gen("a", "b")), [*gen(1, last=5)])


def zip_first(a, b):
    for x, y in zip(a, b):
        yield x * y


# expect: 6 6.5 9223372036854775813 3 4.5 7 (1+2j) 2305843009213693947
# expect: 10 1099511627777 1.5 4 3 11 [1, 2] (1, 2)
# expect: False True True False False True True True False True
# expect: [1, 2000, 2.5] ('a', None) [1, 2, 3] 9 -1 {1} {1: 2} ab [1]
consumers()


class Bad:
    def __bool__(self):
        raise ValueError("no truth")


def failing():
    for call in (lambda: sum(gen(1, 2, error=KeyError("k"))), lambda: sum(gen(1, "a")),
                 lambda: any(gen(0, Bad(), 1)), lambda: all(gen(1, Bad(), 1)),
                 lambda: any(gen(0, error=IndexError("i"))), lambda: list(gen(1, error=OSError("o"))),
                 lambda: sum(gen(error=StopIteration("s"))), lambda: all(5), lambda: sum(None),
                 lambda: sum(gen(1), "")):
        try:
            print(call())
        except Exception as exc:
            print(type(exc).__name__, exc)


# expect: KeyError 'k'
# expect: TypeError unsupported operand type(s) for +: 'int' and 'str'
# expect: ValueError no truth
# expect: ValueError no truth
# expect: IndexError i
# expect: OSError o
# expect: RuntimeError generator raised StopIteration
# expect: TypeError 'int' object is not iterable
# expect: TypeError 'NoneType' object is not iterable
# expect: TypeError sum() can't sum strings [use ''.join(seq) instead]
failing()


def leftovers():
    g = gen(0, 0, 5, 6, 7)
    print(any(g), next(g), sum(g), sum(g), any(g), all(g))
    g = gen(1, 0, 3)
    print(all(g), list(g))

    def recursive():
        yield sum(gen(1, 2))
        try:
            sum(me)
        except ValueError as exc:
            yield len(str(exc))
    me = recursive()
    print(sum(me))


# expect: True 6 7 0 False True
# expect: False [3]
# expect: 30
leftovers()


class Loud:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n, end="; ")

    def __bool__(self):
        return False

    def __radd__(self, other):
        return other + self.n


def lifetimes():
    print(any(Loud(i) for i in range(3)))
    print(sum(Loud(i) for i in range(3)))


# expect: del 0; del 1; del 2; False
# expect: del 0; del 1; del 2; 3
lifetimes()


def deep(n):
    return sum(deep(n - 1) for _ in range(1)) + 1 if n else 0


# expect: 50
# expect: RecursionError
print(deep(50))
try:
    deep(10 ** 6)
except RecursionError:
    print("RecursionError")


def delegates():
    def inner():
        x = yield from (1, 2)
        y = yield from range(2)
        z = yield from [3]
        w = yield from gen(4, last="w")
        return x, y, z, w
    g = inner()
    out = []
    while True:
        try:
            out.append(next(g))
        except StopIteration as exc:
            out.append(exc.value)
            break
    g = inner()
    next(g)
    try:
        g.send(5)
    except AttributeError as exc:
        out.append(str(exc))
    print(out)


# expect: [1, 2, 0, 1, 3, 4, (None, None, None, 'w'), "'tuple_iterator' object has no attribute 'send'"]
delegates()


class A(Exception):
    def __init__(self, *args):
        super().__init__(*args)
        Exception.__init__(self, "again", len(args))


def wrappers():
    print(A(1, 2).args, A().args)
    for call in (lambda: object.__init__(), lambda: int.__add__(1, 2),
                 lambda: int.__add__(1), lambda: int.__add__("a", 1), lambda: list.__len__([1]),
                 lambda: str.__eq__("a", "a"), lambda: float.__add__(1.5, 2), lambda: int.__add__(2 ** 70, 1)):
        try:
            print(call())
        except TypeError as exc:
            print(exc)


# expect: ('again', 2) ('again', 0)
# expect: descriptor '__init__' of 'object' object needs an argument
# expect: 3
# expect: expected 1 argument, got 0
# expect: descriptor '__add__' requires a 'int' object but received a 'str'
# expect: 1
# expect: True
# expect: 3.5
# expect: 1180591620717411303425
wrappers()


def attribute_errors():
    class C:
        pass
    c = C()
    for obj, name in ((None, "missing"), (c, "x"), (C, "y"), (5, "z")):
        try:
            getattr(obj, name)
        except AttributeError as exc:
            print(exc.name, exc.obj is obj, exc)


# expect: missing True 'NoneType' object has no attribute 'missing'
# expect: x True 'C' object has no attribute 'x'
# expect: y True type object 'C' has no attribute 'y'
# expect: z True 'int' object has no attribute 'z'
attribute_errors()
