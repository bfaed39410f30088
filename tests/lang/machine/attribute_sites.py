# Attribute sites that see many kinds of owners, properties, hooks and descriptors, and
# classes that change in between.
import math


def attempt(f, *args):
    try:
        print(f(*args))
    except Exception as error:
        print(type(error).__name__, error)


def get(o):
    return o.x


def call(o, *args):
    return o.m(*args)


def put(o, v):
    o.x = v
    return o


def make(name, **names):
    return type(name, (), names)


class Inline:
    def __init__(self):
        self.x = "inline"

    def m(self):
        return "Inline.m"


class Later(Inline):
    def __init__(self):
        self.a = 1
        self.x = "later"

    def m(self):
        return super().m() + "+"


class Slot:
    __slots__ = ("x", "m")


class ClassVar:
    x = 7

    @staticmethod
    def m():
        return "static"


class Property:
    count = 0

    @property
    def x(self):
        self.count += 1
        return self.count * 1.5

    @x.setter
    def x(self, v):
        self.count = v

    @classmethod
    def m(cls):
        return cls.__name__


class ReadOnly:
    x = property(lambda self: "read")


class Hook:
    def __getattr__(self, name):
        if name == "m":
            return lambda: "hooked m"
        return "hook " + name

    def __setattr__(self, name, value):
        object.__setattr__(self, name, ("set", value))


class Failing:
    @property
    def x(self):
        raise AttributeError("from the getter")

    def __getattr__(self, name):
        return "fallback " + name


class Raising:
    @property
    def x(self):
        raise ValueError("getter")

    @x.setter
    def x(self, v):
        raise ValueError("setter")


class Desc:
    def __get__(self, obj, cls):
        return "got", cls.__name__

    def __set__(self, obj, value):
        print("Desc.__set__", value)


class Described:
    x = Desc()
    m = Desc()


class Dict:
    pass


slot = Slot()
slot.x = 2.5
slot.m = lambda: "slot m"
plain = Dict()
vars(plain).update(x="dict", m=lambda: "dict m")
callback = Inline()
callback.m = lambda: "instance m"
owners = [Inline(), Later(), slot, ClassVar(), Property(), ReadOnly(), Hook(), Failing(),
          Raising(), Described(), plain, callback, 5, "s", Inline, ClassVar, math, None, Slot()]
for n in range(3):
    for o in owners:
        attempt(get, o)
        attempt(call, o)
    for o in owners[:-5]:
        attempt(lambda: get(put(o, n)))
for o in owners:
    for _ in range(4):
        attempt(get, o)

# One site, one class, that changes.


class C:
    x = 1

    def m(self):
        return "m1"


c = C()
print([get(c) for _ in range(3)], [call(c) for _ in range(3)])
C.x = property(lambda self: "property")
C.m = lambda self: "m2"
print(get(c), call(c))
C.x = 2.5
c.x = "own"
c.m = lambda: "own m"
print(get(c), call(c))
del c.x, c.m, C.x
attempt(get, c)
C.__getattr__ = lambda self, name: "late hook"
print(get(c), call(c))
c.__class__ = Inline
attempt(get, c)
print(call(c))


class P:
    @property
    def x(self):
        P.x = "replaced"
        return "first"


p = P()
for _ in range(4):
    print(get(p))


def roots(n):
    return math.sqrt(n), math.floor(n)


print(roots(16), roots(16), roots(16))
saved, math.sqrt = math.sqrt, lambda n: "patched"
print(roots(16))
math.sqrt = saved
print(roots(16))


def through(cls, o):
    return cls.m(o)


print([through(cls, Inline()) for cls in (Inline, Inline, Inline, C, C, Inline)])
Inline.m = lambda self: "changed"
print(through(Inline, 1))


class Node:
    def __init__(self, depth):
        self.depth = depth

    @property
    def total(self):
        return 0 if self.depth == 0 else 1 + Node(self.depth - 1).total


print(Node(300).total)
attempt(lambda: Node(10 ** 6).total)


def many(classes):
    return [get(cls()) for cls in classes]


classes = [make(f"K{i}", x=i) for i in range(40)]
for _ in range(3):
    print(sum(many(classes)))

