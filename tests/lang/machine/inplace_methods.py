# In-place methods written in Python.
log = []


class I:
    def __init__(self, v):
        self.v = v

    def __iadd__(self, other):
        log.append("iadd")
        if other == "decline":
            return NotImplemented
        self.v += other
        return self

    def __add__(self, other):
        log.append("add")
        return NotImplemented if other == "decline" else ("added", other)

    def __imul__(self, other):
        return NotImplemented

    def __isub__(self, other):
        del I.__isub__
        return NotImplemented

    def __sub__(self, other):
        return "plain sub"

    def __ior__(self, other):
        raise ValueError("ior")


class R:
    def __radd__(self, other):
        return "radd"

    def __rmul__(self, other):
        return "rmul"

    def __eq__(self, other):
        return other == "decline"


def run(f, *args):
    try:
        print(f(*args))
    except Exception as error:
        print(type(error).__name__, error)


def iadd(a, b):
    a += b
    return a.v if isinstance(a, I) else a


def imul(a, b):
    a *= b
    return a


def isub(a, b):
    a -= b
    return a


def ior(a, b):
    a |= b
    return a


def iadd_imm(a):
    a += 5
    return a.v


for _ in range(3):
    run(iadd, I(1), 2)
    run(iadd, I(1), 2.5)
    run(iadd, I(1), "decline")
    run(iadd, I(1), R())
    run(iadd, 1, R())
    run(iadd, 1.5, I(1))
    run(imul, I(1), 2)
    run(imul, I(1), R())
    run(imul, [1], 2)
    run(ior, I(1), 1)
    run(iadd_imm, I(7))
run(isub, I(1), 1)
run(isub, I(1), 1)
print(log)


class L(list):
    def __iadd__(self, other):
        super().__iadd__(other)
        self.append("mine")
        return self


def extend(x):
    x += [1]
    return x


print(extend(L()), extend([0]), extend(L("a")))


class Holder:
    pass


h = Holder()
h.i = I(0)
for k in range(4):
    h.i += k
print(h.i.v)
table = {"k": I(1)}
table["k"] += 41
print(table["k"].v)

# expect: 3
# expect: 3.5
# expect: TypeError unsupported operand type(s) for +=: 'I' and 'str'
# expect: radd
# expect: radd
# expect: TypeError unsupported operand type(s) for +=: 'float' and 'I'
# expect: TypeError unsupported operand type(s) for *=: 'I' and 'int'
# expect: rmul
# expect: [1, 1]
# expect: ValueError ior
# expect: 12
# expect: 3
# expect: 3.5
# expect: TypeError unsupported operand type(s) for +=: 'I' and 'str'
# expect: radd
# expect: radd
# expect: TypeError unsupported operand type(s) for +=: 'float' and 'I'
# expect: TypeError unsupported operand type(s) for *=: 'I' and 'int'
# expect: rmul
# expect: [1, 1]
# expect: ValueError ior
# expect: 12
# expect: 3
# expect: 3.5
# expect: TypeError unsupported operand type(s) for +=: 'I' and 'str'
# expect: radd
# expect: radd
# expect: TypeError unsupported operand type(s) for +=: 'float' and 'I'
# expect: TypeError unsupported operand type(s) for *=: 'I' and 'int'
# expect: rmul
# expect: [1, 1]
# expect: ValueError ior
# expect: 12
# expect: plain sub
# expect: plain sub
# expect: ['iadd', 'iadd', 'iadd', 'add', 'iadd', 'add', 'iadd', 'iadd', 'iadd', 'iadd', 'add', 'iadd', 'add', 'iadd', 'iadd', 'iadd', 'iadd', 'add', 'iadd', 'add', 'iadd']
# expect: [1, 'mine'] [0, 1] ['a', 1, 'mine']
# expect: 6
# expect: 42
