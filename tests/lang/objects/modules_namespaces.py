# SPDX-License-Identifier: MIT
# Module objects, SimpleNamespace, named tuples made from C.
def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)
import sys, time, types
M = types.ModuleType
t(lambda: M())
t(lambda: M('a'))
t(lambda: M('a', 'd').__doc__)
t(lambda: M(1))
t(lambda: M(name='x'))
t(lambda: M('a').__dict__)
t(lambda: M('a').x)
t(lambda: sys)
t(lambda: M('a').__annotations__)
t(lambda: M('a').__annotate__)
m = M('a')
del m.__name__
t(lambda: m)
t(lambda: m.x)
t(lambda: M.__new__(M))
t(lambda: M.__new__(M).__dict__)
t(lambda: setattr(m, '__dict__', {}))
m.__getattr__ = lambda n: n + '!'
t(lambda: m.foo)
m.__dir__ = lambda: ['z', 'a']
t(lambda: dir(m))
m.__getattr__ = 3
t(lambda: m.foo)
m = M('b')
t(lambda: m.zz)
m.__spec__ = types.SimpleNamespace(_initializing=True, origin='/x/y', name='b', has_location=True)
t(lambda: m.zz)
m.__spec__._initializing = False
t(lambda: m.zz)
t(lambda: m)
m.__spec__ = None
m.__loader__ = 'L'
t(lambda: m)
m.__file__ = 'F'
t(lambda: m)
t(lambda: setattr(m, '__annotations__', 4))
t(lambda: m.__annotations__)
t(lambda: delattr(m, '__annotations__'))
t(lambda: delattr(m, '__annotations__'))
t(lambda: setattr(m, '__annotate__', 3))
t(lambda: delattr(m, '__annotate__'))
t(lambda: delattr(m, 'foo'))
m.__annotate__ = lambda f: {'a': 1}
t(lambda: m.__annotations__)
t(lambda: list(m.__dict__))
m.__annotate__ = lambda f: 3
t(lambda: m.__annotations__)
class MM(M):
    @property
    def prop(self): return 'prop'
m.__class__ = MM
t(lambda: m.prop)

S = types.SimpleNamespace
t(lambda: S())
t(lambda: S(a=1, b=2))
t(lambda: S({'a': 1}))
t(lambda: S([('a', 1)]))
t(lambda: S(1))
t(lambda: S({1: 2}))
t(lambda: S(1, 2))
t(lambda: S(a=1) == S(a=1))
t(lambda: S() < S())
t(lambda: S(a=1).__reduce__())
t(lambda: S(a=1).__replace__(b=2))
t(lambda: S().__replace__(1))
t(lambda: S(**{'a b': 1}))
t(lambda: S.__text_signature__)
t(lambda: hash(S()))
s = S()
s.s = s
t(lambda: s)
t(lambda: type('SS', (S,), {})(a=1))
t(lambda: S(a=1) == 1)

T = time.struct_time
t(lambda: T())
t(lambda: T(1))
t(lambda: T((1,)))
t(lambda: T(range(9)))
t(lambda: T(range(12)))
t(lambda: T(range(9), 3))
t(lambda: T(range(9), {'foo': 1}))
t(lambda: T(range(10), {'tm_zone': 'x'}))
t(lambda: T(range(10), {'tm_gmtoff': 'x'}).tm_gmtoff)
t(lambda: T(range(9), dict={'tm_zone': 1}).tm_zone)
x = T(range(9))
t(lambda: x.tm_zone)
t(lambda: x.__reduce__())
t(lambda: x.__replace__(tm_year=5))
t(lambda: x.__replace__(foo=5))
t(lambda: x.__replace__(1))
t(lambda: (x.n_fields, T.n_sequence_fields, T.n_unnamed_fields))
t(lambda: T.__match_args__)
t(lambda: x == tuple(range(9)))
t(lambda: setattr(x, 'tm_year', 3))
t(lambda: type(sys.flags)())
t(lambda: type('a', (T,), {}))
t(lambda: hash(x) == hash(tuple(x)))
t(lambda: x[1:3])

