# SPDX-License-Identifier: MIT
# str.format, format_map and the parser behind string.Formatter.
import _string
import warnings

warnings.simplefilter('ignore')
out = print

def t(s,*a,**k):
    try: r=s.format(*a,**k)
    except Exception as e: r=f"{type(e).__name__}: {e}"
    out(ascii(s)+" -> "+ascii(r))
class A: b=[1,2,{"x":"X","1":"one",1:"int"}]
for s in ["{","}","{{","}}","{{}}","{}}","{0","{0!","{0!r","{0!r:","{0!x}","{0!}","{0!rr}","{0:","{0:{","{0:{}","{0:{}}","{0:{1}}","{0:{1:{2}}}","{0:{1:{2:{1}}}}","{a.}","{0.b[2][x]}","{0.b[2][1]}","{0.b[2]1}","{0.b[2}","{0.b[}","{0.b[]}","{0.b[-1]}","{0.b.c}","{.b}","{[0]}","{0[}","{5}","{}{0}","{0}{}","{:{}}{}","{a}","{0{}}","{0[{]}","{0[}]}","{0:}}","{0 }","{ 0}","{-1}","{+1}","{99999999999999999999999}","{0.b[99999999999999999999]}","{0!é}","{0!\n}","{0:{a}","a{","a}","{0!r}}","{a[b]c}","{0.}","{0..b}","{0[a]]}","{0:{{}}}","{0:x{{y}}}","{1!r:{1!r}}","{}{}","{:{:{}}}","{0:{1}{2}}","{٣}","{01}","{0.b[01]}","{a.b!r:>{w}}","{0!:}","{0!:x}","{0!r }"]:
    t(s,A,"5","6")
t("{a[b]}",a={"b":3}); t("{0}"); t("{}"); t("{:5}",None); t("{:5}",A())
out("{a}".format_map({"a":1}))
for s in ("{}","{0}","{x}"):
    try: out(s.format_map({"a":1}))
    except Exception as e: out(type(e).__name__+str(e))
for s in ["a{b!r:c{d}}e","{","}","{{","{}","{!r}","a{{b","x}}y{0}","{a:}", "{a!r}","","abc"]:
    try: out(s+repr(list(_string.formatter_parser(s))))
    except Exception as e: out(s+type(e).__name__+str(e))
for s in ["a.b[c]","0[1].x","","a.","[","x[1]y",".a","[0]","٣", "1a", "a[1", "a[-1]"]:
    try: x=_string.formatter_field_name_split(s); out(repr(s)+repr(x[0])+str(type(x[1]))+repr(list(x[1])))
    except Exception as e: out(repr(s)+type(e).__name__+str(e))
for f in (_string.formatter_parser,_string.formatter_field_name_split):
    try: f(1)
    except Exception as e: out(str(e))

