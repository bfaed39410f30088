# SPDX-License-Identifier: MIT
# int, bool, float and complex: construction, methods, errors.
import sys
def t(s):
    try:
        r=eval(s)
        r=repr(r)
        print(s,'->',r if len(r)<200 else r[:100]+'...')
    except BaseException as e:
        print(s,'!!',type(e).__name__+':',e)
class I:
    def __int__(self): return 5
class X:
    def __index__(self): return 7
class F:
    def __float__(self): return 2.5
class F2:
    def __float__(self): return 'x'
class FS(float): pass
class F3:
    def __float__(self): return FS(2.5)
class C:
    def __complex__(self): return 1+2j
class C2:
    def __complex__(self): return 'x'
class CS(complex): pass
class C3:
    def __complex__(self): return CS(1)
class IS(int): pass
for s in '''(5).__format__('x')
(5).__getnewargs__()
(5).__sizeof__(),(0).__sizeof__(),(2**30).__sizeof__(),(2**60).__sizeof__()
int.__new__()
int.__new__(5)
int.__new__(str)
bool('')
bool(x=1)
bool(1,2)
True+True, True&False, True&1, True|False,True^True, True^2
~True
-True
+True
hash(-1),hash(2**61-1),hash(2**61),hash(-2**61),hash(10**30)
sys.int_info
sys.float_info
sys.hash_info
sys.set_int_max_str_digits(5)
sys.set_int_max_str_digits(-1)
sys.set_int_max_str_digits('x')
int.from_bytes.__text_signature__
(5).conjugate(), (5).real,(5).imag,(5).numerator,(5).denominator
float('x')
float('')
float(' 1.5 ')
float('1_000.5')
float('1__0')
float('_1')
float('1_')
float('1_.5')
float('1._5')
float('1e_5')
float('nan'),float('-NaN'),float('+inf'),float('-Infinity')
float('infinit')
float(b'1.5')
float(b'x')
float('\\0')
float('1.5\\0')
float('é')
float('١.٥')
float('\\ud800')
float(None)
float([])
float(I())
float(X())
float(F())
float(F2())
float(F3()).__class__
float(3j)
float(1,2)
float(x=1)
FS('1.5')
FS(F())
float('1e400'),float('-1e400'),float('1e-400')
1.0//0
1.0%0
divmod(1.0,0)
1.0/0
0.0**-1
(-8.0)**0.5
(-8.0)**(1/3)
10.0**400
pow(2.0,3,5)
1.5.hex(),(-0.0).hex(),float('inf').hex(),float('nan').hex(),5e-324.hex(),1e-310.hex()
float.fromhex('0x1.8p3'),float.fromhex('1.8p3'),float.fromhex('inf'),float.fromhex('-nan')
float.fromhex('x')
float.fromhex('')
float.fromhex('0x1p5000')
float.fromhex('0x1p-5000')
float.fromhex('0x1.8p')
float.fromhex('0x')
float.fromhex('é')
float.fromhex(5)
float.fromhex('0x1.00000000000008p0'),float.fromhex('0x1.000000000000080001p0')
float.fromhex(' 0X.8P-1 ')
float.as_integer_ratio(1e300)[1],(0.1).as_integer_ratio(),(-0.0).as_integer_ratio()
float('inf').as_integer_ratio()
float('nan').as_integer_ratio()
round(2.5),round(3.5),round(-2.5),round(1e20)
round(float('inf'))
round(float('nan'))
round(2.675,2),round(1.5,0),round(15.0,-1),round(25.0,-1),round(1e308,-308)
round(1.7e308,-308)
round(float('inf'),2)
round(5e-324,400),round(1e22,-400)
round(1.5,'x')
round(1.5,None)
float.__getformat__('double'),float.__getformat__('float')
float.__getformat__('x')
float.__getformat__(5)
float.from_number(5),float.from_number(F()),float.from_number(X())
float.from_number('5')
float.from_number()
FS.from_number(3).__class__
(1.5).__getnewargs__()
(1.5).__floor__(),(1.5).__ceil__(),(1.5).__trunc__()
float('nan').__floor__()
float('inf').__trunc__()
hash(float('inf')),hash(float('-inf')),hash(0.5),hash(1e300),hash(-1.0)
1e16,1e15,1e-4,1e-5,123456789012345680.0,0.1,5e-324,1.7976931348623157e308,1e22,1e23
'x'<1.0
1.0<1j
complex('1+2j'),complex('j'),complex('-j'),complex('1e5-1e5j'),complex(' ( 1+2j ) '),complex('nan+infj'),complex('1_0+2_0j')
complex('1+2')
complex('')
complex('1+2j+3')
complex('(1+2j')
complex('1 + 2j')
complex('1__0j')
complex('1',2)
complex(1,'2')
complex('1',imag=2)
complex(None)
complex([])
complex(1,[])
complex([],1)
complex(C()),complex(F()),complex(X())
complex(C2())
complex(C3())
complex(1j,2j)
complex(real=1j)
complex(imag=1j)
complex(foo=1)
complex(1,2,3)
complex(I())
complex(1,C())
complex(b'1')
1j//1
1j%1
divmod(1j,1)
1j/0
1/0j
0j**-1
0j**1j
0j**0
pow(1j,2,3)
1j**2,1j**3,(1+1j)**100,(1+1j)**101,1j**-1,2**(1+1j),(1j)**0.5
(1e300+1e300j)**2
1j<2j
abs(3+4j)
abs(1e308+1e308j)
hash(1j),hash(1+0j),hash(3+4j)
repr(complex('nan')),repr(-0j),repr(complex(-0.0,0.0)),repr(complex(0,-0.0)),repr(1e100j),repr(complex(0.0,float('inf'))),repr(complex(-0.0,float('nan')))
1j+True, 1.5+1j,1-0j, 0-0j
complex(1,float('inf'))*2, 2*complex(1,float('inf')), complex(1,-0.0)+1, 1-complex(1,0.0)
1/complex(1,1), complex(1,1)/2, 2.0/complex(0,1)
complex.from_number(5),complex.from_number(C()),complex.from_number(F())
complex.from_number('5')
complex.from_number(X())
(1+2j).conjugate(),(1+2j).real,(1+2j).__complex__(),(1+2j).__getnewargs__()
int(1j)
float(1j)
complex('1e400')
format(1+2j,'.3f')
complex(float('inf'),1)*complex(1,1), complex(float('inf'),0)/complex(1,1)
'''.splitlines(): t(s)

