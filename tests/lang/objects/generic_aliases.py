# SPDX-License-Identifier: MIT
# list[int], int | str: making, printing, comparing, substituting.
def t(f):
    try:
        print(repr(f()))
    except BaseException as e:
        print(type(e).__name__, e)
import types
G = types.GenericAlias
Un = types.UnionType
class T:
    def __init__(self, n): self.n = n
    def __repr__(self): return '~' + self.n
    def __typing_subst__(self, arg): return arg
    def __or__(self, o): return Un[self, o]
    def __ror__(self, o): return Un[o, self]
U = T('U')
T = T('T')
for f in [lambda: G(list, int), lambda: G(list), lambda: G(), lambda: G(list, int, a=1), lambda: list[int],
          lambda: list[T][int], lambda: dict[T, U][int, str], lambda: dict[T, int][str, int],
          lambda: list[int][int], lambda: list[T].__parameters__, lambda: list[int].__args__,
          lambda: list[int].__origin__, lambda: list[int].append, lambda: list[int](),
          lambda: list[int] == list[int], lambda: hash(list[int]) == hash(list[int]),
          lambda: isinstance([], list[int]), lambda: issubclass(list, list[int]),
          lambda: list[int].__mro_entries__(()), lambda: list[int].__class__, lambda: list[...],
          lambda: list[list[int], 'a', 3, ()], lambda: tuple[()], lambda: tuple[int, ...],
          lambda: list[[1, 2]], lambda: list[int] | str, lambda: int | list[int] | None,
          lambda: [x for x in list[int]], lambda: next(iter(list[int])), lambda: type(iter(list[int])),
          lambda: list[int].__reduce__(), lambda: list[int].__unpacked__,
          lambda: next(iter(list[int])).__unpacked__, lambda: setattr(list[int], '__origin__', 3),
          lambda: setattr(list[int], 'foo', 3), lambda: list[int].foo,
          lambda: list[int].__typing_unpacked_tuple_args__,
          lambda: next(iter(tuple[int, str])).__typing_unpacked_tuple_args__, lambda: list[int].__name__,
          lambda: list[int].__copy__(), lambda: list[T] | int, lambda: (list[T] | int)[str],
          lambda: list[int].__getitem__, lambda: type('X', (list[int],), {}),
          lambda: types.new_class('X', (list[int],)).__orig_bases__, lambda: tuple[*tuple[int, str], T][bytes],
          lambda: dict[str, list[T]][int]]:
    t(f)
for f in [lambda: int | str, lambda: int | None, lambda: None | int, lambda: Un[int, str], lambda: Un[int],
          lambda: Un[()], lambda: Un[None], lambda: Un, lambda: int | 1, lambda: int | 'a',
          lambda: (int | str) == {int}, lambda: (int | str) == (str | int),
          lambda: hash(int | str) == hash(str | int), lambda: isinstance(1, int | str),
          lambda: issubclass(int, int | str), lambda: isinstance(1, int | list[int]),
          lambda: isinstance('', int | list[int]), lambda: (int | str).__args__,
          lambda: (int | T).__parameters__, lambda: (int | T)[str], lambda: (int | str)[3],
          lambda: (int | str).__origin__, lambda: (int | str).__name__, lambda: (int | str).__module__,
          lambda: (int | str).__mro_entries__(()), lambda: type('x', (int | str,), {}), lambda: Un(),
          lambda: int | int, lambda: bool | int | bool, lambda: Un[1], lambda: Un[int, 1], lambda: Un[[1]],
          lambda: (int | str).foo, lambda: None | None, lambda: (int | None) | list, lambda: T | int,
          lambda: int | T, lambda: (int | str).__qualname__, lambda: (int | str).__parameters__,
          lambda: {} | int, lambda: int | {}, lambda: int | ..., lambda: Un[int, []] == Un[[], int],
          lambda: hash(Un[int, []])]:
    t(f)

# expect: list[int]
# expect: TypeError GenericAlias expected 2 arguments, got 1
# expect: TypeError GenericAlias expected 2 arguments, got 0
# expect: TypeError GenericAlias() takes no keyword arguments
# expect: list[int]
# expect: list[int]
# expect: dict[int, str]
# expect: TypeError Too many arguments for dict[~T, int]; actual 2, expected 1
# expect: TypeError list[int] is not a generic class
# expect: (~T,)
# expect: (<class 'int'>,)
# expect: <class 'list'>
# expect: <method 'append' of 'list' objects>
# expect: []
# expect: True
# expect: True
# expect: TypeError isinstance() argument 2 cannot be a parameterized generic
# expect: TypeError issubclass() argument 2 cannot be a parameterized generic
# expect: (<class 'list'>,)
# expect: <class 'types.GenericAlias'>
# expect: list[...]
# expect: list[list[int], 'a', 3, ()]
# expect: tuple[()]
# expect: tuple[int, ...]
# expect: list[[1, 2]]
# expect: list[int] | str
# expect: int | list[int] | None
# expect: [*list[int]]
# expect: *list[int]
# expect: <class 'generic_alias_iterator'>
# expect: (<class 'types.GenericAlias'>, (<class 'list'>, (<class 'int'>,)))
# expect: False
# expect: True
# expect: AttributeError readonly attribute
# expect: AttributeError 'types.GenericAlias' object has no attribute 'foo' and no __dict__ for setting new attributes
# expect: AttributeError type object 'list' has no attribute 'foo'
# expect: None
# expect: (<class 'int'>, <class 'str'>)
# expect: 'list'
# expect: AttributeError 'types.GenericAlias' object has no attribute '__copy__'
# expect: list[~T] | int
# expect: list[str] | int
# expect: <method '__getitem__' of 'list' objects>
# expect: TypeError type() doesn't support MRO entry resolution; use types.new_class()
# expect: (list[int],)
# expect: tuple[*tuple[int, str], bytes]
# expect: dict[str, list[int]]
# expect: int | str
# expect: int | None
# expect: None | int
# expect: int | str
# expect: <class 'int'>
# expect: TypeError Cannot take a Union of no types.
# expect: <class 'NoneType'>
# expect: <class 'typing.Union'>
# expect: TypeError unsupported operand type(s) for |: 'type' and 'int'
# expect: TypeError unsupported operand type(s) for |: 'type' and 'str'
# expect: False
# expect: True
# expect: True
# expect: True
# expect: True
# expect: True
# expect: TypeError isinstance() argument 2 cannot be a parameterized generic
# expect: (<class 'int'>, <class 'str'>)
# expect: (~T,)
# expect: int | str
# expect: TypeError int | str is not a generic class
# expect: <class 'typing.Union'>
# expect: 'Union'
# expect: 'typing'
# expect: TypeError Cannot subclass int | str
# expect: TypeError type() doesn't support MRO entry resolution; use types.new_class()
# expect: TypeError cannot create 'typing.Union' instances
# expect: <class 'int'>
# expect: bool | int
# expect: 1
# expect: int | 1
# expect: [1]
# expect: AttributeError 'typing.Union' object has no attribute 'foo'
# expect: TypeError unsupported operand type(s) for |: 'NoneType' and 'NoneType'
# expect: int | None | list
# expect: ~T | int
# expect: int | ~T
# expect: 'Union'
# expect: ()
# expect: TypeError unsupported operand type(s) for |: 'dict' and 'type'
# expect: TypeError unsupported operand type(s) for |: 'type' and 'dict'
# expect: TypeError unsupported operand type(s) for |: 'type' and 'ellipsis'
# expect: True
# expect: TypeError unhashable type: 'list'
