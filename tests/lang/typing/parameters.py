# Type variables: joined with anything, modules, weak references, Generic's __new__.
import copy
import pickle
import typing
import weakref

X = typing.TypeVar("X")
P = typing.ParamSpec("P")
print(X | "name", "name" | X, X | None)
print(X.__module__, P.__module__)
part = P.args
print(weakref.ref(part)() is part)
print(typing.ParamSpec("Q", bound=(1, 2)).__bound__)
print("__new__" in typing.Generic.__dict__)


class Box(typing.Generic[X]):
    def __init__(self, value):
        self.value = value


print(pickle.loads(pickle.dumps(Box(3))).value, copy.copy(Box(4)).value)
print(list[X][int], typing.Dict[X, int][str])
# expect: ~X | ForwardRef('name') ForwardRef('name') | ~X ~X | None
# expect: __main__ __main__
# expect: True
# expect: (1, 2)
# expect: False
# expect: 3 4
# expect: list[int] typing.Dict[str, int]
