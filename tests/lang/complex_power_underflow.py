# SPDX-License-Identifier: MIT
# A power that underflows on its way is no overflow.
print((-2.0) ** -2000.5)
print(abs(complex(5e-324, 5e-324)))
import _random
class Odd(int):
    def __abs__(self):
        return None
print(_random.Random(Odd(1)).random() == _random.Random(1).random())

# expect: -0j
# expect: 5e-324
# expect: True
