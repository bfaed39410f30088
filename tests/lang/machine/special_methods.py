# Special methods written in Python: results, NotImplemented, errors, and classes that
# change while one of their methods runs.
import sys

log = []


class V:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"V({self.x!r})"

    def __add__(self, other):
        log.append("add")
        if isinstance(other, V):
            return V(self.x + other.x)
        if isinstance(other, int):
            return V(self.x + other)
        return NotImplemented

    def __radd__(self, other):
        log.append("radd")
        return V(other + self.x) if isinstance(other, (int, float)) else NotImplemented

    def __mul__(self, k):
        return V(self.x * k) if isinstance(k, (int, float)) else NotImplemented

    __rmul__ = __mul__

    def __neg__(self):
        return V(-self.x)

    def __invert__(self):
        return V(~self.x)

    def __pos__(self):
        return self

    def __lt__(self, other):
        return self.x < other.x if isinstance(other, V) else NotImplemented

    def __eq__(self, other):
        return self.x == other.x if isinstance(other, V) else NotImplemented

    def __bool__(self):
        return self.x != 0

    def __contains__(self, item):
        return item == self.x

    def __getitem__(self, key):
        if key == "fail":
            raise KeyError(key)
        return self.x, key

    def __setitem__(self, key, value):
        log.append((key, value))


class W(V):
    def __radd__(self, other):
        log.append("W.radd")
        return "W.radd"


class Other:
    def __radd__(self, other):
        log.append("Other.radd")
        return "other"

    def __gt__(self, other):
        return "gt"


class Quiet:
    def __add__(self, other):
        return NotImplemented


class Twice(Quiet):
    def __mul__(self, other):
        return [self.__class__.__name__, other]


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as error:
        print(type(error).__name__, error)


def add(a, b):
    return a + b


def iadd(a, b):
    a += b
    return a


def add_imm(a):
    return a + 5


def lt(a, b):
    return a < b


def lt_jump(a, b):
    if a < b:
        return "less"
    return "not less"


def eq_jump(a, b):
    return "same" if a == b else "different"


for _ in range(3):
    for pair in [(V(1), V(2)), (V(1), 2), (2, V(1)), (2.5, V(1)), (V(1), W(2)), (V(1), Other()),
                 (V(1), "a"), ("a", V(1)), (Quiet(), Quiet()), (Quiet(), 1), (1, Quiet()),
                 (Quiet(), Other()), ((1,), V(1))]:
        attempt(add, *pair)
        attempt(iadd, *pair)
    attempt(add_imm, V(3))
    attempt(add_imm, Quiet())
    for f in (lt, lt_jump, eq_jump):
        for pair in [(V(1), V(2)), (V(2), V(1)), (V(1), Other()), (V(1), 1), (1, V(1)),
                     (V(1), W(1))]:
            attempt(f, *pair)
print(len(log), log.count("add"), log.count("radd"), log.count("W.radd"))
log.clear()


def unary(v):
    return -v, ~v, +v, -(-v)


def truth(v):
    r = []
    if v:
        r.append("if")
    while not v:
        r.append("while not")
        break
    r.append(not v)
    r.append(bool(v))
    r.append("x" if v and True else "y")
    return r


def items(v):
    v[1] = 2
    v["k"] = v[3.5]
    return v[0], 7 in v, 7 not in v, v.x in v


for _ in range(3):
    print(unary(V(5)), truth(V(0)), truth(V(1)), items(V(7)))
print(log)


def fail(v):
    try:
        return v["fail"]
    except KeyError as error:
        return "caught", error.args, error.__traceback__.tb_next.tb_frame.f_code.co_name


print(fail(V(1)), fail(V(1)))


class Length:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


def has(v):
    if v:
        return "yes"
    return "no"


for n in (0, 3, True, -1, 1 << 100, "x", 2.5, 0, 3):
    attempt(has, Length(n))


class BadBool:
    def __bool__(self):
        return 1


attempt(has, BadBool())
attempt(has, BadBool())


# The method goes away, or changes, while it runs.
class M:
    def __add__(self, other):
        del M.__add__
        return [self is other, sys._getframe().f_back.f_code.co_name]

    def __getitem__(self, key):
        M.__getitem__ = lambda self, key: "new"
        return "old"

    def __lt__(self, other):
        self.__class__ = Other
        return NotImplemented


def use(m):
    return m + m


m = M()
attempt(use, m)
attempt(use, m)
print(m[0], m[0], m[0])
attempt(lt, m, Other())
attempt(lt, M(), m)


# Generators, defaults, several parameters, bound builtins as methods.
class G:
    def __getitem__(self, key):
        yield key

    def __add__(self, other, more=3):
        return more

    __mul__ = "{}".format
    __sub__ = staticmethod(lambda other: ("static", other))


def g(v):
    return list(v[4]), v + 1, v * 2, v - 3


for _ in range(3):
    print(g(G()))


# Depth.
class Deep:
    def __add__(self, n):
        return n if n == 0 else 1 + (self + (n - 1))


def deep(n):
    return Deep() + n


print(deep(400))
attempt(deep, 10 ** 6)


def generator(v):
    for i in range(3):
        yield v + i, v < v, bool(v)


print(list(generator(V(1))))

# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3.5)
# expect: V(3.5)
# expect: W.radd
# expect: W.radd
# expect: other
# expect: other
# expect: TypeError unsupported operand type(s) for +: 'V' and 'str'
# expect: TypeError unsupported operand type(s) for +=: 'V' and 'str'
# expect: TypeError can only concatenate str (not "V") to str
# expect: TypeError can only concatenate str (not "V") to str
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +=: 'Quiet' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'int'
# expect: TypeError unsupported operand type(s) for +=: 'Quiet' and 'int'
# expect: TypeError unsupported operand type(s) for +: 'int' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +=: 'int' and 'Quiet'
# expect: other
# expect: other
# expect: TypeError can only concatenate tuple (not "V") to tuple
# expect: TypeError can only concatenate tuple (not "V") to tuple
# expect: V(8)
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'int'
# expect: True
# expect: False
# expect: gt
# expect: TypeError '<' not supported between instances of 'V' and 'int'
# expect: TypeError '<' not supported between instances of 'int' and 'V'
# expect: False
# expect: less
# expect: not less
# expect: less
# expect: TypeError '<' not supported between instances of 'V' and 'int'
# expect: TypeError '<' not supported between instances of 'int' and 'V'
# expect: not less
# expect: different
# expect: different
# expect: different
# expect: different
# expect: different
# expect: same
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3.5)
# expect: V(3.5)
# expect: W.radd
# expect: W.radd
# expect: other
# expect: other
# expect: TypeError unsupported operand type(s) for +: 'V' and 'str'
# expect: TypeError unsupported operand type(s) for +=: 'V' and 'str'
# expect: TypeError can only concatenate str (not "V") to str
# expect: TypeError can only concatenate str (not "V") to str
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +=: 'Quiet' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'int'
# expect: TypeError unsupported operand type(s) for +=: 'Quiet' and 'int'
# expect: TypeError unsupported operand type(s) for +: 'int' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +=: 'int' and 'Quiet'
# expect: other
# expect: other
# expect: TypeError can only concatenate tuple (not "V") to tuple
# expect: TypeError can only concatenate tuple (not "V") to tuple
# expect: V(8)
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'int'
# expect: True
# expect: False
# expect: gt
# expect: TypeError '<' not supported between instances of 'V' and 'int'
# expect: TypeError '<' not supported between instances of 'int' and 'V'
# expect: False
# expect: less
# expect: not less
# expect: less
# expect: TypeError '<' not supported between instances of 'V' and 'int'
# expect: TypeError '<' not supported between instances of 'int' and 'V'
# expect: not less
# expect: different
# expect: different
# expect: different
# expect: different
# expect: different
# expect: same
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3)
# expect: V(3.5)
# expect: V(3.5)
# expect: W.radd
# expect: W.radd
# expect: other
# expect: other
# expect: TypeError unsupported operand type(s) for +: 'V' and 'str'
# expect: TypeError unsupported operand type(s) for +=: 'V' and 'str'
# expect: TypeError can only concatenate str (not "V") to str
# expect: TypeError can only concatenate str (not "V") to str
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +=: 'Quiet' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'int'
# expect: TypeError unsupported operand type(s) for +=: 'Quiet' and 'int'
# expect: TypeError unsupported operand type(s) for +: 'int' and 'Quiet'
# expect: TypeError unsupported operand type(s) for +=: 'int' and 'Quiet'
# expect: other
# expect: other
# expect: TypeError can only concatenate tuple (not "V") to tuple
# expect: TypeError can only concatenate tuple (not "V") to tuple
# expect: V(8)
# expect: TypeError unsupported operand type(s) for +: 'Quiet' and 'int'
# expect: True
# expect: False
# expect: gt
# expect: TypeError '<' not supported between instances of 'V' and 'int'
# expect: TypeError '<' not supported between instances of 'int' and 'V'
# expect: False
# expect: less
# expect: not less
# expect: less
# expect: TypeError '<' not supported between instances of 'V' and 'int'
# expect: TypeError '<' not supported between instances of 'int' and 'V'
# expect: not less
# expect: different
# expect: different
# expect: different
# expect: different
# expect: different
# expect: same
# expect: 69 27 24 6
# expect: (V(-5), V(-6), V(5), V(5)) ['while not', True, False, 'y'] ['if', False, True, 'x'] ((7, 0), True, False, True)
# expect: (V(-5), V(-6), V(5), V(5)) ['while not', True, False, 'y'] ['if', False, True, 'x'] ((7, 0), True, False, True)
# expect: (V(-5), V(-6), V(5), V(5)) ['while not', True, False, 'y'] ['if', False, True, 'x'] ((7, 0), True, False, True)
# expect: [(1, 2), ('k', (7, 3.5)), (1, 2), ('k', (7, 3.5)), (1, 2), ('k', (7, 3.5))]
# expect: ('caught', ('fail',), '__getitem__') ('caught', ('fail',), '__getitem__')
# expect: no
# expect: yes
# expect: yes
# expect: ValueError __len__() should return >= 0
# expect: OverflowError cannot fit 'int' into an index-sized integer
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: TypeError 'float' object cannot be interpreted as an integer
# expect: no
# expect: yes
# expect: TypeError __bool__ should return bool, returned int
# expect: TypeError __bool__ should return bool, returned int
# expect: [True, 'use']
# expect: TypeError unsupported operand type(s) for +: 'M' and 'M'
# expect: old new new
# expect: gt
# expect: gt
# expect: ([4], 3, '2', ('static', 3))
# expect: ([4], 3, '2', ('static', 3))
# expect: ([4], 3, '2', ('static', 3))
# expect: 400
# expect: RecursionError maximum recursion depth exceeded
# expect: [(V(1), False, True), (V(2), False, True), (V(3), False, True)]
