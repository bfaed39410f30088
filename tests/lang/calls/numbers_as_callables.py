# Numbers in frame slots are no objects; calling or slicing one is an error all the same.
def attempt(f):
    try:
        f()
    except TypeError as error:
        print(error)


n = 5
attempt(lambda: n())
attempt(lambda: print(*n))
attempt(lambda: n[1:2])
attempt(lambda: dict(**n))


def local():
    x = 7
    x(1)


attempt(local)
# expect: 'int' object is not callable
# expect: print() argument after * must be an iterable, not int
# expect: 'int' object is not subscriptable
# expect: dict() argument after ** must be a mapping, not int
# expect: 'int' object is not callable
