# SPDX-License-Identifier: MIT
# Which method an operator calls, and what is said when there is none.
def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)
import operator

class B: pass
b = B()
for f in [lambda: b + 1, lambda: b ** 1, lambda: -b, lambda: b < 1, lambda: b[1], lambda: len(b),
          lambda: next(b), lambda: iter(b), lambda: b in b, lambda: 1 in b, lambda: B[1],
          lambda: int[1], lambda: b(), lambda: operator.setitem(b, 1, 1),
          lambda: operator.delitem(b, 1), lambda: operator.iadd(b, 1), lambda: operator.ipow(b, 2),
          lambda: pow(b, 1, 2), lambda: 'a' * 'b', lambda: [] * 1.0, lambda: 1.0 * [],
          lambda: divmod(b, 1), lambda: abs(b), lambda: ~b, lambda: +b, lambda: operator.index(b),
          lambda: int(b), lambda: float(b), lambda: reversed(b), lambda: hash([]),
          lambda: operator.countOf(b, 1), lambda: operator.indexOf([1], 2),
          lambda: operator.concat(1, 2), lambda: isinstance(1, 1), lambda: issubclass(1, int),
          lambda: issubclass(int, 1), lambda: print >> 1, lambda: b @ b, lambda: b | 1]:
    t(f)

class A:
    def __repr__(s): return 1
    def __str__(s): return 1
    def __bytes__(s): return 1
    def __hash__(s): return 'a'
    def __bool__(s): return 3
    def __len__(s): return 'x'
    def __format__(s, x): return 1
    def __iter__(s): return 1
    def __index__(s): return 's'
    def __int__(s): return 's'
    def __float__(s): return 's'
    def __contains__(s, x): raise ValueError
    def __length_hint__(s): return -1
    def __dir__(s): return 3
    def __init__(s, *a): return 3 if a else None
a = A()
for f in [lambda: repr(a), lambda: str(a), lambda: bytes(a), lambda: hash(a), lambda: bool(a),
          lambda: len(a), lambda: format(a), lambda: iter(a), lambda: operator.index(a),
          lambda: int(a), lambda: float(a), lambda: operator.length_hint(a), lambda: dir(a),
          lambda: A(1)]:
    t(f)

log = []
class N:
    def __init__(self, n): self.n = n
    def __repr__(self): return f'{type(self).__name__}({self.n})'
def add(name, ret=None):
    def m(self, other, *mod):
        print(type(self).__name__, name, *mod)
        return NotImplemented if ret is None else ret
    return m
for n in ('add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'divmod', 'pow', 'lshift', 'rshift',
          'and', 'xor', 'or', 'matmul'):
    setattr(N, f'__{n}__', add(f'__{n}__'))
    setattr(N, f'__r{n}__', add(f'__r{n}__'))
class O(N): pass
class P(N):
    __radd__ = add('P radd', 5)
    __rpow__ = add('P rpow', 6)
t(lambda: N(1) + O(2))
t(lambda: N(1) + P(2))
t(lambda: P(1) + N(2))
t(lambda: 1 + P(2))
t(lambda: [] + P(2))
t(lambda: N(1) - 1)
t(lambda: 2 ** P(1))
t(lambda: pow(2, P(1), 3))
t(lambda: pow(N(1), 2, 3))
t(lambda: divmod(3, N(1)))
t(lambda: N(1) @ N(2))
class Q(N):
    def __iadd__(self, other): return 'iadd'
    def __imul__(self, other): return NotImplemented
q = Q(1); q += 1
print(q)
q = Q(1)
try: q *= 2
except TypeError as e: print(e)
class L(list):
    def __add__(self, o): return 'ladd'
print(L() + L(), [] + L([1]), L([1]) * 2, 2 * L([1]))
class I(int):
    def __radd__(self, o): return 'radd'
print(1 + I(2), I(2) + 1, I(3) + I(4), I(2) * 3)
class Late: pass
l = Late()
t(lambda: l + 1)
Late.__add__ = lambda s, o: 'late'
print(l + 1)
del Late.__add__
t(lambda: l + 1)
class Late2(Late): pass
Late.__len__ = lambda s: 7
print(len(Late2()), bool(Late2()))
Late.__bool__ = lambda s: False
print(bool(Late2()))
class Cmp:
    def __eq__(self, o): return 'eq'
    def __lt__(self, o): return NotImplemented
    def __gt__(self, o): return 'gt'
print(Cmp() == 1, 1 == Cmp(), Cmp() != 1, Cmp() > 1, 1 < Cmp())
t(lambda: Cmp() < Cmp())
t(lambda: Cmp() <= 1)
class Cont:
    __contains__ = None
    __iter__ = None
t(lambda: 1 in Cont())
t(lambda: iter(Cont()))
class Seq:
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i
print(list(Seq()), 2 in Seq(), 9 in Seq(), operator.indexOf(Seq(), 3))
t(lambda: (b'', 'x') + b)
print(isinstance(3, (str, (int, 5))))
t(lambda: isinstance(3, (str, 5)))

