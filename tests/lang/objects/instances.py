# SPDX-License-Identifier: MIT
# Attributes of instances: many, few, in different orders, deleted, moved.
import gc, weakref, copy, pickle

class A: pass
a = A()
for i in range(50):
    setattr(a, f'a{i}', i)
print(sum(a.__dict__.values()), len(vars(a)), a.a49)
b = A()
for i in range(25):
    setattr(b, f'a{i}', i)
del b.a24
del b.a3
b.a3 = 'again'
print(list(b.__dict__)[-2:], b.a23)
objs = []
for i in range(200):
    o = A()
    for j in range(5):
        setattr(o, f'x{(i * 7 + j * 13) % 11}', (i, j))
    objs.append(o)
print([sorted(o.__dict__) == sorted({f'x{(i * 7 + j * 13) % 11}' for j in range(5)}) for i, o in enumerate(objs)].count(True))
class B:
    def __init__(self):
        self.x = 1.5
        self.y = 2**70
        self.z = -3
    def bump(self):
        self.x += 1
        self.z -= 1
        self.w = self.x * 2
o = B()
for i in range(1000):
    o.bump()
print(o.x, o.y, o.z, o.w, o.__dict__)
o.bump()
print(o.x, list(o.__dict__))
class C(B):
    pass
o.__class__ = C
o.bump()
print(type(o).__name__, o.x)
o.__dict__ = {'x': 0, 'z': 0}
o.bump()
print(o.__dict__)
d = o.__dict__
o.new = 1
print('new' in d)
d['direct'] = 5
print(o.direct)
class W: pass
w = W()
r = weakref.ref(w)
w.me = w
del w
gc.collect()
print(r())
class S:
    __slots__ = ('a', 'b')
s = S()
s.a = s
r = weakref.ref
try:
    r(s)
except TypeError as e:
    print(e)
c = copy.copy(o)
print(c.__dict__ == o.__dict__, c.__dict__ is o.__dict__)
p = pickle.loads(pickle.dumps(B()))
print(p.__dict__)
s2 = copy.copy(s)
print(s2.a is s, hasattr(s2, 'b'))
class D:
    def __del__(self): print('del', self.n)
x = D(); x.n = 1
x.n = 2
del x
x = D(); x.n = 3; x.self = x
del x
gc.collect()
class R:
    def __del__(self):
        global saved
        saved = self
x = R(); x.v = 'kept'
del x
print(saved.v)
del saved
deep = None
for i in range(300000):
    n = A()
    n.next = deep
    deep = n
del deep, n
t = ()
for i in range(300000):
    t = (t,)
del t
print('done')
class K(int): pass
k = K(5)
k.attr = 'v'
print(k + 1, k.attr, k.__dict__)
class E(Exception): pass
e = E('x')
e.attr = 1
print(e.__dict__, e.args)
print(object().__reduce_ex__(2)[1], A().__reduce_ex__(2)[1:3], S().__reduce_ex__(2)[2])
for f in (lambda: (i for i in ()).__reduce_ex__(2), lambda: S().__reduce__(), lambda: memoryview(b'').__reduce_ex__(2)):
    try:
        f()
    except TypeError as e:
        print(e)
class G1:
    def __getnewargs_ex__(s): return s.v
g = G1()
for v in (1, (1,), (1, 2), ((), 2), ((1,), {'a': 2}), ((), {})):
    g.v = v
    try:
        print(g.__reduce_ex__(2)[1:])
    except (TypeError, ValueError) as e:
        print(e)
print(type(object().__dir__()), object().__sizeof__())
class F:
    x = 1
f = F()
print(f.x)
f.x = 2
print(f.x, F.x)
del f.x
print(f.x)
try:
    del f.x
except AttributeError as e:
    print(e)

# expect: 1225 50 49
# expect: ['a23', 'a3'] 23
# expect: 200
# expect: 1001.5 1180591620717411303424 -1003 2003.0 {'x': 1001.5, 'y': 1180591620717411303424, 'z': -1003, 'w': 2003.0}
# expect: 1002.5 ['x', 'y', 'z', 'w']
# expect: C 1003.5
# expect: {'x': 1, 'z': -1, 'w': 2}
# expect: True
# expect: 5
# expect: None
# expect: cannot create weak reference to 'S' object
# expect: True False
# expect: {'x': 1.5, 'y': 1180591620717411303424, 'z': -3}
# expect: True False
# expect: del 2
# expect: del 3
# expect: kept
# expect: done
# expect: 6 v {'attr': 'v'}
# expect: {'attr': 1} ('x',)
# expect: (<class 'object'>,) ((<class '__main__.A'>,), None) None
# expect: cannot pickle 'generator' object
# expect: a class that defines __slots__ without defining __getstate__ cannot be pickled
# expect: cannot pickle memoryview objects
# expect: __getnewargs_ex__ should return a tuple, not 'int'
# expect: __getnewargs_ex__ should return a tuple of length 2, not 1
# expect: first item of the tuple returned by __getnewargs_ex__ must be a tuple, not 'int'
# expect: second item of the tuple returned by __getnewargs_ex__ must be a dict, not 'int'
# expect: ((<class '__main__.G1'>, (1,), {'a': 2}), {'v': ((1,), {'a': 2})}, None, None)
# expect: ((<class '__main__.G1'>,), {'v': ((), {})}, None, None)
# expect: <class 'list'> 16
# expect: 1
# expect: 2 1
# expect: 1
# expect: 'F' object has no attribute 'x'
