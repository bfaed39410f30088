# SPDX-License-Identifier: MIT
# What can be read, assigned and deleted on classes, and the errors.
def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)

class A:
    x: int = 1

print(list(A.__dict__))
A.__annotations__
print(list(A.__dict__))
A.__annotations__ = {'y': 1}
print(list(A.__dict__), A.__annotate__)
del A.__annotations__
print(list(A.__dict__))
t(lambda: A.__annotations__)
print(list(A.__dict__))
for n in ('__name__', '__qualname__', '__module__', '__bases__', '__doc__', '__annotations__',
          '__annotate__', '__type_params__', '__abstractmethods__', '__mro__', '__dict__',
          '__text_signature__', '__base__', '__flags__'):
    print(n)
    t(lambda: delattr(A, n))
    t(lambda: setattr(A, n, 5))
    t(lambda: setattr(int, n, 5))
    t(lambda: n in ('__doc__', '__dict__') or getattr(int, n))

class B:
    __annotations__ = {'q': 1}

print(list(B.__dict__), B.__annotate__, B.__annotations__)
B.__annotations__ = {}
print(list(B.__dict__))

class C: pass
class X: pass
class Y(X): pass
class S: __slots__ = ('a',)
class E: __slots__ = ()
x = X()
t(lambda: setattr(C, '__name__', 'a\0'))
t(lambda: setattr(C, '__bases__', ()))
t(lambda: setattr(C, '__bases__', (1,)))
t(lambda: setattr(C, '__bases__', (C,)))
t(lambda: setattr(X, '__bases__', (int,)))
t(lambda: setattr(X, '__bases__', (Y,)))
t(lambda: setattr(x, '__class__', int))
t(lambda: setattr(x, '__class__', 5))
t(lambda: setattr(5, '__class__', int))
t(lambda: delattr(x, '__class__'))
t(lambda: setattr(x, '__class__', S))
t(lambda: setattr(x, '__class__', E))
t(lambda: setattr(Y(), '__dict__', 4))
t(lambda: delattr(x, '__dict__'))
t(lambda: S().__dict__)
t(lambda: setattr(x, '__weakref__', 4))
t(lambda: S().a)
t(lambda: delattr(S(), 'a'))
t(lambda: setattr(int, 'x', 1))
t(lambda: delattr(int, 'x'))
t(lambda: A.zz)
t(lambda: delattr(A, 'zz'))
t(lambda: type.mro(int))
t(lambda: type.__prepare__())
t(lambda: type.__prepare__(1, 2, a=3))
t(lambda: X.__subclasses__())

