# SPDX-License-Identifier: MIT
# struct, binascii, _random, cmath and _statistics.
import struct,_struct,binascii,_random,cmath,_statistics
def t(s):
    try:
        r=eval(s)
        r=repr(r)
        print(s,'->',r if len(r)<300 else r[:300]+'...')
    except BaseException as e:
        print(s,'!!',type(e).__module__+'.'+type(e).__name__+':',e)
class IX:
    def __index__(self): return 5
for s in '''struct.pack('i','x')
struct.pack('i',1.5)
struct.pack('i',IX())
struct.pack('b',128)
struct.pack('B',-1)
struct.pack('B',256)
struct.pack('h',40000)
struct.pack('H',-1)
struct.pack('H',70000)
struct.pack('i',2**31)
struct.pack('I',-1)
struct.pack('I',2**32)
struct.pack('l',2**63)
struct.pack('L',-1)
struct.pack('L',2**64)
struct.pack('q',2**63)
struct.pack('q',10**40)
struct.pack('Q',-1)
struct.pack('Q',2**64)
struct.pack('n',2**63)
struct.pack('N',2**64)
struct.pack('N',-1)
struct.pack('P',2**64)
struct.pack('P',-1)
struct.pack('P','x')
struct.pack('<b',128)
struct.pack('<h',40000)
struct.pack('<i',2**31)
struct.pack('<I',-1)
struct.pack('<I',2**32)
struct.pack('<I','x')
struct.pack('<I',1.5)
struct.pack('<q',2**63)
struct.pack('<Q',-1)
struct.pack('>q',-2**63)
struct.pack('<Q',2**64)
struct.pack('<n',1)
struct.pack('<P',1)
struct.pack('c',1)
struct.pack('c',b'ab')
struct.pack('c','a')
struct.pack('c',bytearray(b'a'))
struct.pack('s','a')
struct.pack('3s',b'abcd'),struct.pack('3s',b'a'),struct.pack('0s',b'a'),struct.pack('s',bytearray(b'ab'))
struct.pack('3p',b'abcd'),struct.pack('p',b'a'),struct.pack('0p',b'a') if 0 else 0
struct.pack('0p',b'')
struct.pack('300p',b'x'*300)[:3]
struct.pack('p','x')
struct.pack('?',[]),struct.pack('?',5),struct.pack('<?','x')
struct.pack('f',1e40)
struct.pack('f','x')
struct.pack('d','x')
struct.pack('e',1e10)
struct.pack('<f',1e40)
struct.pack('F',1+2j),struct.pack('D',3.5),struct.pack('<F',1j)
struct.pack('F','x')
struct.pack('F',1e40j)
struct.pack('xhxi',1,2)
struct.pack('3i',1,2)
struct.pack('i',1,2)
struct.pack()
struct.pack(5)
struct.pack('y')
struct.pack('3')
struct.pack('i 2 h')
struct.pack(b'i',5)
struct.pack('\\0')
struct.pack('i\\0')
struct.pack('é')
struct.pack('99999999999999999999i')
struct.calcsize('9999999999999999999i')
struct.calcsize('4611686018427387904i')
struct.calcsize('iqh'),struct.calcsize('<iqh'),struct.calcsize('=iqh'),struct.calcsize('hi0q'),struct.calcsize('@bP'),struct.calcsize('0s'),struct.calcsize(''),struct.calcsize('FD'),struct.calcsize('bD'),struct.calcsize(' i '),struct.calcsize('b?c'),struct.calcsize('l'),struct.calcsize('<l')
struct.unpack('i',b'123')
struct.unpack('i',5)
struct.unpack('i','abcd')
struct.unpack('3s3p?c',b'abc\\x02xy\\x01z')
struct.unpack('<hHiIqQ',bytes(range(28)))
struct.unpack('>hHiIqQ',bytes(range(200,228)))
struct.unpack('efd',struct.pack('efd',1.5,2.5,3.5))
struct.unpack('FD',struct.pack('FD',1+2j,3-4j))
struct.unpack('bBhHiIlLqQnNP?',bytes([255]*struct.calcsize('bBhHiIlLqQnNP?')))
struct.unpack_from('i',b'12345',1)
struct.unpack_from('i',b'12345',2)
struct.unpack_from('i',b'12345',-4)
struct.unpack_from('i',b'12345',-3)
struct.unpack_from('i',b'12345',-6)
struct.unpack_from('i',b'12345',10**30)
struct.unpack_from('i',buffer=b'1234',offset=0)
struct.unpack_from('i')
struct.pack_into('i',bytearray(4),0,5)
struct.pack_into('i',bytearray(4),1,5)
struct.pack_into('i',bytearray(4),-4,5)
struct.pack_into('i',bytearray(4),-5,5)
struct.pack_into('i',bytearray(4),-3,5)
struct.pack_into('i',b'1234',0,5)
struct.pack_into('i',bytearray(4),0)
struct.pack_into('i',bytearray(4))
struct.pack_into('i')
struct.pack_into('i',bytearray(4),'x',5)
struct.pack_into()
list(struct.iter_unpack('h',b'123456'))
struct.iter_unpack('h',b'12345')
struct.iter_unpack('',b'12')
struct.iter_unpack('h',b'123456').__length_hint__()
type(struct.iter_unpack('h',b'123456'))
type(struct.iter_unpack('h',b'123456'))()
struct.Struct('i').format,struct.Struct(b'i').format,struct.Struct('i').size
struct.Struct()
struct.Struct(5)
struct.Struct('i').pack('x')
struct.Struct('i').pack(1,2)
struct.Struct('i').pack_into(bytearray(4))
struct.Struct('i').unpack(b'1')
struct.Struct('i').unpack_from(b'1')
struct.Struct('i')
struct.Struct.__new__(struct.Struct,'i').size
struct.Struct.__new__(struct.Struct).size
struct.Struct.__new__(struct.Struct).pack(1)
struct.Struct(format='i').size
struct._clearcache()
binascii.a2b_hex('0')
binascii.a2b_hex('zz')
binascii.a2b_hex(b'0aFF'),binascii.a2b_hex('')
binascii.a2b_hex('é0')
binascii.a2b_hex(5)
binascii.hexlify(b'abc'),binascii.hexlify(b'abcdef',':'),binascii.hexlify(b'abcdef',b'-',2),binascii.hexlify(b'abcdef','_',-4),binascii.hexlify(b'abcdef','_',0)
binascii.hexlify(b'abc','::')
binascii.hexlify(b'abc','é')
binascii.hexlify(b'abc',5)
binascii.hexlify('x')
binascii.a2b_base64('YWJj'),binascii.a2b_base64(b'YW Jj\\n'),binascii.a2b_base64('YQ=='),binascii.a2b_base64('')
binascii.a2b_base64('YQ')
binascii.a2b_base64('Y')
binascii.a2b_base64('YWJjY')
binascii.a2b_base64('YQ=')
binascii.a2b_base64('Y===')
binascii.a2b_base64('=')
binascii.a2b_base64('YQ==YQ==')
binascii.a2b_base64('YWJj=')
binascii.a2b_base64('YQ==\\n',strict_mode=True)
binascii.a2b_base64('YQ==x',strict_mode=True)
binascii.a2b_base64('Y Q==',strict_mode=True)
binascii.a2b_base64('=YQ==',strict_mode=True)
binascii.a2b_base64('YWJj=',strict_mode=True)
binascii.a2b_base64('YWJj==',strict_mode=True)
binascii.a2b_base64('Y=Q=',strict_mode=True)
binascii.a2b_base64('YQ=x',strict_mode=True)
binascii.a2b_base64('YQ===',strict_mode=True)
binascii.a2b_base64('YQ',strict_mode=True)
binascii.a2b_base64('Y',strict_mode=True)
binascii.a2b_base64('',strict_mode=True)
binascii.a2b_base64('Y=Q=')
binascii.b2a_base64(b'abc'),binascii.b2a_base64(b'a',newline=False),binascii.b2a_base64(b'')
binascii.a2b_uu(b'#86)C\\n'),binascii.a2b_uu(b''),binascii.a2b_uu(b' '),binascii.a2b_uu(b'\\x7f') if 0 else 0
binascii.a2b_uu(b'\\x7f')
binascii.a2b_uu(b'#86)C!!')
binascii.a2b_uu(b'#86')
binascii.b2a_uu(b'abc'),binascii.b2a_uu(b'\\0\\0'),binascii.b2a_uu(b'\\0\\0',backtick=True),binascii.b2a_uu(b'')
binascii.b2a_uu(b'x'*46)
binascii.a2b_qp(b'a=3Db=\\nc=\\r\\nd=4 =zz=='),binascii.a2b_qp(b'a_b',header=True),binascii.a2b_qp('a=')
binascii.b2a_qp(b'a=b\\tc \\n.\\n\\xff'),binascii.b2a_qp(b'a b',quotetabs=True),binascii.b2a_qp(b'a_b c',header=True),binascii.b2a_qp(b'x'*100),binascii.b2a_qp(b'a\\r\\nb\\nc',istext=False)
binascii.crc32(b'abc'),binascii.crc32(b'abc',5),binascii.crc32(b'abc',-1),binascii.crc32(b'abc',2**40+3)
binascii.crc32('x')
binascii.crc_hqx(b'abc',0),binascii.crc_hqx(b'abc',70000)
binascii.crc_hqx(b'abc')
binascii.Error.__mro__,binascii.Incomplete.__mro__
_random.Random(1).random()
_random.Random(1,2)
_random.Random(a=1)
_random.Random([])
_random.Random(1.5).getrandbits(30)
_random.Random(-1).random(),_random.Random(2**100).random(),_random.Random(0).random()
_random.Random(1).getrandbits(0),_random.Random(1).getrandbits(1),_random.Random(1).getrandbits(32),_random.Random(1).getrandbits(33),_random.Random(1).getrandbits(100)
_random.Random(1).getrandbits(-1)
_random.Random(1).getrandbits(2**70)
_random.Random(1).getrandbits('x')
_random.Random(1).getstate()[:3],len(_random.Random(1).getstate()),_random.Random(1).getstate()[-1]
_random.Random(1).setstate(5)
_random.Random(1).setstate((1,2))
_random.Random(1).setstate((1,)*624+(700,))
_random.Random(1).setstate((1,)*624+(-1,))
_random.Random(1).setstate((2**33,)*624+(5,))
_random.Random(1).setstate(('x',)*625)
_random.Random(1).setstate((1,)*624+(5,))
_random.Random.seed.__text_signature__,_random.Random.random.__text_signature__,_random.Random.getrandbits.__text_signature__,_random.Random.setstate.__text_signature__,_random.Random.getstate.__text_signature__
_random.Random(1).seed(1,2)
_statistics._normal_dist_inv_cdf(0.3,1,2)
_statistics._normal_dist_inv_cdf(0,1,2)
_statistics._normal_dist_inv_cdf(1,1,2)
_statistics._normal_dist_inv_cdf(0.5,1,0)
cmath.sqrt(-1),cmath.exp(1j),cmath.log(-1),cmath.log(8,2),cmath.log10(100),cmath.phase(-1),cmath.polar(1j),cmath.rect(1,2)
cmath.log(0)
cmath.log(1,0)
cmath.log10(0)
cmath.exp(1000)
cmath.cosh(1000)
cmath.sqrt('x')
cmath.atan(1j)
cmath.atanh(1)
cmath.sin(float('inf'))
cmath.exp(complex(1,float('inf')))
cmath.rect(1,float('inf'))
cmath.isclose(1,1,rel_tol=-1)
cmath.isclose(1j,1j+1e-12)
cmath.log(2,3,4)
'''.splitlines(): t(s)

