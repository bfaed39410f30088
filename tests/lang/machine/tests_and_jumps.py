# "is" and "in" with the jumps behind them.
class Box:
    def __init__(self, *items):
        self.items = items

    def __contains__(self, item):
        if item == "fail":
            raise LookupError(item)
        return item in self.items


class Truthy:
    def __contains__(self, item):
        return [item]


class Iterable:
    def __iter__(self):
        return iter((1, 2.5, "x"))


def member(x, c):
    r = []
    if x in c:
        r.append("in")
    if x not in c:
        r.append("not in")
    if not (x in c):
        r.append("not (in)")
    while x in c:
        r.append("while")
        break
    r.append("then" if x in c else "else")
    r.append(x in c and x not in c)
    r.append(x in c or x in [x])
    assert x in c or True
    return r


def same(x, y):
    r = []
    if x is y:
        r.append("is")
    if x is not y:
        r.append("is not")
    if not (x is y):
        r.append("not (is)")
    while x is not y:
        r.append("while")
        break
    r.append([1 if x is y else 2, x is y or "no", x is not y and "yes"])
    return r


for x in (1, 2.5, "x", None, (1,), "y"):
    for c in ([1, 2.5], (None, "x"), {"x": 1}, {1, 2.5}, Box(1, "x"), Truthy(), Iterable(),
              range(3)):
        print(member(x, c), end=" ")
    print()
n, f, s = 10 ** 20, 2.5, "text" * 2
for pair in ((1, 1), (1, True), (None, None), (n, n), (n, n + 0), (f, f), (s, s), ([], []),
             (int, type(1)), (0.0, -0.0)):
    print(same(*pair), end=" ")
print()
for bad in ((1, 5), ("fail", Box()), ([], {}), (1, "text")):
    for _ in range(2):
        try:
            if bad[0] in bad[1]:
                print("never")
        except Exception as error:
            print(type(error).__name__, error)


def chained(a, b, c):
    if a is b is not c in [c]:
        return "chained"
    return "no"


print(chained(None, None, 1), chained(1, 2, 3), chained(None, None, None))


def generator(items):
    for item in items:
        if item in Box(2, 3):
            yield item
        elif item is None:
            yield "none"


print(list(generator([1, 2, None, 3])))


# Arguments that are taken in place.
def rest(a, *more, k=0):
    return a, more, k


def only(*more, **named):
    more += (len(named),)
    return more


def several(a, b=1, *, c=2, **named):
    x = y = z = a
    return a, b, c, named, x, y, z


for _ in range(2):
    print(rest(1), rest(1, 2), rest(1, 2, 3, 4.5, "x"), only(), only(1, n, f), several(1),
          several(1, 2), several(1, c=5, d=6))
    for call in (lambda: rest(), lambda: several(), lambda: several(1, 2, 3), lambda: rest(1, z=2)):
        try:
            call()
        except TypeError as error:
            print(error)

# expect: ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] 
# expect: ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] 
# expect: ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] 
# expect: ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] 
# expect: ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] 
# expect: ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] ['in', 'while', 'then', False, True] ['not in', 'not (in)', 'else', False, True] ['not in', 'not (in)', 'else', False, True] 
# expect: ['is', [1, True, False]] ['is not', 'not (is)', 'while', [2, 'no', 'yes']] ['is', [1, True, False]] ['is', [1, True, False]] ['is not', 'not (is)', 'while', [2, 'no', 'yes']] ['is', [1, True, False]] ['is', [1, True, False]] ['is not', 'not (is)', 'while', [2, 'no', 'yes']] ['is', [1, True, False]] ['is not', 'not (is)', 'while', [2, 'no', 'yes']] 
# expect: TypeError argument of type 'int' is not a container or iterable
# expect: TypeError argument of type 'int' is not a container or iterable
# expect: LookupError fail
# expect: LookupError fail
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: TypeError cannot use 'list' as a dict key (unhashable type: 'list')
# expect: TypeError 'in <string>' requires string as left operand, not int
# expect: TypeError 'in <string>' requires string as left operand, not int
# expect: chained no no
# expect: [2, 'none', 3]
# expect: (1, (), 0) (1, (2,), 0) (1, (2, 3, 4.5, 'x'), 0) (0,) (1, 100000000000000000000, 2.5, 0) (1, 1, 2, {}, 1, 1, 1) (1, 2, 2, {}, 1, 1, 1) (1, 1, 5, {'d': 6}, 1, 1, 1)
# expect: rest() missing 1 required positional argument: 'a'
# expect: several() missing 1 required positional argument: 'a'
# expect: several() takes from 1 to 2 positional arguments but 3 were given
# expect: rest() got an unexpected keyword argument 'z'
# expect: (1, (), 0) (1, (2,), 0) (1, (2, 3, 4.5, 'x'), 0) (0,) (1, 100000000000000000000, 2.5, 0) (1, 1, 2, {}, 1, 1, 1) (1, 2, 2, {}, 1, 1, 1) (1, 1, 5, {'d': 6}, 1, 1, 1)
# expect: rest() missing 1 required positional argument: 'a'
# expect: several() missing 1 required positional argument: 'a'
# expect: several() takes from 1 to 2 positional arguments but 3 were given
# expect: rest() got an unexpected keyword argument 'z'
