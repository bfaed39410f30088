# next() and send() enter waiting generators without a call of C.
import sys
import types


def echo(first):
    got = yield first
    while got != "stop":
        try:
            got = yield got
        except KeyError as exc:
            got = yield ("caught", exc.args)
    return 7


def stepping():
    g = echo(1)
    out = [next(g)]
    for x in (2, 2.5, "a", None, 2 ** 70, g):
        y = g.send(x)
        out.append(y if y is not g else "self")
    out.append(g.throw(KeyError("k")))
    try:
        g.send("stop")
    except StopIteration as exc:
        out.append(exc.value)
    for call in (lambda: next(g), lambda: g.send(None), lambda: g.send(1), lambda: next(g, "over")):
        try:
            out.append(call())
        except StopIteration as exc:
            out.append(exc.args)
    print(out)


# expect: [1, 2, 2.5, 'a', None, 1180591620717411303424, 'self', ('caught', ('k',)), 7, (), (), (), 'over']
stepping()


def results():
    def gen(value):
        yield
        return value
    for value in (None, 5, (1, 2), (), ValueError("v")):
        g = gen(value)
        next(g)
        try:
            next(g)
        except StopIteration as exc:
            print(exc.args, repr(exc.value), exc.__context__)
    try:
        gen(1).send(2)
    except TypeError as exc:
        print(exc)
    for bad in (5, None, [1]):
        try:
            next(bad)
        except TypeError as exc:
            print(exc)


# expect: () None None
# expect: (5,) 5 None
# expect: ((1, 2),) (1, 2) None
# expect: ((),) () None
# expect: (ValueError('v'),) ValueError('v') None
# expect: can't send non-None value to a just-started generator
# expect: 'int' object is not an iterator
# expect: 'NoneType' object is not an iterator
# expect: 'list' object is not an iterator
results()


def running():
    def gen():
        try:
            next(me)
        except ValueError as exc:
            yield str(exc)
        try:
            me.send(None)
        except ValueError as exc:
            yield str(exc)
    me = gen()
    print(next(me), "/", next(me))


# expect: generator already executing / generator already executing
running()


def nesting(n):
    if n == 0:
        yield sys._getframe().f_back.f_code.co_name
        raise KeyError(n)
    inner = nesting(n - 1)
    yield next(inner)
    yield next(inner)


def tracebacks():
    g = nesting(3)
    print(next(g))
    try:
        next(g)
    except KeyError as exc:
        tb, names = exc.__traceback__, []
        while tb:
            names.append((tb.tb_frame.f_code.co_name,
                          tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
            tb = tb.tb_next
        print(names)
    print(list(g))


# expect: nesting
# expect: [('tracebacks', 4), ('nesting', 6), ('nesting', 6), ('nesting', 6), ('nesting', 3)]
# expect: []
tracebacks()


def deep():
    def gen(n):
        yield next(gen(n + 1))
    try:
        next(gen(0))
    except RecursionError as exc:
        print("RecursionError")


# expect: RecursionError
deep()


def handled():
    def gen():
        print(sys.exception())
        try:
            raise ValueError("in")
        except ValueError:
            yield repr(sys.exception())
            yield repr(sys.exception())
    g = gen()
    try:
        raise KeyError("out")
    except KeyError:
        print(next(g), repr(sys.exception()))
    print(next(g), sys.exception())


# expect: 'out'
# expect: ValueError('in') KeyError('out')
# expect: ValueError('in') None
handled()


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


def lifetimes():
    def gen(x):
        y = yield 1
        print("got", y.name)
        del y
        yield 2
        print("end")
    print(next(gen(Loud("a"))))
    g = gen(Loud("b"))
    next(g)
    g.send(Loud("c"))
    try:
        next(g)
    except StopIteration:
        print("stopped")
    g = None
    print("last")


# expect: del a
# expect: 1
# expect: got c
# expect: del c
# expect: end
# expect: del b
# expect: stopped
# expect: last
lifetimes()


def sites():
    class Sender:
        def send(self, x):
            return "mine", x

    async def coro():
        return await wait()

    @types.coroutine
    def wait():
        return (yield "waiting")

    out = []
    c, g = coro(), echo(0)
    next(g)
    for target, value in ((Sender(), 1), (g, 2), (c, None), (g, 3), (Sender(), 4)):
        out.append(target.send(value))
    send = c.send
    try:
        send("result")
    except StopIteration as exc:
        out.append(exc.value)
    send = g.send
    out += [send(5), send(6)]
    for source in (iter([1, 2000]), iter(range(2)), iter("ab"), echo(9), iter((3,)), iter({4: 5}),
                   map(str, [1]), iter([])):
        out.append(next(source, None))
    it = iter([1])
    out.append(next(it))
    try:
        next(it)
    except StopIteration:
        out.append("end")
    total = 0
    it, g = iter([1000, 2000]), echo(5)
    total += next(it) * next(g) + next(it)
    print(out, total)


# expect: [('mine', 1), 2, 'waiting', 3, ('mine', 4), 'result', 5, 6, 1, 0, 'a', 9, 3, 4, '1', None, 1, 'end'] 7000
sites()


def inside():
    # A generator calls functions, methods and C functions with its own arguments.
    def add(a, b=3):
        return a + b

    def gen(xs):
        seen = set()
        for x in xs:
            seen.add(x)
            yield add(x), add(x, 1), add(b=x, a=2), len(seen), max(x, 2), type(x).__name__, "".join(["a", str(x)])
    print(list(gen([1, 2, 1])))


# expect: [(4, 2, 3, 1, 2, 'int', 'a1'), (5, 3, 4, 2, 2, 'int', 'a2'), (4, 2, 3, 2, 2, 'int', 'a1')]
inside()


def one_site():
    # A descriptor and a bound method with the same definition at one call.
    xs, out = [], []
    for f in (list.append, xs.append, list.append, xs.append, len, {}.get, dict.get, next):
        try:
            out.append(f("ab"))
        except TypeError:
            out.append("TypeError")
    print(out, xs)


# expect: ['TypeError', None, 'TypeError', None, 2, None, 'TypeError', 'TypeError'] ['ab', 'ab']
one_site()
