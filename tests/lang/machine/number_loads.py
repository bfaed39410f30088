# Numbers loaded for arithmetic keep value, type and identity wherever they come from.
class Slots:
    __slots__ = ("x", "y")


class Plain:
    factor = 2.5
    big = 1 << 61


LIMIT = 1 << 40
HALF = 0.5


def mix(s, p, items, pair):
    total = s.x * s.y + p.value - items[0] + pair[1] * LIMIT - HALF + p.factor
    total += items[-1] * s.x
    return total


def closure(n):
    def add(k):
        return n + k * n
    return add


def run():
    s, p = Slots(), Plain()
    for x, y, value, items, pair in [
            (1, 2, 3, [4, 5], (6, 7)), (1.5, 2, True, [4, 0.0], (6, -7)),
            (1 << 70, 3, 2.0, [1 << 31, 2], (0, 1)), (-0.0, 1.0, 0, [-(1 << 59), 1], (0, 0))]:
        s.x, s.y, p.value = x, y, value
        print(mix(s, p, items, pair))


for _ in range(3):
    run()
print(closure(3)(4), closure(2.0)(0.25), closure(1 << 62)(1), closure(True)(True))


class Number(int):
    def __add__(self, other):
        return "Number"


def add(items, k):
    return items[0] + k


print([add([v], 1) for v in (1, Number(1), 2.5, True, 1 << 62)])


def identity(items):
    nan = items[0]
    y = (x := items[1]) + 0
    return nan == items[0], nan is items[0], x is items[1], y == x


print(identity([float("nan"), 123456789.125]))


def unhandled(s):
    return s.x - 1


for value in ("text", None, [1]):
    s = Slots()
    s.x = value
    try:
        unhandled(s)
    except TypeError as error:
        print(error)
try:
    unhandled(Slots())
except AttributeError as error:
    print(error)


# Results of calls, whatever was called.
def stored(table, key):
    return table[key]


def results(f, *args):
    return f(*args) + 1, f(*args) * 2.5, -f(*args), f(*args) == 3


for value in (3, 3.0, True, 1 << 40, 1 << 70, Number(3), 0.0, -0.0):
    print(results(stored, {"k": value}, "k"), results({1: value}.get, 1), results(lambda: value))


class Made:
    def __new__(cls):
        return 41


print(Made() + 1, int("5") + 1, float("2.5") * 2, max([1, 2]) + 1, sum([0.5, 0.25]) * 2)
try:
    print(str(5) + 1)
except TypeError as error:
    print(error)

# expect: 7696581394440.0
# expect: -7696581394430.0
# expect: 5.902958104684421e+21
# expect: 5.764607523034235e+17
# expect: 7696581394440.0
# expect: -7696581394430.0
# expect: 5.902958104684421e+21
# expect: 5.764607523034235e+17
# expect: 7696581394440.0
# expect: -7696581394430.0
# expect: 5.902958104684421e+21
# expect: 5.764607523034235e+17
# expect: 15 2.5 9223372036854775808 2
# expect: [2, 'Number', 3.5, 2, 4611686018427387905]
# expect: (False, True, True, True)
# expect: unsupported operand type(s) for -: 'str' and 'int'
# expect: unsupported operand type(s) for -: 'NoneType' and 'int'
# expect: unsupported operand type(s) for -: 'list' and 'int'
# expect: 'Slots' object has no attribute 'x'
# expect: (4, 7.5, -3, True) (4, 7.5, -3, True) (4, 7.5, -3, True)
# expect: (4.0, 7.5, -3.0, True) (4.0, 7.5, -3.0, True) (4.0, 7.5, -3.0, True)
# expect: (2, 2.5, -1, False) (2, 2.5, -1, False) (2, 2.5, -1, False)
# expect: (1099511627777, 2748779069440.0, -1099511627776, False) (1099511627777, 2748779069440.0, -1099511627776, False) (1099511627777, 2748779069440.0, -1099511627776, False)
# expect: (1180591620717411303425, 2.951479051793528e+21, -1180591620717411303424, False) (1180591620717411303425, 2.951479051793528e+21, -1180591620717411303424, False) (1180591620717411303425, 2.951479051793528e+21, -1180591620717411303424, False)
# expect: ('Number', 7.5, -3, True) ('Number', 7.5, -3, True) ('Number', 7.5, -3, True)
# expect: (1.0, 0.0, -0.0, False) (1.0, 0.0, -0.0, False) (1.0, 0.0, -0.0, False)
# expect: (1.0, -0.0, 0.0, False) (1.0, -0.0, 0.0, False) (1.0, -0.0, 0.0, False)
# expect: 42 6 5.0 3 1.5
# expect: can only concatenate str (not "int") to str