# expect: (5).__format__('x') -> '5'
# expect: (5).__getnewargs__() -> (5,)
# expect: (5).__sizeof__(),(0).__sizeof__(),(2**30).__sizeof__(),(2**60).__sizeof__() -> (28, 28, 32, 36)
# expect: int.__new__() !! TypeError: int.__new__(): not enough arguments
# expect: int.__new__(5) !! TypeError: int.__new__(X): X is not a type object (int)
# expect: int.__new__(str) !! TypeError: int.__new__(str): str is not a subtype of int
# expect: bool('') -> False
# expect: bool(x=1) !! TypeError: bool() takes no keyword arguments
# expect: bool(1,2) !! TypeError: bool expected at most 1 argument, got 2
# expect: True+True, True&False, True&1, True|False,True^True, True^2 -> (2, False, 1, True, False, 3)
# expect: ~True -> -2
# expect: -True -> -1
# expect: +True -> 1
# expect: hash(-1),hash(2**61-1),hash(2**61),hash(-2**61),hash(10**30) -> (-2, 0, 1, -2, 465258685558744706)
# expect: sys.int_info -> sys.int_info(bits_per_digit=30, sizeof_digit=4, default_max_str_digits=4300, str_digits_check_threshold=640)
# expect: sys.float_info -> sys.float_info(max=1.7976931348623157e+308, max_exp=1024, max_10_exp=308, min=2.2250738585072014e-30...
# expect: sys.hash_info -> sys.hash_info(width=64, modulus=2305843009213693951, inf=314159, nan=0, imag=1000003, algorithm='siphash13', hash_bits=64, seed_bits=128, cutoff=0)
# expect: sys.set_int_max_str_digits(5) !! ValueError: maxdigits must be >= 640 or 0 for unlimited
# expect: sys.set_int_max_str_digits(-1) !! ValueError: maxdigits must be >= 640 or 0 for unlimited
# expect: sys.set_int_max_str_digits('x') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: int.from_bytes.__text_signature__ -> "($type, /, bytes, byteorder='big', *, signed=False)"
# expect: (5).conjugate(), (5).real,(5).imag,(5).numerator,(5).denominator -> (5, 5, 0, 5, 1)
# expect: float('x') !! ValueError: could not convert string to float: 'x'
# expect: float('') !! ValueError: could not convert string to float: ''
# expect: float(' 1.5 ') -> 1.5
# expect: float('1_000.5') -> 1000.5
# expect: float('1__0') !! ValueError: could not convert string to float: '1__0'
# expect: float('_1') !! ValueError: could not convert string to float: '_1'
# expect: float('1_') !! ValueError: could not convert string to float: '1_'
# expect: float('1_.5') !! ValueError: could not convert string to float: '1_.5'
# expect: float('1._5') !! ValueError: could not convert string to float: '1._5'
# expect: float('1e_5') !! ValueError: could not convert string to float: '1e_5'
# expect: float('nan'),float('-NaN'),float('+inf'),float('-Infinity') -> (nan, nan, inf, -inf)
# expect: float('infinit') !! ValueError: could not convert string to float: 'infinit'
# expect: float(b'1.5') -> 1.5
# expect: float(b'x') !! ValueError: could not convert string to float: b'x'
# expect: float('\0') !! ValueError: could not convert string to float: '\x00'
# expect: float('1.5\0') !! ValueError: could not convert string to float: '1.5\x00'
# expect: float('é') !! ValueError: could not convert string to float: 'é'
# expect: float('١.٥') -> 1.5
# expect: float('\ud800') !! ValueError: could not convert string to float: '\ud800'
# expect: float(None) !! TypeError: float() argument must be a string or a real number, not 'NoneType'
# expect: float([]) !! TypeError: float() argument must be a string or a real number, not 'list'
# expect: float(I()) !! TypeError: float() argument must be a string or a real number, not 'I'
# expect: float(X()) -> 7.0
# expect: float(F()) -> 2.5
# expect: float(F2()) !! TypeError: F2.__float__ returned non-float (type str)
# expect: float(F3()).__class__ -> <class 'float'>
# expect: float(3j) !! TypeError: float() argument must be a string or a real number, not 'complex'
# expect: float(1,2) !! TypeError: float expected at most 1 argument, got 2
# expect: float(x=1) !! TypeError: float() takes no keyword arguments
# expect: FS('1.5') -> 1.5
# expect: FS(F()) -> 2.5
# expect: float('1e400'),float('-1e400'),float('1e-400') -> (inf, -inf, 0.0)
# expect: 1.0//0 !! ZeroDivisionError: division by zero
# expect: 1.0%0 !! ZeroDivisionError: division by zero
# expect: divmod(1.0,0) !! ZeroDivisionError: division by zero
# expect: 1.0/0 !! ZeroDivisionError: division by zero
# expect: 0.0**-1 !! ZeroDivisionError: zero to a negative power
# expect: (-8.0)**0.5 -> (1.7319121124709868e-16+2.8284271247461903j)
# expect: (-8.0)**(1/3) -> (1.0000000000000002+1.7320508075688772j)
# expect: 10.0**400 !! OverflowError: (34, 'Numerical result out of range')
# expect: pow(2.0,3,5) !! TypeError: pow() 3rd argument not allowed unless all arguments are integers
# expect: 1.5.hex(),(-0.0).hex(),float('inf').hex(),float('nan').hex(),5e-324.hex(),1e-310.hex() -> ('0x1.8000000000000p+0', '-0x0.0p+0', 'inf', 'nan', '0x0.0000000000001p-1022', '0x0.012688b70e62bp-1022')
# expect: float.fromhex('0x1.8p3'),float.fromhex('1.8p3'),float.fromhex('inf'),float.fromhex('-nan') -> (12.0, 12.0, inf, nan)
# expect: float.fromhex('x') !! ValueError: invalid hexadecimal floating-point string
# expect: float.fromhex('') !! ValueError: invalid hexadecimal floating-point string
# expect: float.fromhex('0x1p5000') !! OverflowError: hexadecimal value too large to represent as a float
# expect: float.fromhex('0x1p-5000') -> 0.0
# expect: float.fromhex('0x1.8p') !! ValueError: invalid hexadecimal floating-point string
# expect: float.fromhex('0x') !! ValueError: invalid hexadecimal floating-point string
# expect: float.fromhex('é') !! ValueError: invalid hexadecimal floating-point string
# expect: float.fromhex(5) !! TypeError: bad argument type for built-in operation
# expect: float.fromhex('0x1.00000000000008p0'),float.fromhex('0x1.000000000000080001p0') -> (1.0, 1.0000000000000002)
# expect: float.fromhex(' 0X.8P-1 ') -> 0.25
# expect: float.as_integer_ratio(1e300)[1],(0.1).as_integer_ratio(),(-0.0).as_integer_ratio() -> (1, (3602879701896397, 36028797018963968), (0, 1))
# expect: float('inf').as_integer_ratio() !! OverflowError: cannot convert Infinity to integer ratio
# expect: float('nan').as_integer_ratio() !! ValueError: cannot convert NaN to integer ratio
# expect: round(2.5),round(3.5),round(-2.5),round(1e20) -> (2, 4, -2, 100000000000000000000)
# expect: round(float('inf')) !! OverflowError: cannot convert float infinity to integer
# expect: round(float('nan')) !! ValueError: cannot convert float NaN to integer
# expect: round(2.675,2),round(1.5,0),round(15.0,-1),round(25.0,-1),round(1e308,-308) -> (2.67, 2.0, 20.0, 20.0, 1e+308)
# expect: round(1.7e308,-308) !! OverflowError: rounded value too large to represent
# expect: round(float('inf'),2) -> inf
# expect: round(5e-324,400),round(1e22,-400) -> (5e-324, 0.0)
# expect: round(1.5,'x') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: round(1.5,None) -> 2
# expect: float.__getformat__('double'),float.__getformat__('float') -> ('IEEE, little-endian', 'IEEE, little-endian')
# expect: float.__getformat__('x') !! ValueError: __getformat__() argument 1 must be 'double' or 'float'
# expect: float.__getformat__(5) !! TypeError: __getformat__() argument must be str, not int
# expect: float.from_number(5),float.from_number(F()),float.from_number(X()) -> (5.0, 2.5, 7.0)
# expect: float.from_number('5') !! TypeError: must be real number, not str
# expect: float.from_number() !! TypeError: float.from_number() takes exactly one argument (0 given)
# expect: FS.from_number(3).__class__ -> <class '__main__.FS'>
# expect: (1.5).__getnewargs__() -> (1.5,)
# expect: (1.5).__floor__(),(1.5).__ceil__(),(1.5).__trunc__() -> (1, 2, 1)
# expect: float('nan').__floor__() !! ValueError: cannot convert float NaN to integer
# expect: float('inf').__trunc__() !! OverflowError: cannot convert float infinity to integer
# expect: hash(float('inf')),hash(float('-inf')),hash(0.5),hash(1e300),hash(-1.0) -> (314159, -314159, 1152921504606846976, 1224995262755759164, -2)
# expect: 1e16,1e15,1e-4,1e-5,123456789012345680.0,0.1,5e-324,1.7976931348623157e308,1e22,1e23 -> (1e+16, 1000000000000000.0, 0.0001, 1e-05, 1.2345678901234568e+17, 0.1, 5e-324, 1.7976931348623157e+308, 1e+22, 1e+23)
# expect: 'x'<1.0 !! TypeError: '<' not supported between instances of 'str' and 'float'
# expect: 1.0<1j !! TypeError: '<' not supported between instances of 'float' and 'complex'
# expect: complex('1+2j'),complex('j'),complex('-j'),complex('1e5-1e5j'),complex(' ( 1+2j ) '),complex('nan+infj'),complex('1_0+2_0j') -> ((1+2j), 1j, -1j, (100000-100000j), (1+2j), (nan+infj), (10+20j))
# expect: complex('1+2') !! ValueError: complex() arg is a malformed string
# expect: complex('') !! ValueError: complex() arg is a malformed string
# expect: complex('1+2j+3') !! ValueError: complex() arg is a malformed string
# expect: complex('(1+2j') !! ValueError: complex() arg is a malformed string
# expect: complex('1 + 2j') !! ValueError: complex() arg is a malformed string
# expect: complex('1__0j') !! ValueError: could not convert string to complex: '1__0j'
# expect: complex('1',2) !! TypeError: complex() argument 'real' must be a real number, not str
# expect: complex(1,'2') !! TypeError: complex() argument 'imag' must be a real number, not str
# expect: complex('1',imag=2) !! TypeError: complex() argument 'real' must be a real number, not str
# expect: complex(None) !! TypeError: complex() argument must be a string or a number, not NoneType
# expect: complex([]) !! TypeError: complex() argument must be a string or a number, not list
# expect: complex(1,[]) !! TypeError: complex() argument 'imag' must be a real number, not list
# expect: complex([],1) !! TypeError: complex() argument 'real' must be a real number, not list
# expect: complex(C()),complex(F()),complex(X()) -> ((1+2j), (2.5+0j), (7+0j))
# expect: complex(C2()) !! TypeError: __complex__ returned non-complex (type str)
# expect: complex(C3()) -> (1+0j)
# expect: complex(1j,2j) -> (-2+1j)
# expect: complex(real=1j) -> 1j
# expect: complex(imag=1j) -> (-1+0j)
# expect: complex(foo=1) !! TypeError: complex() got an unexpected keyword argument 'foo'
# expect: complex(1,2,3) !! TypeError: complex() takes at most 2 arguments (3 given)
# expect: complex(I()) !! TypeError: complex() argument must be a string or a number, not I
# expect: complex(1,C()) !! TypeError: complex() argument 'imag' must be a real number, not C
# expect: complex(b'1') !! TypeError: complex() argument must be a string or a number, not bytes
# expect: 1j//1 !! TypeError: unsupported operand type(s) for //: 'complex' and 'int'
# expect: 1j%1 !! TypeError: unsupported operand type(s) for %: 'complex' and 'int'
# expect: divmod(1j,1) !! TypeError: unsupported operand type(s) for divmod(): 'complex' and 'int'
# expect: 1j/0 !! ZeroDivisionError: division by zero
# expect: 1/0j !! ZeroDivisionError: division by zero
# expect: 0j**-1 !! ZeroDivisionError: zero to a negative or complex power
# expect: 0j**1j !! ZeroDivisionError: zero to a negative or complex power
# expect: 0j**0 -> (1+0j)
# expect: pow(1j,2,3) !! ValueError: complex modulo
# expect: 1j**2,1j**3,(1+1j)**100,(1+1j)**101,1j**-1,2**(1+1j),(1j)**0.5 -> ((-1+0j), (-0-1j), (-1125899906842624+0j), (-1125899906842634.5-1125899906842629.5j), -1j, (1.5384778027279442+1.2779225526272695j), (0.7071067811865476+0.7071067811865475j))
# expect: (1e300+1e300j)**2 !! OverflowError: complex exponentiation
# expect: 1j<2j !! TypeError: '<' not supported between instances of 'complex' and 'complex'
# expect: abs(3+4j) -> 5.0
# expect: abs(1e308+1e308j) -> 1.4142135623730951e+308
# expect: hash(1j),hash(1+0j),hash(3+4j) -> (1000003, 1, 4000015)
# expect: repr(complex('nan')),repr(-0j),repr(complex(-0.0,0.0)),repr(complex(0,-0.0)),repr(1e100j),repr(complex(0.0,float('inf'))),repr(complex(-0.0,float('nan'))) -> ('(nan+0j)', '(-0-0j)', '(-0+0j)', '-0j', '1e+100j', 'infj', '(-0+nanj)')
# expect: 1j+True, 1.5+1j,1-0j, 0-0j -> ((1+1j), (1.5+1j), (1-0j), -0j)
# expect: complex(1,float('inf'))*2, 2*complex(1,float('inf')), complex(1,-0.0)+1, 1-complex(1,0.0) -> ((2+infj), (2+infj), (2-0j), -0j)
# expect: 1/complex(1,1), complex(1,1)/2, 2.0/complex(0,1) -> ((0.5-0.5j), (0.5+0.5j), -2j)
# expect: complex.from_number(5),complex.from_number(C()),complex.from_number(F()) -> ((5+0j), (1+2j), (2.5+0j))
# expect: complex.from_number('5') !! TypeError: must be real number, not str
# expect: complex.from_number(X()) -> (7+0j)
# expect: (1+2j).conjugate(),(1+2j).real,(1+2j).__complex__(),(1+2j).__getnewargs__() -> ((1-2j), 1.0, (1+2j), (1.0, 2.0))
# expect: int(1j) !! TypeError: int() argument must be a string, a bytes-like object or a real number, not 'complex'
# expect: float(1j) !! TypeError: float() argument must be a string or a real number, not 'complex'
# expect: complex('1e400') -> (inf+0j)
# expect: format(1+2j,'.3f') -> '1.000+2.000j'
# expect: complex(float('inf'),1)*complex(1,1), complex(float('inf'),0)/complex(1,1) -> ((inf+infj), (inf-infj))
