# SPDX-License-Identifier: MIT
# The empty cell that a comprehension leaves behind is no local of its module.
funcs = [lambda: i for i in range(3)]
print(locals() is globals(), "funcs" in dir(), "i" in dir())

# expect: True True False
