# Calls of C functions and methods: conventions, errors, replaced builtins.
import builtins
import math


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as error:
        print(type(error).__name__, error)


def size(x):
    return len(x)


class L:
    def __len__(self):
        return 42


class T(tuple):
    def __len__(self):
        return -7


for x in ([1, 2], (1,), "abc", b"xy", {1: 2}, {1, 2, 3}, frozenset(), L(), bytearray(5),
          range(9), 5, None, 2.5, T((1, 2))):
    attempt(size, x)
original = builtins.len
builtins.len = lambda x: "replaced"
print(size([]))
builtins.len = original
print(size([]))
globals()["len"] = lambda x: "shadowed"
print(size([]))
del globals()["len"]
print(size([]))


class A:
    pass


class B(A):
    pass


class Liar:
    @property
    def __class__(self):
        return A


class Dynamic:
    def __getattribute__(self, name):
        return B if name == "__class__" else object.__getattribute__(self, name)


class Meta(type):
    def __instancecheck__(cls, obj):
        return obj == 5


class Checked(metaclass=Meta):
    pass


def check(x, cls):
    return isinstance(x, cls)


for x in (A(), B(), Liar(), Dynamic(), 5, 2.5, True, "s", Checked()):
    print([check(x, cls) for cls in (A, B, (int, str), (A, (float,)), Checked, int | str, object)])
attempt(check, 1, 2)
attempt(check, 1, (str, 2))


def small(a, b):
    return min(a, b), max(a, b), abs(a), max(a, b) is b


for pair in [(1, 2), (2, 1), (1.5, 1.5), (1, 1.0), (-5, 3.5), (-(1 << 61), 1), (True, 1),
             ("a", "b"), (float("nan"), 1.0)]:
    attempt(small, *pair)
attempt(lambda: len())
attempt(lambda: len(1, 2))
attempt(lambda: abs("x"))
attempt(lambda: ord("ab"))
attempt(lambda: min(1))
print([ord(c) for c in "aé€😀"])


def methods(items, text, table):
    items.append(1)
    items.append(2.5)
    items.append(items.pop())
    table.update({"k": 1})
    return (items, text.upper(), text.split(","), ",".join(["a", text]), table.get("k"),
            table.get("z", 3), table.get(1.5), text.find("b", 1), text.startswith("a"))


for _ in range(3):
    print(methods([], "a,b", {}))
attempt(lambda: [].append())
attempt(lambda: [].append(1, 2))
attempt(lambda: list.append(5, 1))
attempt(lambda: str.upper())
attempt(lambda: str.upper(b""))
attempt(lambda: dict.get({}, []))
print(list.append([], 1), str.upper("x"), math.sqrt(16), math.hypot(3, 4), math.gcd(12, 18, 6))
print(max(*range(100)), "{} {}".format(1, 2.5), sum([1, 2, 3], 4))
append = [].append
print([append(i) for i in range(3)], append.__self__)


def truths(x):
    r = []
    if x.startswith("a"):
        r.append(1)
    while not x.endswith("b"):
        r.append(2)
        break
    return r, x.isalpha() is True


print(truths("ab"), truths("ba"))


class S(str):
    def upper(self):
        return "mine"


def up(s):
    return s.upper()


print(up("a"), up(S("a")), up("a"))
del S.upper
print(up(S("a")))


def kinds(x):
    return type(x).__name__, type(x) is int, type(type(x)) is type


for x in (1, 2.5, True, None, "s", A(), B(), Liar(), Checked()):
    print(kinds(x))
try:
    type()
except TypeError as error:
    print(error)
print(type("Made", (A,), {}).__mro__[1] is A)


def letters(n):
    try:
        return chr(n)
    except (ValueError, TypeError) as error:
        return str(error)


print([letters(n) for n in (65, 233, 255, 256, 0x1F600, True, "x")], letters(-1), letters(10 ** 9))


