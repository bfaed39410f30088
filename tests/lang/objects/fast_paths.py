# Corner cases of comparing, hashing, iterating and sorting by fast paths.
import random
random.seed(5)
class I(int):
    def __eq__(s,o): raise ValueError("eq")
    __hash__=int.__hash__
for trial in range(300):
    n=random.randrange(0,80)
    mk=random.choice([lambda:(random.randrange(5),random.randrange(9)),
      lambda:(random.choice(['a','ab','abcdefghij','abcdefghik','']),random.randrange(3)),
      lambda:(random.choice([1.5,2.5,-1.0]),random.randrange(3)),
      lambda:(random.randrange(-2**62,2**62),),
      lambda:(random.randrange(3),random.choice(['x','y',"\u4e16"])),
      lambda:(random.randrange(2**59,2**66),1),
      lambda:(1,[random.randrange(4)]),])
    l=[mk() for _ in range(n)]
    s=sorted(l)
    for a,b in zip(s,s[1:]): assert not (b<a),(a,b)
    s2=sorted(l,key=lambda t:t)
    assert s==s2
    assert [id(x) for x in s]==[id(x) for x in s2]
    r=sorted(l,reverse=True); assert sorted(map(repr,r))==sorted(map(repr,l))
    for a,b in zip(r,r[1:]): assert not (a<b)
try: sorted([(1,I(3)),(1,I(4))])
except ValueError as e: print(e)
try: sorted([(1,'a'),(1,2)])
except TypeError as e: print(e)
nan=float('nan')
print(nan in [nan], nan in [float('nan')], [nan]==[nan], (nan,)==(nan,), [1]==[1.0], [True]==[1], 2**70 in [2**70], -2**70 in [2**70], 0 in [-0.0], "a" in ["b","a"], 'é' in ['é'])
print({1}.intersection([1,1,True,2.0]), {-1,-2}.intersection([-1]), hash(-1))
try: {1}.intersection([[]])
except TypeError as e: print(e)
print(("x"*1000+"y").count("x"), "é"*50 == "é"*50, ("ab"*300).count("b",3,101), "жз世界"*20 in "жз世界"*21, ("ж"*100+"世").find("世"), ("ж"*100+"世").find("界"))
print("hello\x00".translate({0:None, 104:"HH", 101: 0x4e16, 108: None}))
print(sum([1,2,True,2**40,2**62,2**62,1.5]), sum((0.1 for _ in range(10))), sum([[1],[2]],[]), min([3,1,2]), max("abc","abd"), min(2**70,5,True), max([1.5,nan]), max([nan,1.5]), min("b","a",key=None), max([],default=5))
l=[1,2,3]
def g():
    for x in l:
        yield x
print(sum(g()))
class Ev(list):
    def __iter__(s): return iter([9])
print(sum(Ev([1,2])), set(Ev([1])))
# list changing during iteration
class M:
    def __init__(s,l): s.l=l
    def __hash__(s): s.l.clear(); return 1
    def __eq__(s,o): return s is o
l=[]; l.extend([M(l),M(l)]); print(len(set(l)), l)
class A:
    def __radd__(s,o): q.clear(); return 7
q=[1,A(),A(),A()]; print(sum(q), q)
# expect: eq
# expect: '<' not supported between instances of 'int' and 'str'
# expect: True False True True True True True False True True True
# expect: {1} {-1} -2
# expect: unhashable type: 'list'
# expect: 1000 True 49 True 100 -1
# expect: HH世o
# expect: 9.223373136366404e+18 1.0 [1, 2] 1 abd True 1.5 nan a 5
# expect: 6
# expect: 9 {9}
# expect: 1 []
# expect: 7 []
