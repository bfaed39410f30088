# SPDX-License-Identifier: MIT
# Descriptors of builtin types: names, binding, calls, and their errors.
def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)

class X: pass
class D1:
    def m(self): "mdoc"
class P:
    x = property()
    y = property(lambda s: 1)
p = P()
for o in (int.__add__, int.__dict__['real'], list.append, dict.__dict__['fromkeys'], X.__dict__['__dict__'],
          int.__new__, type.__dict__['__basicsize__'], D1.m, len, str.maketrans, [].append, (1).__add__):
    for n in ('__name__', '__qualname__', '__text_signature__', '__objclass__', '__self__',
              '__module__', '__func__', '__reduce__'):
        try:
            v = getattr(o, n)
            if n == '__reduce__':
                v = v()
            v = repr(v).split(' at 0x')[0]
        except Exception as e:
            v = f'!{type(e).__name__} {e}'
        print(type(o).__name__, n, v)
t(lambda: int.__add__(1))
t(lambda: int.__add__())
t(lambda: int.__add__('a', 1))
t(lambda: int.__add__(1, 2, 3))
t(lambda: int.__add__(1, a=2))
t(lambda: (1).__add__())
t(lambda: list.append())
t(lambda: list.append(1, 2))
t(lambda: list.append([], 1, 2))
t(lambda: list.append([], a=2))
t(lambda: list.pop([], a=2))
t(lambda: dict.__dict__['fromkeys'](1, 2))
t(lambda: dict.__dict__['fromkeys'](int, 2))
t(lambda: dict.__dict__['fromkeys']())
t(lambda: dict.__dict__['fromkeys'].__get__(None, int))
t(lambda: dict.__dict__['fromkeys'].__get__(1))
t(lambda: dict.__dict__['fromkeys'].__get__(None, 3))
t(lambda: list.append.__get__(1))
t(lambda: int.__dict__['real'].__get__('a'))
t(lambda: int.__dict__['real'].__set__('a', 1))
t(lambda: int.__dict__['real'].__set__(1, 1))
t(lambda: type.__dict__['__basicsize__'].__get__(1))
t(lambda: int.__add__.__get__('a'))
t(lambda: int.__add__.__get__(None, int) is int.__add__)
t(lambda: (1).__add__ == (1).__add__)
t(lambda: list.append.__get__(None))
t(lambda: [].append == [].append)
t(lambda: [].x)
t(lambda: setattr([], 'x', 1))
t(lambda: setattr(D1(), 1, 1))
t(lambda: delattr(D1(), 'x'))
t(lambda: setattr([], 'append', 1))
t(lambda: delattr([], 'append'))
t(lambda: object.x)
t(lambda: setattr(object(), 'x', 1))
t(lambda: delattr(object(), 'x'))
t(lambda: setattr(1, 'real', 3))
t(lambda: object.__setattr__(int, 'a', 1))
t(lambda: object.__delattr__(int, 'a'))
m = D1().m
t(lambda: m == D1().m)
t(lambda: D1.m.__get__(m.__self__) == m)
t(lambda: m.zz)
t(lambda: setattr(m, 'a', 1))
t(lambda: type(m)())
t(lambda: type(m)(1, 2))
t(lambda: type(m)(len, None))
t(lambda: type(m)(len, 3))
t(lambda: m.__get__(1, 2) is m)
t(lambda: type(m)(len, a=1))
print(m.__doc__, m.__name__)

# property
def setp(n, v): setattr(p, n, v)
t(lambda: p.x)
t(lambda: setp('x', 1))
t(lambda: delattr(p, 'x'))
t(lambda: setp('y', 1))
t(lambda: property().__get__(3))
t(lambda: property().__get__(None))
t(lambda: property().__name__)
t(lambda: P.x.__name__)
t(lambda: property(D1.m).__name__)
t(lambda: property(D1.m).__doc__)
t(lambda: property().__set_name__(1))
t(lambda: P.x.__isabstractmethod__)
t(lambda: P.y.getter(3).fget)
t(lambda: property().__set__(3, 4))
t(lambda: property().__delete__(3))
t(lambda: property(fget=1, fset=2, fdel=3, doc=4).__doc__)
t(lambda: property(1).__get__(4))
t(lambda: property(a=1))
class SubP(property): pass
t(lambda: SubP(D1.m).__doc__)
class SubPS(property): __slots__ = ()
t(lambda: SubPS(D1.m).__doc__)
class V:
    def __init__(self): self._v = 0
    @property
    def v(self):
        "the v"
        return self._v
    @v.setter
    def v(self, x): self._v = x
    @v.deleter
    def v(self): print('deleted')
