# SPDX-License-Identifier: MIT
# The module math: results, errors, edge cases.
import math,sys
def t(s):
    try:
        r=eval(s)
        r=repr(r)
        print(s,'->',r if len(r)<200 else r[:200]+'...')
    except BaseException as e:
        print(s,'!!',type(e).__name__+':',e)
inf=math.inf;nan=math.nan
class IX:
    def __index__(self): return 5
class FL:
    def __floor__(self): return 'fl'
    def __ceil__(self): return 'ce'
    def __trunc__(self): return 'tr'
class F:
    def __float__(self): return 2.5
for s in '''math.sqrt(-1)
math.sqrt(-inf)
math.sqrt('x')
math.exp(1000)
math.exp(-1000)
math.log(0)
math.log(0.0)
math.log(-1)
math.log(-1.5)
math.log(0.0,2)
math.log(10,1)
math.log(10,0)
math.log(10,-2)
math.log(10,2,3)
math.log()
math.log('x')
math.log(10**400)
math.log(-10**400)
math.log2(10**400),math.log10(10**400),math.log2(8),math.log10(1000)
math.log(IX())
math.log2(0)
math.log10(0)
math.log2(-1)
math.log1p(-1)
math.log1p(-2)
math.acos(2)
math.asin(2)
math.atanh(1)
math.atanh(2)
math.acosh(0.5)
math.cosh(1000)
math.sinh(1000)
math.sin(inf)
math.tan(inf)
math.cos(inf)
math.gamma(0)
math.gamma(-1)
math.gamma(172)
math.gamma(-inf)
math.gamma(inf),math.gamma(nan),math.gamma(1e-310) if 0 else 0
math.lgamma(0)
math.lgamma(-3)
math.erf(0.5),math.erfc(0.5),math.erf(-3),math.erfc(30)
math.fmod(1,0)
math.fmod(inf,1)
math.fmod(5,inf)
math.remainder(5,3),math.remainder(-5,3),math.remainder(2.5,1),math.remainder(5,inf)
math.remainder(1,0)
math.remainder(inf,1)
math.pow(0,-1)
math.pow(-8,1/3)
math.pow(2,10000)
math.pow(inf,0),math.pow(nan,0),math.pow(1,nan),math.pow(-1,inf),math.pow(-0.0,-3) if 0 else 0
math.pow(-0.0,-3)
math.ldexp(1,10000)
math.ldexp(1,-10000),math.ldexp(1,10**30) if 0 else 0
math.ldexp(1,10**30)
math.ldexp(1,-10**30)
math.ldexp(0,10**30)
math.ldexp(1,2.0)
math.frexp(8.0),math.frexp(0.0),math.frexp(inf),math.frexp(nan)
math.modf(2.5),math.modf(-inf),math.modf(nan),math.modf(-0.0)
math.floor(2.5),math.floor(-2.5),math.floor(FL()),math.floor(IX()),math.floor(F()),math.floor(10**20)
math.floor('x')
math.floor(inf)
math.ceil(2.5),math.ceil(FL())
math.ceil([])
math.trunc(2.5),math.trunc(FL())
math.trunc('x')
math.factorial(0),math.factorial(20),math.factorial(21),math.factorial(30),math.factorial(IX())
math.factorial(-1)
math.factorial(2.0)
math.factorial('x')
math.factorial(10**30)
math.comb(5,2),math.comb(5,7),math.comb(100,50),math.comb(10**20,2),math.comb(200,100)
math.comb(-1,2)
math.comb(5,-1)
math.comb(5,2.0)
math.comb(10**40,10**30)
math.perm(5,2),math.perm(5),math.perm(5,None),math.perm(5,7),math.perm(10**20,3)
math.perm(-1,2)
math.perm(5,-1)
math.perm(10**30)
math.perm(10**40,10**30)
math.gcd(),math.gcd(12),math.gcd(12,18),math.gcd(-12,18,27),math.gcd(0,0),math.gcd(IX(),10)
math.gcd(1.5,2)
math.gcd('x')
math.lcm(),math.lcm(12),math.lcm(12,18),math.lcm(-12,18,0)
math.lcm(1.5)
math.isqrt(0),math.isqrt(15),math.isqrt(16),math.isqrt(10**40),math.isqrt(2**64-1),math.isqrt(2**64)
math.isqrt(-1)
math.isqrt(2.0)
math.hypot(),math.hypot(3),math.hypot(3,4),math.hypot(1,2,3),math.hypot(inf,nan),math.hypot(nan,1),math.hypot(1e308,1e308),math.hypot(5e-324,5e-324)
math.hypot('x')
math.dist((1,2),(4,6)),math.dist([1],[2]),math.dist((),())
math.dist((1,2),(1,))
math.dist(1,2)
math.dist((1,'x'),(1,2))
math.fsum([.1]*10),math.fsum([1e308,1e308,-1e308]) if 0 else 0
math.fsum([1e308,1e308])
math.fsum([inf,-inf])
math.fsum([inf,nan])
math.fsum([1e308,1e308,-1e308])
math.fsum(['x'])
math.fsum(5)
math.fsum([]),math.fsum([1e16,1,1e-16]),math.fsum([10**400]) if 0 else 0
math.fsum([10**400])
math.prod([]),math.prod([1,2,3]),math.prod([1.5,2]),math.prod([2**40]*3),math.prod([1,2],start=5),math.prod(['a'],start=3),math.prod([True,2.5,3])
math.prod([1,'x'],start=1.5)
math.prod(5)
math.sumprod([1,2],[3,4]),math.sumprod([1.5,2],[3,4]),math.sumprod([],[]),math.sumprod([.1]*10,[1]*10),math.sumprod([2**60,2**60],[2**10,5])
math.sumprod([1],[1,2])
math.sumprod(1,2)
math.sumprod(['a'],[3])
math.sumprod([inf],[0])
math.sumprod([1e308,1e308],[10,10]),math.sumprod([10**400,1.5],[1,2]) if 0 else 0
math.isclose(1,1+1e-10),math.isclose(1,2,rel_tol=1),math.isclose(inf,inf),math.isclose(inf,1),math.isclose(nan,nan),math.isclose(0,1e-10),math.isclose(0,1e-10,abs_tol=1e-9)
math.isclose(1,1,rel_tol=-1)
math.isclose(1,'x')
math.nextafter(1,2),math.nextafter(1,1),math.nextafter(1,2,steps=3),math.nextafter(0,-1,steps=2),math.nextafter(1,2,steps=0),math.nextafter(inf,0),math.nextafter(1,-inf,steps=10**30),math.nextafter(-1,1,steps=2**63)
math.nextafter(1,2,steps=-1)
math.nextafter(1,2,steps=1.5)
math.ulp(1),math.ulp(0),math.ulp(inf),math.ulp(nan),math.ulp(-5e-324),math.ulp(sys.float_info.max)
math.exp2(10),math.exp2(0.5),math.exp2(-1075)
math.exp2(1024)
math.expm1(1e-10),math.expm1(-1000)
math.expm1(1000)
math.fma(2,3,4),math.fma(inf,1,-inf) if 0 else 0
math.fma(inf,0,1)
math.fma(inf,1,-inf)
math.fma(1e308,10,1)
math.fma(nan,inf,0)
math.fma(1e308,10,-inf)
math.copysign(1,-0.0),math.copysign('x',1) if 0 else 0
math.degrees(math.pi),math.radians(180)
math.atan2(0.0,-0.0),math.atan2(-0.0,0.0),math.atan2(inf,-inf),math.atan2(1,1)
math.isnan('x')
math.isinf(10**400)
math.isfinite(1)
math.fabs(-1)
math.cos('x')
math.cos()
math.cos(1,2)
math.tanh(inf),math.asinh(inf),math.asinh(-1e-10)
'''.splitlines(): t(s)

