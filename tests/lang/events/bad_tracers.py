# Trace functions that raise, unset themselves, jump anywhere.
import sys
import warnings

warnings.simplefilter("ignore")


def work(n):
    total = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise KeyError(i)
            total += i
        except KeyError:
            total += 1
        finally:
            total += 1
    with open("/dev/null") as f:
        d = {k: v for k, v in zip("abc", range(3))}
    match total:
        case 1:
            total = 2
        case x if x > 3:
            total += len(d)
    return total


class Boom(Exception):
    pass


want = work(6)
results = set()
for stop in range(1, 90):
    for kind in range(5):
        count = 0

        def tracer(frame, event, arg):
            global count
            count += 1
            if count == stop:
                if kind == 0:
                    raise Boom
                if kind == 1:
                    sys.settrace(None)
                if kind == 2:
                    frame.f_trace_opcodes = True
                if kind == 3:
                    frame.f_trace_lines = False
                if kind == 4:
                    for target in range(30):
                        try:
                            frame.f_lineno = work.__code__.co_firstlineno + target
                            break
                        except ValueError:
                            pass
            return tracer

        sys.settrace(tracer)
        try:
            result = work(6)
        except Boom:
            result = "boom"
        except (NameError, TypeError, ValueError, AttributeError):
            result = "jumped"
        finally:
            sys.settrace(None)
        if kind != 4:
            results.add(result)
print(results == {want, "boom"}, sys.gettrace(), work(6) == want)
# expect: True None True