v = V()
v.v = 5
print(v.v, V.v.__doc__)
del v.v

# classmethod, staticmethod
def ff(self): "ffdoc"
t(lambda: classmethod())
t(lambda: classmethod(1, 2))
t(lambda: classmethod(a=1))
t(lambda: staticmethod(a=1))
t(lambda: classmethod(1))
t(lambda: repr(classmethod(len)))
t(lambda: staticmethod(len)([3]))
t(lambda: staticmethod(5)(3))
t(lambda: classmethod(5).__get__(None, None))
t(lambda: classmethod(5).__get__(None, int))
t(lambda: classmethod(len).__wrapped__)
t(lambda: classmethod(ff).__dict__)
t(lambda: staticmethod(ff).__get__(None))
t(lambda: staticmethod(ff).__annotations__)
t(lambda: classmethod[int])

# mappingproxy
import types
mp = types.MappingProxyType
t(lambda: mp(3))
t(lambda: mp([]))
t(lambda: mp({1: 2}))
t(lambda: str(mp({1: 2})))
t(lambda: mp({1: 2}) | {3: 4})
t(lambda: mp({1: 2}) == mp({1: 2}))
t(lambda: hash(mp({})))
t(lambda: setattr(mp({}), 'a', 1))
t(lambda: mp({1: 2}).get(1))
t(lambda: mp({1: 2}).copy())
t(lambda: list(reversed(mp({1: 2}))))
t(lambda: mp({})[1])
t(lambda: mp[int])
t(lambda: mp())
t(lambda: mp({1: 2}).get.__text_signature__)
t(lambda: type(int.__dict__))

# order of lookup
class Data:
    def __get__(self, o, t=None): return 'data'
    def __set__(self, o, v): print('set', v)
class NonData:
    def __get__(self, o, t=None): return ('nondata', o is None)
class W:
    a = Data()
    b = NonData()
    c = 'class'
w = W()
w.__dict__.update(a=1, b=2, c=3)
print(w.a, w.b, w.c, W.a, W.b)
w.a = 9
class GA:
    def __getattribute__(self, n):
        if n == 'x': return 'x'
        raise AttributeError(n)
    def __getattr__(self, n): return 'hook ' + n
print(GA().x, GA().y)
class GB:
    def __getattr__(self, n): raise AttributeError('no ' + n)
t(lambda: GB().q)
t(lambda: getattr(GB(), 'q', 'default'))
t(lambda: hasattr(GB(), 'q'))
try:
    D1().nope
except AttributeError as e:
    print(e.name, type(e.obj).__name__)

