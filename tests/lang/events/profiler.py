# _lsprof counts calls, recursion and pairs of caller and callee; the timer is ours.
import _lsprof


def leaf():
    return len("ab")


def twice():
    return leaf() + leaf()


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def name(code):
    return code if isinstance(code, str) else code.co_name


ticks = iter(range(10000))
profiler = _lsprof.Profiler(lambda: next(ticks), 0.5)
profiler.enable()
twice()
fib(4)
try:
    int("x")
except ValueError:
    pass
profiler.disable()
for entry in sorted(profiler.getstats(), key=lambda e: name(e.code)):
    calls = sorted((name(c.code), c.callcount, c.reccallcount, c.totaltime)
                   for c in entry.calls or ())
    print(name(entry.code), entry.callcount, entry.reccallcount, entry.totaltime,
          entry.inlinetime, calls)
# expect: <built-in method builtins.len> 2 0 1.0 1.0 []
# expect: <method 'disable' of '_lsprof.Profiler' objects> 1 0 0.5 0.5 []
# expect: fib 9 8 8.5 8.5 [('fib', 8, 6, 7.0)]
# expect: leaf 2 0 3.0 2.0 [('<built-in method builtins.len>', 2, 0, 1.0)]
# expect: twice 1 0 4.5 1.5 [('leaf', 2, 0, 3.0)]
