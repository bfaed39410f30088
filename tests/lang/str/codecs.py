# SPDX-License-Identifier: MIT
# _codecs: builtin codecs and error handlers.
import _codecs
import warnings

warnings.simplefilter('ignore')
out = print

def t(f,*a,**k):
    try: r=ascii(f(*a,**k))
    except Exception as e: r=f"{type(e).__name__}: {ascii(str(e))}"
    out(r)
for b in (b"\\q",b"\\400",b"\\777",b"\\8",b"\\\xe9"): t(b.decode,"unicode_escape"); t(_codecs.escape_decode,b)
for b in (b"\\q",b"\\400",b"\\777",b"\\8",b"\\\n",b"\\",b"\\x",b"\\x1",b"\\xzz",b"\\x41b",b"ab\\x4gcd",b"\\n\\t\\a\\\\\\'\\\"\\v"):
    for e in ("strict","ignore","replace","foo"): out(repr((b,e))); t(_codecs.escape_decode,b,e)
t(_codecs.escape_encode,b"a'\"\\\n\r\t\x00\xff~"); t(_codecs.escape_encode,"a"); t(_codecs.escape_decode,"a\\n")
for b in (b"\\x4",b"\\u12",b"\\U0001",b"\\",b"\\N",b"\\N{DIG",b"\\xzz",b"\\U00110000",b"abc\\u123",b"\\1"): t(_codecs.unicode_escape_decode,b,"strict",False); t(_codecs.raw_unicode_escape_decode,b,"strict",False)
t(_codecs.utf_8_decode,b"\xe9"); t(_codecs.utf_8_decode,b"a\xe9\x80",None,False); t(_codecs.utf_8_decode,b"a\xe9\x80",None,True); t(_codecs.utf_16_ex_decode,b"\xff\xfea\0"); t(_codecs.utf_16_ex_decode,b"a\0"); t(_codecs.utf_16_ex_decode,b"\0a","strict",1); t(_codecs.utf_32_ex_decode,b"\0\0\0a","strict",1,True)
t(_codecs.utf_16_encode,"a","strict",1); t(_codecs.utf_16_encode,"a","strict",0);t(_codecs.utf_16_encode,"a","strict",-1)
t(_codecs.charmap_build,"abc"); t(type,_codecs.charmap_build("".join(map(chr,range(256)))));  t(type,_codecs.charmap_build("a"*256))
t(_codecs.charmap_encode,"abc","strict",{97:98}); t(_codecs.charmap_encode,"a","strict",{97:256}); t(_codecs.charmap_encode,"a","strict",{97:"x"}); t(_codecs.charmap_encode,"a","strict",{97:b"xyz"}); t(_codecs.charmap_encode,"abc","replace",{97:b"xyz",63:b"?!"});t(_codecs.charmap_encode,"abc","replace",{97:b"xyz"});t(_codecs.charmap_encode,"abc","xmlcharrefreplace",{97:b"xyz"}); t(_codecs.charmap_encode,"a","strict",{97:None}); t(_codecs.charmap_encode,"a\xff\u1234","strict"); t(_codecs.charmap_encode,"a","strict",5)
t(_codecs.charmap_decode,b"abc","strict",{97:98}); t(_codecs.charmap_decode,b"a","strict",{97:-1}); t(_codecs.charmap_decode,b"a","strict",{97:0x110000}); t(_codecs.charmap_decode,b"a","strict",{97:1.5}); t(_codecs.charmap_decode,b"abc","replace",{97:"xyz",98:None,99:0xfffe}); t(_codecs.charmap_decode,b"\0\1","strict","a"); t(_codecs.charmap_decode,b"\0\1","replace","a");t(_codecs.charmap_decode,b"\0\1","strict","a\ufffe"); t(_codecs.charmap_decode,b"\xff"); t(_codecs.charmap_decode,b"","strict","a")
t(_codecs.readbuffer_encode,"é"); t(_codecs.readbuffer_encode,b"q"); t(_codecs.register_error,"x",1); t(_codecs.lookup_error,"qq"); t(_codecs._unregister_error,"strict"); t(_codecs._unregister_error,"qq");    t(_codecs.register,1); t(_codecs.lookup,"a\0b")
t(_codecs.utf_8_encode,1); t(_codecs.utf_8_decode,"a"); t(_codecs.utf_8_decode,1); t(_codecs.encode,1,2)
t(_codecs.encode,1,"utf-8");  t(b"a".decode,"hex"); t("a".encode,"base64"); t(_codecs.decode,b"zz","hex")
for n in ("strict","ignore","replace","xmlcharrefreplace","backslashreplace","namereplace","surrogateescape","surrogatepass"):
    h=_codecs.lookup_error(n)
    for e in (1,UnicodeEncodeError("u","ab\u1234\udc80\ud800c",1,5,"r"),UnicodeDecodeError("utf-8",b"ab\xff\xed\xa0\x80",2,4,"r"),UnicodeTranslateError("abc\u1234",1,4,"r"),ValueError("x"),UnicodeDecodeError("utf-8",b"ab\xff\xed\xa0\x80",3,4,"r"),UnicodeEncodeError("u","ab",5,9,"r"),UnicodeEncodeError("utf-8","\udc80",0,1,"r")):
        t(h,e)