def at(text, i):
    try:
        return text[i]
    except IndexError as error:
        return str(error)


for text in ("abc", "", "é€", "\xff\x00", S("abc"), b"abc"):
    print([at(text, i) for i in (0, 1, -1, 5, -5, True)])


class Shout(str):
    def __getitem__(self, i):
        return "!"


print(at(Shout("abc"), 0))


class D(dict):
    def get(self, key, default=None):
        return "mine", key


class Key:
    def __hash__(self):
        raise ValueError("no hash")

    def __repr__(self):
        return "Key()"


def get(d, *args):
    return d.get(*args) if len(args) > 2 else d.get(args[0])


def get2(d, k, default):
    return d.get(k, default)


def total(d, k):
    return d.get(k, 0) + 1


for d in ({1: "one", "k": 2.5}, D(k=1), {}, {"k": None}):
    for k in (1, "k", True, 1.0, (), Key(), []):
        attempt(get, d, k)
        attempt(get2, d, k, [k is d])
    attempt(total, d, "k")


def append(x, item):
    return x.append(item)


class Mine(list):
    def append(self, item):
        super().append([item])
        return "Mine"


for x in ([], Mine(), bytearray(), {1}):
    for item in (1, 2.5, "x", 1 << 70, x):
        attempt(append, x, item)
    print(len(x))


def generator(items):
    found = []
    for item in items:
        found.append(item)
        yield len(found), isinstance(item, int), {1: "one"}.get(item), max(1, 2), type(item).__name__


print(list(generator([1, "x", 2.5])))

