# SPDX-License-Identifier: MIT
# type() and class statements: arguments, __slots__, metaclasses, hooks.
def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)

class X: pass
t(lambda: type('A', (), {'__slots__': ('a', 'a b')}))
t(lambda: type('A', (), {'__slots__': ('a',), 'a': 1}))
t(lambda: type('A', (), {'__slots__': 3}))
t(lambda: type('A', (), {'__slots__': (3,)}))
t(lambda: type('A', (), {'__slots__': ('__dict__', '__dict__')}))
t(lambda: type('A', (X,), {'__slots__': ('__weakref__',)}))
t(lambda: type('A', (int,), {'__slots__': ('a',)}))
t(lambda: type('A', (int,), {'__slots__': ()}))
t(lambda: type(3, (), {}))
t(lambda: type('a', 3, {}))
t(lambda: type('a', (), 3))
t(lambda: type('a', ()))
t(lambda: type())
t(lambda: type('a\0', (), {}))
t(lambda: type.__new__(type, 1))
t(lambda: type('a', (1,), {}))
t(lambda: type('a', (bool,), {}))
t(lambda: type('a', (int, str), {}))
t(lambda: type('a', (X, X), {}))
t(lambda: type('a', (object, X), {}))
t(lambda: type.__new__(int))
t(lambda: object.__new__())
t(lambda: object.__new__(3))
t(lambda: object.__new__(int))
t(lambda: int.__new__(str))
t(lambda: object(1))
t(lambda: X(1))
t(lambda: X(a=1))
t(lambda: object.__init__(X(), 1))
t(lambda: type(None)(1))
t(lambda: type(iter([]))())
t(lambda: type.__init__(int))
t(lambda: type.__init__(int, 1, 2))
t(lambda: type.__init__(int, 1, a=1))
t(lambda: type(1, 2))
t(lambda: type(1, a=3))
t(lambda: type('a', (), {'__qualname__': 3}))
t(lambda: type('a', (), {'__classcell__': 3}))

class D(dict):
    __new__ = object.__new__
t(lambda: D())

class NoNew:
    def __init_subclass__(cls, *, a): print('init_subclass', cls.__name__, a)
t(lambda: type('b', (NoNew,), {}))
t(lambda: type('b', (X,), {}, a=1))
t(lambda: type('b', (NoNew,), {}, a=1).__name__)

class BadSet:
    def __set_name__(self): pass
try:
    type('b', (), {'z': BadSet()})
except TypeError as e:
    print(e, e.__notes__)

class Named:
    def __set_name__(self, owner, name): print('set_name', owner.__name__, name)
class Owner:
    a = Named()
    b = Named()

class Meta(type):
    def __prepare__(name, bases, **kw):
        print('prepare', name, bases, kw)
        return {}
    def __new__(meta, name, bases, ns, **kw):
        print('new', name, kw)
        return super().__new__(meta, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw):
        print('init', name, kw)
        super().__init__(name, bases, ns)
    def __call__(cls, *args):
        print('call', args)
        return super().__call__(*args)
class WithMeta(metaclass=Meta, k=1):
    def __init__(self, v): self.v = v
print(WithMeta(3).v)
class Sub(WithMeta): pass
print(type(Sub) is Meta)

class M1(type): pass
class M2(type): pass
class A1(metaclass=M1): pass
class A2(metaclass=M2): pass
t(lambda: type('c', (A1, A2), {}))

class P:
    __slots__ = ('__a', 'b', '__dict__')
    def __init__(self): self.__a = 1
p = P()
p.zz = 3
print(p._P__a, p.__dict__, P.__slots__, hasattr(P, '__weakref__'))
class Mixed:
    __slots__ = {'x': 'the x', 'y': None}
print(Mixed.x, Mixed.__slots__['x'], Mixed.__basicsize__)
class Q(P): pass
q = Q(); q.c = 1; q.b = 2
print(q.__dict__, q.b)

class K:
    def __eq__(self, other): return True
print(K.__hash__)
t(lambda: hash(K()))
class K2(K):
    __hash__ = object.__hash__
