# Each monitoring event in its place: lines, instructions, branches, calls, yields, raises.
import sys

monitoring = sys.monitoring
E = monitoring.events
log = []


def gen(n):
    got = yield n
    yield from (got,)
    return n


def watched(x):
    for i in range(2):
        if i:
            x += 1
        else:
            continue
    it = gen(x)
    next(it)
    it.send(7)
    try:
        int("x")
    except ValueError:
        abs(-1)
    it.close()
    return x


def watch(name):
    def callback(code, *args):
        if code.co_name in ("gen", "watched"):
            log.append((name, code.co_name[0]) + tuple(
                a if isinstance(a, int) else getattr(a, "__name__", type(a).__name__)
                for a in args))
    return callback


first = watched.__code__.co_firstlineno
monitoring.use_tool_id(2, "test")
names = [n for n in dir(E) if n.isupper() and n not in ("NO_EVENTS", "BRANCH")]
for name in names:
    monitoring.register_callback(2, getattr(E, name), watch(name))
monitoring.set_events(2, sum(getattr(E, n) for n in names if n != "INSTRUCTION"))
watched(1)
monitoring.set_events(2, 0)
for row in log:
    print(*row)
count = len(log)
watched(1)
print(len(log) == count)

# One code object only, and a place that is not asked again.
log.clear()
monitoring.register_callback(2, E.LINE, lambda c, n: log.append(n - first) or monitoring.DISABLE)
monitoring.set_local_events(2, watched.__code__, E.LINE)
watched(1)
watched(1)
print(log)
monitoring.restart_events()
watched(1)
print(len(log), monitoring.get_local_events(2, watched.__code__) == E.LINE)
monitoring.free_tool_id(2)
# expect: PY_START w 0
# expect: LINE w 16
# expect: CALL w 14 range 2
# expect: C_RETURN w 14 range 2
# expect: BRANCH_LEFT w 24 28
# expect: LINE w 17
# expect: BRANCH_RIGHT w 40 68
# expect: LINE w 20
# expect: JUMP w 68 24
# expect: LINE w 16
# expect: BRANCH_LEFT w 24 28
# expect: LINE w 17
# expect: BRANCH_LEFT w 40 46
# expect: LINE w 18
# expect: JUMP w 64 24
# expect: LINE w 16
# expect: BRANCH_RIGHT w 24 76
# expect: LINE w 21
# expect: CALL w 88 gen 2
# expect: LINE w 22
# expect: CALL w 110 next gen
# expect: PY_START g 4
# expect: LINE g 10
# expect: PY_YIELD g 8 2
# expect: C_RETURN w 110 next gen
# expect: LINE w 23
# expect: CALL w 144 send gen
# expect: PY_RESUME g 10
# expect: LINE g 11
# expect: PY_YIELD g 26 7
# expect: C_RETURN w 144 send gen
# expect: LINE w 24
# expect: LINE w 25
# expect: CALL w 168 int str
# expect: C_RAISE w 168 int str
# expect: RAISE w 174 ValueError
# expect: EXCEPTION_HANDLED w 214 ValueError
# expect: LINE w 26
# expect: BRANCH_LEFT w 228 234
# expect: LINE w 27
# expect: CALL w 248 abs -1
# expect: C_RETURN w 248 abs -1
# expect: LINE w 28
# expect: CALL w 200 close gen
# expect: PY_THROW g 28 GeneratorExit
# expect: RAISE g 26 GeneratorExit
# expect: EXCEPTION_HANDLED g 40 GeneratorExit
# expect: LINE g 11
# expect: RERAISE g 40 GeneratorExit
# expect: EXCEPTION_HANDLED g 44 GeneratorExit
# expect: RERAISE g 46 GeneratorExit
# expect: PY_UNWIND g 46 GeneratorExit
# expect: C_RETURN w 200 close gen
# expect: LINE w 29
# expect: PY_RETURN w 212 2
# expect: True
# expect: [1, 2, 5, 1, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14]
# expect: 28 True