# expect: 2
# expect: 1
# expect: 3
# expect: 2
# expect: 1
# expect: 3
# expect: 0
# expect: 42
# expect: 5
# expect: 9
# expect: TypeError object of type 'int' has no len()
# expect: TypeError object of type 'NoneType' has no len()
# expect: TypeError object of type 'float' has no len()
# expect: ValueError __len__() should return >= 0
# expect: replaced
# expect: 0
# expect: shadowed
# expect: 0
# expect: [True, False, False, True, False, False, True]
# expect: [True, True, False, True, False, False, True]
# expect: [True, False, False, True, False, False, True]
# expect: [True, True, False, True, False, False, True]
# expect: [False, False, True, False, True, True, True]
# expect: [False, False, False, True, False, False, True]
# expect: [False, False, True, False, False, True, True]
# expect: [False, False, True, False, False, True, True]
# expect: [False, False, False, False, True, False, True]
# expect: TypeError isinstance() arg 2 must be a type, a tuple of types, or a union
# expect: TypeError isinstance() arg 2 must be a type, a tuple of types, or a union
# expect: (1, 2, 1, True)
# expect: (1, 2, 2, False)
# expect: (1.5, 1.5, 1.5, True)
# expect: (1, 1, 1, False)
# expect: (-5, 3.5, 5, True)
# expect: (-2305843009213693952, 1, 2305843009213693952, True)
# expect: (True, True, 1, False)
# expect: TypeError bad operand type for abs(): 'str'
# expect: (nan, nan, nan, False)
# expect: TypeError len() takes exactly one argument (0 given)
# expect: TypeError len() takes exactly one argument (2 given)
# expect: TypeError bad operand type for abs(): 'str'
# expect: TypeError ord() expected a character, but string of length 2 found
# expect: TypeError 'int' object is not iterable
# expect: [97, 233, 8364, 128512]
# expect: ([1, 2.5], 'A,B', ['a', 'b'], 'a,a,b', 1, 3, None, 2, True)
# expect: ([1, 2.5], 'A,B', ['a', 'b'], 'a,a,b', 1, 3, None, 2, True)
# expect: ([1, 2.5], 'A,B', ['a', 'b'], 'a,a,b', 1, 3, None, 2, True)
# expect: TypeError list.append() takes exactly one argument (0 given)
# expect: TypeError list.append() takes exactly one argument (2 given)
# expect: TypeError descriptor 'append' for 'list' objects doesn't apply to a 'int' object
# expect: TypeError unbound method str.upper() needs an argument
# expect: TypeError descriptor 'upper' for 'str' objects doesn't apply to a 'bytes' object
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: None X 4.0 5.0 6
# expect: 99 1 2.5 10
# expect: [None, None, None] [0, 1, 2]
# expect: ([1], True) ([2], True)
# expect: A mine A
# expect: A
# expect: ('int', True, True)
# expect: ('float', False, True)
# expect: ('bool', False, True)
# expect: ('NoneType', False, True)
# expect: ('str', False, True)
# expect: ('A', False, True)
# expect: ('B', False, True)
# expect: ('Liar', False, True)
# expect: ('Checked', False, False)
# expect: type() takes 1 or 3 arguments
# expect: True
# expect: ['A', 'é', 'ÿ', 'Ā', '😀', '\x01', "'str' object cannot be interpreted as an integer"] chr() arg not in range(0x110000) chr() arg not in range(0x110000)
# expect: ['a', 'b', 'c', 'string index out of range', 'string index out of range', 'b']
# expect: ['string index out of range', 'string index out of range', 'string index out of range', 'string index out of range', 'string index out of range', 'string index out of range']
# expect: ['é', '€', '€', 'string index out of range', 'string index out of range', '€']
# expect: ['ÿ', '\x00', '\x00', 'string index out of range', 'string index out of range', '\x00']
# expect: ['a', 'b', 'c', 'string index out of range', 'string index out of range', 'b']
# expect: [97, 98, 99, 'index out of range', 'index out of range', 98]
# expect: !
# expect: one
# expect: one
# expect: 2.5
# expect: 2.5
# expect: one
# expect: one
# expect: one
# expect: one
# expect: None
# expect: [False]
# expect: ValueError no hash
# expect: ValueError no hash
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: 3.5
# expect: ('mine', 1)
# expect: ('mine', 1)
# expect: ('mine', 'k')
# expect: ('mine', 'k')
# expect: ('mine', True)
# expect: ('mine', True)
# expect: ('mine', 1.0)
# expect: ('mine', 1.0)
# expect: ('mine', ())
# expect: ('mine', ())
# expect: ('mine', Key())
# expect: ('mine', Key())
# expect: ('mine', [])
# expect: ('mine', [])
# expect: TypeError can only concatenate tuple (not "int") to tuple
# expect: None
# expect: [False]
# expect: None
# expect: [False]
# expect: None
# expect: [False]
# expect: None
# expect: [False]
# expect: None
# expect: [False]
# expect: ValueError no hash
# expect: ValueError no hash
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: 1
# expect: None
# expect: [False]
# expect: None
# expect: None
# expect: None
# expect: [False]
# expect: None
# expect: [False]
# expect: None
# expect: [False]
# expect: ValueError no hash
# expect: ValueError no hash
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: TypeError unsupported operand type(s) for +: 'NoneType' and 'int'
# expect: None
# expect: None
# expect: None
# expect: None
# expect: None
# expect: 5
# expect: Mine
# expect: Mine
# expect: Mine
# expect: Mine
# expect: Mine
# expect: 5
# expect: None
# expect: TypeError 'float' object cannot be interpreted as an integer
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: ValueError byte must be in range(0, 256)
# expect: TypeError 'bytearray' object cannot be interpreted as an integer
# expect: 1
# expect: AttributeError 'set' object has no attribute 'append'
# expect: AttributeError 'set' object has no attribute 'append'
# expect: AttributeError 'set' object has no attribute 'append'
# expect: AttributeError 'set' object has no attribute 'append'
# expect: AttributeError 'set' object has no attribute 'append'
# expect: 1
# expect: [(1, True, 'one', 2, 'int'), (2, False, None, 2, 'str'), (3, False, None, 2, 'float')]
