# Making, raising and catching exceptions takes short ways; what can be seen of them
# stays: arguments, __init__, __new__, tracebacks with their frames, contexts.
import sys


class App(Exception):
    pass


class Keyed(App):
    def __init__(self, key, *rest, extra=None):
        super().__init__(key)
        self.key = key
        self.extra = extra


class Silent(App):
    def __init__(self, a, b=2):
        self.b = b


class Made(App):
    def __new__(cls, *args):
        self = super().__new__(cls, "made", *args)
        return self


class Meta(type):
    def __call__(cls, *args):
        return super().__call__("meta", *args)


class Metaed(Exception, metaclass=Meta):
    pass


class Fails(Exception):
    def __init__(self):
        raise KeyError("inner")


class Returns(Exception):
    def __init__(self):
        return 5


def show(make):
    try:
        raise make()
    except BaseException as exc:
        print(type(exc).__name__, exc.args, vars(exc))


# expect: App (1, 2.5) {}
# expect: Keyed (7,) {'key': 7, 'extra': 8}
# expect: Silent (1,) {'b': 2}
# expect: Silent (1, 3) {'b': 3}
# expect: Made () {}
# expect: Made (4,) {}
# expect: Metaed ('meta', 1) {}
# expect: KeyError ('inner',) {}
# expect: TypeError ("__init__() should return None, not 'int'",) {}
# expect: TypeError ('App() takes no keyword arguments',) {}
# expect: TypeError ("Keyed.__init__() missing 1 required positional argument: 'key'",) {}
# expect: KeyError ((1, 2),) {}
# expect: FileNotFoundError (2, 'x') {}
show(lambda: App(1, 2.5))
show(lambda: Keyed(7, 9, extra=8))
show(lambda: Silent(1))
show(lambda: Silent(1, b=3) if False else Silent(1, 3))
show(lambda: Made)
show(lambda: Made(4))
show(lambda: Metaed(1))
show(lambda: Fails)
show(lambda: Returns())
show(lambda: App(k=1))
show(lambda: Keyed())
show(lambda: {}[1, 2])
show(lambda: FileNotFoundError(2, "x") and OSError.__new__(OSError, 2, "x"))


def changes():
    class C(Exception):
        pass

    def make():
        return C(1)
    print(make().args, make().args)
    C.__init__ = lambda self, x: setattr(self, "x", x)
    print(make().args, make().x)
    C.__new__ = lambda cls, x: Exception.__new__(cls, "new")
    print(make().args, make().x)
    del C.__init__
    print(make().args)
    del C.__new__
    print(make().args)


# expect: (1,) (1,)
# expect: (1,) 1
# expect: ('new',) 1
# expect: (1,)
# expect: (1,)
changes()


def frames(n, value):
    local = value * 2
    if n == 0:
        raise App(local)
    try:
        frames(n - 1, local)
    finally:
        local = "changed"


def tracebacks():
    kept = []
    for _ in range(2):
        try:
            frames(2, 10)
        except App as exc:
            kept.append(exc)
    for exc in kept:
        tb, out = exc.__traceback__, []
        while tb is not None:
            code = tb.tb_frame.f_code
            out.append((code.co_name, tb.tb_lineno - code.co_firstlineno,
                        tb.tb_frame.f_locals.get("local")))
            tb = tb.tb_next
        print(out)
    print(exc.__traceback__.tb_next.tb_frame.f_back.f_code.co_name)
    again = None
    for _ in range(2):
        try:
            raise kept[0]
        except App as exc:
            again = exc.__traceback__
    n = 0
    while again is not None:
        n, again = n + 1, again.tb_next
    print(n)


# expect: [('tracebacks', 4, None), ('frames', 5, 'changed'), ('frames', 5, 'changed'), ('frames', 3, 80)]
# expect: [('tracebacks', 4, None), ('frames', 5, 'changed'), ('frames', 5, 'changed'), ('frames', 3, 80)]
# expect: tracebacks
# expect: 6
tracebacks()


def matching():
    for handler in (App, (ValueError, App), (KeyError, (App,)), 5, (5,), Exception, int, "x"):
        try:
            try:
                raise Keyed(1)
            except handler:
                print("caught", end=" ")
        except BaseException as exc:
            print(type(exc).__name__, end=" ")
    print()


# expect: caught caught TypeError TypeError TypeError caught TypeError TypeError 
matching()


def contexts():
    try:
        try:
            raise ValueError(1)
        except ValueError:
            raise KeyError(2) from None
    except KeyError as exc:
        print(repr(exc.__context__), exc.__cause__, exc.__suppress_context__)
    try:
        try:
            {}["a"]
        except KeyError:
            [][1]
    except IndexError as exc:
        print(repr(exc.__context__))
    print(sys.exception())


# expect: ValueError(1) None True
# expect: KeyError('a')
# expect: None
contexts()


class Loud:
    def __del__(self):
        print("del")


def releases():
    loud = Loud()
    try:
        raise App(loud)
    except App as exc:
        del loud
        print("handler")
    print("after")


# The exception goes with the handler, and with it what it holds.
# expect: handler
# expect: del
# expect: after
releases()