# expect: wrapper_descriptor __name__ '__add__'
# expect: wrapper_descriptor __qualname__ 'int.__add__'
# expect: wrapper_descriptor __text_signature__ '($self, value, /)'
# expect: wrapper_descriptor __objclass__ <class 'int'>
# expect: wrapper_descriptor __self__ !AttributeError 'wrapper_descriptor' object has no attribute '__self__'
# expect: wrapper_descriptor __module__ !AttributeError 'wrapper_descriptor' object has no attribute '__module__'
# expect: wrapper_descriptor __func__ !AttributeError 'wrapper_descriptor' object has no attribute '__func__'
# expect: wrapper_descriptor __reduce__ (<built-in function getattr>, (<class 'int'>, '__add__'))
# expect: getset_descriptor __name__ 'real'
# expect: getset_descriptor __qualname__ 'int.real'
# expect: getset_descriptor __text_signature__ !AttributeError 'getset_descriptor' object has no attribute '__text_signature__'
# expect: getset_descriptor __objclass__ <class 'int'>
# expect: getset_descriptor __self__ !AttributeError 'getset_descriptor' object has no attribute '__self__'
# expect: getset_descriptor __module__ !AttributeError 'getset_descriptor' object has no attribute '__module__'
# expect: getset_descriptor __func__ !AttributeError 'getset_descriptor' object has no attribute '__func__'
# expect: getset_descriptor __reduce__ !TypeError cannot pickle 'getset_descriptor' object
# expect: method_descriptor __name__ 'append'
# expect: method_descriptor __qualname__ 'list.append'
# expect: method_descriptor __text_signature__ '($self, object, /)'
# expect: method_descriptor __objclass__ <class 'list'>
# expect: method_descriptor __self__ !AttributeError 'method_descriptor' object has no attribute '__self__'
# expect: method_descriptor __module__ !AttributeError 'method_descriptor' object has no attribute '__module__'
# expect: method_descriptor __func__ !AttributeError 'method_descriptor' object has no attribute '__func__'
# expect: method_descriptor __reduce__ (<built-in function getattr>, (<class 'list'>, 'append'))
# expect: classmethod_descriptor __name__ 'fromkeys'
# expect: classmethod_descriptor __qualname__ 'dict.fromkeys'
# expect: classmethod_descriptor __text_signature__ '($type, iterable, value=None, /)'
# expect: classmethod_descriptor __objclass__ <class 'dict'>
# expect: classmethod_descriptor __self__ !AttributeError 'classmethod_descriptor' object has no attribute '__self__'
# expect: classmethod_descriptor __module__ !AttributeError 'classmethod_descriptor' object has no attribute '__module__'
# expect: classmethod_descriptor __func__ !AttributeError 'classmethod_descriptor' object has no attribute '__func__'
# expect: classmethod_descriptor __reduce__ !TypeError cannot pickle 'classmethod_descriptor' object
# expect: getset_descriptor __name__ '__dict__'
# expect: getset_descriptor __qualname__ 'X.__dict__'
# expect: getset_descriptor __text_signature__ !AttributeError 'getset_descriptor' object has no attribute '__text_signature__'
# expect: getset_descriptor __objclass__ <class '__main__.X'>
# expect: getset_descriptor __self__ !AttributeError 'getset_descriptor' object has no attribute '__self__'
# expect: getset_descriptor __module__ !AttributeError 'getset_descriptor' object has no attribute '__module__'
# expect: getset_descriptor __func__ !AttributeError 'getset_descriptor' object has no attribute '__func__'
# expect: getset_descriptor __reduce__ !TypeError cannot pickle 'getset_descriptor' object
# expect: builtin_function_or_method __name__ '__new__'
# expect: builtin_function_or_method __qualname__ 'int.__new__'
# expect: builtin_function_or_method __text_signature__ '($type, *args, **kwargs)'
# expect: builtin_function_or_method __objclass__ !AttributeError 'builtin_function_or_method' object has no attribute '__objclass__'
# expect: builtin_function_or_method __self__ <class 'int'>
# expect: builtin_function_or_method __module__ None
# expect: builtin_function_or_method __func__ !AttributeError 'builtin_function_or_method' object has no attribute '__func__'
# expect: builtin_function_or_method __reduce__ (<built-in function getattr>, (<class 'int'>, '__new__'))
# expect: member_descriptor __name__ '__basicsize__'
# expect: member_descriptor __qualname__ 'type.__basicsize__'
# expect: member_descriptor __text_signature__ !AttributeError 'member_descriptor' object has no attribute '__text_signature__'
# expect: member_descriptor __objclass__ <class 'type'>
# expect: member_descriptor __self__ !AttributeError 'member_descriptor' object has no attribute '__self__'
# expect: member_descriptor __module__ !AttributeError 'member_descriptor' object has no attribute '__module__'
# expect: member_descriptor __func__ !AttributeError 'member_descriptor' object has no attribute '__func__'
# expect: member_descriptor __reduce__ (<built-in function getattr>, (<class 'type'>, '__basicsize__'))
# expect: function __name__ 'm'
# expect: function __qualname__ 'D1.m'
# expect: function __text_signature__ !AttributeError 'function' object has no attribute '__text_signature__'
# expect: function __objclass__ !AttributeError 'function' object has no attribute '__objclass__'
# expect: function __self__ !AttributeError 'function' object has no attribute '__self__'
# expect: function __module__ '__main__'
# expect: function __func__ !AttributeError 'function' object has no attribute '__func__'
# expect: function __reduce__ !TypeError cannot pickle 'function' object
# expect: builtin_function_or_method __name__ 'len'
# expect: builtin_function_or_method __qualname__ 'len'
# expect: builtin_function_or_method __text_signature__ '($module, obj, /)'
# expect: builtin_function_or_method __objclass__ !AttributeError 'builtin_function_or_method' object has no attribute '__objclass__'
# expect: builtin_function_or_method __self__ <module 'builtins' (built-in)>
# expect: builtin_function_or_method __module__ 'builtins'
# expect: builtin_function_or_method __func__ !AttributeError 'builtin_function_or_method' object has no attribute '__func__'
# expect: builtin_function_or_method __reduce__ 'len'
# expect: builtin_function_or_method __name__ 'maketrans'
# expect: builtin_function_or_method __qualname__ 'str.maketrans'
# expect: builtin_function_or_method __text_signature__ '(x, y=<unrepresentable>, z=<unrepresentable>, /)'
# expect: builtin_function_or_method __objclass__ !AttributeError 'builtin_function_or_method' object has no attribute '__objclass__'
# expect: builtin_function_or_method __self__ None
# expect: builtin_function_or_method __module__ None
# expect: builtin_function_or_method __func__ !AttributeError 'builtin_function_or_method' object has no attribute '__func__'
# expect: builtin_function_or_method __reduce__ (<built-in function getattr>, (<class 'str'>, 'maketrans'))
# expect: builtin_function_or_method __name__ 'append'
# expect: builtin_function_or_method __qualname__ 'list.append'
# expect: builtin_function_or_method __text_signature__ '($self, object, /)'
# expect: builtin_function_or_method __objclass__ !AttributeError 'builtin_function_or_method' object has no attribute '__objclass__'
# expect: builtin_function_or_method __self__ []
# expect: builtin_function_or_method __module__ None
# expect: builtin_function_or_method __func__ !AttributeError 'builtin_function_or_method' object has no attribute '__func__'
# expect: builtin_function_or_method __reduce__ (<built-in function getattr>, ([], 'append'))
# expect: method-wrapper __name__ '__add__'
# expect: method-wrapper __qualname__ 'int.__add__'
# expect: method-wrapper __text_signature__ '($self, value, /)'
# expect: method-wrapper __objclass__ <class 'int'>
# expect: method-wrapper __self__ 1
# expect: method-wrapper __module__ !AttributeError 'method-wrapper' object has no attribute '__module__'
# expect: method-wrapper __func__ !AttributeError 'method-wrapper' object has no attribute '__func__'
# expect: method-wrapper __reduce__ (<built-in function getattr>, (1, '__add__'))
# expect: TypeError expected 1 argument, got 0
# expect: TypeError descriptor '__add__' of 'int' object needs an argument
# expect: TypeError descriptor '__add__' requires a 'int' object but received a 'str'
# expect: TypeError expected 1 argument, got 2
# expect: TypeError wrapper __add__() takes no keyword arguments
# expect: TypeError expected 1 argument, got 0
# expect: TypeError unbound method list.append() needs an argument
# expect: TypeError descriptor 'append' for 'list' objects doesn't apply to a 'int' object
# expect: TypeError list.append() takes exactly one argument (2 given)
# expect: TypeError list.append() takes no keyword arguments
# expect: TypeError list.pop() takes no keyword arguments
# expect: TypeError descriptor 'fromkeys' for type 'dict' needs a type, not a 'int' as arg 2
# expect: TypeError descriptor 'fromkeys' requires a subtype of 'dict' but received 'int'
# expect: TypeError descriptor 'fromkeys' of 'dict' object needs an argument
# expect: TypeError descriptor 'fromkeys' requires a subtype of 'dict' but received 'int'
# expect: TypeError descriptor 'fromkeys' requires a subtype of 'dict' but received 'int'
# expect: TypeError descriptor 'fromkeys' for type 'dict' needs a type, not a 'int' as arg 2
# expect: TypeError descriptor 'append' for 'list' objects doesn't apply to a 'int' object
# expect: TypeError descriptor 'real' for 'int' objects doesn't apply to a 'str' object
# expect: TypeError descriptor 'real' for 'int' objects doesn't apply to a 'str' object
# expect: AttributeError attribute 'real' of 'int' objects is not writable
# expect: TypeError descriptor '__basicsize__' for 'type' objects doesn't apply to a 'int' object
# expect: TypeError descriptor '__add__' for 'int' objects doesn't apply to a 'str' object
# expect: True
# expect: True
# expect: TypeError __get__(None, None) is invalid
# expect: False
# expect: AttributeError 'list' object has no attribute 'x'
# expect: AttributeError 'list' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: TypeError attribute name must be string, not 'int'
# expect: AttributeError 'D1' object has no attribute 'x'
# expect: AttributeError 'list' object attribute 'append' is read-only
# expect: AttributeError 'list' object attribute 'append' is read-only
# expect: AttributeError type object 'object' has no attribute 'x'
# expect: AttributeError 'object' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: AttributeError 'object' object has no attribute 'x' and no __dict__ for setting new attributes
# expect: AttributeError attribute 'real' of 'int' objects is not writable
# expect: TypeError can't apply this __setattr__ to type object
# expect: TypeError can't apply this __delattr__ to type object
# expect: False
# expect: True
# expect: AttributeError 'function' object has no attribute 'zz'
# expect: AttributeError 'method' object has no attribute 'a' and no __dict__ for setting new attributes
# expect: TypeError method expected 2 arguments, got 0
# expect: TypeError first argument must be callable
# expect: TypeError instance must not be None
# expect: <bound method len of 3>
# expect: True
# expect: TypeError method() takes no keyword arguments
# expect: mdoc m
# expect: AttributeError property 'x' of 'P' object has no getter
# expect: AttributeError property 'x' of 'P' object has no setter
# expect: AttributeError property 'x' of 'P' object has no deleter
# expect: AttributeError property 'y' of 'P' object has no setter
# expect: AttributeError property of 'int' object has no getter
# expect: TypeError __get__(None, None) is invalid
# expect: AttributeError 'property' object has no attribute '__name__'
# expect: 'x'
# expect: 'm'
# expect: 'mdoc'
# expect: TypeError __set_name__() takes 2 positional arguments but 1 were given
# expect: False
# expect: 3
# expect: AttributeError property of 'int' object has no setter
# expect: AttributeError property of 'int' object has no deleter
# expect: 4
# expect: TypeError 'int' object is not callable
# expect: TypeError property() got an unexpected keyword argument 'a'
# expect: 'mdoc'
# expect: AttributeError 'SubPS' object attribute '__doc__' is read-only
# expect: 5 the v
# expect: deleted
# expect: TypeError classmethod expected 1 argument, got 0
# expect: TypeError classmethod expected 1 argument, got 2
# expect: TypeError classmethod() takes no keyword arguments
# expect: TypeError staticmethod() takes no keyword arguments
# expect: <classmethod(1)>
# expect: '<classmethod(<built-in function len>)>'
# expect: 1
# expect: TypeError 'int' object is not callable
# expect: TypeError __get__(None, None) is invalid
# expect: <bound method ? of <class 'int'>>
# expect: <built-in function len>
# expect: {'__module__': '__main__', '__name__': 'ff', '__qualname__': 'ff', '__doc__': 'ffdoc'}
# expect: TypeError __get__(None, None) is invalid
# expect: {}
# expect: classmethod[int]
# expect: TypeError mappingproxy() argument must be a mapping, not int
# expect: TypeError mappingproxy() argument must be a mapping, not list
# expect: mappingproxy({1: 2})
# expect: '{1: 2}'
# expect: {1: 2, 3: 4}
# expect: True
# expect: TypeError unhashable type: 'dict'
# expect: AttributeError 'mappingproxy' object has no attribute 'a' and no __dict__ for setting new attributes
# expect: 2
# expect: {1: 2}
# expect: [1]
# expect: KeyError 1
# expect: mappingproxy[int]
# expect: TypeError mappingproxy() missing required argument 'mapping' (pos 1)
# expect: '($self, key, default=None, /)'
# expect: <class 'mappingproxy'>
# expect: data 2 3 data ('nondata', True)
# expect: set 9
# expect: x hook y
# expect: AttributeError no q
# expect: 'default'
# expect: False
# expect: nope D1