# expect: inline
# expect: Inline.m
# expect: later
# expect: Inline.m+
# expect: 2.5
# expect: slot m
# expect: 7
# expect: static
# expect: 1.5
# expect: Property
# expect: read
# expect: AttributeError 'ReadOnly' object has no attribute 'm'
# expect: hook x
# expect: hooked m
# expect: fallback x
# expect: TypeError 'str' object is not callable
# expect: ValueError getter
# expect: AttributeError 'Raising' object has no attribute 'm'
# expect: ('got', 'Described')
# expect: TypeError 'tuple' object is not callable
# expect: dict
# expect: dict m
# expect: inline
# expect: instance m
# expect: AttributeError 'int' object has no attribute 'x'
# expect: AttributeError 'int' object has no attribute 'm'
# expect: AttributeError 'str' object has no attribute 'x'
# expect: AttributeError 'str' object has no attribute 'm'
# expect: AttributeError type object 'Inline' has no attribute 'x'
# expect: TypeError Inline.m() missing 1 required positional argument: 'self'
# expect: 7
# expect: static
# expect: AttributeError module 'math' has no attribute 'x'
# expect: AttributeError module 'math' has no attribute 'm'
# expect: AttributeError 'NoneType' object has no attribute 'x'
# expect: AttributeError 'NoneType' object has no attribute 'm'
# expect: AttributeError 'Slot' object has no attribute 'x'
# expect: AttributeError 'Slot' object has no attribute 'm'
# expect: 0
# expect: 0
# expect: 0
# expect: 0
# expect: 1.5
# expect: AttributeError property 'x' of 'ReadOnly' object has no setter
# expect: ('set', 0)
# expect: AttributeError property 'x' of 'Failing' object has no setter
# expect: ValueError setter
# expect: Desc.__set__ 0
# expect: ('got', 'Described')
# expect: 0
# expect: 0
# expect: AttributeError 'int' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: AttributeError 'str' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: 0
# expect: Inline.m
# expect: 0
# expect: Inline.m+
# expect: 0
# expect: slot m
# expect: 0
# expect: static
# expect: 3.0
# expect: Property
# expect: read
# expect: AttributeError 'ReadOnly' object has no attribute 'm'
# expect: ('set', 0)
# expect: hooked m
# expect: fallback x
# expect: TypeError 'str' object is not callable
# expect: ValueError getter
# expect: AttributeError 'Raising' object has no attribute 'm'
# expect: ('got', 'Described')
# expect: TypeError 'tuple' object is not callable
# expect: 0
# expect: dict m
# expect: 0
# expect: instance m
# expect: AttributeError 'int' object has no attribute 'x'
# expect: AttributeError 'int' object has no attribute 'm'
# expect: AttributeError 'str' object has no attribute 'x'
# expect: AttributeError 'str' object has no attribute 'm'
# expect: AttributeError type object 'Inline' has no attribute 'x'
# expect: TypeError Inline.m() missing 1 required positional argument: 'self'
# expect: 7
# expect: static
# expect: AttributeError module 'math' has no attribute 'x'
# expect: AttributeError module 'math' has no attribute 'm'
# expect: AttributeError 'NoneType' object has no attribute 'x'
# expect: AttributeError 'NoneType' object has no attribute 'm'
# expect: AttributeError 'Slot' object has no attribute 'x'
# expect: AttributeError 'Slot' object has no attribute 'm'
# expect: 1
# expect: 1
# expect: 1
# expect: 1
# expect: 3.0
# expect: AttributeError property 'x' of 'ReadOnly' object has no setter
# expect: ('set', 1)
# expect: AttributeError property 'x' of 'Failing' object has no setter
# expect: ValueError setter
# expect: Desc.__set__ 1
# expect: ('got', 'Described')
# expect: 1
# expect: 1
# expect: AttributeError 'int' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: AttributeError 'str' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: 1
# expect: Inline.m
# expect: 1
# expect: Inline.m+
# expect: 1
# expect: slot m
# expect: 1
# expect: static
# expect: 4.5
# expect: Property
# expect: read
# expect: AttributeError 'ReadOnly' object has no attribute 'm'
# expect: ('set', 1)
# expect: hooked m
# expect: fallback x
# expect: TypeError 'str' object is not callable
# expect: ValueError getter
# expect: AttributeError 'Raising' object has no attribute 'm'
# expect: ('got', 'Described')
# expect: TypeError 'tuple' object is not callable
# expect: 1
# expect: dict m
# expect: 1
# expect: instance m
# expect: AttributeError 'int' object has no attribute 'x'
# expect: AttributeError 'int' object has no attribute 'm'
# expect: AttributeError 'str' object has no attribute 'x'
# expect: AttributeError 'str' object has no attribute 'm'
# expect: AttributeError type object 'Inline' has no attribute 'x'
# expect: TypeError Inline.m() missing 1 required positional argument: 'self'
# expect: 7
# expect: static
# expect: AttributeError module 'math' has no attribute 'x'
# expect: AttributeError module 'math' has no attribute 'm'
# expect: AttributeError 'NoneType' object has no attribute 'x'
# expect: AttributeError 'NoneType' object has no attribute 'm'
# expect: AttributeError 'Slot' object has no attribute 'x'
# expect: AttributeError 'Slot' object has no attribute 'm'
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 4.5
# expect: AttributeError property 'x' of 'ReadOnly' object has no setter
# expect: ('set', 2)
# expect: AttributeError property 'x' of 'Failing' object has no setter
# expect: ValueError setter
# expect: Desc.__set__ 2
# expect: ('got', 'Described')
# expect: 2
# expect: 2
# expect: AttributeError 'int' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: AttributeError 'str' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 6.0
# expect: 7.5
# expect: 9.0
# expect: 10.5
# expect: read
# expect: read
# expect: read
# expect: read
# expect: ('set', 2)
# expect: ('set', 2)
# expect: ('set', 2)
# expect: ('set', 2)
# expect: fallback x
# expect: fallback x
# expect: fallback x
# expect: fallback x
# expect: ValueError getter
# expect: ValueError getter
# expect: ValueError getter
# expect: ValueError getter
# expect: ('got', 'Described')
# expect: ('got', 'Described')
# expect: ('got', 'Described')
# expect: ('got', 'Described')
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: 2
# expect: AttributeError 'int' object has no attribute 'x'
# expect: AttributeError 'int' object has no attribute 'x'
# expect: AttributeError 'int' object has no attribute 'x'
# expect: AttributeError 'int' object has no attribute 'x'
# expect: AttributeError 'str' object has no attribute 'x'
# expect: AttributeError 'str' object has no attribute 'x'
# expect: AttributeError 'str' object has no attribute 'x'
# expect: AttributeError 'str' object has no attribute 'x'
# expect: AttributeError type object 'Inline' has no attribute 'x'
# expect: AttributeError type object 'Inline' has no attribute 'x'
# expect: AttributeError type object 'Inline' has no attribute 'x'
# expect: AttributeError type object 'Inline' has no attribute 'x'
# expect: 7
# expect: 7
# expect: 7
# expect: 7
# expect: AttributeError module 'math' has no attribute 'x'
# expect: AttributeError module 'math' has no attribute 'x'
# expect: AttributeError module 'math' has no attribute 'x'
# expect: AttributeError module 'math' has no attribute 'x'
# expect: AttributeError 'NoneType' object has no attribute 'x'
# expect: AttributeError 'NoneType' object has no attribute 'x'
# expect: AttributeError 'NoneType' object has no attribute 'x'
# expect: AttributeError 'NoneType' object has no attribute 'x'
# expect: AttributeError 'Slot' object has no attribute 'x'
# expect: AttributeError 'Slot' object has no attribute 'x'
# expect: AttributeError 'Slot' object has no attribute 'x'
# expect: AttributeError 'Slot' object has no attribute 'x'
# expect: [1, 1, 1] ['m1', 'm1', 'm1']
# expect: property m2
# expect: own own m
# expect: AttributeError 'C' object has no attribute 'x'
# expect: late hook m2
# expect: AttributeError 'Inline' object has no attribute 'x'
# expect: Inline.m
# expect: first
# expect: replaced
# expect: replaced
# expect: replaced
# expect: (4.0, 16) (4.0, 16) (4.0, 16)
# expect: ('patched', 16)
# expect: (4.0, 16)
# expect: ['Inline.m', 'Inline.m', 'Inline.m', 'm2', 'm2', 'Inline.m']
# expect: changed
# expect: 300
# expect: RecursionError maximum recursion depth exceeded
# expect: 780
# expect: 780
# expect: 780
