"""Time some two hundred small operations of the builtin types, one line for each.

Usage: python _micro_ops.py [WORD...]     only the operations whose name has a WORD

A line is `name<TAB>nanoseconds`, the best of several rounds, without the cost of the
loop around it. bench/micro runs this in two interpreters and prints the ratios.
"""
import os
import sys
import time

# About so long a round, and so many rounds; MICRO_QUICK just runs everything.
QUICK = "MICRO_QUICK" in os.environ
ROUND_NS = 200_000 if QUICK else 3_000_000
ROUNDS = 1 if QUICK else 5

# A group gives a setup; each line of its operations is `name: statement`.
GROUPS = [
("str", """
s = "the quick brown fox jumps over the lazy dog"
long = s * 50
words = s.split()
many = [str(i) for i in range(1000)]
lines = "\\n".join(many)
u = "gr\\xfc\\xdfe an die \\u0416\\u0437\\u043b \\u4e16\\u754c " * 20
sp = "   padded text   "
table = str.maketrans("aeiou", "AEIOU")
deltable = {ord("a"): None, ord("b"): "xx"}
a20 = "a" * 20; b20 = "a" * 19 + "b"
t = ("quick", "brown")
i5 = 5
lat = "caf\\xe9 au lait " * 30
num = "1234567"
""", """
concat 2: a20 + b20
concat 3: s + a20 + b20
repeat: a20 * 10
repeat char: "x" * 80
index: s[i5]
index neg: s[-1]
slice: s[4:20]
slice to end: s[4:]
slice prefix: s[:4]
slice reversed: s[::-1]
slice step: long[::3]
len: len(s)
eq same: a20 == "aaaaaaaaaaaaaaaaaaaa"
eq diff end: a20 == b20
lt: a20 < b20
hash: hash(a20)
in char: "z" in s
in sub: "lazy" in s
in long miss: "cat" in long
in long char miss: "!" in long
find: s.find("lazy")
find long miss: long.find("lazy cat")
find char: long.find("!")
rfind: s.rfind("quick")
rfind long: long.rfind("cat")
index m: s.index("fox")
count char: long.count("o")
count sub: long.count("the")
startswith: s.startswith("the")
startswith tuple: s.startswith(t)
endswith: s.endswith("dog")
split ws: s.split()
split sep: s.split(" ")
split long ws: long.split()
split comma: num.split(",")
rsplit 1: s.rsplit(" ", 1)
splitlines: lines.splitlines()
partition: s.partition("fox")
rpartition: s.rpartition("fox")
join 9: " ".join(words)
join 1000: ",".join(many)
join gen: "".join([w for w in words])
replace char: s.replace("o", "0")
replace sub: s.replace("the", "a")
replace long: long.replace("fox", "wolf")
replace miss: s.replace("xyz", "a")
upper: s.upper()
lower: s.lower()
lower long: long.lower()
title: s.title()
capitalize: s.capitalize()
swapcase: s.swapcase()
casefold: s.casefold()
strip: sp.strip()
strip none: s.strip()
lstrip: sp.lstrip()
rstrip nl: s.rstrip("\\n")
removeprefix: s.removeprefix("the ")
isdigit: num.isdigit()
isalpha: a20.isalpha()
isspace: a20.isspace()
isalnum: a20.isalnum()
isidentifier: a20.isidentifier()
islower: a20.islower()
translate ascii: s.translate(table)
translate del: s.translate(deltable)
center: a20.center(40)
ljust: a20.ljust(40)
zfill: num.zfill(12)
expandtabs: s.expandtabs()
encode ascii: long.encode()
encode short: a20.encode()
encode latin: lat.encode()
encode u: u.encode()
encode latin1: lat.encode("latin-1")
upper u: u.upper()
find u: u.find("\\u4e17")
iterate: [c for c in s]
list: list(s)
ord: ord("a")
chr: chr(97)
chr u: chr(0x4e16)
ascii: ascii(u)
repr: repr(s)
str of str: str(s)
iadd 100: f_iadd(100)
fromkeys set: set(s)
min: min(s)
sorted: sorted(s)
""", '''
def f_iadd(n):
    r = ""
    for i in range(n):
        r += "ab"
    return r
'''),
("format", """
i = 12345; f = 3.14159; s = "text"; neg = -7; big = 10**30
d = {"a": 1, "b": "two"}
class C:
    x = 5
c = C()
fmt = "{} and {}"
""", """
f-string str: f"{s} and {s}"
f-string int: f"{i}"
f-string int2: f"a={i}, b={neg}"
f-string float: f"{f}"
f-string .2f: f"{f:.2f}"
f-string 10.3f: f"{f:10.3f}"
f-string 05d: f"{neg:05d}"
f-string comma: f"{i:,}"
f-string x: f"{i:x}"
f-string >10: f"{s:>10}"
f-string <10 int: f"{i:<10}"
f-string repr: f"{s!r}"
format: "{} and {}".format(i, s)
format named: "{a}-{b}".format(a=1, b=2)
format idx: "{0:>5}|{1:.1f}".format(i, f)
format attr: "{0.x}".format(c)
format_map: "{a} {b}".format_map(d)
percent s: "%s and %s" % (s, s)
percent d: "%d items" % i
percent mix: "%5d %-8s %.2f" % (i, s, f)
percent dict: "%(a)d %(b)s" % d
percent r: "%r" % s
percent x: "%08x" % i
builtin format: format(f, ".3f")
str int: str(i)
str neg: str(neg)
str big: str(big)
str float: str(f)
repr float: repr(0.1)
repr float big: repr(1.2345678901234567e+100)
repr float int: repr(100.0)
int str: int("12345")
int str neg: int(" -7 ")
int str 30: int("123456789012345678901234567890")
int hex: int("ff", 16)
int float: int(f)
float str: float("3.14159")
float str int: float("42")
float str exp: float("1.5e-10")
hex: hex(i)
bin: bin(i)
round 2: round(f, 2)
round: round(f)
repr list: repr([1, 2, 3])
repr tuple: repr((1, "a"))
repr dict: repr(d)
print 0 chars: f"{i}{s}{f}{neg}"
""", ""),
("bytes", """
b = b"the quick brown fox jumps over the lazy dog"
long = b * 50
words = b.split()
ba = bytearray(b)
asc = b"plain ascii text " * 30
u8 = ("gr\\xfc\\xdfe \\u4e16\\u754c " * 30).encode()
hx = b.hex()
tt = bytes(range(256)).upper()
many = [b"%d" % i for i in range(300)]
""", """
concat: b + b
index: b[5]
slice: b[4:20]
eq: b == long
hash: hash(b)
in sub: b"lazy" in b
in int: 122 in long
find: b.find(b"lazy")
find long miss: long.find(b"cat")
count: long.count(b"o")
startswith: b.startswith(b"the")
split: b.split()
split sep: b.split(b" ")
join: b" ".join(words)
join 300: b"".join(many)
replace: b.replace(b"o", b"00")
replace long: long.replace(b"fox", b"wolf")
upper: b.upper()
lower long: long.lower()
strip: b.strip()
translate: long.translate(tt)
decode: b.decode()
decode ascii long: asc.decode()
decode u8: u8.decode()
decode latin1: asc.decode("latin-1")
decode ascii: asc.decode("ascii")
hex: b.hex()
fromhex: bytes.fromhex(hx)
list: list(b)
iterate: [x for x in b]
bytes of list: bytes([1, 2, 3, 4])
bytes n: bytes(100)
percent: b"%d %s" % (5, b"x")
bytearray new: bytearray(b)
bytearray append: f_append()
bytearray extend: f_extend()
bytearray index: ba[3]
bytearray set: f_set(ba)
int.from_bytes: int.from_bytes(b"\\x01\\x02\\x03\\x04", "big")
int.to_bytes: (12345).to_bytes(4, "big")
reverse: long[::-1]
memoryview: memoryview(b)[2:5]
""", '''
def f_append():
    r = bytearray()
    for i in range(50): r.append(i)
def f_extend():
    r = bytearray()
    for i in range(20): r.extend(b"abcdef")
def f_set(ba):
    for i in range(20): ba[i] = 65
'''),
("list", """
l = list(range(100)); big = list(range(1000)); l3 = [1, 2, 3]
rnd = [(i * 7919) % 1009 for i in range(1000)]
fl = [x * 1.5 for x in rnd]
st = [str(x) for x in rnd]
tup = [(x % 10, x) for x in rnd]
stt = [(str(x % 10), x) for x in rnd]
i5 = 5
class P:
    def __init__(self, x): self.x = x
ps = [P(x) for x in rnd]
ps3 = [P(x) for x in range(100)]
from operator import attrgetter, itemgetter
ax = attrgetter("x"); i1 = itemgetter(1)
big2 = list(big)
nested = [[i, i + 1] for i in range(100)]
""", """
literal 3: [i5, i5, i5]
literal const: [1, 2, 3]
empty: []
list(): list()
list(range): list(range(100))
list(list): list(l)
list(tuple): list((1, 2, 3))
copy: l.copy()
slice all: l[:]
slice: l[10:20]
slice step: l[::2]
slice assign: f_slice(l)
index: l[i5]
set item: f_store(l)
append pop: f_append()
append 1000: f_append1000()
pop 0: f_pop0()
insert 0: f_insert0()
extend: f_extend()
iadd: f_iadd()
concat: l + l3
repeat: l3 * 10
repeat 0: [0] * 100
in hit: 50 in l
in miss: -1 in l
in str miss: "zzz" in st
index m: l.index(50)
count: l.count(5)
remove: f_remove()
reverse: big2.reverse()
reversed: list(reversed(l))
eq: big == big2
lt: l < l3
sum: sum(big)
sum float: sum(fl)
min: min(rnd)
max float: max(fl)
max key: max(tup, key=i1)
any: any(x < 0 for x in l)
all list: all(l)
sorted int: sorted(rnd)
sorted sorted: sorted(big)
sorted reverse: sorted(big, reverse=True)
sorted float: sorted(fl)
sorted str: sorted(st)
sorted tuple: sorted(tup)
sorted stuple: sorted(stt)
sorted key lambda: sorted(rnd, key=lambda x: -x)
sorted key len: sorted(st, key=len)
sorted key attr: sorted(ps, key=ax)
sorted key item: sorted(tup, key=i1)
sorted key str.lower: sorted(st, key=str.lower)
sort copy: rnd.copy().sort()
comprehension: [x for x in l]
comprehension if: [x for x in l if x & 1]
enumerate: [i for i, x in enumerate(l)]
zip: [a for a, b in zip(l, l)]
map str: list(map(str, l))
map int: list(map(int, ["1", "2", "3", "4"]))
filter: list(filter(None, l))
unpack: f_unpack(l3)
nested: [x for r in nested for x in r]
join map: ",".join(map(str, l))
del item: f_del()
clear: f_clear()
tuple literal: (i5, i5)
tuple(list): tuple(l)
tuple eq: (1, 2, i5) == (1, 2, i5)
tuple hash: hash((1, 2, i5))
tuple index: (1, i5)[1]
tuple slice: (1, 2, 3, i5)[1:3]
tuple concat: (1, 2) + (i5,)
tuple in: i5 in (1, 2, 3, 4, 5)
range iter: list(range(0, 100, 3))
range in: 50 in range(100)
range len: len(range(100))
""", '''
def f_append():
    r = []
    r.append(1); r.append(2); r.pop(); r.pop()
def f_append1000():
    r = []
    for i in range(1000): r.append(i)
def f_pop0():
    r = [1] * 50
    while r: r.pop(0)
def f_insert0():
    r = []
    for i in range(50): r.insert(0, i)
def f_extend():
    r = []
    for i in range(10): r.extend((1, 2, 3))
def f_iadd():
    r = []
    for i in range(10): r += [1, 2, 3]
def f_slice(l):
    l[10:20] = l[10:20]
def f_store(l):
    l[0] = 1; l[1] = 2; l[2] = 3
def f_remove():
    r = list(range(20)); r.remove(10)
def f_unpack(l):
    a, b, c = l; a, *b = l
def f_del():
    r = list(range(20)); del r[3]; del r[5:10]
def f_clear():
    r = [1] * 30; r.clear()
'''),
("dict", """
d = {str(i): i for i in range(100)}; di = {i: i for i in range(100)}; d3 = {"a": 1, "b": 2, "c": 3}
big = {i: i for i in range(10000)}
k = "50"; miss = "nope"; pairs = list(d.items()); keys = list(d)
tk = {(i, i + 1): i for i in range(100)}
t = (5, 6)
ikeys = list(range(1000)); skeys = [str(x) for x in ikeys]
words = "the quick brown fox jumps over the lazy dog the end".split() * 10
from collections import Counter, defaultdict, deque, OrderedDict, ChainMap
cnt = Counter(words); dd = defaultdict(int); dq = deque(range(100))
""", """
literal 3: {"a": 1, "b": 2, "c": 3}
empty: {}
dict(): dict()
dict kw: dict(a=1, b=2)
dict pairs: dict(pairs)
dict zip: dict(zip(keys, keys))
dict copy: dict(d)
copy: d.copy()
copy big: big.copy()
get: d.get(k)
get miss: d.get(miss)
get default: d.get(miss, 0)
index: d[k]
index int: di[50]
index tuple: tk[t]
in: k in d
not in: miss in d
set item: f_store(d)
setdefault: d.setdefault(k, 0)
pop: f_pop(d)
del: f_del(d)
popitem: f_popitem()
update: f_update(d3)
merge: d3 | d3
unpack: {**d3, "z": 1}
iter keys: [x for x in d]
iter items: [v for k, v in d.items()]
iter values: [v for v in d.values()]
list keys: list(d)
list items: list(d.items())
list values: list(d.values())
sorted items: sorted(d.items())
eq: d == d.copy()
build int 1000: f_build(ikeys)
build str 1000: f_build(skeys)
comprehension: {x: x for x in ikeys}
comp str: {x: 1 for x in skeys}
fromkeys: dict.fromkeys(ikeys)
count words: f_count(words)
count words default: f_countd(words)
group setdefault: f_group(words)
Counter: Counter(words)
Counter most: cnt.most_common(3)
Counter get: cnt["the"]
Counter miss: cnt["nope"]
Counter update: f_cu(words)
Counter add: cnt + cnt
defaultdict: f_dd(words)
deque append popleft: f_dq()
deque rotate: dq.rotate(3)
deque iter: [x for x in dq]
deque index: dq[50]
OrderedDict: f_od()
ChainMap: ChainMap(d3, d)["50"]
len: len(d)
max by value: max(d, key=d.get)
keys and: d.keys() & d3.keys()
sum values: sum(d.values())
clear: f_clear()
""", '''
from collections import Counter, defaultdict, deque, OrderedDict
def f_store(d):
    d["50"] = 1; d["51"] = 2; d["52"] = 3
def f_pop(d):
    d["new"] = 1; d.pop("new")
def f_del(d):
    d["new"] = 1; del d["new"]
def f_popitem():
    e = {1: 1, 2: 2}; e.popitem(); e.popitem()
def f_update(d):
    e = {}; e.update(d); e.update(z=1)
def f_build(keys):
    e = {}
    for x in keys: e[x] = x
def f_count(words):
    e = {}
    for w in words: e[w] = e.get(w, 0) + 1
def f_countd(words):
    e = {}
    for w in words:
        if w in e: e[w] += 1
        else: e[w] = 1
def f_group(words):
    e = {}
    for w in words: e.setdefault(len(w), []).append(w)
def f_dd(words):
    e = defaultdict(int)
    for w in words: e[w] += 1
def f_cu(words):
    c = Counter(); c.update(words)
def f_dq():
    q = deque()
    for i in range(50): q.append(i)
    while q: q.popleft()
def f_od():
    o = OrderedDict()
    for i in range(20): o[i] = i
    o.move_to_end(3); o.popitem(last=False)
def f_clear():
    e = {"a": 1}; e.clear()
'''),
("set", """
s = set(range(100)); t = set(range(50, 150)); ss = {str(i) for i in range(100)}
l = list(range(1000)); sl = [str(i) for i in l]; small = {1, 2, 3}
fs = frozenset(l); k = "50"; i5 = 5
""", """
literal: {i5, 2, 3}
literal const in: i5 in {1, 2, 3}
set list: set(l)
set strs: set(sl)
copy: s.copy()
in: 50 in s
in str: k in ss
not in: -1 in s
add discard: f_add(s)
build: f_build(l)
or: s | t
and: s & t
sub: s - t
xor: s ^ t
le: small <= s
isdisjoint: s.isdisjoint(t)
update: f_update(l)
iter: [x for x in s]
sorted: sorted(s)
frozenset: frozenset(small)
frozenset hash: hash(fs)
comprehension: {x for x in l}
pop: f_pop()
eq: s == t
list: list(s)
intersection list: s.intersection(l)
""", '''
def f_add(s):
    s.add(1000); s.discard(1000)
def f_build(l):
    r = set()
    for x in l: r.add(x)
def f_update(l):
    r = set(); r.update(l)
def f_pop():
    r = {1, 2, 3}
    while r: r.pop()
'''),
("int", """
a = 12345; b = 678; big = 3**200; big2 = 7**150; h = 2**3000 + 12345; h2 = 2**2900 + 7; f = 2.5
x60 = 2**61 + 7; y60 = 2**62 - 9; m = 10**9 + 7
import math
""", """
add: a + b
mul: a * b
floordiv: a // b
mod: a % b
divmod: divmod(a, b)
pow: a ** 3
pow mod: pow(a, 1000, m)
truediv: a / b
neg: -a
shift: a << 5
shift right: a >> 3
and: a & b
cmp: a < b
abs: abs(-5)
bit_length: a.bit_length()
bit_count: a.bit_count()
isqrt: math.isqrt(a)
gcd: math.gcd(a, b)
int(): int(a)
hash: hash(a)
mul 60: x60 * y60
add 60: x60 + y60
mod 60: (x60 * y60) % m
big add: big + big2
big sub: big - big2
big mul: big * big2
big divmod: divmod(big, big2)
big mod small: big % 1000
big shift: big << 7
big rshift: big >> 100
big cmp: big < big2
big str: str(big)
big eq: big == big2
big hash: hash(big)
big and: big & big2
huge add: h + h2
huge mul: h * h2
huge sq: h * h
huge mod: h % h2
huge str: str(h)
huge int: int(str_h)
huge pow mod: pow(h, 65537, h2)
float add: f + 1.5
float mul int: f * 3
float div: f / 3.0
float pow: f ** 0.5
float cmp: f < 3.0
float floor: math.floor(f)
sqrt: math.sqrt(f)
sin: math.sin(f)
float hash: hash(f)
float int eq: f == 2
complex mul: (1+2j) * (3-1j)
""", '''
str_h = str(2**3000 + 12345)
'''),
("re", """
import re
log = "2024-01-15 12:34:56 ERROR [worker-3] Connection to 10.0.0.1 refused after 3 retries\\n" * 20
line = log.split("\\n")[0]
p_date = re.compile(r"(\\d{4})-(\\d{2})-(\\d{2})")
p_word = re.compile(r"\\w+")
p_lit = re.compile(r"refused")
p_miss = re.compile(r"timeout")
p_alt = re.compile(r"ERROR|WARN|INFO")
p_lazy = re.compile(r"\\[(.*?)\\]")
p_cls = re.compile(r"[a-z]+")
p_ic = re.compile(r"connection", re.I)
p_ws = re.compile(r"\\s+")
p_ip = re.compile(r"\\d+\\.\\d+\\.\\d+\\.\\d+")
p_named = re.compile(r"(?P<y>\\d+)-(?P<m>\\d+)")
p_tok = re.compile(r"\\s*(?:(\\d+)|([A-Za-z_]\\w*)|(.))")
p_anch = re.compile(r"^(\\S+) (\\S+) (\\w+) \\[([^\\]]*)\\] (.*)$")
p_back = re.compile(r"(\\w)\\1")
p_look = re.compile(r"\\w+(?= refused)")
m = p_date.match(line)
expr = "foo = bar(12, x1) + 34 * baz"
def fsub(m): return m.group(0)
""", """
match date: p_date.match(line)
search lit: p_lit.search(line)
search miss: p_miss.search(log)
findall word: p_word.findall(log)
findall cls: p_cls.findall(log)
findall alt: p_alt.findall(log)
findall ip: p_ip.findall(log)
findall tok: p_tok.findall(expr)
finditer: [x.start() for x in p_word.finditer(line)]
search lazy: p_lazy.search(line)
search icase: p_ic.search(line)
sub ws: p_ws.sub(" ", line)
sub template: p_date.sub(r"\\3/\\2/\\1", line)
sub func: p_word.sub(fsub, line)
split: p_ws.split(line)
group: m.group(1)
groups: m.groups()
groupdict: p_named.match(line).groupdict()
anchored line: p_anch.match(line)
backref: p_back.search(line)
lookahead: p_look.search(line)
re.match: re.match(r"\\d+", line)
fullmatch: p_word.fullmatch("hello")
escape: re.escape("a.b*c")
span: m.span()
""", ""),
("json", """
import json, copy
doc = {"name": "widget", "tags": ["a", "b", "c"], "price": 12.5, "n": 42, "nested": {"x": None, "y": True, "z": [1, 2, 3]}}
text = json.dumps(doc)
ints = json.dumps(list(range(200)))
floats = [x * 1.1 for x in range(100)]; ft = json.dumps(floats)
strs = ["string number %d" % i for i in range(100)]; st = json.dumps(strs)
esc = json.dumps(["line\\nbreak \\"quoted\\" \\u4e16" for i in range(20)])
class P:
    def __init__(self): self.a = 1; self.b = [1, 2]; self.c = "x"
p = P(); lst = [[i, str(i)] for i in range(30)]
class S:
    __slots__ = ("a", "b")
    def __init__(self): self.a = 1; self.b = 2
sl = S()
import pickle
""", """
dumps: json.dumps(doc)
dumps indent: json.dumps(doc, indent=2)
dumps sort: json.dumps(doc, sort_keys=True)
loads: json.loads(text)
loads ints: json.loads(ints)
loads floats: json.loads(ft)
loads strs: json.loads(st)
loads esc: json.loads(esc)
dumps strs: json.dumps(strs)
dumps floats: json.dumps(floats)
copy list: copy.copy(lst)
copy dict: copy.copy(doc)
copy obj: copy.copy(p)
copy slots: copy.copy(sl)
deepcopy list: copy.deepcopy(lst)
deepcopy dict: copy.deepcopy(doc)
deepcopy obj: copy.deepcopy(p)
reduce_ex: p.__reduce_ex__(4)
reduce_ex slots: sl.__reduce_ex__(4)
""", ""),
("object", """
class P:
    def __init__(self, x, y):
        self.x = x; self.y = y
class S:
    __slots__ = ("x", "y")
    def __init__(self, x, y):
        self.x = x; self.y = y
class E: pass
class L(list): pass
class D(dict): pass
class T(tuple): pass
class I(int): pass
p = P(1, 2); e = E()
class Eq:
    def __init__(self, x): self.x = x
    def __eq__(self, o): return self.x == o.x
    def __hash__(self): return hash(self.x)
    def __lt__(self, o): return self.x < o.x
e1 = Eq(1); e2 = Eq(1); eqs = [Eq((i * 7919) % 101) for i in range(100)]; deq = {x: 1 for x in eqs}
from functools import partial, lru_cache, reduce
from itertools import chain, islice, product, count, groupby, accumulate, combinations
import operator, heapq, bisect
part = partial(max, 1)
l100 = list(range(100))
import weakref
""", """
new empty: E()
new init: P(1, 2)
new slots: S(1, 2)
object(): object()
list subclass: L()
dict subclass: D()
tuple subclass: T((1, 2))
int subclass: I(5)
exception: ValueError("x")
raise catch: f_raise()
cell closure: f_closure()
generator: list(f_gen())
nested tree: f_tree(5)
tuple tree: f_ttree(5)
linked ring: f_ring()
getattr: getattr(p, "x")
getattr miss: getattr(p, "q", None)
hasattr: hasattr(p, "q")
setattr: setattr(p, "x", 1)
isinstance: isinstance(p, P)
isinstance tuple: isinstance(p, (int, P))
type: type(p)
vars: vars(p)
eq user: e1 == e2
sorted user lt: sorted(eqs)
dict user key: deq[e1]
partial: part(2)
lru_cache: f_lru(5)
chain: list(chain(l100, l100))
islice: list(islice(l100, 10))
product: list(product((1, 2, 3), (4, 5, 6)))
groupby: [k for k, g in groupby(l100, lambda x: x // 10)]
accumulate: list(accumulate(l100))
combinations: list(combinations((1, 2, 3, 4, 5), 2))
reduce: reduce(operator.add, l100)
heap: f_heap(l100)
bisect: bisect.bisect(l100, 50)
weakref: weakref.ref(p)
weakref call: weakref.ref(p)()
slice obj: slice(1, 2)
divmod: divmod(17, 5)
callable: callable(p)
id: id(p)
""", '''
from functools import lru_cache
@lru_cache
def f_lru(x): return x
def f_raise():
    try: raise ValueError
    except ValueError: pass
def f_closure():
    x = 1
    def g(): return x
    return g()
def f_gen():
    for i in range(10): yield i
class Node:
    def __init__(self, l, r): self.l = l; self.r = r
def f_tree(d):
    if d == 0: return Node(None, None)
    return Node(f_tree(d - 1), f_tree(d - 1))
def f_ttree(d):
    if d == 0: return (None, None)
    return (f_ttree(d - 1), f_ttree(d - 1))
def f_ring():
    a = Node(None, None); b = Node(a, None); a.l = b
def f_heap(l):
    import heapq
    h = []
    for x in l: heapq.heappush(h, -x)
    while h: heapq.heappop(h)
'''),
]


def compile_op(statement, setup, helpers):
    lines = ["def run(_count, _now):"]
    lines += ["    " + line for line in setup.strip().split("\n")]
    lines += ["    _numbers = range(_count)", "    _start = _now()", "    for _ in _numbers:",
              "        " + statement, "    return _now() - _start"]
    space = {}
    exec(helpers, space)
    exec("\n".join(lines), space)
    return space["run"]


def best(run):
    now = time.process_time_ns  # the machine may be busy
    n = 1
    while True:
        spent = run(n, now)
        if spent > ROUND_NS // 4:
            break
        n *= 4 if spent < ROUND_NS // 50 else 2
    n = max(1, n * ROUND_NS // spent)
    return min(run(n, now) for _ in range(ROUNDS)) / n


def main():
    words = sys.argv[1:]
    empty = best(compile_op("pass", "", ""))
    for group, setup, operations, helpers in GROUPS:
        for line in operations.strip().split("\n"):
            name, statement = line.split(": ", 1)
            name = group + " " + name
            if words and not any(word in name for word in words):
                continue
            spent = best(compile_op(statement, setup, helpers)) - empty
            print(f"{name}\t{max(spent, 0.1):.2f}", flush=True)


main()