print(isinstance(hash(K2()), int))

class C0:
    def f(self): return __class__
print(C0().f())
import abc
class Ab(abc.ABC):
    @abc.abstractmethod
    def f(s): 0
    @abc.abstractmethod
    def g(s): 0
t(lambda: Ab())
class Ac(Ab):
    def f(s): 0
t(lambda: Ac())

# expect: TypeError __slots__ must be identifiers
# expect: ValueError 'a' in __slots__ conflicts with class variable
# expect: TypeError 'int' object is not iterable
# expect: TypeError __slots__ items must be strings, not 'int'
# expect: TypeError __dict__ slot disallowed: we already got one
# expect: TypeError __weakref__ slot disallowed: we already got one
# expect: TypeError nonempty __slots__ not supported for subtype of 'int'
# expect: <class '__main__.A'>
# expect: TypeError type.__new__() argument 1 must be str, not int
# expect: TypeError type.__new__() argument 2 must be tuple, not int
# expect: TypeError type.__new__() argument 3 must be dict, not int
# expect: TypeError type() takes 1 or 3 arguments
# expect: TypeError type() takes 1 or 3 arguments
# expect: ValueError type name must not contain null characters
# expect: TypeError type.__new__() takes exactly 3 arguments (1 given)
# expect: TypeError metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
# expect: TypeError type 'bool' is not an acceptable base type
# expect: TypeError multiple bases have instance lay-out conflict
# expect: TypeError duplicate base class X
# expect: TypeError Cannot create a consistent method resolution order (MRO) for bases object, X
# expect: TypeError type.__new__(int): int is not a subtype of type
# expect: TypeError object.__new__(): not enough arguments
# expect: TypeError object.__new__(X): X is not a type object (int)
# expect: TypeError object.__new__(int) is not safe, use int.__new__()
# expect: TypeError int.__new__(str): str is not a subtype of int
# expect: TypeError object() takes no arguments
# expect: TypeError X() takes no arguments
# expect: TypeError X() takes no arguments
# expect: TypeError X.__init__() takes exactly one argument (the instance to initialize)
# expect: TypeError NoneType takes no arguments
# expect: TypeError cannot create 'list_iterator' instances
# expect: TypeError type.__init__() takes 1 or 3 arguments
# expect: TypeError type.__init__() takes 1 or 3 arguments
# expect: TypeError type.__init__() takes no keyword arguments
# expect: TypeError type() takes 1 or 3 arguments
# expect: TypeError type() takes no keyword arguments
# expect: TypeError type __qualname__ must be a str, not int
# expect: TypeError __classcell__ must be a nonlocal cell, not <class 'int'>
# expect: {}
# expect: TypeError NoNew.__init_subclass__() missing 1 required keyword-only argument: 'a'
# expect: TypeError b.__init_subclass__() takes no keyword arguments
# expect: init_subclass b 1
# expect: 'b'
# expect: BadSet.__set_name__() takes 1 positional argument but 3 were given ["Error calling __set_name__ on 'BadSet' instance 'z' in 'b'"]
# expect: set_name Owner a
# expect: set_name Owner b
# expect: prepare WithMeta () {'k': 1}
# expect: new WithMeta {'k': 1}
# expect: init WithMeta {'k': 1}
# expect: call (3,)
# expect: 3
# expect: prepare Sub (<class '__main__.WithMeta'>,) {}
# expect: new Sub {}
# expect: init Sub {}
# expect: True
# expect: TypeError metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases
# expect: 1 {'zz': 3} ('__a', 'b', '__dict__') False
# expect: <member 'x' of 'Mixed' objects> the x 32
# expect: {'c': 1} 2
# expect: None
# expect: TypeError unhashable type: 'K'
# expect: True
# expect: <class '__main__.C0'>
# expect: TypeError Can't instantiate abstract class Ab without an implementation for abstract methods 'f', 'g'
# expect: TypeError Can't instantiate abstract class Ac without an implementation for abstract method 'g'