# expect: TypeError unsupported operand type(s) for +: 'B' and 'int'
# expect: TypeError unsupported operand type(s) for ** or pow(): 'B' and 'int'
# expect: TypeError bad operand type for unary -: 'B'
# expect: TypeError '<' not supported between instances of 'B' and 'int'
# expect: TypeError 'B' object is not subscriptable
# expect: TypeError object of type 'B' has no len()
# expect: TypeError 'B' object is not an iterator
# expect: TypeError 'B' object is not iterable
# expect: TypeError argument of type 'B' is not a container or iterable
# expect: TypeError argument of type 'B' is not a container or iterable
# expect: TypeError type 'B' is not subscriptable
# expect: TypeError type 'int' is not subscriptable
# expect: TypeError 'B' object is not callable
# expect: TypeError 'B' object does not support item assignment
# expect: TypeError 'B' object doesn't support item deletion
# expect: TypeError unsupported operand type(s) for +=: 'B' and 'int'
# expect: TypeError unsupported operand type(s) for **=: 'B' and 'int'
# expect: TypeError unsupported operand type(s) for ** or pow(): 'B', 'int', 'int'
# expect: TypeError can't multiply sequence by non-int of type 'str'
# expect: TypeError can't multiply sequence by non-int of type 'float'
# expect: TypeError can't multiply sequence by non-int of type 'float'
# expect: TypeError unsupported operand type(s) for divmod(): 'B' and 'int'
# expect: TypeError bad operand type for abs(): 'B'
# expect: TypeError bad operand type for unary ~: 'B'
# expect: TypeError bad operand type for unary +: 'B'
# expect: TypeError 'B' object cannot be interpreted as an integer
# expect: TypeError int() argument must be a string, a bytes-like object or a real number, not 'B'
# expect: TypeError float() argument must be a string or a real number, not 'B'
# expect: TypeError 'B' object is not reversible
# expect: TypeError unhashable type: 'list'
# expect: TypeError argument of type 'B' is not iterable
# expect: ValueError sequence.index(x): x not in sequence
# expect: TypeError 'int' object can't be concatenated
# expect: TypeError isinstance() arg 2 must be a type, a tuple of types, or a union
# expect: TypeError issubclass() arg 1 must be a class
# expect: TypeError issubclass() arg 2 must be a class, a tuple of classes, or a union
# expect: TypeError unsupported operand type(s) for >>: 'builtin_function_or_method' and 'int'
# expect: TypeError unsupported operand type(s) for @: 'B' and 'B'
# expect: TypeError unsupported operand type(s) for |: 'B' and 'int'
# expect: TypeError __repr__ returned non-string (type int)
# expect: TypeError __str__ returned non-string (type int)
# expect: TypeError __bytes__ returned non-bytes (type int)
# expect: TypeError __hash__ method should return an integer
# expect: TypeError __bool__ should return bool, returned int
# expect: TypeError 'str' object cannot be interpreted as an integer
# expect: TypeError __format__ must return a str, not int
# expect: TypeError iter() returned non-iterator of type 'int'
# expect: TypeError __index__ returned non-int (type str)
# expect: TypeError __int__ returned non-int (type str)
# expect: TypeError A.__float__ returned non-float (type str)
# expect: ValueError __length_hint__() should return >= 0
# expect: TypeError 'int' object is not iterable
# expect: TypeError __init__() should return None, not 'int'
# expect: N __add__
# expect: O __radd__
# expect: TypeError unsupported operand type(s) for +: 'N' and 'O'
# expect: P P radd
# expect: 5
# expect: P __add__
# expect: N __radd__
# expect: TypeError unsupported operand type(s) for +: 'P' and 'N'
# expect: P P radd
# expect: 5
# expect: P P radd
# expect: 5
# expect: N __sub__
# expect: TypeError unsupported operand type(s) for -: 'N' and 'int'
# expect: P P rpow
# expect: 6
# expect: P P rpow 3
# expect: 6
# expect: N __pow__ 3
# expect: TypeError unsupported operand type(s) for ** or pow(): 'N', 'int', 'int'
# expect: N __rdivmod__
# expect: TypeError unsupported operand type(s) for divmod(): 'int' and 'N'
# expect: N __matmul__
# expect: TypeError unsupported operand type(s) for @: 'N' and 'N'
# expect: iadd
# expect: Q __mul__
# expect: unsupported operand type(s) for *=: 'Q' and 'int'
# expect: ladd [1] [1, 1] [1, 1]
# expect: radd 3 7 6
# expect: TypeError unsupported operand type(s) for +: 'Late' and 'int'
# expect: late
# expect: TypeError unsupported operand type(s) for +: 'Late' and 'int'
# expect: 7 True
# expect: False
# expect: eq eq False gt gt
# expect: 'gt'
# expect: TypeError '<=' not supported between instances of 'Cmp' and 'int'
# expect: TypeError 'Cont' object is not a container
# expect: TypeError 'Cont' object is not iterable
# expect: [0, 1, 2, 3] True False 3
# expect: TypeError can only concatenate tuple (not "B") to tuple
# expect: True
# expect: TypeError isinstance() arg 2 must be a type, a tuple of types, or a union
