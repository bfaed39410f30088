# Keys of thinned dicts, repeated lists and their counts, counted bytes.
d={str(i):i for i in range(50)}
for i in range(0,50,3): del d[str(i)]
assert list(d)==[k for k in d]==sorted(d,key=int); x=['a']; x.extend(d); assert len(x)==len(d)+1
e={i:i for i in range(20)}; e.popitem(); del e[0]; assert list(e)==list(range(1,19))
import sys
o=object(); r=sys.getrefcount(o); l=[o]*1000; assert sys.getrefcount(o)==r+1000; l*=3; assert sys.getrefcount(o)==r+3000; del l; assert sys.getrefcount(o)==r
assert [None,o]*5==[None,o,None,o,None,o,None,o,None,o] and sys.getrefcount(o)==r
assert (b'ab'*1000).count(b'a')==1000 and (b'ab'*1000).count(b'a',1,10)==4 and bytes(300).count(0)==300 and b'\xff'.count(255)==1
assert 'é'.encode('utf-8')==b'\xc3\xa9'==b'\xc3\xa9'.decode('UTF-8').encode('Utf8')
print('ok')
# expect: ok
