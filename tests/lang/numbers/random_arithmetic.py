# SPDX-License-Identifier: MIT
# A digest of many random operations on numbers.
import _random, binascii, math, sys, struct
sys.set_int_max_str_digits(0)
R=_random.Random(11)
N=300
def ri():
    k=R.getrandbits(3)
    if k==0: n=R.getrandbits(3)
    elif k==1: n=R.getrandbits(6)
    elif k==2: n=R.getrandbits(8)
    elif k<6: n=R.getrandbits(10)
    else: n=R.getrandbits(12)
    v=R.getrandbits(n) if n else 0
    m=R.getrandbits(4)
    if m==0: v=1<<n
    elif m==1: v=(1<<n)-1
    elif m==2: v=(v>>(n//2))<<(n//2)
    return -v if R.getrandbits(1) else v
h=0
def mix(*a):
    global h
    for x in a:
        if isinstance(x,tuple): mix(*x); continue
        h=(h*1000003 ^ (binascii.crc32(x.encode() if isinstance(x,str) else x) if isinstance(x,(str,bytes)) else hash(x))) & (2**64-1)
def rf():
    k=R.getrandbits(2)
    if k==0: return struct.unpack('d',struct.pack('Q',R.getrandbits(64)))[0]
    if k==1: return R.random()*10**(R.getrandbits(5)-10)
    if k==2: return float(R.getrandbits(R.getrandbits(6)))
    return R.getrandbits(20)/2**R.getrandbits(5)
for i in range(N):
    a,b,c=ri(),ri(),ri()
    mix(a+b,a-b,a*b,a&b,a|b,a^b,~a,-a,abs(a),a<b,a==b,a>=b,hash(a),bool(a))
    if b:
        q,r=divmod(a,b); mix(q,r,a//b,a%b); assert q*b+r==a
        try: mix(a/b)
        except OverflowError: mix('ov')
    s=abs(b)%300
    mix(a<<s,a>>s)
    mix(str(a),hex(a),oct(a),bin(a),int(str(a)),int(hex(a),16),a.bit_length(),a.bit_count())
    base=R.getrandbits(5)%35+2
    t=''.join('0123456789abcdefghijklmnopqrstuvwxyz'[R.getrandbits(10)%base] for _ in range(R.getrandbits(7)+1))
    mix(int(t,base))
    try: mix(float(a))
    except OverflowError: mix('ov')
    if abs(a).bit_length()<300:
        e=R.getrandbits(4); mix(a**e)
    if c:
        mix(pow(a,abs(b),c))
        try: mix(pow(a,-5,c))
        except ValueError: mix('ni')
    mix(math.gcd(a,b), math.lcm(a,b), math.isqrt(abs(a)))
    n=R.getrandbits(8)%40
    for sg in (False,True):
        for bo in ('big','little'):
            try: y=a.to_bytes(n,bo,signed=sg); mix(y); assert int.from_bytes(y,bo,signed=sg)==a
            except OverflowError as e: mix(str(e))
            z=R.getrandbits(8*n or 1).to_bytes(n or 1,'big')
            mix(int.from_bytes(z,bo,signed=sg))
    mix(a.__round__(-(R.getrandbits(4)+1)))
    f=rf()
    if f==f:
        mix(f, repr(f), a<f, a==f, a>f, f<=a)
        g=rf()
        if g==g:
            if g:
                mix(f/g)
                if f not in (math.inf,-math.inf): mix(f//g,f%g)
            try: mix(f+g,f*g); mix(abs(f)**(g%8))
            except OverflowError: mix('ov')
            mix('%.3f'%f,'%.10e'%f,'%g'%f,'%.17g'%f,'%.0f'%f,'%#.5g'%f, format(f,'.2%'))
        if f not in (math.inf,-math.inf):
            mix(int(f),f.as_integer_ratio(),f.hex(),float.fromhex(f.hex()),round(f),round(f,R.getrandbits(4)-3) if abs(f)<1e300 else 0,hash(f),f.is_integer())
            mix(math.frexp(f),math.ulp(f))
    mix(math.fsum([rf() for _ in range(0)]))
    xs=[R.random()*10**(R.getrandbits(4)-8) for _ in range(6)]; ys=[R.random() for _ in range(6)]
    mix(math.fsum(xs),math.hypot(*xs),math.sumprod(xs,ys),math.dist(xs,ys),math.prod(xs))
    mix(math.comb(abs(a)%200,abs(b)%60),math.perm(abs(a)%1000,abs(b)%20),math.factorial(abs(c)%150))
    z=complex(R.random()-.5,R.random()*3); w=complex(R.random()*5,R.random()-.3)
    mix(z*w,z/w,z**3,repr(z),z-2,3*z,z/2.5,1/z,complex(repr(z)))
    if i%50==0 and len(sys.argv)>3: print(i,h)
print(h)

# expect: 15713490091509728783
