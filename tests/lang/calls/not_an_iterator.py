# SPDX-License-Identifier: MIT
# The function of a generator expression trusts nobody with its first argument.
import types
code = (x for x in ()).gi_code
for arg in (5, 2.5, None):
    try:
        list(types.FunctionType(code, {})(arg))
    except TypeError as e:
        print(e)

# expect: 'int' object is not an iterator
# expect: 'float' object is not an iterator
# expect: 'NoneType' object is not an iterator
