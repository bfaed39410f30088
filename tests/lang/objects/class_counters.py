# A class whose plain attributes are replaced again and again: everybody sees the newest
# value at once, in every way of asking, whatever was cached before.
class Base:
    count = 0
    text = "a"

    def method(self):
        return "method"

    def bump(self):
        Base.count += 1
        return self.count


class Sub(Base):
    pass


class Own(Base):
    count = -1


def ask(a, b, c):
    return (Base.count, Sub.count, Own.count, a.count, b.count, c.count,
            getattr(a, "count"), super(Own, c).count, a.method())


def run():
    a, b, c = Base(), Sub(), Own()
    for i in range(40):
        Base.count = i * 1000
        got = ask(a, b, c)
        want = (i * 1000, i * 1000, -1, i * 1000, i * 1000, -1, i * 1000, i * 1000, "method")
        if got != want:
            print("wrong", i, got)
    print(got)


# expect: (39000, 39000, -1, 39000, 39000, -1, 39000, 39000, 'method')
run()


def kinds():
    # Descriptors, deletions, instance attributes and new names after many plain stores.
    a, b, c = Base(), Sub(), Own()
    ask(a, b, c)
    ask(a, b, c)
    Base.count = property(lambda self: "property")
    print(a.count, b.count, c.count, type(Sub.count).__name__)
    Base.count = lambda self: "function"
    print(a.count(), b.count(), Base.count(1))
    Base.count = 5
    print(ask(a, b, c))
    del Base.count
    for x in (a, Base):
        try:
            print(x.count)
        except AttributeError as exc:
            print(exc)
    Base.count = 6
    a.count = 7
    print(ask(a, b, c))
    Own.count = 8
    print(ask(a, b, c))
    del Own.count
    print(ask(a, b, c))
    Base.other = 9
    print(a.other, b.other)
    Base.method = lambda self: "changed"
    print(a.method(), ask(a, b, c)[-1])


# expect: property property -1 property
# expect: function function function
# expect: (5, 5, -1, 5, 5, -1, 5, 5, 'method')
# expect: 'Base' object has no attribute 'count'
# expect: type object 'Base' has no attribute 'count'
# expect: (6, 6, -1, 7, 6, -1, 7, 6, 'method')
# expect: (6, 6, 8, 7, 6, 8, 7, 6, 'method')
# expect: (6, 6, 6, 7, 6, 6, 7, 6, 'method')
# expect: 9 9
# expect: changed changed
kinds()


class Loud:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n, end="; ")


def lifetimes():
    class C:
        held = None
    c = C()
    for i in range(12):
        C.held = Loud(i)
        assert C.held.n == c.held.n == i
    print()
    C.held = None


# expect: del 0; del 1; del 2; del 3; del 4; del 5; del 6; del 7; del 8; del 9; del 10; 
lifetimes()
print()


class Callable:
    def __init__(self, n):
        self.n = n

    def __call__(self, *args):
        return self.n, len(args)


def called():
    class C:
        call = None
    out, c = [], C()
    for i in range(30):
        C.call = Callable(i) if i % 7 else len
        out.append(C.call("abc"))
        out.append(c.call("xy"))
    print(out[-4:], out[:3])


# expect: del 11; 
# expect: [3, 2, (29, 1), (29, 1)] [3, 2, (1, 1)]
called()


def special():
    # A dunder is never plain: each store counts at once.
    class C:
        __hash__ = None
        x = 0
    for i in range(20):
        C.x = i
    try:
        hash(C())
    except TypeError as exc:
        print(exc)
    C.__hash__ = lambda self: 5
    print(hash(C()))
    C.__len__ = lambda self: 6
    print(len(C()), bool(C()))
    C.__len__ = lambda self: 0
    print(len(C()), bool(C()))

    class D(C):
        pass
    C.x = 77
    print(D.x, D().x)
    D.__bases__ = (Base,)
    Base.x = 88
    print(D.x, D().x)


# expect: unhashable type: 'C'
# expect: 5
# expect: 6 True
# expect: 0 False
# expect: 77 77
# expect: 88 88
special()