# expect: TypeError module() missing required argument 'name' (pos 1)
# expect: <module 'a'>
# expect: 'd'
# expect: TypeError module() argument 'name' must be str, not int
# expect: <module 'x'>
# expect: {'__name__': 'a', '__doc__': None, '__package__': None, '__loader__': None, '__spec__': None}
# expect: AttributeError module 'a' has no attribute 'x'
# expect: <module 'sys' (built-in)>
# expect: {}
# expect: None
# expect: <module '?'>
# expect: AttributeError module has no attribute 'x'
# expect: <module '?'>
# expect: {}
# expect: AttributeError readonly attribute
# expect: 'foo!'
# expect: ['a', 'z']
# expect: TypeError 'int' object is not callable
# expect: AttributeError module 'b' has no attribute 'zz'
# expect: AttributeError partially initialized module 'b' from '/x/y' has no attribute 'zz' (most likely due to a circular import)
# expect: AttributeError module 'b' has no attribute 'zz'
# expect: <module 'b' from '/x/y'>
# expect: <module 'b' ('L')>
# expect: <module 'b' from 'F'>
# expect: None
# expect: 4
# expect: None
# expect: AttributeError __annotations__
# expect: TypeError __annotate__ must be callable or None
# expect: TypeError cannot delete __annotate__ attribute
# expect: AttributeError 'module' object has no attribute 'foo'
# expect: {'a': 1}
# expect: ['__name__', '__doc__', '__package__', '__loader__', '__spec__', '__file__', '__annotate__', '__annotations__']
# expect: TypeError __annotate__ returned non-dict of type 'int'
# expect: 'prop'
# expect: namespace()
# expect: namespace(a=1, b=2)
# expect: namespace(a=1)
# expect: namespace(a=1)
# expect: TypeError 'int' object is not iterable
# expect: TypeError keywords must be strings
# expect: TypeError SimpleNamespace expected at most 1 argument, got 2
# expect: True
# expect: TypeError '<' not supported between instances of 'dict' and 'dict'
# expect: (<class 'types.SimpleNamespace'>, (), {'a': 1})
# expect: namespace(a=1, b=2)
# expect: TypeError __replace__() takes no positional arguments
# expect: namespace(a b=1)
# expect: '(mapping_or_iterable=(), /, **kwargs)'
# expect: TypeError unhashable type: 'types.SimpleNamespace'
# expect: namespace(s=namespace(...))
# expect: SS(a=1)
# expect: False
# expect: TypeError structseq() missing required argument 'sequence' (pos 1)
# expect: TypeError constructor requires a sequence
# expect: TypeError time.struct_time() takes an at least 9-sequence (1-sequence given)
# expect: time.struct_time(tm_year=0, tm_mon=1, tm_mday=2, tm_hour=3, tm_min=4, tm_sec=5, tm_wday=6, tm_yday=7, tm_isdst=8)
# expect: TypeError time.struct_time() takes an at most 11-sequence (12-sequence given)
# expect: TypeError time.struct_time() takes a dict as second arg, if any
# expect: TypeError time.struct_time() got duplicate or unexpected field name(s)
# expect: TypeError time.struct_time() got duplicate or unexpected field name(s)
# expect: 'x'
# expect: 1
# expect: None
# expect: (<class 'time.struct_time'>, ((0, 1, 2, 3, 4, 5, 6, 7, 8), {'tm_zone': None, 'tm_gmtoff': None}))
# expect: time.struct_time(tm_year=5, tm_mon=1, tm_mday=2, tm_hour=3, tm_min=4, tm_sec=5, tm_wday=6, tm_yday=7, tm_isdst=8)
# expect: TypeError Got unexpected field name(s): ['foo']
# expect: TypeError __replace__() takes no positional arguments
# expect: (11, 9, 0)
# expect: ('tm_year', 'tm_mon', 'tm_mday', 'tm_hour', 'tm_min', 'tm_sec', 'tm_wday', 'tm_yday', 'tm_isdst')
# expect: True
# expect: AttributeError readonly attribute
# expect: TypeError cannot create 'sys.flags' instances
# expect: TypeError type 'time.struct_time' is not an acceptable base type
# expect: True
# expect: (1, 2)
