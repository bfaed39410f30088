# Keyword arguments of one call site go to functions that differ or change.
def attempt(f, *args):
    try:
        print(f(*args))
    except TypeError as error:
        print("TypeError", error)


def ab(a, b=2, c=3):
    return "ab", a, b, c


def ba(c, b, a=5):
    return "ba", a, b, c


def kwonly(a, *, b, c=9):
    return "kwonly", a, b, c


def posonly(a, /, b, c=1):
    return "posonly", a, b, c


def star(*args, **kwargs):
    return "star", args, kwargs


def named(b, **rest):
    return "named", b, rest


class K:
    def __init__(self, a, b, c=0):
        self.all = a, b, c

    def __call__(self, a, b=4, c=4):
        return "call", a, b, c

    def __repr__(self):
        return f"K{self.all}"

    def m(self, a, b=1, c=2):
        return "m", a, b, c


def site(f, x):
    return f(x, c=30, b=20)


def site3(f):
    return f(a=1, c=3, b=2)


functions = [ab, ba, kwonly, posonly, star, named, K, K(1, 2), K(1, 2).m, dict, lambda c, b: c,
             lambda a, d: a]
for _ in range(3):
    for f in functions:
        attempt(site, f, 10)
        attempt(site3, f)

print(site(ab, 1), end=" ")
ab.__defaults__ = (7, 8)
print(site(ab, 1), site3(ab), ab(1))
ab.__code__ = ba.__code__
ab.__defaults__ = (55,)
attempt(site, ab, 1)
attempt(site3, ab)
print(kwonly(1, b=2), end=" ")
kwonly.__kwdefaults__ = {"b": 0, "c": 0}
print(kwonly(1, b=2), kwonly(1))
kwonly.__kwdefaults__ = None
attempt(lambda: kwonly(1, b=2))


def defaults(a, b=[], *, c={}):
    b.append(a)
    c[a] = len(b)
    return b, c


print(defaults(1), defaults(2, c={}), defaults(b=[], a=3))


def forward(*args, **kwargs):
    return target(*args, **kwargs)


