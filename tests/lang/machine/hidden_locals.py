# SPDX-License-Identifier: MIT
# Locals while a comprehension runs in class or module code; code that is no function's,
# called as a function; the names that calls of all() and any() were compiled for.
import builtins
import sys
from types import FunctionType

print("a" in [sys._getframe().f_locals for a in [0]][0])
print([sys._getframe().f_locals["a"] for a in [0]], [locals()["x"] for x in [1, 2]])
print([eval("x") for x in [1, 2]], 'x' in globals())

class C:
    y = 1
    print([sorted(locals()) for a in [0]][0])
    print('y' in locals(), 'a' in locals())

def f():
    y = 1
    print([sorted(locals()) for a in [0]][0])
f()

names = {}
FunctionType(compile('x = 1; y = locals() is globals()', '', 'exec'), names)()
print(names['x'], names['y'])

def f_all():
    return all(x for x in [0])
real = all
try:
    builtins.all = all = lambda x: 'other'
    print(f_all())
finally:
    builtins.all = real
    del all
print(f_all())
print(None.__ne__(None), None.__ne__(0))

# expect: False
# expect: [0] [1, 2]
# expect: [1, 2] False
# expect: ['a']
# expect: True False
# expect: ['a', 'y']
# expect: 1 True
# expect: other
# expect: False
# expect: False NotImplemented
