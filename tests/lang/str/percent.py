# SPDX-License-Identifier: MIT
# The % operator of str, bytes and bytearray.
import warnings

warnings.simplefilter('ignore')
out = print

def t(s,a):
    pass
    try: r=s%a
    except Exception as e: r=f"{type(e).__name__}: {e}"
    out(ascii(s)+ascii(r))
class I:
    def __index__(s): return 5
class F:
    def __float__(s): return 2.5
class N:
    def __int__(s): return 7
for s,a in [("%",()),("%d","a"),("%d",1.7),("%d",I()),("%d",N()),("%i",True),("%x",1.5),("%x","a"),("%x",I()),("%x",N()),("%o",-8),("%#o",8),("%#x",-255),("%#X",255),("%+d",5),("% d",5),("%05d",-5),("%-5d|",5),("%.3d",-5),("%08.3d",5),("%#08x",255),("%+#.5x",255),("%c","ab"),("%c",""),("%c",1114112),("%c",-1),("%c",1.5),("%c",65),("%5c","é"),("%c",None),("%s",()),("%s %s",("a",)),("%s",("a","b")),("a",1),("a",{}),("a",[]),("%(a)s",{"a":1}),("%(a)s",(1,)),("%(a)s",1),("%(a",{}),("%(a)",{"a":1}),("%(a(b))s",{"a(b)":3}),("%(b)s",{"a":1}),("%*d",(5,1)),("%-*d|",(5,1)),("%*d",(-5,1)),("%*d",("a",1)),("%.*f",(2,3.14159)),("%.*f",(-2,3.14159)),("%y",1),("%\u1234",1),("%z",()),("%d",()),("%ld",5),("%lld",5),("%hd",5),("%f",1),("%f","a"),("%f",F()),("%e",1.5),("%G",1e10),("%#.0f",1.0),("%10.3f|",3.14159),("%-10.3f|",3.14159),("%010.3f",-3.14),("%+.2e",12345.678),("% f",1.0),("%r","é\n"),("%a","é\n"),("%.3r","abcdef"),("%10.2s|","abcdef"),("%-10s|","a"),("%%",()),("%5%",()),("%%%s",1),("%s%%",(1,)),("%99999999999999999999d",1),("%.99999999999999999999d",1),("%s",None),("%s",(1,2,3)),("%s",[1,2]),("%(a)s %(a)d",{"a":1}),("%s",{"a":1}),("%(x)s %s",{"x":1}),("%d",1<<70),("%x",1<<70),("%.30d",1<<70),("%f",float("nan")),("%5f|",float("inf")),("%05f|",float("-inf")),("%F",float("inf")),("%g",1e-5),("%#g",1.0),("%d","5"),("%d",None),("%i",b"5"),("%u",5),("%d",1e400),("%d",float("nan")),("%(a)*d",{"a":5}),("%0-5d|",3),("%-05d|",3),("% +d",3),("%s\u1234%s",("a","b")),("%.0f",0.5),("%.1000000000000f",1.0),("%.2147483648f",1.0),("%s",type("S",(str,),{"__str__":lambda s:"x"})("q")),("%()s",{"":4}),("%c",I()),("%f",10**400),("%d",3+1j),("%x",3.0),("%o","x"),("%a",1),("%b",1),("%(a)s",[1]),("%(a)s","abc"),("%",(1,)),("abc%",1),("%-",1),("%.",1),("%l",1),("%(a)d",{"a":"x"}),("%s %(a)s",{"a":1}),("%s", (1,)),("%d %s",(1,)),("%*",(1,)),("%.*d",(3,))]:
    t(s,a)
pass
for s,a in [(b"%s",b"a"),(b"%s","a"),(b"%s",1),(b"%b",b"x"),(b"%b","x"),(b"%a","é"),(b"%r","é"),(b"%d",5),(b"%c",65),(b"%c",b"A"),(b"%c",b"AB"),(b"%c",256),(b"%c","a"),(b"%c",1.5),(b"%x",255),(b"%d","a"),(b"%f",1.5),(b"%5s|",b"ab"),(b"%.1s",b"ab"),(b"%(a)s",{b"a":b"x"}),(b"%(a)s",{"a":b"x"}),(b"%(a)s",1),(b"%s %s",(b"a",)),(b"%s",(b"a",b"b")),(b"a",1),(b"%y",1),(b"%",()),(b"%\xff",1),(b"%s",bytearray(b"q")),(b"%s",memoryview(b"q")),(b"%*d",(5,1)),(b"%05d",-3),(b"%#x",10),(b"%-5d|",3),(b"%%",()),(b"%s",type("B",(),{"__bytes__":lambda s:b"zz"})()),(b"%c",None),(b"%c",bytearray(b"AB")),(b"%10.4f|",3.14159),(b"%(a",{}),(b"%.3d",5),(b"%s",None)]:
    t(s,a)