# expect: ['__module__', '__firstlineno__', 'x', '__annotate_func__', '__static_attributes__', '__dict__', '__weakref__', '__doc__']
# expect: ['__module__', '__firstlineno__', 'x', '__annotate_func__', '__static_attributes__', '__dict__', '__weakref__', '__doc__', '__annotations_cache__']
# expect: ['__module__', '__firstlineno__', 'x', '__static_attributes__', '__dict__', '__weakref__', '__doc__', '__annotations_cache__'] None
# expect: ['__module__', '__firstlineno__', 'x', '__static_attributes__', '__dict__', '__weakref__', '__doc__']
# expect: {}
# expect: ['__module__', '__firstlineno__', 'x', '__static_attributes__', '__dict__', '__weakref__', '__doc__', '__annotate_func__', '__annotations_cache__']
# expect: __name__
# expect: TypeError cannot delete '__name__' attribute of immutable type 'A'
# expect: TypeError can only assign string to A.__name__, not 'int'
# expect: TypeError cannot set '__name__' attribute of immutable type 'int'
# expect: 'int'
# expect: __qualname__
# expect: TypeError cannot delete '__qualname__' attribute of immutable type 'A'
# expect: TypeError can only assign string to A.__qualname__, not 'int'
# expect: TypeError cannot set '__qualname__' attribute of immutable type 'int'
# expect: 'int'
# expect: __module__
# expect: TypeError cannot delete '__module__' attribute of immutable type 'A'
# expect: None
# expect: TypeError cannot set '__module__' attribute of immutable type 'int'
# expect: 'builtins'
# expect: __bases__
# expect: TypeError cannot delete '__bases__' attribute of immutable type 'A'
# expect: TypeError can only assign tuple to A.__bases__, not int
# expect: TypeError cannot set '__bases__' attribute of immutable type 'int'
# expect: (<class 'object'>,)
# expect: __doc__
# expect: TypeError cannot delete '__doc__' attribute of immutable type 'A'
# expect: None
# expect: TypeError cannot set '__doc__' attribute of immutable type 'int'
# expect: True
# expect: __annotations__
# expect: None
# expect: None
# expect: TypeError cannot set '__annotations__' attribute of immutable type 'int'
# expect: AttributeError type object 'int' has no attribute '__annotations__'
# expect: __annotate__
# expect: TypeError cannot delete __annotate__ attribute
# expect: TypeError __annotate__ must be callable or None
# expect: TypeError cannot set '__annotate__' attribute of immutable type 'int'
# expect: AttributeError type object 'int' has no attribute '__annotate__'
# expect: __type_params__
# expect: TypeError cannot delete '__type_params__' attribute of immutable type 'A'
# expect: None
# expect: TypeError cannot set '__type_params__' attribute of immutable type 'int'
# expect: ()
# expect: __abstractmethods__
# expect: AttributeError __abstractmethods__
# expect: None
# expect: TypeError cannot set '__abstractmethods__' attribute of immutable type 'int'
# expect: AttributeError __abstractmethods__
# expect: __mro__
# expect: AttributeError attribute '__mro__' of 'type' objects is not writable
# expect: AttributeError attribute '__mro__' of 'type' objects is not writable
# expect: TypeError cannot set '__mro__' attribute of immutable type 'int'
# expect: (<class 'int'>, <class 'object'>)
# expect: __dict__
# expect: AttributeError attribute '__dict__' of 'type' objects is not writable
# expect: AttributeError attribute '__dict__' of 'type' objects is not writable
# expect: TypeError cannot set '__dict__' attribute of immutable type 'int'
# expect: True
# expect: __text_signature__
# expect: AttributeError attribute '__text_signature__' of 'type' objects is not writable
# expect: AttributeError attribute '__text_signature__' of 'type' objects is not writable
# expect: TypeError cannot set '__text_signature__' attribute of immutable type 'int'
# expect: None
# expect: __base__
# expect: AttributeError readonly attribute
# expect: AttributeError readonly attribute
# expect: TypeError cannot set '__base__' attribute of immutable type 'int'
# expect: <class 'object'>
# expect: __flags__
# expect: AttributeError readonly attribute
# expect: AttributeError readonly attribute
# expect: TypeError cannot set '__flags__' attribute of immutable type 'int'
# expect: 20976898
# expect: ['__module__', '__firstlineno__', '__annotations__', '__static_attributes__', '__dict__', '__weakref__', '__doc__'] None {'q': 1}
# expect: ['__module__', '__firstlineno__', '__annotations__', '__static_attributes__', '__dict__', '__weakref__', '__doc__']
# expect: ValueError type name must not contain null characters
# expect: TypeError can only assign non-empty tuple to C.__bases__, not ()
# expect: TypeError C.__bases__ must be tuple of classes, not 'int'
# expect: TypeError a __bases__ item causes an inheritance cycle
# expect: TypeError __bases__ assignment: 'int' object layout differs from 'object'
# expect: TypeError a __bases__ item causes an inheritance cycle
# expect: TypeError __class__ assignment only supported for mutable types or ModuleType subclasses
# expect: TypeError __class__ must be set to a class, not 'int' object
# expect: TypeError __class__ assignment only supported for mutable types or ModuleType subclasses
# expect: TypeError can't delete __class__ attribute
# expect: TypeError __class__ assignment: 'S' object layout differs from 'X'
# expect: TypeError __class__ assignment: 'E' object layout differs from 'X'
# expect: TypeError __dict__ must be set to a dictionary, not a 'int'
# expect: None
# expect: AttributeError 'S' object has no attribute '__dict__'
# expect: AttributeError attribute '__weakref__' of 'X' objects is not writable
# expect: AttributeError 'S' object has no attribute 'a'
# expect: AttributeError a
# expect: TypeError cannot set 'x' attribute of immutable type 'int'
# expect: TypeError cannot set 'x' attribute of immutable type 'int'
# expect: AttributeError type object 'A' has no attribute 'zz'
# expect: AttributeError type object 'A' has no attribute 'zz'
# expect: [<class 'int'>, <class 'object'>]
# expect: {}
# expect: {}
# expect: [<class '__main__.Y'>]