def target(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, more


for _ in range(3):
    print(forward(1), forward(1, 5, 6, c=7, d=8), forward(b=1, a=2), forward(*"xyz", **{"c": 1}))


class F:
    pass


def gen(a, b=2):
    def inner():
        nonlocal a
        a += b
        return a
    yield inner
    yield a


g = gen(b=5, a=1)
inner = next(g)
print(inner(), inner(), next(g), inner.__closure__[0].cell_contents)


def attributes():
    pass


attributes.calls = 0
for i in range(5):
    attributes.calls += 1
    attributes.last = i
print(attributes.calls, attributes.last, vars(attributes))


class Weird(dict):
    pass


def read(o):
    return o.value


o = F()
o.value = 1
vars(o)["other"] = 2
print([read(o) for _ in range(4)])
o.__dict__ = {"value": "new dict"}
print(read(o), read(o))
o.__dict__ = Weird(value="subclass")
print(read(o), read(o))
F.value = property(lambda self: "property")
print(read(o))

# expect: ('ab', 10, 20, 30)
# expect: ('ab', 1, 2, 3)
# expect: TypeError ba() got multiple values for argument 'c'
# expect: ('ba', 1, 2, 3)
# expect: ('kwonly', 10, 20, 30)
# expect: ('kwonly', 1, 2, 3)
# expect: ('posonly', 10, 20, 30)
# expect: TypeError posonly() got some positional-only arguments passed as keyword arguments: 'a'
# expect: ('star', (10,), {'c': 30, 'b': 20})
# expect: ('star', (), {'a': 1, 'c': 3, 'b': 2})
# expect: TypeError named() got multiple values for argument 'b'
# expect: ('named', 2, {'a': 1, 'c': 3})
# expect: K(10, 20, 30)
# expect: K(1, 2, 3)
# expect: ('call', 10, 20, 30)
# expect: ('call', 1, 2, 3)
# expect: ('m', 10, 20, 30)
# expect: ('m', 1, 2, 3)
# expect: TypeError 'int' object is not iterable
# expect: {'a': 1, 'c': 3, 'b': 2}
# expect: TypeError <lambda>() got multiple values for argument 'c'
# expect: TypeError <lambda>() got an unexpected keyword argument 'a'
# expect: TypeError <lambda>() got an unexpected keyword argument 'c'
# expect: TypeError <lambda>() got an unexpected keyword argument 'c'
# expect: ('ab', 10, 20, 30)
# expect: ('ab', 1, 2, 3)
# expect: TypeError ba() got multiple values for argument 'c'
# expect: ('ba', 1, 2, 3)
# expect: ('kwonly', 10, 20, 30)
# expect: ('kwonly', 1, 2, 3)
# expect: ('posonly', 10, 20, 30)
# expect: TypeError posonly() got some positional-only arguments passed as keyword arguments: 'a'
# expect: ('star', (10,), {'c': 30, 'b': 20})
# expect: ('star', (), {'a': 1, 'c': 3, 'b': 2})
# expect: TypeError named() got multiple values for argument 'b'
# expect: ('named', 2, {'a': 1, 'c': 3})
# expect: K(10, 20, 30)
# expect: K(1, 2, 3)
# expect: ('call', 10, 20, 30)
# expect: ('call', 1, 2, 3)
# expect: ('m', 10, 20, 30)
# expect: ('m', 1, 2, 3)
# expect: TypeError 'int' object is not iterable
# expect: {'a': 1, 'c': 3, 'b': 2}
# expect: TypeError <lambda>() got multiple values for argument 'c'
# expect: TypeError <lambda>() got an unexpected keyword argument 'a'
# expect: TypeError <lambda>() got an unexpected keyword argument 'c'
# expect: TypeError <lambda>() got an unexpected keyword argument 'c'
# expect: ('ab', 10, 20, 30)
# expect: ('ab', 1, 2, 3)
# expect: TypeError ba() got multiple values for argument 'c'
# expect: ('ba', 1, 2, 3)
# expect: ('kwonly', 10, 20, 30)
# expect: ('kwonly', 1, 2, 3)
# expect: ('posonly', 10, 20, 30)
# expect: TypeError posonly() got some positional-only arguments passed as keyword arguments: 'a'
# expect: ('star', (10,), {'c': 30, 'b': 20})
# expect: ('star', (), {'a': 1, 'c': 3, 'b': 2})
# expect: TypeError named() got multiple values for argument 'b'
# expect: ('named', 2, {'a': 1, 'c': 3})
# expect: K(10, 20, 30)
# expect: K(1, 2, 3)
# expect: ('call', 10, 20, 30)
# expect: ('call', 1, 2, 3)
# expect: ('m', 10, 20, 30)
# expect: ('m', 1, 2, 3)
# expect: TypeError 'int' object is not iterable
# expect: {'a': 1, 'c': 3, 'b': 2}
# expect: TypeError <lambda>() got multiple values for argument 'c'
# expect: TypeError <lambda>() got an unexpected keyword argument 'a'
# expect: TypeError <lambda>() got an unexpected keyword argument 'c'
# expect: TypeError <lambda>() got an unexpected keyword argument 'c'
# expect: ('ab', 1, 20, 30) ('ab', 1, 20, 30) ('ab', 1, 2, 3) ('ab', 1, 7, 8)
# expect: TypeError ab() got multiple values for argument 'c'
# expect: ('ba', 1, 2, 3)
# expect: ('kwonly', 1, 2, 9) ('kwonly', 1, 2, 0) ('kwonly', 1, 0, 0)
# expect: TypeError kwonly() missing 1 required keyword-only argument: 'c'
# expect: ([1, 2], {1: 1, 3: 1}) ([1, 2], {2: 2}) ([3], {1: 1, 3: 1})
# expect: (1, 2, (), 3, {}) (1, 5, (6,), 7, {'d': 8}) (2, 1, (), 3, {}) ('x', 'y', ('z',), 1, {})
# expect: (1, 2, (), 3, {}) (1, 5, (6,), 7, {'d': 8}) (2, 1, (), 3, {}) ('x', 'y', ('z',), 1, {})
# expect: (1, 2, (), 3, {}) (1, 5, (6,), 7, {'d': 8}) (2, 1, (), 3, {}) ('x', 'y', ('z',), 1, {})
# expect: 6 11 11 11
# expect: 5 4 {'calls': 5, 'last': 4}
# expect: [1, 1, 1, 1]
# expect: new dict new dict
# expect: subclass subclass
# expect: property
