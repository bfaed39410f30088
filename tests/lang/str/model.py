# Searching, replacing, case and tests of text against slow models of them.
import random
random.seed(11)
def find(t, n):
    for i in range(len(t) - len(n) + 1):
        if t[i:i + len(n)] == n: return i
    return -1
def replace(t, a, b, most):
    out = t[:0]; i = 0
    while most and (j := find(t[i:], a)) >= 0:
        out += t[i:i + j] + b; i += j + len(a); most -= 1
    return out + t[i:]
def text(alphabet, n): return ''.join(random.choice(alphabet) for _ in range(n))
for trial in range(3000):
    alphabet = random.choice(['ab', 'abc', 'a', 'ab\xe9', 'ab\u4e16', 'ab\U0001f600'])
    t, n = text(alphabet, random.randrange(0, 90)), text(alphabet, random.randrange(1, 6))
    if random.random() < .3 and len(t) > 20: n = t[random.randrange(len(t) - 19):][:random.randrange(2, 19)]
    assert t.find(n) == find(t, n), (t, n)
    assert (n in t) == (find(t, n) >= 0)
    w = text(alphabet + 'z', random.randrange(0, 5)); most = random.choice([-1, 1, 2, 70])
    assert t.replace(n, w, most) == replace(t, n, w, most), (t, n, w, most)
    r = replace(t, n, '\0', -1); assert t.count(n) == r.count('\0'); assert t.split(n) == r.split('\0')
    if t.isascii():
        bt, bn, bw = t.encode(), n.encode(), w.encode()
        assert bt.find(bn) == t.find(n) and bt.replace(bn, bw, most) == t.replace(n, w, most).encode()
        assert bt.split(bn) == [x.encode() for x in t.split(n)] and bt.count(bn) == t.count(n)
big = 'ab' * 500
for n in range(0, 200, 3):
    t = ''.join(random.choice('ab' + 'c' * random.choice((1, 30))) for _ in range(n))
    for w in ('', 'x', 'xyz', 'x' * 20): assert t.replace('a', w) == w.join(t.split('a'))
assert big.replace('a', 'xyz') == 'xyzb' * 500 and big.replace('ab', '') == '' and big.replace('b', 'c') == 'ac' * 500
assert ('a' * 3000).find('a' * 1500 + 'b') == -1 and ('a' * 3000 + 'b').find('a' * 1500 + 'b') == 1500
every = ''.join(map(chr, range(256)))
for n in range(40):
    for s in (every[:128], every):
        x = (s * 2)[n * 5:n * 5 + n]
        assert x.encode('latin-1').lower() == bytes(c + 32 if 65 <= c <= 90 else c for c in x.encode('latin-1'))
        assert x.encode('latin-1').upper() == bytes(c - 32 if 97 <= c <= 122 else c for c in x.encode('latin-1'))
        if s.isascii(): assert x.lower().encode() == x.encode().lower() and x.swapcase().upper() == x.upper()
for name in 'isspace isalpha isalnum isdecimal isdigit isnumeric islower isupper isidentifier istitle isprintable'.split():
    print(name, ''.join(c for c in every[33:128] if getattr(c, name)()), [hex(ord(c)) for c in every if c <= ' ' and getattr(c, name)()], [getattr(s, name)() for s in ('', 'aB', 'ab1', 'AB_', '1a', 'a b', '\xe9a', 'A1')])
print([b.strip() for b in (b'', b' a ', b'a', b' a', b'a\n', b'  ')], b'x a'.lstrip(), b'a x '.rstrip(), b' '.strip(b'x'), 'é' + 'a', 'a' * 7 + 'b' * 9)
# expect: isspace  ['0x9', '0xa', '0xb', '0xc', '0xd', '0x1c', '0x1d', '0x1e', '0x1f', '0x20'] [False, False, False, False, False, False, False, False]
# expect: isalpha ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz [] [False, True, False, False, False, False, True, False]
# expect: isalnum 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz [] [False, True, True, False, True, False, True, True]
# expect: isdecimal 0123456789 [] [False, False, False, False, False, False, False, False]
# expect: isdigit 0123456789 [] [False, False, False, False, False, False, False, False]
# expect: isnumeric 0123456789 [] [False, False, False, False, False, False, False, False]
# expect: islower abcdefghijklmnopqrstuvwxyz [] [False, False, True, False, True, True, True, False]
# expect: isupper ABCDEFGHIJKLMNOPQRSTUVWXYZ [] [False, False, False, True, False, False, False, True]
# expect: isidentifier ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz [] [False, True, True, True, False, False, True, True]
# expect: istitle ABCDEFGHIJKLMNOPQRSTUVWXYZ [] [False, False, False, False, False, False, False, True]
# expect: isprintable !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~ ['0x20'] [True, True, True, True, True, True, True, True]
# expect: [b'', b'a', b'a', b'a', b'a', b''] b'x a' b'a x' b' ' éa aaaaaaabbbbbbbbb
