# SPDX-License-Identifier: MIT
# C3, changes of bases, mro(), super().
def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)

class A:
    def f(self): return ['A']
    v = 'A'
class B(A):
    def f(self): return ['B'] + super().f()
class C(A):
    def f(self): return ['C'] + super().f()
    v = 'C'
class D(B, C):
    def f(self): return ['D'] + super().f()
print(D().f(), D.v, [c.__name__ for c in D.__mro__])
t(lambda: type('E', (A, B), {}))
t(lambda: type('E', (D, type('F', (C, B), {})), {}))

class G: v = 'G'
class H: v = 'H'
class I(G): pass
class J(I): pass
print(J.v)
I.__bases__ = (H,)
print(J.v, J.__mro__[2].__name__, G.__subclasses__(), H.__subclasses__())
I.__bases__ = (G, H)
print(J.v, [c.__name__ for c in J.__mro__])

class M(type):
    def mro(cls):
        return [cls, A, object]
class K(metaclass=M): pass
print(K.__mro__, K.v)
A.v = 'changed'
print(K.v)

class M3(type):
    def mro(cls): return [cls, 5]
try:
    class K3(metaclass=M3): pass
except TypeError as e:
    print(e)

t(lambda: super(int, 3))
t(lambda: super(int, int).x)
t(lambda: super(int, 'a'))
t(lambda: super(int, str))
t(lambda: super(3))
t(lambda: repr(super(int)))
t(lambda: super(1, 2, 3))
t(lambda: super(a=1))
class S:
    def f(self): return super().zz
    def g(self): return super().__class__
    def h(): return super()
    def i(self):
        del self
        return super()
    def j(*a): return super()
    def k(self):
        s = super()
        def inner(): return self
        return s.__repr__ is not None and inner() is self
    @classmethod
    def l(cls): return super().__new__(cls).__class__
t(lambda: S().f())
t(lambda: S().g())
t(lambda: S.h())
t(lambda: S().i())
t(lambda: S().j())
t(lambda: S().k())
t(lambda: S.l())
def ff(self): return super()
t(lambda: ff(1))
class P:
    @property
    def x(self): return 'px'
class Q(P):
    x = 3
    def y(self): return super().x
print(Q().y())
class U(A):
    up = None
U.up = super(U)
print(U().up.f())

# expect: ['D', 'B', 'C', 'A'] C ['D', 'B', 'C', 'A', 'object']
# expect: TypeError Cannot create a consistent method resolution order (MRO) for bases A, B
# expect: TypeError Cannot create a consistent method resolution order (MRO) for bases B, C
# expect: G
# expect: H H [] [<class '__main__.I'>]
# expect: G ['J', 'I', 'G', 'H', 'object']
# expect: (<class '__main__.K'>, <class '__main__.A'>, <class 'object'>) A
# expect: changed
# expect: mro() returned a non-class ('int')
# expect: <super: <class 'int'>, <int object>>
# expect: AttributeError 'super' object has no attribute 'x'
# expect: TypeError super(type, obj): obj (instance of str) is not an instance or subtype of type (int).
# expect: TypeError super(type, obj): obj (type str) is not an instance or subtype of type (int).
# expect: TypeError super() argument 1 must be a type, not int
# expect: "<super: <class 'int'>, NULL>"
# expect: TypeError super() expected at most 2 arguments, got 3
# expect: TypeError super() takes no keyword arguments
# expect: AttributeError 'super' object has no attribute 'zz'
# expect: <class 'super'>
# expect: RuntimeError super(): no arguments
# expect: RuntimeError super(): arg[0] deleted
# expect: RuntimeError super(): no arguments
# expect: True
# expect: <class '__main__.S'>
# expect: RuntimeError super(): __class__ cell not found
# expect: px
# expect: ['A']
