# Objects with __call__ and descriptors written in Python, which change while they run.
class Adder:
    def __init__(self, n):
        self.n = n

    def __call__(self, x, *, k=1):
        return self.n + x * k


def site(f, x):
    return f(x)


def site_kw(f, x):
    return f(x, k=3)


a = Adder(10)
print([site(a, i) for i in range(3)], [site_kw(a, i) for i in range(3)])
Adder.__call__ = lambda self, x, k=0: ("replaced", x, k)
print(site(a, 1), site_kw(a, 1))
a.__call__ = lambda x: "instance attributes do not count"
print(site(a, 1))
del Adder.__call__
try:
    site(a, 1)
except TypeError as error:
    print(error)


class Vanishing:
    def __call__(self, x):
        global v
        v = None
        del Vanishing.__call__
        return type(self).__name__, x


v = Vanishing()
print((lambda: v(1))())


class Static:
    __call__ = staticmethod(lambda x: ("static", x))


class Bound:
    __call__ = a.__class__


class Meta(type):
    def __call__(cls, x):
        return "meta", x


class Made(metaclass=Meta):
    pass


for _ in range(3):
    print(site(Static(), 1), type(site(Bound(), 1)).__name__, site(Made, 2))


class Descriptor:
    def __get__(self, obj, cls):
        Owner.attr = "gone"
        return self.__class__.__name__, obj is not None, cls.__name__

    def __set__(self, obj, value):
        Owner.attr = "set"
        self.value = value
        print("set", value, obj.__class__.__name__)


class Owner:
    attr = Descriptor()


def get(o):
    return o.attr


def put(o, value):
    o.attr = value


o = Owner()
for _ in range(3):
    Owner.attr = Descriptor()
    print(get(o), get(o))
    Owner.attr = Descriptor()
    put(o, 1)
    put(o, 2)
    print(get(o))
    del o.attr


class Switch:
    def __get__(self, obj, cls):
        obj.__class__ = Other
        return cls.__name__


class Other:
    attr = "other"


class Switched:
    attr = Switch()


for _ in range(3):
    s = Switched()
    print(get(s), get(s))


class Base:
    def __init__(self, x):
        self.x = x


class Sub(Base):
    pass


def make(cls, x):
    return cls(x)


print([make(c, 1).x for c in (Base, Sub, Sub)])
Sub.__init__ = lambda self, x: setattr(self, "x", -x)
print([make(c, 1).x for c in (Base, Sub, Sub)])
Sub.__new__ = lambda cls, x: "not an instance"
print(make(Sub, 1), make(Base, 2).x)
Base.__init__ = lambda self, x: x
try:
    make(Base, 5)
except TypeError as error:
    print(error)

# expect: [10, 11, 12] [10, 13, 16]
# expect: ('replaced', 1, 0) ('replaced', 1, 3)
# expect: ('replaced', 1, 0)
# expect: 'Adder' object is not callable
# expect: ('Vanishing', 1)
# expect: ('static', 1) Adder ('meta', 2)
# expect: ('static', 1) Adder ('meta', 2)
# expect: ('static', 1) Adder ('meta', 2)
# expect: ('Descriptor', True, 'Owner') gone
# expect: set 1 Owner
# expect: 2
# expect: ('Descriptor', True, 'Owner') gone
# expect: set 1 Owner
# expect: 2
# expect: ('Descriptor', True, 'Owner') gone
# expect: set 1 Owner
# expect: 2
# expect: Switched other
# expect: Switched other
# expect: Switched other
# expect: [1, 1, 1]
# expect: [1, -1, -1]
# expect: not an instance 2
# expect: __init__() should return None, not 'int'