t(bytearray(b"%d"),5); t(bytearray(b"%s"),"a")

# expect: '%''ValueError: incomplete format'
# expect: '%d''TypeError: %d format: a real number is required, not str'
# expect: '%d''1'
# expect: '%d''5'
# expect: '%d''7'
# expect: '%i''1'
# expect: '%x''TypeError: %x format: an integer is required, not float'
# expect: '%x''TypeError: %x format: an integer is required, not str'
# expect: '%x''5'
# expect: '%x''TypeError: %x format: an integer is required, not N'
# expect: '%o''-10'
# expect: '%#o''0o10'
# expect: '%#x''-0xff'
# expect: '%#X''0XFF'
# expect: '%+d''+5'
# expect: '% d'' 5'
# expect: '%05d''-0005'
# expect: '%-5d|''5    |'
# expect: '%.3d''-005'
# expect: '%08.3d''00000005'
# expect: '%#08x''0x0000ff'
# expect: '%+#.5x''+0x000ff'
# expect: '%c''TypeError: %c requires an int or a unicode character, not a string of length 2'
# expect: '%c''TypeError: %c requires an int or a unicode character, not a string of length 0'
# expect: '%c''OverflowError: %c arg not in range(0x110000)'
# expect: '%c''OverflowError: %c arg not in range(0x110000)'
# expect: '%c''TypeError: %c requires an int or a unicode character, not float'
# expect: '%c''A'
# expect: '%5c''    \xe9'
# expect: '%c''TypeError: %c requires an int or a unicode character, not NoneType'
# expect: '%s''TypeError: not enough arguments for format string'
# expect: '%s %s''TypeError: not enough arguments for format string'
# expect: '%s''TypeError: not all arguments converted during string formatting'
# expect: 'a''TypeError: not all arguments converted during string formatting'
# expect: 'a''a'
# expect: 'a''a'
# expect: '%(a)s''1'
# expect: '%(a)s''TypeError: format requires a mapping'
# expect: '%(a)s''TypeError: format requires a mapping'
# expect: '%(a''ValueError: incomplete format key'
# expect: '%(a)''ValueError: incomplete format'
# expect: '%(a(b))s''3'
# expect: '%(b)s'"KeyError: 'b'"
# expect: '%*d''    1'
# expect: '%-*d|''1    |'
# expect: '%*d''1    '
# expect: '%*d''TypeError: * wants int'
# expect: '%.*f''3.14'
# expect: '%.*f''3'
# expect: '%y'"ValueError: unsupported format character 'y' (0x79) at index 1"
# expect: '%\u1234'"ValueError: unsupported format character '?' (0x1234) at index 1"
# expect: '%z''TypeError: not enough arguments for format string'
# expect: '%d''TypeError: not enough arguments for format string'
# expect: '%ld''5'
# expect: '%lld'"ValueError: unsupported format character 'l' (0x6c) at index 2"
# expect: '%hd''5'
# expect: '%f''1.000000'
# expect: '%f''TypeError: must be real number, not str'
# expect: '%f''2.500000'
# expect: '%e''1.500000e+00'
# expect: '%G''1E+10'
# expect: '%#.0f''1.'
# expect: '%10.3f|''     3.142|'
# expect: '%-10.3f|''3.142     |'
# expect: '%010.3f''-00003.140'
# expect: '%+.2e''+1.23e+04'
# expect: '% f'' 1.000000'
# expect: '%r'"'\xe9\\n'"
# expect: '%a'"'\\xe9\\n'"
# expect: '%.3r'"'ab"
# expect: '%10.2s|''        ab|'
# expect: '%-10s|''a         |'
# expect: '%%''%'
# expect: '%5%''TypeError: not enough arguments for format string'
# expect: '%%%s''%1'
# expect: '%s%%''1%'
# expect: '%99999999999999999999d''ValueError: width too big'
# expect: '%.99999999999999999999d''ValueError: precision too big'
# expect: '%s''None'
# expect: '%s''TypeError: not all arguments converted during string formatting'
# expect: '%s''[1, 2]'
# expect: '%(a)s %(a)d''1 1'
# expect: '%s'"{'a': 1}"
# expect: '%(x)s %s''TypeError: not enough arguments for format string'
# expect: '%d''1180591620717411303424'
# expect: '%x''400000000000000000'
# expect: '%.30d''000000001180591620717411303424'
# expect: '%f''nan'
# expect: '%5f|''  inf|'
# expect: '%05f|''-0inf|'
# expect: '%F''INF'
# expect: '%g''1e-05'
# expect: '%#g''1.00000'
# expect: '%d''TypeError: %d format: a real number is required, not str'
# expect: '%d''TypeError: %d format: a real number is required, not NoneType'
# expect: '%i''TypeError: %i format: a real number is required, not bytes'
# expect: '%u''5'
# expect: '%d''OverflowError: cannot convert float infinity to integer'
# expect: '%d''ValueError: cannot convert float NaN to integer'
# expect: '%(a)*d''TypeError: not enough arguments for format string'
# expect: '%0-5d|''3    |'
# expect: '%-05d|''3    |'
# expect: '% +d''+3'
# expect: '%s\u1234%s''a\u1234b'
# expect: '%.0f''0'
# expect: '%.1000000000000f''ValueError: precision too big'
# expect: '%.2147483648f''ValueError: precision too big'
# expect: '%s''x'
# expect: '%()s''4'
# expect: '%c''\x05'
# expect: '%f''OverflowError: int too large to convert to float'
# expect: '%d''TypeError: %d format: a real number is required, not complex'
# expect: '%x''TypeError: %x format: an integer is required, not float'
# expect: '%o''TypeError: %o format: an integer is required, not str'
# expect: '%a''1'
# expect: '%b'"ValueError: unsupported format character 'b' (0x62) at index 1"
# expect: '%(a)s''TypeError: list indices must be integers or slices, not str'
# expect: '%(a)s''TypeError: format requires a mapping'
# expect: '%''ValueError: incomplete format'
# expect: 'abc%''ValueError: incomplete format'
# expect: '%-''ValueError: incomplete format'
# expect: '%.''ValueError: incomplete format'
# expect: '%l''ValueError: incomplete format'
# expect: '%(a)d''TypeError: %d format: a real number is required, not str'
# expect: '%s %(a)s'"{'a': 1} 1"
# expect: '%s''1'
# expect: '%d %s''TypeError: not enough arguments for format string'
# expect: '%*''ValueError: incomplete format'
# expect: '%.*d''TypeError: not enough arguments for format string'
# expect: b'%s'b'a'
# expect: b'%s'"TypeError: %b requires a bytes-like object, or an object that implements __bytes__, not 'str'"
# expect: b'%s'"TypeError: %b requires a bytes-like object, or an object that implements __bytes__, not 'int'"
# expect: b'%b'b'x'
# expect: b'%b'"TypeError: %b requires a bytes-like object, or an object that implements __bytes__, not 'str'"
# expect: b'%a'b"'\\xe9'"
# expect: b'%r'b"'\\xe9'"
# expect: b'%d'b'5'
# expect: b'%c'b'A'
# expect: b'%c'b'A'
# expect: b'%c''TypeError: %c requires an integer in range(256) or a single byte, not a bytes object of length 2'
# expect: b'%c''OverflowError: %c arg not in range(256)'
# expect: b'%c''TypeError: %c requires an integer in range(256) or a single byte, not str'
# expect: b'%c''TypeError: %c requires an integer in range(256) or a single byte, not float'
# expect: b'%x'b'ff'
# expect: b'%d''TypeError: %d format: a real number is required, not str'
# expect: b'%f'b'1.500000'
# expect: b'%5s|'b'   ab|'
# expect: b'%.1s'b'a'
# expect: b'%(a)s'b'x'
# expect: b'%(a)s'"KeyError: b'a'"
# expect: b'%(a)s''TypeError: format requires a mapping'
# expect: b'%s %s''TypeError: not enough arguments for format string'
# expect: b'%s''TypeError: not all arguments converted during bytes formatting'
# expect: b'a''TypeError: not all arguments converted during bytes formatting'
# expect: b'%y'"ValueError: unsupported format character 'y' (0x79) at index 1"
# expect: b'%''ValueError: incomplete format'
# expect: b'%\xff''OverflowError: character argument not in range(0x110000)'
# expect: b'%s'b'q'
# expect: b'%s'b'q'
# expect: b'%*d'b'    1'
# expect: b'%05d'b'-0003'
# expect: b'%#x'b'0xa'
# expect: b'%-5d|'b'3    |'
# expect: b'%%'b'%'
# expect: b'%s'b'zz'
# expect: b'%c''TypeError: %c requires an integer in range(256) or a single byte, not NoneType'
# expect: b'%c''TypeError: %c requires an integer in range(256) or a single byte, not a bytearray object of length 2'
# expect: b'%10.4f|'b'    3.1416|'
# expect: b'%(a''ValueError: incomplete format key'
# expect: b'%.3d'b'005'
# expect: b'%s'"TypeError: %b requires a bytes-like object, or an object that implements __bytes__, not 'NoneType'"
# expect: bytearray(b'%d')bytearray(b'5')
# expect: bytearray(b'%s')"TypeError: %b requires a bytes-like object, or an object that implements __bytes__, not 'str'"