# expect: math.sqrt(-1) !! ValueError: expected a nonnegative input, got -1.0
# expect: math.sqrt(-inf) !! ValueError: expected a nonnegative input, got -inf
# expect: math.sqrt('x') !! TypeError: must be real number, not str
# expect: math.exp(1000) !! OverflowError: math range error
# expect: math.exp(-1000) -> 0.0
# expect: math.log(0) !! ValueError: expected a positive input
# expect: math.log(0.0) !! ValueError: expected a positive input, got 0.0
# expect: math.log(-1) !! ValueError: expected a positive input
# expect: math.log(-1.5) !! ValueError: expected a positive input, got -1.5
# expect: math.log(0.0,2) !! ValueError: expected a positive input, got 0.0
# expect: math.log(10,1) !! ZeroDivisionError: division by zero
# expect: math.log(10,0) !! ValueError: expected a positive input
# expect: math.log(10,-2) !! ValueError: expected a positive input
# expect: math.log(10,2,3) !! TypeError: log expected at most 2 arguments, got 3
# expect: math.log() !! TypeError: log expected at least 1 argument, got 0
# expect: math.log('x') !! TypeError: must be real number, not str
# expect: math.log(10**400) -> 921.0340371976182
# expect: math.log(-10**400) !! ValueError: expected a positive input
# expect: math.log2(10**400),math.log10(10**400),math.log2(8),math.log10(1000) -> (1328.771237954945, 400.0, 3.0, 3.0)
# expect: math.log(IX()) -> 1.6094379124341003
# expect: math.log2(0) !! ValueError: expected a positive input
# expect: math.log10(0) !! ValueError: expected a positive input
# expect: math.log2(-1) !! ValueError: expected a positive input
# expect: math.log1p(-1) !! ValueError: expected argument value > -1, got -1.0
# expect: math.log1p(-2) !! ValueError: expected argument value > -1, got -2.0
# expect: math.acos(2) !! ValueError: expected a number in range from -1 up to 1, got 2.0
# expect: math.asin(2) !! ValueError: expected a number in range from -1 up to 1, got 2.0
# expect: math.atanh(1) !! ValueError: expected a number between -1 and 1, got 1.0
# expect: math.atanh(2) !! ValueError: expected a number between -1 and 1, got 2.0
# expect: math.acosh(0.5) !! ValueError: expected argument value not less than 1, got 0.5
# expect: math.cosh(1000) !! OverflowError: math range error
# expect: math.sinh(1000) !! OverflowError: math range error
# expect: math.sin(inf) !! ValueError: expected a finite input, got inf
# expect: math.tan(inf) !! ValueError: expected a finite input, got inf
# expect: math.cos(inf) !! ValueError: expected a finite input, got inf
# expect: math.gamma(0) !! ValueError: expected a noninteger or positive integer, got 0.0
# expect: math.gamma(-1) !! ValueError: expected a noninteger or positive integer, got -1.0
# expect: math.gamma(172) !! OverflowError: math range error
# expect: math.gamma(-inf) !! ValueError: expected a noninteger or positive integer, got -inf
# expect: math.gamma(inf),math.gamma(nan),math.gamma(1e-310) if 0 else 0 -> (inf, nan, 0)
# expect: math.lgamma(0) !! ValueError: expected a noninteger or positive integer, got 0.0
# expect: math.lgamma(-3) !! ValueError: expected a noninteger or positive integer, got -3.0
# expect: math.erf(0.5),math.erfc(0.5),math.erf(-3),math.erfc(30) -> (0.5204998778130465, 0.4795001221869535, -0.9999779095030014, 0.0)
# expect: math.fmod(1,0) !! ValueError: math domain error
# expect: math.fmod(inf,1) !! ValueError: math domain error
# expect: math.fmod(5,inf) -> 5.0
# expect: math.remainder(5,3),math.remainder(-5,3),math.remainder(2.5,1),math.remainder(5,inf) -> (-1.0, 1.0, 0.5, 5.0)
# expect: math.remainder(1,0) !! ValueError: math domain error
# expect: math.remainder(inf,1) !! ValueError: math domain error
# expect: math.pow(0,-1) !! ValueError: math domain error
# expect: math.pow(-8,1/3) !! ValueError: math domain error
# expect: math.pow(2,10000) !! OverflowError: math range error
# expect: math.pow(inf,0),math.pow(nan,0),math.pow(1,nan),math.pow(-1,inf),math.pow(-0.0,-3) if 0 else 0 -> (1.0, 1.0, 1.0, 1.0, 0)
# expect: math.pow(-0.0,-3) !! ValueError: math domain error
# expect: math.ldexp(1,10000) !! OverflowError: math range error
# expect: math.ldexp(1,-10000),math.ldexp(1,10**30) if 0 else 0 -> (0.0, 0)
# expect: math.ldexp(1,10**30) !! OverflowError: math range error
# expect: math.ldexp(1,-10**30) -> 0.0
# expect: math.ldexp(0,10**30) -> 0.0
# expect: math.ldexp(1,2.0) !! TypeError: Expected an int as second argument to ldexp.
# expect: math.frexp(8.0),math.frexp(0.0),math.frexp(inf),math.frexp(nan) -> ((0.5, 4), (0.0, 0), (inf, 0), (nan, 0))
# expect: math.modf(2.5),math.modf(-inf),math.modf(nan),math.modf(-0.0) -> ((0.5, 2.0), (-0.0, -inf), (nan, nan), (-0.0, -0.0))
# expect: math.floor(2.5),math.floor(-2.5),math.floor(FL()),math.floor(IX()),math.floor(F()),math.floor(10**20) -> (2, -3, 'fl', 5, 2, 100000000000000000000)
# expect: math.floor('x') !! TypeError: must be real number, not str
# expect: math.floor(inf) !! OverflowError: cannot convert float infinity to integer
# expect: math.ceil(2.5),math.ceil(FL()) -> (3, 'ce')
# expect: math.ceil([]) !! TypeError: must be real number, not list
# expect: math.trunc(2.5),math.trunc(FL()) -> (2, 'tr')
# expect: math.trunc('x') !! TypeError: type str doesn't define __trunc__ method
# expect: math.factorial(0),math.factorial(20),math.factorial(21),math.factorial(30),math.factorial(IX()) -> (1, 2432902008176640000, 51090942171709440000, 265252859812191058636308480000000, 120)
# expect: math.factorial(-1) !! ValueError: factorial() not defined for negative values
# expect: math.factorial(2.0) !! TypeError: 'float' object cannot be interpreted as an integer
# expect: math.factorial('x') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: math.factorial(10**30) !! OverflowError: factorial() argument should not exceed 9223372036854775807
# expect: math.comb(5,2),math.comb(5,7),math.comb(100,50),math.comb(10**20,2),math.comb(200,100) -> (10, 0, 100891344545564193334812497256, 4999999999999999999950000000000000000000, 90548514656103281165404177077484163874504589675413336841320)
# expect: math.comb(-1,2) !! ValueError: n must be a non-negative integer
# expect: math.comb(5,-1) !! ValueError: k must be a non-negative integer
# expect: math.comb(5,2.0) !! TypeError: 'float' object cannot be interpreted as an integer
# expect: math.comb(10**40,10**30) !! OverflowError: min(n - k, k) must not exceed 9223372036854775807
# expect: math.perm(5,2),math.perm(5),math.perm(5,None),math.perm(5,7),math.perm(10**20,3) -> (20, 120, 120, 0, 999999999999999999970000000000000000000200000000000000000000)
# expect: math.perm(-1,2) !! ValueError: n must be a non-negative integer
# expect: math.perm(5,-1) !! ValueError: k must be a non-negative integer
# expect: math.perm(10**30) !! OverflowError: factorial() argument should not exceed 9223372036854775807
# expect: math.perm(10**40,10**30) !! OverflowError: k must not exceed 9223372036854775807
# expect: math.gcd(),math.gcd(12),math.gcd(12,18),math.gcd(-12,18,27),math.gcd(0,0),math.gcd(IX(),10) -> (0, 12, 6, 3, 0, 5)
# expect: math.gcd(1.5,2) !! TypeError: 'float' object cannot be interpreted as an integer
# expect: math.gcd('x') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: math.lcm(),math.lcm(12),math.lcm(12,18),math.lcm(-12,18,0) -> (1, 12, 36, 0)
# expect: math.lcm(1.5) !! TypeError: 'float' object cannot be interpreted as an integer
# expect: math.isqrt(0),math.isqrt(15),math.isqrt(16),math.isqrt(10**40),math.isqrt(2**64-1),math.isqrt(2**64) -> (0, 3, 4, 100000000000000000000, 4294967295, 4294967296)
# expect: math.isqrt(-1) !! ValueError: isqrt() argument must be nonnegative
# expect: math.isqrt(2.0) !! TypeError: 'float' object cannot be interpreted as an integer
# expect: math.hypot(),math.hypot(3),math.hypot(3,4),math.hypot(1,2,3),math.hypot(inf,nan),math.hypot(nan,1),math.hypot(1e308,1e308),math.hypot(5e-324,5e-324) -> (0.0, 3.0, 5.0, 3.7416573867739413, inf, nan, 1.4142135623730951e+308, 5e-324)
# expect: math.hypot('x') !! TypeError: must be real number, not str
# expect: math.dist((1,2),(4,6)),math.dist([1],[2]),math.dist((),()) -> (5.0, 1.0, 0.0)
# expect: math.dist((1,2),(1,)) !! ValueError: both points must have the same number of dimensions
# expect: math.dist(1,2) !! TypeError: 'int' object is not iterable
# expect: math.dist((1,'x'),(1,2)) !! TypeError: must be real number, not str
# expect: math.fsum([.1]*10),math.fsum([1e308,1e308,-1e308]) if 0 else 0 -> (1.0, 0)
# expect: math.fsum([1e308,1e308]) !! OverflowError: intermediate overflow in fsum
# expect: math.fsum([inf,-inf]) !! ValueError: -inf + inf in fsum
# expect: math.fsum([inf,nan]) -> nan
# expect: math.fsum([1e308,1e308,-1e308]) !! OverflowError: intermediate overflow in fsum
# expect: math.fsum(['x']) !! TypeError: must be real number, not str
# expect: math.fsum(5) !! TypeError: 'int' object is not iterable
# expect: math.fsum([]),math.fsum([1e16,1,1e-16]),math.fsum([10**400]) if 0 else 0 -> (0.0, 1.0000000000000002e+16, 0)
# expect: math.fsum([10**400]) !! OverflowError: int too large to convert to float
# expect: math.prod([]),math.prod([1,2,3]),math.prod([1.5,2]),math.prod([2**40]*3),math.prod([1,2],start=5),math.prod(['a'],start=3),math.prod([True,2.5,3]) -> (1, 6, 3.0, 1329227995784915872903807060280344576, 10, 'aaa', 7.5)
# expect: math.prod([1,'x'],start=1.5) !! TypeError: can't multiply sequence by non-int of type 'float'
# expect: math.prod(5) !! TypeError: 'int' object is not iterable
# expect: math.sumprod([1,2],[3,4]),math.sumprod([1.5,2],[3,4]),math.sumprod([],[]),math.sumprod([.1]*10,[1]*10),math.sumprod([2**60,2**60],[2**10,5]) -> (11, 12.5, 0, 1.0, 1186356228240445538304)
# expect: math.sumprod([1],[1,2]) !! ValueError: Inputs are not the same length
# expect: math.sumprod(1,2) !! TypeError: 'int' object is not iterable
# expect: math.sumprod(['a'],[3]) !! TypeError: unsupported operand type(s) for +: 'int' and 'str'
# expect: math.sumprod([inf],[0]) -> nan
# expect: math.sumprod([1e308,1e308],[10,10]),math.sumprod([10**400,1.5],[1,2]) if 0 else 0 -> (inf, 0)
# expect: math.isclose(1,1+1e-10),math.isclose(1,2,rel_tol=1),math.isclose(inf,inf),math.isclose(inf,1),math.isclose(nan,nan),math.isclose(0,1e-10),math.isclose(0,1e-10,abs_tol=1e-9) -> (True, True, True, False, False, False, True)
# expect: math.isclose(1,1,rel_tol=-1) !! ValueError: tolerances must be non-negative
# expect: math.isclose(1,'x') !! TypeError: must be real number, not str
# expect: math.nextafter(1,2),math.nextafter(1,1),math.nextafter(1,2,steps=3),math.nextafter(0,-1,steps=2),math.nextafter(1,2,steps=0),math.nextafter(inf,0),math.nextafter(1,-inf,steps=10**30),math.nextafter(-1,1,steps=2**63) -> (1.0000000000000002, 1.0, 1.0000000000000007, -1e-323, 1.0, 1.7976931348623157e+308, -inf, 1.0)
# expect: math.nextafter(1,2,steps=-1) !! ValueError: steps must be a non-negative integer
# expect: math.nextafter(1,2,steps=1.5) !! TypeError: 'float' object cannot be interpreted as an integer
# expect: math.ulp(1),math.ulp(0),math.ulp(inf),math.ulp(nan),math.ulp(-5e-324),math.ulp(sys.float_info.max) -> (2.220446049250313e-16, 5e-324, inf, nan, 5e-324, 1.99584030953472e+292)
# expect: math.exp2(10),math.exp2(0.5),math.exp2(-1075) -> (1024.0, 1.4142135623730951, 0.0)
# expect: math.exp2(1024) !! OverflowError: math range error
# expect: math.expm1(1e-10),math.expm1(-1000) -> (1.00000000005e-10, -1.0)
# expect: math.expm1(1000) !! OverflowError: math range error
# expect: math.fma(2,3,4),math.fma(inf,1,-inf) if 0 else 0 -> (10.0, 0)
# expect: math.fma(inf,0,1) !! ValueError: invalid operation in fma
# expect: math.fma(inf,1,-inf) !! ValueError: invalid operation in fma
# expect: math.fma(1e308,10,1) !! OverflowError: overflow in fma
# expect: math.fma(nan,inf,0) -> nan
# expect: math.fma(1e308,10,-inf) -> -inf
# expect: math.copysign(1,-0.0),math.copysign('x',1) if 0 else 0 -> (-1.0, 0)
# expect: math.degrees(math.pi),math.radians(180) -> (180.0, 3.141592653589793)
# expect: math.atan2(0.0,-0.0),math.atan2(-0.0,0.0),math.atan2(inf,-inf),math.atan2(1,1) -> (3.141592653589793, -0.0, 2.356194490192345, 0.7853981633974483)
# expect: math.isnan('x') !! TypeError: must be real number, not str
# expect: math.isinf(10**400) !! OverflowError: int too large to convert to float
# expect: math.isfinite(1) -> True
# expect: math.fabs(-1) -> 1.0
# expect: math.cos('x') !! TypeError: must be real number, not str
# expect: math.cos() !! TypeError: math.cos() takes exactly one argument (0 given)
# expect: math.cos(1,2) !! TypeError: math.cos() takes exactly one argument (2 given)
# expect: math.tanh(inf),math.asinh(inf),math.asinh(-1e-10) -> (1.0, inf, -1e-10)
