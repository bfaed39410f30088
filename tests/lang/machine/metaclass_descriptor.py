# SPDX-License-Identifier: MIT
# A data descriptor that a metaclass gets later comes before the class's own attribute.
class Meta(type):
    pass
class C(metaclass=Meta):
    x = 1
def load():
    return C.x
for _ in range(50):
    load()
Meta.x = property(lambda cls: "meta")
print(load(), C.x)

# expect: meta meta
