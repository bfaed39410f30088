# Tracing that starts and ends while frames and generators run moves them between the
# two forms of their code without losing a value.
import sys


def values(n):
    for i in range(n):
        a = (i, (yield i), [j for j in range(i % 3)])
        yield a


def mixed(n, tracer):
    total = 0
    d = {}
    for i in range(n):
        if i % 5 == 2:
            sys.settrace(tracer)
        d[i] = (i, sum(x for x in range(i)), total if i % 2 else -total)
        try:
            if i % 7 == 3:
                raise KeyError(i)
            total += d[i][1]
        except KeyError as e:
            total -= e.args[0]
        if i % 5 == 4:
            sys.settrace(None)
    sys.settrace(None)
    return total, d[n - 1]


events = []


def tracer(frame, event, arg):
    events.append(event)
    return tracer


plain = mixed(40, None)
print(plain == mixed(40, tracer) == mixed(40, None), len(events) > 100)
# expect: True True

gens = [values(30) for _ in range(8)]
seen = [[] for _ in gens]
for step in range(60):
    sys.settrace(tracer if step % 3 == 1 else None)
    for g, s in zip(gens, seen):
        s.append(g.send(None if step == 0 else step))
sys.settrace(None)
print(all(s == seen[0] for s in seen), seen[0][-1])
# expect: True (29, 59, [0, 1])

# The frame that turns events on in its own middle sees its next line.
lines = []
sys.monitoring.use_tool_id(3, "lines")
sys.monitoring.register_callback(3, sys.monitoring.events.LINE,
                                 lambda code, line: lines.append(line - first))


def here(x):
    y = (x, sys.monitoring.set_events(3, sys.monitoring.events.LINE))
    z = y[0] + x
    sys.monitoring.set_events(3, 0)
    return z


first = here.__code__.co_firstlineno
print(here(4), lines)
# expect: 8 [2, 3]
sys.monitoring.free_tool_id(3)