# expect: struct.pack('i','x') !! struct.error: required argument is not an integer
# expect: struct.pack('i',1.5) !! struct.error: required argument is not an integer
# expect: struct.pack('i',IX()) -> b'\x05\x00\x00\x00'
# expect: struct.pack('b',128) !! struct.error: 'b' format requires -128 <= number <= 127
# expect: struct.pack('B',-1) !! struct.error: 'B' format requires 0 <= number <= 255
# expect: struct.pack('B',256) !! struct.error: 'B' format requires 0 <= number <= 255
# expect: struct.pack('h',40000) !! struct.error: 'h' format requires -32768 <= number <= 32767
# expect: struct.pack('H',-1) !! struct.error: 'H' format requires 0 <= number <= 65535
# expect: struct.pack('H',70000) !! struct.error: 'H' format requires 0 <= number <= 65535
# expect: struct.pack('i',2**31) !! struct.error: 'i' format requires -2147483648 <= number <= 2147483647
# expect: struct.pack('I',-1) !! struct.error: 'I' format requires 0 <= number <= 4294967295
# expect: struct.pack('I',2**32) !! struct.error: 'I' format requires 0 <= number <= 4294967295
# expect: struct.pack('l',2**63) !! struct.error: 'l' format requires -9223372036854775808 <= number <= 9223372036854775807
# expect: struct.pack('L',-1) !! struct.error: 'L' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('L',2**64) !! struct.error: 'L' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('q',2**63) !! struct.error: 'q' format requires -9223372036854775808 <= number <= 9223372036854775807
# expect: struct.pack('q',10**40) !! struct.error: 'q' format requires -9223372036854775808 <= number <= 9223372036854775807
# expect: struct.pack('Q',-1) !! struct.error: 'Q' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('Q',2**64) !! struct.error: 'Q' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('n',2**63) !! struct.error: 'n' format requires -9223372036854775808 <= number <= 9223372036854775807
# expect: struct.pack('N',2**64) !! struct.error: 'N' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('N',-1) !! struct.error: 'N' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('P',2**64) !! struct.error: int too large to convert
# expect: struct.pack('P',-1) -> b'\xff\xff\xff\xff\xff\xff\xff\xff'
# expect: struct.pack('P','x') !! struct.error: required argument is not an integer
# expect: struct.pack('<b',128) !! struct.error: 'b' format requires -128 <= number <= 127
# expect: struct.pack('<h',40000) !! struct.error: 'h' format requires -32768 <= number <= 32767
# expect: struct.pack('<i',2**31) !! struct.error: 'i' format requires -2147483648 <= number <= 2147483647
# expect: struct.pack('<I',-1) !! struct.error: 'I' format requires 0 <= number <= 4294967295
# expect: struct.pack('<I',2**32) !! struct.error: 'I' format requires 0 <= number <= 4294967295
# expect: struct.pack('<I','x') !! struct.error: required argument is not an integer
# expect: struct.pack('<I',1.5) !! struct.error: required argument is not an integer
# expect: struct.pack('<q',2**63) !! struct.error: 'q' format requires -9223372036854775808 <= number <= 9223372036854775807
# expect: struct.pack('<Q',-1) !! struct.error: 'Q' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('>q',-2**63) -> b'\x80\x00\x00\x00\x00\x00\x00\x00'
# expect: struct.pack('<Q',2**64) !! struct.error: 'Q' format requires 0 <= number <= 18446744073709551615
# expect: struct.pack('<n',1) !! struct.error: bad char in struct format
# expect: struct.pack('<P',1) !! struct.error: bad char in struct format
# expect: struct.pack('c',1) !! struct.error: char format requires a bytes object of length 1
# expect: struct.pack('c',b'ab') !! struct.error: char format requires a bytes object of length 1
# expect: struct.pack('c','a') !! struct.error: char format requires a bytes object of length 1
# expect: struct.pack('c',bytearray(b'a')) !! struct.error: char format requires a bytes object of length 1
# expect: struct.pack('s','a') !! struct.error: argument for 's' must be a bytes object
# expect: struct.pack('3s',b'abcd'),struct.pack('3s',b'a'),struct.pack('0s',b'a'),struct.pack('s',bytearray(b'ab')) -> (b'abc', b'a\x00\x00', b'', b'a')
# expect: struct.pack('3p',b'abcd'),struct.pack('p',b'a'),struct.pack('0p',b'a') if 0 else 0 -> (b'\x02ab', b'\x00', 0)
# expect: struct.pack('0p',b'') -> b''
# expect: struct.pack('300p',b'x'*300)[:3] -> b'\xffxx'
# expect: struct.pack('p','x') !! struct.error: argument for 'p' must be a bytes object
# expect: struct.pack('?',[]),struct.pack('?',5),struct.pack('<?','x') -> (b'\x00', b'\x01', b'\x01')
# expect: struct.pack('f',1e40) !! builtins.OverflowError: float too large to pack with f format
# expect: struct.pack('f','x') !! struct.error: required argument is not a float
# expect: struct.pack('d','x') !! struct.error: required argument is not a float
# expect: struct.pack('e',1e10) !! builtins.OverflowError: float too large to pack with e format
# expect: struct.pack('<f',1e40) !! builtins.OverflowError: float too large to pack with f format
# expect: struct.pack('F',1+2j),struct.pack('D',3.5),struct.pack('<F',1j) -> (b'\x00\x00\x80?\x00\x00\x00@', b'\x00\x00\x00\x00\x00\x00\x0c@\x00\x00\x00\x00\x00\x00\x00\x00', b'\x00\x00\x00\x00\x00\x00\x80?')
# expect: struct.pack('F','x') !! struct.error: required argument is not a complex
# expect: struct.pack('F',1e40j) -> b'\x00\x00\x00\x00\x00\x00\x80\x7f'
# expect: struct.pack('xhxi',1,2) -> b'\x00\x00\x01\x00\x00\x00\x00\x00\x02\x00\x00\x00'
# expect: struct.pack('3i',1,2) !! struct.error: pack expected 3 items for packing (got 2)
# expect: struct.pack('i',1,2) !! struct.error: pack expected 1 items for packing (got 2)
# expect: struct.pack() !! builtins.TypeError: missing format argument
# expect: struct.pack(5) !! builtins.TypeError: Struct() argument 1 must be a str or bytes object, not int
# expect: struct.pack('y') !! struct.error: bad char in struct format
# expect: struct.pack('3') !! struct.error: repeat count given without format specifier
# expect: struct.pack('i 2 h') !! struct.error: bad char in struct format
# expect: struct.pack(b'i',5) -> b'\x05\x00\x00\x00'
# expect: struct.pack('\0') !! struct.error: embedded null character
# expect: struct.pack('i\0') !! struct.error: embedded null character
# expect: struct.pack('é') !! builtins.UnicodeEncodeError: 'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)
# expect: struct.pack('99999999999999999999i') !! struct.error: total struct size too long
# expect: struct.calcsize('9999999999999999999i') !! struct.error: total struct size too long
# expect: struct.calcsize('4611686018427387904i') !! struct.error: total struct size too long
# expect: struct.calcsize('iqh'),struct.calcsize('<iqh'),struct.calcsize('=iqh'),struct.calcsize('hi0q'),struct.calcsize('@bP'),struct.calcsize('0s'),struct.calcsize(''),struct.calcsize('FD'),struct.calcsize('bD'),struct.calcsize(' i '),struct.calcsize('b?c'),struct.calcsize('l'),struct.calcsize('<l') -> (18, 14, 14, 8, 16, 0, 0, 24, 24, 4, 3, 8, 4)
# expect: struct.unpack('i',b'123') !! struct.error: unpack requires a buffer of 4 bytes
# expect: struct.unpack('i',5) !! builtins.TypeError: a bytes-like object is required, not 'int'
# expect: struct.unpack('i','abcd') !! builtins.TypeError: a bytes-like object is required, not 'str'
# expect: struct.unpack('3s3p?c',b'abc\x02xy\x01z') -> (b'abc', b'xy', True, b'z')
# expect: struct.unpack('<hHiIqQ',bytes(range(28))) -> (256, 770, 117835012, 185207048, 1374179596971150604, 1952900979675763988)
# expect: struct.unpack('>hHiIqQ',bytes(range(200,228))) -> (-14135, 51915, -858927409, 3503411923, -3110343745084990757, 15915121711329174243)
# expect: struct.unpack('efd',struct.pack('efd',1.5,2.5,3.5)) -> (1.5, 2.5, 3.5)
# expect: struct.unpack('FD',struct.pack('FD',1+2j,3-4j)) -> ((1+2j), (3-4j))
# expect: struct.unpack('bBhHiIlLqQnNP?',bytes([255]*struct.calcsize('bBhHiIlLqQnNP?'))) -> (-1, 255, -1, 65535, -1, 4294967295, -1, 18446744073709551615, -1, 18446744073709551615, -1, 18446744073709551615, 18446744073709551615, True)
# expect: struct.unpack_from('i',b'12345',1) -> (892613426,)
# expect: struct.unpack_from('i',b'12345',2) !! struct.error: unpack_from requires a buffer of at least 6 bytes for unpacking 4 bytes at offset 2 (actual buffer size is 5)
# expect: struct.unpack_from('i',b'12345',-4) -> (892613426,)
# expect: struct.unpack_from('i',b'12345',-3) !! struct.error: not enough data to unpack 4 bytes at offset -3
# expect: struct.unpack_from('i',b'12345',-6) !! struct.error: offset -6 out of range for 5-byte buffer
# expect: struct.unpack_from('i',b'12345',10**30) !! builtins.OverflowError: Python int too large to convert to C ssize_t
# expect: struct.unpack_from('i',buffer=b'1234',offset=0) -> (875770417,)
# expect: struct.unpack_from('i') !! builtins.TypeError: unpack_from() missing required argument 'buffer' (pos 2)
# expect: struct.pack_into('i',bytearray(4),0,5) -> None
# expect: struct.pack_into('i',bytearray(4),1,5) !! struct.error: pack_into requires a buffer of at least 5 bytes for packing 4 bytes at offset 1 (actual buffer size is 4)
# expect: struct.pack_into('i',bytearray(4),-4,5) -> None
# expect: struct.pack_into('i',bytearray(4),-5,5) !! struct.error: offset -5 out of range for 4-byte buffer
# expect: struct.pack_into('i',bytearray(4),-3,5) !! struct.error: no space to pack 4 bytes at offset -3
# expect: struct.pack_into('i',b'1234',0,5) !! builtins.TypeError: argument must be read-write bytes-like object, not bytes
# expect: struct.pack_into('i',bytearray(4),0) !! struct.error: pack_into expected 1 items for packing (got 0)
# expect: struct.pack_into('i',bytearray(4)) !! struct.error: pack_into expected offset argument
# expect: struct.pack_into('i') !! struct.error: pack_into expected buffer argument
# expect: struct.pack_into('i',bytearray(4),'x',5) !! builtins.TypeError: 'str' object cannot be interpreted as an integer
# expect: struct.pack_into() !! builtins.TypeError: missing format argument
# expect: list(struct.iter_unpack('h',b'123456')) -> [(12849,), (13363,), (13877,)]
# expect: struct.iter_unpack('h',b'12345') !! struct.error: iterative unpacking requires a buffer of a multiple of 2 bytes
# expect: struct.iter_unpack('',b'12') !! struct.error: cannot iteratively unpack with a struct of length 0
# expect: struct.iter_unpack('h',b'123456').__length_hint__() -> 3
# expect: type(struct.iter_unpack('h',b'123456')) -> <class '_struct.unpack_iterator'>
# expect: type(struct.iter_unpack('h',b'123456'))() !! builtins.TypeError: cannot create '_struct.unpack_iterator' instances
# expect: struct.Struct('i').format,struct.Struct(b'i').format,struct.Struct('i').size -> ('i', 'i', 4)
# expect: struct.Struct() !! builtins.TypeError: Struct() missing required argument 'format' (pos 1)
# expect: struct.Struct(5) !! builtins.TypeError: Struct() argument 1 must be a str or bytes object, not int
# expect: struct.Struct('i').pack('x') !! struct.error: required argument is not an integer
# expect: struct.Struct('i').pack(1,2) !! struct.error: pack expected 1 items for packing (got 2)
# expect: struct.Struct('i').pack_into(bytearray(4)) !! struct.error: pack_into expected offset argument
# expect: struct.Struct('i').unpack(b'1') !! struct.error: unpack requires a buffer of 4 bytes
# expect: struct.Struct('i').unpack_from(b'1') !! struct.error: unpack_from requires a buffer of at least 4 bytes for unpacking 4 bytes at offset 0 (actual buffer size is 1)
# expect: struct.Struct('i') -> Struct('i')
# expect: struct.Struct.__new__(struct.Struct,'i').size -> -1
# expect: struct.Struct.__new__(struct.Struct).size -> -1
# expect: struct.Struct.__new__(struct.Struct).pack(1) !! builtins.RuntimeError: Struct object is not initialized
# expect: struct.Struct(format='i').size -> 4
# expect: struct._clearcache() -> None
# expect: binascii.a2b_hex('0') !! binascii.Error: Odd-length string
# expect: binascii.a2b_hex('zz') !! binascii.Error: Non-hexadecimal digit found
# expect: binascii.a2b_hex(b'0aFF'),binascii.a2b_hex('') -> (b'\n\xff', b'')
# expect: binascii.a2b_hex('é0') !! builtins.ValueError: string argument should contain only ASCII characters
# expect: binascii.a2b_hex(5) !! builtins.TypeError: argument should be bytes, buffer or ASCII string, not 'int'
# expect: binascii.hexlify(b'abc'),binascii.hexlify(b'abcdef',':'),binascii.hexlify(b'abcdef',b'-',2),binascii.hexlify(b'abcdef','_',-4),binascii.hexlify(b'abcdef','_',0) -> (b'616263', b'61:62:63:64:65:66', b'6162-6364-6566', b'61626364_6566', b'616263646566')
# expect: binascii.hexlify(b'abc','::') !! builtins.ValueError: sep must be length 1.
# expect: binascii.hexlify(b'abc','é') -> b'61\xe962\xe963'
# expect: binascii.hexlify(b'abc',5) !! builtins.TypeError: object of type 'int' has no len()
# expect: binascii.hexlify('x') !! builtins.TypeError: a bytes-like object is required, not 'str'
# expect: binascii.a2b_base64('YWJj'),binascii.a2b_base64(b'YW Jj\n'),binascii.a2b_base64('YQ=='),binascii.a2b_base64('') -> (b'abc', b'abc', b'a', b'')
# expect: binascii.a2b_base64('YQ') !! binascii.Error: Incorrect padding
# expect: binascii.a2b_base64('Y') !! binascii.Error: Invalid base64-encoded string: number of data characters (1) cannot be 1 more than a multiple of 4
# expect: binascii.a2b_base64('YWJjY') !! binascii.Error: Invalid base64-encoded string: number of data characters (5) cannot be 1 more than a multiple of 4
# expect: binascii.a2b_base64('YQ=') !! binascii.Error: Incorrect padding
# expect: binascii.a2b_base64('Y===') !! binascii.Error: Invalid base64-encoded string: number of data characters (1) cannot be 1 more than a multiple of 4
# expect: binascii.a2b_base64('=') -> b''
# expect: binascii.a2b_base64('YQ==YQ==') -> b'a\x06\x10'
# expect: binascii.a2b_base64('YWJj=') -> b'abc'
# expect: binascii.a2b_base64('YQ==\n',strict_mode=True) !! binascii.Error: Only base64 data is allowed
# expect: binascii.a2b_base64('YQ==x',strict_mode=True) !! binascii.Error: Excess data after padding
# expect: binascii.a2b_base64('Y Q==',strict_mode=True) !! binascii.Error: Only base64 data is allowed
# expect: binascii.a2b_base64('=YQ==',strict_mode=True) !! binascii.Error: Leading padding not allowed
# expect: binascii.a2b_base64('YWJj=',strict_mode=True) !! binascii.Error: Excess padding not allowed
# expect: binascii.a2b_base64('YWJj==',strict_mode=True) !! binascii.Error: Excess padding not allowed
# expect: binascii.a2b_base64('Y=Q=',strict_mode=True) !! binascii.Error: Invalid base64-encoded string: number of data characters (1) cannot be 1 more than a multiple of 4
# expect: binascii.a2b_base64('YQ=x',strict_mode=True) !! binascii.Error: Discontinuous padding not allowed
# expect: binascii.a2b_base64('YQ===',strict_mode=True) !! binascii.Error: Excess padding not allowed
# expect: binascii.a2b_base64('YQ',strict_mode=True) !! binascii.Error: Incorrect padding
# expect: binascii.a2b_base64('Y',strict_mode=True) !! binascii.Error: Invalid base64-encoded string: number of data characters (1) cannot be 1 more than a multiple of 4
# expect: binascii.a2b_base64('',strict_mode=True) -> b''
# expect: binascii.a2b_base64('Y=Q=') !! binascii.Error: Incorrect padding
# expect: binascii.b2a_base64(b'abc'),binascii.b2a_base64(b'a',newline=False),binascii.b2a_base64(b'') -> (b'YWJj\n', b'YQ==', b'\n')
# expect: binascii.a2b_uu(b'#86)C\n'),binascii.a2b_uu(b''),binascii.a2b_uu(b' '),binascii.a2b_uu(b'\x7f') if 0 else 0 !! binascii.Error: Missing length byte
# expect: binascii.a2b_uu(b'\x7f') -> b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00'
# expect: binascii.a2b_uu(b'#86)C!!') !! binascii.Error: Trailing garbage
# expect: binascii.a2b_uu(b'#86') -> b'a`\x00'
# expect: binascii.b2a_uu(b'abc'),binascii.b2a_uu(b'\0\0'),binascii.b2a_uu(b'\0\0',backtick=True),binascii.b2a_uu(b'') -> (b'#86)C\n', b'"    \n', b'"````\n', b' \n')
# expect: binascii.b2a_uu(b'x'*46) !! binascii.Error: At most 45 bytes at once
# expect: binascii.a2b_qp(b'a=3Db=\nc=\r\nd=4 =zz=='),binascii.a2b_qp(b'a_b',header=True),binascii.a2b_qp('a=') -> (b'a=bcd=4 =zz=', b'a b', b'a')
# expect: binascii.b2a_qp(b'a=b\tc \n.\n\xff'),binascii.b2a_qp(b'a b',quotetabs=True),binascii.b2a_qp(b'a_b c',header=True),binascii.b2a_qp(b'x'*100),binascii.b2a_qp(b'a\r\nb\nc',istext=False) -> (b'a=3Db\tc=20\n=2E\n=FF', b'a=20b', b'a=5Fb_c', b'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx=\nxxxxxxxxxxxxxxxxxxxxxxxxx', b'a=0D=0Ab=0Ac')
# expect: binascii.crc32(b'abc'),binascii.crc32(b'abc',5),binascii.crc32(b'abc',-1),binascii.crc32(b'abc',2**40+3) -> (891568578, 871334697, 899311407, 929234843)
# expect: binascii.crc32('x') !! builtins.TypeError: a bytes-like object is required, not 'str'
# expect: binascii.crc_hqx(b'abc',0),binascii.crc_hqx(b'abc',70000) -> (40406, 57820)
# expect: binascii.crc_hqx(b'abc') !! builtins.TypeError: crc_hqx expected 2 arguments, got 1
# expect: binascii.Error.__mro__,binascii.Incomplete.__mro__ -> ((<class 'binascii.Error'>, <class 'ValueError'>, <class 'Exception'>, <class 'BaseException'>, <class 'object'>), (<class 'binascii.Incomplete'>, <class 'Exception'>, <class 'BaseException'>, <class 'object'>))
# expect: _random.Random(1).random() -> 0.13436424411240122
# expect: _random.Random(1,2) !! builtins.TypeError: Random expected at most 1 argument, got 2
# expect: _random.Random(a=1) !! builtins.TypeError: Random() takes no keyword arguments
# expect: _random.Random([]) !! builtins.TypeError: unhashable type: 'list'
# expect: _random.Random(1.5).getrandbits(30) -> 592451787
# expect: _random.Random(-1).random(),_random.Random(2**100).random(),_random.Random(0).random() -> (0.13436424411240122, 0.7586581712996778, 0.8444218515250481)
# expect: _random.Random(1).getrandbits(0),_random.Random(1).getrandbits(1),_random.Random(1).getrandbits(32),_random.Random(1).getrandbits(33),_random.Random(1).getrandbits(100) -> (0, 0, 577090037, 4872057333, 1017878568110080782349472477685)
# expect: _random.Random(1).getrandbits(-1) !! builtins.ValueError: Cannot convert negative int
# expect: _random.Random(1).getrandbits(2**70) !! builtins.OverflowError: Python int too large for C uint64_t
# expect: _random.Random(1).getrandbits('x') !! builtins.TypeError: 'str' object cannot be interpreted as an integer
# expect: _random.Random(1).getstate()[:3],len(_random.Random(1).getstate()),_random.Random(1).getstate()[-1] -> ((2147483648, 163610392, 3414454684), 625, 624)
# expect: _random.Random(1).setstate(5) !! builtins.TypeError: state vector must be a tuple
# expect: _random.Random(1).setstate((1,2)) !! builtins.ValueError: state vector is the wrong size
# expect: _random.Random(1).setstate((1,)*624+(700,)) !! builtins.ValueError: invalid state
# expect: _random.Random(1).setstate((1,)*624+(-1,)) !! builtins.ValueError: invalid state
# expect: _random.Random(1).setstate((2**33,)*624+(5,)) -> None
# expect: _random.Random(1).setstate(('x',)*625) !! builtins.TypeError: an integer is required
# expect: _random.Random(1).setstate((1,)*624+(5,)) -> None
# expect: _random.Random.seed.__text_signature__,_random.Random.random.__text_signature__,_random.Random.getrandbits.__text_signature__,_random.Random.setstate.__text_signature__,_random.Random.getstate.__text_signature__ -> ('($self, n=None, /)', '($self, /)', '($self, k, /)', '($self, state, /)', '($self, /)')
# expect: _random.Random(1).seed(1,2) !! builtins.TypeError: seed expected at most 1 argument, got 2
# expect: _statistics._normal_dist_inv_cdf(0.3,1,2) -> -0.048801025416081334
# expect: _statistics._normal_dist_inv_cdf(0,1,2) !! builtins.ValueError: inv_cdf undefined for these parameters
# expect: _statistics._normal_dist_inv_cdf(1,1,2) !! builtins.ValueError: inv_cdf undefined for these parameters
# expect: _statistics._normal_dist_inv_cdf(0.5,1,0) -> 1.0
# expect: cmath.sqrt(-1),cmath.exp(1j),cmath.log(-1),cmath.log(8,2),cmath.log10(100),cmath.phase(-1),cmath.polar(1j),cmath.rect(1,2) -> (1j, (0.5403023058681398+0.8414709848078965j), 3.141592653589793j, (3+0j), (2+0j), 3.141592653589793, (1.0, 1.5707963267948966), (-0.4161468365471424+0.9092974268256817j))
# expect: cmath.log(0) !! builtins.ValueError: math domain error
# expect: cmath.log(1,0) !! builtins.ValueError: math domain error
# expect: cmath.log10(0) !! builtins.ValueError: math domain error
# expect: cmath.exp(1000) !! builtins.OverflowError: math range error
# expect: cmath.cosh(1000) !! builtins.OverflowError: math range error
# expect: cmath.sqrt('x') !! builtins.TypeError: must be real number, not str
# expect: cmath.atan(1j) !! builtins.ValueError: math domain error
# expect: cmath.atanh(1) !! builtins.ValueError: math domain error
# expect: cmath.sin(float('inf')) !! builtins.ValueError: math domain error
# expect: cmath.exp(complex(1,float('inf'))) !! builtins.ValueError: math domain error
# expect: cmath.rect(1,float('inf')) !! builtins.ValueError: math domain error
# expect: cmath.isclose(1,1,rel_tol=-1) !! builtins.ValueError: tolerances must be non-negative
# expect: cmath.isclose(1j,1j+1e-12) -> True
# expect: cmath.log(2,3,4) !! builtins.TypeError: log expected at most 2 arguments, got 3
