# Frames of finished generators have no caller; throw() chains what the generator handles.
import types


def g():
    try:
        raise KeyError("a")
    except KeyError:
        yield 1


gen = g()
frame = gen.gi_frame
next(gen)
try:
    gen.throw(ValueError)
except ValueError as error:
    print(repr(error.__context__), frame.f_back)


class Outer:
    # Releasing the locals of __del__ closes a generator, whose traceback asks for
    # the frame that is being left.
    def __del__(self):
        def closing():
            try:
                yield
            finally:
                held.append(1)
        inner = closing()
        next(inner)


held = []
for i in range(50):
    Outer()
print(len(held))

code = (x for x in []).gi_code
for value in (5, 0.5, None):
    try:
        list(types.FunctionType(code, {})(value))
    except TypeError as error:
        print(error)
# expect: KeyError('a') None
# expect: 50
# expect: 'int' object is not an iterator
# expect: 'float' object is not an iterator
# expect: 'NoneType' object is not an iterator
