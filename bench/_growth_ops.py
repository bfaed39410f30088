"""Time twenty operations at growing sizes; lines of `name<TAB>size<TAB>seconds`.

Usage: python _growth_ops.py [LARGEST]       sizes are 10**3, 10**4, ... LARGEST (10**6)

Each operation is made to take time in proportion to its size (or size * log(size)) by a
good implementation; bench/growth fits the exponents. An operation stops growing when one
run takes longer than LIMIT seconds.
"""
import sys
import time

LIMIT = 4.0


def str_append(n):
    text = ""
    for _ in range(n):
        text += "x"
    return len(text)


def bytearray_append(n):
    data = bytearray()
    for _ in range(n):
        data += b"x"
    return len(data)


def list_append(n):
    items = []
    for i in range(n):
        items.append(i)
    return len(items)


def list_pop_front(n):
    items = list(range(n))
    for _ in range(1000):
        items.pop(0)
    return len(items)


def list_in(n):
    items = list(range(n))
    return sum(-1 in items for _ in range(10))


def list_sort(n):
    items = [i * 7919 % 1000003 for i in range(n)]
    items.sort()
    return items[0]


def sort_strings(n):
    return len(sorted([str(i * 7919 % 1000003) for i in range(n)]))


def dict_build(n):
    table = {}
    for i in range(n):
        table[i * 64] = i
    return len(table)


def dict_lookup(n):
    table = {str(i): i for i in range(n)}
    return sum(table[key] for key in list(table))


def dict_delete(n):
    table = dict.fromkeys(range(n))
    while table:
        del table[next(iter(table))]
    return len(table)


def set_algebra(n):
    return len(set(range(n)) & set(range(n // 2, n + n // 2)))


def deque_turn(n):
    from collections import deque
    queue = deque()
    for i in range(n):
        queue.append(i)
    while queue:
        queue.popleft()
    return 0


def str_join_split(n):
    return len(",".join(map(str, range(n))).split(","))


def str_find_hard(n):
    return ("a" * n).find("a" * (n // 2) + "b")


def str_replace(n):
    return len(("ab" * n).replace("a", "xyz"))


def objects_linked(n):
    # A chain that is freed from its head: no recursion, no quadratic work.
    class Node:
        __slots__ = ("next",)

    head = None
    for _ in range(n):
        node = Node()
        node.next = head
        head = node
    del node
    head = None
    return 0


def cyclic_garbage(n):
    for _ in range(n):
        a = []
        a.append(a)
    return 0


def live_objects(n):
    # Everything stays: the collector must not look at it again and again.
    return len([[i] for i in range(n)])


def deep_recursion(n):
    sys.setrecursionlimit(max(sys.getrecursionlimit(), 20000))

    def down(k):
        return 0 if k == 0 else 1 + down(k - 1)

    for _ in range(n // 1000):
        down(1000)
    return 0


def long_source(n):
    source = "".join(f"v{i} = v{i - 1 if i else 0} if {i} else {i}\n" for i in range(n))
    exec(compile(source, "long", "exec"), {"v0": 0})
    return 0


def long_line(n):
    compile("x = [" + ", ".join(map(str, range(n))) + "]", "long", "exec")
    return 0


def int_text(n):
    sys.set_int_max_str_digits(0)
    return len(str(int("7" * n)))


def int_multiply(n):
    return ((1 << 10 * n) - 3) * ((1 << 10 * n) - 5) & 7


def regex_scan(n):
    import re
    return len(re.findall(r"\w+@\w+", "name@host, " * n))


def json_turn(n):
    import json
    return len(json.loads(json.dumps([{"key": i} for i in range(n)])))


OPERATIONS = [str_append, bytearray_append, list_append, list_pop_front, list_in,
              list_sort, sort_strings, dict_build, dict_lookup, dict_delete, set_algebra,
              deque_turn, str_join_split, str_find_hard, str_replace, objects_linked,
              cyclic_garbage, live_objects, deep_recursion, long_source, long_line,
              int_text, int_multiply, regex_scan, json_turn]


def main():
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 10**6
    for operation in OPERATIONS:
        size = 1000
        while size <= largest:
            times = []
            while not times or (sum(times) < 0.05 and len(times) < 5):
                start = time.process_time()
                operation(size)
                times.append(time.process_time() - start)
            spent = min(times)
            print(f"{operation.__name__}\t{size}\t{spent:.6f}", flush=True)
            if spent > LIMIT / 10:
                break
            size *= 10


main()