# expect: '{' -> "ValueError: Single '{' encountered in format string"
# expect: '}' -> "ValueError: Single '}' encountered in format string"
# expect: '{{' -> '{'
# expect: '}}' -> '}'
# expect: '{{}}' -> '{}'
# expect: '{}}' -> "ValueError: Single '}' encountered in format string"
# expect: '{0' -> "ValueError: expected '}' before end of string"
# expect: '{0!' -> 'ValueError: end of string while looking for conversion specifier'
# expect: '{0!r' -> "ValueError: unmatched '{' in format spec"
# expect: '{0!r:' -> "ValueError: unmatched '{' in format spec"
# expect: '{0!x}' -> 'ValueError: Unknown conversion specifier x'
# expect: '{0!}' -> "ValueError: unmatched '{' in format spec"
# expect: '{0!rr}' -> "ValueError: expected ':' after conversion specifier"
# expect: '{0:' -> "ValueError: unmatched '{' in format spec"
# expect: '{0:{' -> "ValueError: unmatched '{' in format spec"
# expect: '{0:{}' -> "ValueError: unmatched '{' in format spec"
# expect: '{0:{}}' -> 'ValueError: cannot switch from manual field specification to automatic field numbering'
# expect: '{0:{1}}' -> 'TypeError: unsupported format string passed to type.__format__'
# expect: '{0:{1:{2}}}' -> 'ValueError: Max string recursion exceeded'
# expect: '{0:{1:{2:{1}}}}' -> 'ValueError: Max string recursion exceeded'
# expect: '{a.}' -> "KeyError: 'a'"
# expect: '{0.b[2][x]}' -> 'X'
# expect: '{0.b[2][1]}' -> 'int'
# expect: '{0.b[2]1}' -> "ValueError: Only '.' or '[' may follow ']' in format field specifier"
# expect: '{0.b[2}' -> "ValueError: expected '}' before end of string"
# expect: '{0.b[}' -> "ValueError: expected '}' before end of string"
# expect: '{0.b[]}' -> 'ValueError: Empty attribute in format string'
# expect: '{0.b[-1]}' -> 'TypeError: list indices must be integers or slices, not str'
# expect: '{0.b.c}' -> "AttributeError: 'list' object has no attribute 'c'"
# expect: '{.b}' -> "[1, 2, {'x': 'X', '1': 'one', 1: 'int'}]"
# expect: '{[0]}' -> "TypeError: type 'A' is not subscriptable"
# expect: '{0[}' -> "ValueError: expected '}' before end of string"
# expect: '{5}' -> 'IndexError: Replacement index 5 out of range for positional args tuple'
# expect: '{}{0}' -> 'ValueError: cannot switch from automatic field numbering to manual field specification'
# expect: '{0}{}' -> 'ValueError: cannot switch from manual field specification to automatic field numbering'
# expect: '{:{}}{}' -> 'TypeError: unsupported format string passed to type.__format__'
# expect: '{a}' -> "KeyError: 'a'"
# expect: '{0{}}' -> "ValueError: unexpected '{' in field name"
# expect: '{0[{]}' -> "TypeError: type 'A' is not subscriptable"
# expect: '{0[}]}' -> "TypeError: type 'A' is not subscriptable"
# expect: '{0:}}' -> "ValueError: Single '}' encountered in format string"
# expect: '{0 }' -> "KeyError: '0 '"
# expect: '{ 0}' -> "KeyError: ' 0'"
# expect: '{-1}' -> "KeyError: '-1'"
# expect: '{+1}' -> "KeyError: '+1'"
# expect: '{99999999999999999999999}' -> 'ValueError: Too many decimal digits in format string'
# expect: '{0.b[99999999999999999999]}' -> 'ValueError: Too many decimal digits in format string'
# expect: '{0!\xe9}' -> 'ValueError: Unknown conversion specifier \\xe9'
# expect: '{0!\n}' -> 'ValueError: Unknown conversion specifier \\xa'
# expect: '{0:{a}' -> "ValueError: unmatched '{' in format spec"
# expect: 'a{' -> "ValueError: Single '{' encountered in format string"
# expect: 'a}' -> "ValueError: Single '}' encountered in format string"
# expect: '{0!r}}' -> "ValueError: Single '}' encountered in format string"
# expect: '{a[b]c}' -> "KeyError: 'a'"
# expect: '{0.}' -> 'ValueError: Empty attribute in format string'
# expect: '{0..b}' -> 'ValueError: Empty attribute in format string'
# expect: '{0[a]]}' -> "TypeError: type 'A' is not subscriptable"
# expect: '{0:{{}}}' -> 'TypeError: unsupported format string passed to type.__format__'
# expect: '{0:x{{y}}}' -> 'TypeError: unsupported format string passed to type.__format__'
# expect: '{1!r:{1!r}}' -> "ValueError: Invalid format specifier ''5'' for object of type 'str'"
# expect: '{}{}' -> "<class '__main__.A'>5"
# expect: '{:{:{}}}' -> 'ValueError: Max string recursion exceeded'
# expect: '{0:{1}{2}}' -> 'TypeError: unsupported format string passed to type.__format__'
# expect: '{\u0663}' -> 'IndexError: Replacement index 3 out of range for positional args tuple'
# expect: '{01}' -> '5'
# expect: '{0.b[01]}' -> '2'
# expect: '{a.b!r:>{w}}' -> "KeyError: 'a'"
# expect: '{0!:}' -> 'ValueError: Unknown conversion specifier :'
# expect: '{0!:x}' -> "ValueError: expected ':' after conversion specifier"
# expect: '{0!r }' -> "ValueError: expected ':' after conversion specifier"
# expect: '{a[b]}' -> '3'
# expect: '{0}' -> 'IndexError: Replacement index 0 out of range for positional args tuple'
# expect: '{}' -> 'IndexError: Replacement index 0 out of range for positional args tuple'
# expect: '{:5}' -> 'TypeError: unsupported format string passed to NoneType.__format__'
# expect: '{:5}' -> 'TypeError: unsupported format string passed to A.__format__'
# expect: 1
# expect: ValueErrorFormat string contains positional fields
# expect: ValueErrorFormat string contains positional fields
# expect: KeyError'x'
# expect: a{b!r:c{d}}e[('a', 'b', 'c{d}', 'r'), ('e', None, None, None)]
# expect: {ValueErrorSingle '{' encountered in format string
# expect: }ValueErrorSingle '}' encountered in format string
# expect: {{[('{', None, None, None)]
# expect: {}[('', '', '', None)]
# expect: {!r}[('', '', '', 'r')]
# expect: a{{b[('a{', None, None, None), ('b', None, None, None)]
# expect: x}}y{0}[('x}', None, None, None), ('y', '0', '', None)]
# expect: {a:}[('', 'a', '', None)]
# expect: {a!r}[('', 'a', '', 'r')]
# expect: []
# expect: abc[('abc', None, None, None)]
# expect: 'a.b[c]''a'<class 'fieldnameiterator'>[(True, 'b'), (False, 'c')]
# expect: '0[1].x'0<class 'fieldnameiterator'>[(False, 1), (True, 'x')]
# expect: ''''<class 'fieldnameiterator'>[]
# expect: 'a.'ValueErrorEmpty attribute in format string
# expect: '['ValueErrorMissing ']' in format string
# expect: 'x[1]y'ValueErrorOnly '.' or '[' may follow ']' in format field specifier
# expect: '.a'''<class 'fieldnameiterator'>[(True, 'a')]
# expect: '[0]'''<class 'fieldnameiterator'>[(False, 0)]
# expect: '٣'3<class 'fieldnameiterator'>[]
# expect: '1a''1a'<class 'fieldnameiterator'>[]
# expect: 'a[1'ValueErrorMissing ']' in format string
# expect: 'a[-1]''a'<class 'fieldnameiterator'>[(False, '-1')]
# expect: expected str, got int
# expect: expected str, got int