# expect: '\\q'
# expect: (b'\\q', 2)
# expect: '\u0100'
# expect: (b'\x00', 4)
# expect: '\u01ff'
# expect: (b'\xff', 4)
# expect: '\\8'
# expect: (b'\\8', 2)
# expect: '\\\xe9'
# expect: (b'\\\xe9', 2)
# expect: (b'\\q', 'strict')
# expect: (b'\\q', 2)
# expect: (b'\\q', 'ignore')
# expect: (b'\\q', 2)
# expect: (b'\\q', 'replace')
# expect: (b'\\q', 2)
# expect: (b'\\q', 'foo')
# expect: (b'\\q', 2)
# expect: (b'\\400', 'strict')
# expect: (b'\x00', 4)
# expect: (b'\\400', 'ignore')
# expect: (b'\x00', 4)
# expect: (b'\\400', 'replace')
# expect: (b'\x00', 4)
# expect: (b'\\400', 'foo')
# expect: (b'\x00', 4)
# expect: (b'\\777', 'strict')
# expect: (b'\xff', 4)
# expect: (b'\\777', 'ignore')
# expect: (b'\xff', 4)
# expect: (b'\\777', 'replace')
# expect: (b'\xff', 4)
# expect: (b'\\777', 'foo')
# expect: (b'\xff', 4)
# expect: (b'\\8', 'strict')
# expect: (b'\\8', 2)
# expect: (b'\\8', 'ignore')
# expect: (b'\\8', 2)
# expect: (b'\\8', 'replace')
# expect: (b'\\8', 2)
# expect: (b'\\8', 'foo')
# expect: (b'\\8', 2)
# expect: (b'\\\n', 'strict')
# expect: (b'', 2)
# expect: (b'\\\n', 'ignore')
# expect: (b'', 2)
# expect: (b'\\\n', 'replace')
# expect: (b'', 2)
# expect: (b'\\\n', 'foo')
# expect: (b'', 2)
# expect: (b'\\', 'strict')
# expect: ValueError: 'Trailing \\ in string'
# expect: (b'\\', 'ignore')
# expect: ValueError: 'Trailing \\ in string'
# expect: (b'\\', 'replace')
# expect: ValueError: 'Trailing \\ in string'
# expect: (b'\\', 'foo')
# expect: ValueError: 'Trailing \\ in string'
# expect: (b'\\x', 'strict')
# expect: ValueError: 'invalid \\x escape at position 0'
# expect: (b'\\x', 'ignore')
# expect: (b'', 2)
# expect: (b'\\x', 'replace')
# expect: (b'?', 2)
# expect: (b'\\x', 'foo')
# expect: ValueError: 'decoding error; unknown error handling code: foo'
# expect: (b'\\x1', 'strict')
# expect: ValueError: 'invalid \\x escape at position 0'
# expect: (b'\\x1', 'ignore')
# expect: (b'', 3)
# expect: (b'\\x1', 'replace')
# expect: (b'?', 3)
# expect: (b'\\x1', 'foo')
# expect: ValueError: 'decoding error; unknown error handling code: foo'
# expect: (b'\\xzz', 'strict')
# expect: ValueError: 'invalid \\x escape at position 0'
# expect: (b'\\xzz', 'ignore')
# expect: (b'zz', 4)
# expect: (b'\\xzz', 'replace')
# expect: (b'?zz', 4)
# expect: (b'\\xzz', 'foo')
# expect: ValueError: 'decoding error; unknown error handling code: foo'
# expect: (b'\\x41b', 'strict')
# expect: (b'Ab', 5)
# expect: (b'\\x41b', 'ignore')
# expect: (b'Ab', 5)
# expect: (b'\\x41b', 'replace')
# expect: (b'Ab', 5)
# expect: (b'\\x41b', 'foo')
# expect: (b'Ab', 5)
# expect: (b'ab\\x4gcd', 'strict')
# expect: ValueError: 'invalid \\x escape at position 2'
# expect: (b'ab\\x4gcd', 'ignore')
# expect: (b'abgcd', 8)
# expect: (b'ab\\x4gcd', 'replace')
# expect: (b'ab?gcd', 8)
# expect: (b'ab\\x4gcd', 'foo')
# expect: ValueError: 'decoding error; unknown error handling code: foo'
# expect: (b'\\n\\t\\a\\\\\\\'\\"\\v', 'strict')
# expect: (b'\n\t\x07\\\'"\x0b', 14)
# expect: (b'\\n\\t\\a\\\\\\\'\\"\\v', 'ignore')
# expect: (b'\n\t\x07\\\'"\x0b', 14)
# expect: (b'\\n\\t\\a\\\\\\\'\\"\\v', 'replace')
# expect: (b'\n\t\x07\\\'"\x0b', 14)
# expect: (b'\\n\\t\\a\\\\\\\'\\"\\v', 'foo')
# expect: (b'\n\t\x07\\\'"\x0b', 14)
# expect: (b'a\\\'"\\\\\\n\\r\\t\\x00\\xff~', 10)
# expect: TypeError: 'escape_encode() argument 1 must be bytes, not str'
# expect: (b'a\n', 3)
# expect: ('', 0)
# expect: ('\\x4', 3)
# expect: ('', 0)
# expect: ('', 0)
# expect: ('', 0)
# expect: ('', 0)
# expect: ('', 0)
# expect: ('', 0)
# expect: ('', 0)
# expect: ('\\N', 2)
# expect: ('', 0)
# expect: ('\\N{DIG', 6)
# expect: UnicodeDecodeError: "'unicodeescape' codec can't decode bytes in position 0-1: truncated \\xXX escape"
# expect: ('\\xzz', 4)
# expect: UnicodeDecodeError: "'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character"
# expect: UnicodeDecodeError: "'rawunicodeescape' codec can't decode bytes in position 0-9: \\Uxxxxxxxx out of range"
# expect: ('abc', 3)
# expect: ('abc', 3)
# expect: ('\x01', 2)
# expect: ('\\1', 2)
# expect: ('', 0)
# expect: ('a', 1)
# expect: UnicodeDecodeError: "'utf-8' codec can't decode bytes in position 1-2: unexpected end of data"
# expect: ('a', 4, -1)
# expect: ('a', 2, 0)
# expect: ('a', 2, 1)
# expect: ('a', 4, 1)
# expect: (b'\x00a', 1)
# expect: (b'\xff\xfea\x00', 1)
# expect: (b'a\x00', 1)
# expect: {97: 0, 98: 1, 99: 2}
# expect: <class 'EncodingMap'>
# expect: <class 'dict'>
# expect: UnicodeEncodeError: "'charmap' codec can't encode characters in position 1-2: character maps to <undefined>"
# expect: TypeError: 'character mapping must be in range(256)'
# expect: TypeError: 'character mapping must return integer, bytes or None, not str'
# expect: (b'xyz', 1)
# expect: (b'xyz?!?!', 3)
# expect: UnicodeEncodeError: "'charmap' codec can't encode characters in position 1-2: character maps to <undefined>"
# expect: UnicodeEncodeError: "'charmap' codec can't encode characters in position 1-2: character maps to <undefined>"
# expect: UnicodeEncodeError: "'charmap' codec can't encode character '\\x61' in position 0: character maps to <undefined>"
# expect: UnicodeEncodeError: "'latin-1' codec can't encode character '\\u1234' in position 2: ordinal not in range(256)"
# expect: TypeError: "'int' object is not subscriptable"
# expect: UnicodeDecodeError: "'charmap' codec can't decode byte 0x62 in position 1: character maps to <undefined>"
# expect: TypeError: 'character mapping must be in range(0x110000)'
# expect: TypeError: 'character mapping must be in range(0x110000)'
# expect: TypeError: 'character mapping must return integer, None or str'
# expect: ('xyz\ufffd\ufffd', 3)
# expect: UnicodeDecodeError: "'charmap' codec can't decode byte 0x01 in position 1: character maps to <undefined>"
# expect: ('a\ufffd', 2)
# expect: UnicodeDecodeError: "'charmap' codec can't decode byte 0x01 in position 1: character maps to <undefined>"
# expect: ('\xff', 1)
# expect: ('', 0)
# expect: (b'\xc3\xa9', 2)
# expect: (b'q', 1)
# expect: TypeError: 'handler must be callable'
# expect: LookupError: "unknown error handler name 'qq'"
# expect: ValueError: "cannot un-register built-in error handler 'strict'"
# expect: False
# expect: TypeError: 'argument must be callable'
# expect: ValueError: 'embedded null character'
# expect: TypeError: 'utf_8_encode() argument 1 must be str, not int'
# expect: TypeError: "a bytes-like object is required, not 'str'"
# expect: TypeError: "a bytes-like object is required, not 'int'"
# expect: TypeError: "encode() argument 'encoding' must be str, not int"
# expect: TypeError: 'utf_8_encode() argument 1 must be str, not int'
# expect: LookupError: "'hex' is not a text encoding; use codecs.decode() to handle arbitrary codecs"
# expect: LookupError: "'base64' is not a text encoding; use codecs.encode() to handle arbitrary codecs"
# expect: Error: 'Non-hexadecimal digit found'
# expect: TypeError: 'codec must pass exception instance'
# expect: UnicodeEncodeError: "'u' codec can't encode characters in position 1-4: r"
# expect: UnicodeDecodeError: "'utf-8' codec can't decode bytes in position 2-3: r"
# expect: UnicodeTranslateError: "can't translate characters in position 1-3: r"
# expect: ValueError: 'x'
# expect: UnicodeDecodeError: "'utf-8' codec can't decode byte 0xed in position 3: r"
# expect: UnicodeEncodeError: "'u' codec can't encode characters in position 5-8: r"
# expect: UnicodeEncodeError: "'utf-8' codec can't encode character '\\udc80' in position 0: r"
# expect: TypeError: "don't know how to handle int in error callback"
# expect: ('', 5)
# expect: ('', 4)
# expect: ('', 4)
# expect: TypeError: "don't know how to handle ValueError in error callback"
# expect: ('', 4)
# expect: ('', 2)
# expect: ('', 1)
# expect: TypeError: "don't know how to handle int in error callback"
# expect: ('????', 5)
# expect: ('\ufffd', 4)
# expect: ('\ufffd\ufffd\ufffd', 4)
# expect: TypeError: "don't know how to handle ValueError in error callback"
# expect: ('\ufffd', 4)
# expect: ('?', 2)
# expect: ('?', 1)
# expect: TypeError: "don't know how to handle int in error callback"
# expect: ('&#98;&#4660;&#56448;&#55296;', 5)
# expect: TypeError: "don't know how to handle UnicodeDecodeError in error callback"
# expect: TypeError: "don't know how to handle UnicodeTranslateError in error callback"
# expect: TypeError: "don't know how to handle ValueError in error callback"
# expect: TypeError: "don't know how to handle UnicodeDecodeError in error callback"
# expect: ('&#98;', 2)
# expect: ('&#56448;', 1)
# expect: TypeError: "don't know how to handle int in error callback"
# expect: ('\\x62\\u1234\\udc80\\ud800', 5)
# expect: ('\\xff\\xed', 4)
# expect: ('\\x62\\x63\\u1234', 4)
# expect: TypeError: "don't know how to handle ValueError in error callback"
# expect: ('\\xed', 4)
# expect: ('\\x62', 2)
# expect: ('\\udc80', 1)
# expect: TypeError: "don't know how to handle int in error callback"
# expect: ('\\N{LATIN SMALL LETTER B}\\N{ETHIOPIC SYLLABLE SEE}\\udc80\\ud800', 5)
# expect: TypeError: "don't know how to handle UnicodeDecodeError in error callback"
# expect: TypeError: "don't know how to handle UnicodeTranslateError in error callback"
# expect: TypeError: "don't know how to handle ValueError in error callback"
# expect: TypeError: "don't know how to handle UnicodeDecodeError in error callback"
# expect: ('\\N{LATIN SMALL LETTER B}', 2)
# expect: ('\\udc80', 1)
# expect: TypeError: "don't know how to handle int in error callback"
# expect: UnicodeEncodeError: "'u' codec can't encode characters in position 1-4: r"
# expect: ('\udcff\udced', 4)
# expect: TypeError: "don't know how to handle UnicodeTranslateError in error callback"
# expect: TypeError: "don't know how to handle ValueError in error callback"
# expect: ('\udced', 4)
# expect: UnicodeEncodeError: "'u' codec can't encode characters in position 5-8: r"
# expect: (b'\x80', 1)
# expect: TypeError: "don't know how to handle int in error callback"
# expect: UnicodeEncodeError: "'u' codec can't encode characters in position 1-4: r"
# expect: UnicodeDecodeError: "'utf-8' codec can't decode bytes in position 2-3: r"
# expect: TypeError: "don't know how to handle UnicodeTranslateError in error callback"
# expect: TypeError: "don't know how to handle ValueError in error callback"
# expect: ('\ud800', 6)
# expect: UnicodeEncodeError: "'u' codec can't encode characters in position 5-8: r"
# expect: (b'\xed\xb2\x80', 1)
