# SPDX-License-Identifier: MIT
# Methods of str: results, errors and signatures.
import warnings

warnings.simplefilter('ignore')
out = print

def t(f,*a,**k):
    try: r=ascii(f(*a,**k))
    except Exception as e: r=f"{type(e).__name__}: {ascii(str(e))}"
    out(r)
t(lambda:"a".find(1)); t(lambda:"a".find()); t(lambda:"a".startswith(1)); t(lambda:"a".startswith((1,)));t(lambda:"a".find(1,"x"));t(lambda:"abcabc".find("c",3)); t(lambda:"abc".rfind("b",-5,None)); t(lambda:"abc".index("z")); t(lambda:"aaa".count("a",1,2)); t(lambda:"aaa".count("")); t(lambda:"abc".endswith(("x","c"),0)); t(lambda:"".startswith("",1)); t(lambda:"".find("",1)); t(lambda:"a".find("",5)); t(lambda:"a".find("a","x"))
t(lambda:"a".split("")); t(lambda:"a".split(1)); t(lambda:"a".partition("")); t(lambda:"a".partition(1)); t(lambda:"a".replace(1,2)); t(lambda:"a".replace("a",2)); t(lambda:"a".join([1])); t(lambda:"a".join(1)); t(lambda:"a".join(["a",b""]));t(lambda:"a".strip(1)); t(lambda:"a".center(3,"ab")); t(lambda:"a".center(3,1)); t(lambda:"a".zfill("a")); t(lambda:"a"+1); t(lambda:"a"*10**18*100); i=1.5; t(lambda:"a"[i]); i="x"; t(lambda:"a"[i]);t(lambda:"a"[5]);
t(lambda:"a".removeprefix(1)); t(lambda:"a".translate(1)); t(lambda:"a".translate({97:1114112})); t(lambda:"a".translate({97:1.5})); t(lambda:str.maketrans(1)); t(lambda:str.maketrans("ab","c")); t(lambda:str.maketrans({"ab":1})); t(lambda:str.maketrans({1.5:1})); t(lambda:str.maketrans(1,2)); t(lambda:str.maketrans("a",2));t(lambda:str.maketrans("a","b",2)); t(lambda:str.maketrans(1,"a")); t(lambda:"abcd".translate({97:None,98:"xyz",99:100})); t(lambda:str.maketrans("ab","cd","e"))
t(lambda:str(b"a","utf-8",1)); t(lambda:str("a","utf-8")); t(lambda:str(1,"utf-8")); t(lambda:str(b"a",1)); t(lambda:str(bytearray(b"a"),"ascii")); t(lambda:str(encoding="ascii")); t(lambda:str(errors="x")); t(lambda:str(1,2,3,4)); t(lambda: str(object=3)); t(lambda:str(foo=3)); t(lambda: str("a", errors="x"))
t(lambda:"a".encode(1)); t(lambda:"\ud800".encode()); t(lambda:"\xff".encode("ascii")); t(lambda:b"\xff".decode()); t(lambda:"a".encode("utf-8","nope")); t(lambda:"\ud800".encode("utf-8","nope"));
t(lambda:"a".expandtabs(10**20)); t(lambda:"a".join(x for x in [1]));  t(lambda:"".join(["a",1])); t(lambda:"a" in 1); t(lambda:1 in "a"); t(lambda: ("\t"*10).expandtabs(2**62)); t(lambda:"a".ljust(2**62));
t(lambda:"a\ud800\xff\n\x00\u1234\U0001f600\xad\xa0'".__repr__()); t(lambda:ascii("a\ud800\xff\n\x00\u1234\U0001f600")); t(lambda:"a".__getitem__(slice("a"))); t(lambda:"a".__format__(1)); t(lambda:"a".isidentifier(1)); t(lambda:"a".replace("a","b","c")); t(lambda:"a".replace("a","b",count=0)); t(lambda:"a".split(maxsplit="x")); t(lambda:"a".splitlines(keepends=1.5)); t(lambda:"%d"%"a");
t(lambda:"a".split(None,1,2)); t(lambda:"a".split(foo=1)); t(lambda:"a".lower(1)); t(lambda:str.lower(1)); t(lambda:str.lower()); t(lambda: "a"<1); t(lambda:"a".__getnewargs__()); t(lambda:"a".__sizeof__()); t(lambda:type("S",(str,),{})("\xe9").__sizeof__()); t(lambda:hash(""))
for n in ("",1,"abc"):
    t(lambda:[n*2]) 
S=type("S",(str,),{"x":1})
s=S("héllo"); t(lambda:[s,type(s),s.upper(),type(s.upper()),s+"a",type(s[:]),type(s*1),type(str(s)),type(s.__str__()),hash(s)==hash("héllo"),s=="héllo",{"héllo":1}[s],s.x,s.encode(),S(b"x","ascii"),S(5),S()])
s.y=3; t(lambda:s.y); t(lambda:s.__dict__)
t(lambda:"abcdef"[::2]+"abcdef"[::-1]+"abcdef"[4:1:-2]+"héሴ"[::2]+"héሴ"[1:2]); t(lambda:[*"aéሴ😀"]); t(lambda:list(iter("abc"))); it=iter("abc"); next(it); t(lambda:it.__reduce__()[1:]); t(lambda:it.__length_hint__()); it.__setstate__(-5); t(lambda:list(it)); t(lambda:type(it).__name__); t(lambda:type(iter("é")).__name__); t(lambda:it.__reduce__()[1:])
t(lambda:"a b  c ".split()); t(lambda:" a b  c ".split(None,1)); t(lambda:" a b  c ".rsplit(None,1)); t(lambda:"a,b,,c".split(",",2)); t(lambda:"a,b,,c".rsplit(",",1)); t(lambda:"a\r\nb\rc\n".splitlines()); t(lambda:"a\r\nb\rc\n".splitlines(True)); t(lambda:"aXbXc".partition("X")); t(lambda:"aXbXc".rpartition("X")); t(lambda:"abc".partition("X")); t(lambda:"abc".rpartition("X")); t(lambda:"\u3000a b\u3000".split()); t(lambda:"xxabcxx".strip("x")); t(lambda:"aሴbሴ".strip("ሴa")); t(lambda:"abc".center(6,"*")+"abc".center(7)+"ab".center(5,"-")+"-5".zfill(4)+"+".zfill(3)+"".zfill(2)); t(lambda:"abab".replace("ab","x",1)+"abab".replace("","-")+"aéa".replace("é","e")+"aሴa".replace("ሴ","")+"abc".replace("","-",2)); t(lambda:"a\tb\t\nc\td".expandtabs(4)); t(lambda:"x".join(["a","é","ሴ"])); t(lambda:["a"<"b","a"<"é","é"<"ሴ","ሴ"<"😀","abc">"ab",""<"a","a"!="a","a">=""])
for m in ("__doc__",): t(lambda: str.__new__.__name__)
for n in sorted(x for x in dir(str) if x!="__doc__"):
    m=getattr(str,n)
    if n not in ("__subclasshook__","__init_subclass__","__class__","__dir__"): t(lambda:(n,getattr(m,"__text_signature__",None)))
a="x"
for i in range(10): a+=str(i)
t(lambda:a); b=a; a+="q"; t(lambda:(a,b))

# expect: TypeError: 'find() argument 1 must be str, not int'
# expect: TypeError: 'find expected at least 1 argument, got 0'
# expect: TypeError: 'startswith first arg must be str or a tuple of str, not int'
# expect: TypeError: 'tuple for startswith must only contain str, not int'
# expect: TypeError: 'find() argument 1 must be str, not int'
# expect: 5
# expect: 1
# expect: ValueError: 'substring not found'
# expect: 1
# expect: 4
# expect: True
# expect: False
# expect: -1
# expect: -1
# expect: TypeError: 'slice indices must be integers or None or have an __index__ method'
# expect: ValueError: 'empty separator'
# expect: TypeError: 'must be str or None, not int'
# expect: ValueError: 'empty separator'
# expect: TypeError: 'must be str, not int'
# expect: TypeError: 'replace() argument 1 must be str, not int'
# expect: TypeError: 'replace() argument 2 must be str, not int'
# expect: TypeError: 'sequence item 0: expected str instance, int found'
# expect: TypeError: 'can only join an iterable'
# expect: TypeError: 'sequence item 1: expected str instance, bytes found'
# expect: TypeError: 'strip arg must be None or str'
# expect: TypeError: 'The fill character must be exactly one character long'
# expect: TypeError: 'The fill character must be a unicode character, not int'
# expect: TypeError: "'str' object cannot be interpreted as an integer"
# expect: TypeError: 'can only concatenate str (not "int") to str'
# expect: MemoryError: ''
# expect: TypeError: "string indices must be integers, not 'float'"
# expect: TypeError: "string indices must be integers, not 'str'"
# expect: IndexError: 'string index out of range'
# expect: TypeError: 'removeprefix() argument must be str, not int'
# expect: TypeError: "'int' object is not subscriptable"
# expect: ValueError: 'character mapping must be in range(0x110000)'
# expect: TypeError: 'character mapping must return integer, None or str'
# expect: TypeError: 'if you give only one argument to maketrans it must be a dict'
# expect: ValueError: 'the first two maketrans arguments must have equal length'
# expect: ValueError: 'string keys in translatetable must be of length 1'
# expect: TypeError: 'keys in translate table mustbe strings or integers'
# expect: TypeError: 'maketrans() argument 2 must be str, not int'
# expect: TypeError: 'maketrans() argument 2 must be str, not int'
# expect: TypeError: 'maketrans() argument 3 must be str, not int'
# expect: TypeError: 'first maketrans argument must be a string if there is a second argument'
# expect: 'xyzdd'
# expect: {97: 99, 98: 100, 101: None}
# expect: TypeError: "str() argument 'errors' must be str, not int"
# expect: TypeError: 'decoding str is not supported'
# expect: TypeError: 'decoding to str: need a bytes-like object, int found'
# expect: TypeError: "str() argument 'encoding' must be str, not int"
# expect: 'a'
# expect: ''
# expect: ''
# expect: TypeError: 'str expected at most 3 arguments, got 4'
# expect: '3'
# expect: TypeError: "str() got an unexpected keyword argument 'foo'"
# expect: TypeError: 'decoding str is not supported'
# expect: TypeError: "encode() argument 'encoding' must be str, not int"
# expect: UnicodeEncodeError: "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed"
# expect: UnicodeEncodeError: "'ascii' codec can't encode character '\\xff' in position 0: ordinal not in range(128)"
# expect: UnicodeDecodeError: "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"
# expect: b'a'
# expect: LookupError: "unknown error handler name 'nope'"
# expect: OverflowError: 'Python int too large to convert to C int'
# expect: TypeError: 'sequence item 0: expected str instance, int found'
# expect: TypeError: 'sequence item 1: expected str instance, int found'
# expect: TypeError: "argument of type 'int' is not a container or iterable"
# expect: TypeError: "'in <string>' requires string as left operand, not int"
# expect: OverflowError: 'Python int too large to convert to C int'
# expect: MemoryError: ''
# expect: '"a\\ud800\xff\\n\\x00\u1234\U0001f600\\xad\\xa0\'"'
# expect: "'a\\ud800\\xff\\n\\x00\\u1234\\U0001f600'"
# expect: TypeError: 'slice indices must be integers or None or have an __index__ method'
# expect: TypeError: '__format__() argument must be str, not int'
# expect: TypeError: 'str.isidentifier() takes no arguments (1 given)'
# expect: TypeError: "'str' object cannot be interpreted as an integer"
# expect: 'a'
# expect: TypeError: "'str' object cannot be interpreted as an integer"
# expect: ['a']
# expect: TypeError: '%d format: a real number is required, not str'
# expect: TypeError: 'split() takes at most 2 arguments (3 given)'
# expect: TypeError: "split() got an unexpected keyword argument 'foo'"
# expect: TypeError: 'str.lower() takes no arguments (1 given)'
# expect: TypeError: "descriptor 'lower' for 'str' objects doesn't apply to a 'int' object"
# expect: TypeError: 'unbound method str.lower() needs an argument'
# expect: TypeError: "'<' not supported between instances of 'str' and 'int'"
# expect: ('a',)
# expect: 42
# expect: 66
# expect: 0
# expect: ['']
# expect: [2]
# expect: ['abcabc']
# expect: ['h\xe9llo', <class '__main__.S'>, 'H\xc9LLO', <class 'str'>, 'h\xe9lloa', <class 'str'>, <class 'str'>, <class 'str'>, <class 'str'>, True, True, 1, 1, b'h\xc3\xa9llo', 'x', '5', '']
# expect: 3
# expect: {'y': 3}
# expect: 'acefedcbaech\u1234\xe9'
# expect: ['a', '\xe9', '\u1234', '\U0001f600']
# expect: ['a', 'b', 'c']
# expect: (('abc',), 1)
# expect: 2
# expect: ['a', 'b', 'c']
# expect: 'str_ascii_iterator'
# expect: 'str_iterator'
# expect: (('',),)
# expect: ['a', 'b', 'c']
# expect: ['a', 'b  c ']
# expect: [' a b', 'c']
# expect: ['a', 'b', ',c']
# expect: ['a,b,', 'c']
# expect: ['a', 'b', 'c']
# expect: ['a\r\n', 'b\r', 'c\n']
# expect: ('a', 'X', 'bXc')
# expect: ('aXb', 'X', 'c')
# expect: ('abc', '', '')
# expect: ('', '', 'abc')
# expect: ['a', 'b']
# expect: 'abc'
# expect: 'b'
# expect: '*abc**  abc  --ab--005+0000'
# expect: 'xab-a-b-a-b-aeaaa-a-bc'
# expect: 'a   b   \nc   d'
# expect: 'ax\xe9x\u1234'
# expect: [True, True, True, True, True, True, False, True]
# expect: '__new__'
# expect: ('__add__', '($self, value, /)')
# expect: ('__contains__', '($self, key, /)')
# expect: ('__delattr__', '($self, name, /)')
# expect: ('__eq__', '($self, value, /)')
# expect: ('__format__', '($self, format_spec, /)')
# expect: ('__ge__', '($self, value, /)')
# expect: ('__getattribute__', '($self, name, /)')
# expect: ('__getitem__', '($self, key, /)')
# expect: ('__getnewargs__', '($self, /)')
# expect: ('__getstate__', '($self, /)')
# expect: ('__gt__', '($self, value, /)')
# expect: ('__hash__', '($self, /)')
# expect: ('__init__', '($self, /, *args, **kwargs)')
# expect: ('__iter__', '($self, /)')
# expect: ('__le__', '($self, value, /)')
# expect: ('__len__', '($self, /)')
# expect: ('__lt__', '($self, value, /)')
# expect: ('__mod__', '($self, value, /)')
# expect: ('__mul__', '($self, value, /)')
# expect: ('__ne__', '($self, value, /)')
# expect: ('__new__', '($type, *args, **kwargs)')
# expect: ('__reduce__', '($self, /)')
# expect: ('__reduce_ex__', '($self, protocol, /)')
# expect: ('__repr__', '($self, /)')
# expect: ('__rmod__', '($self, value, /)')
# expect: ('__rmul__', '($self, value, /)')
# expect: ('__setattr__', '($self, name, value, /)')
# expect: ('__sizeof__', '($self, /)')
# expect: ('__str__', '($self, /)')
# expect: ('capitalize', '($self, /)')
# expect: ('casefold', '($self, /)')
# expect: ('center', "($self, width, fillchar=' ', /)")
# expect: ('count', '($self, sub[, start[, end]], /)')
# expect: ('encode', "($self, /, encoding='utf-8', errors='strict')")
# expect: ('endswith', '($self, suffix[, start[, end]], /)')
# expect: ('expandtabs', '($self, /, tabsize=8)')
# expect: ('find', '($self, sub[, start[, end]], /)')
# expect: ('format', '($self, /, *args, **kwargs)')
# expect: ('format_map', '($self, mapping, /)')
# expect: ('index', '($self, sub[, start[, end]], /)')
# expect: ('isalnum', '($self, /)')
# expect: ('isalpha', '($self, /)')
# expect: ('isascii', '($self, /)')
# expect: ('isdecimal', '($self, /)')
# expect: ('isdigit', '($self, /)')
# expect: ('isidentifier', '($self, /)')
# expect: ('islower', '($self, /)')
# expect: ('isnumeric', '($self, /)')
# expect: ('isprintable', '($self, /)')
# expect: ('isspace', '($self, /)')
# expect: ('istitle', '($self, /)')
# expect: ('isupper', '($self, /)')
# expect: ('join', '($self, iterable, /)')
# expect: ('ljust', "($self, width, fillchar=' ', /)")
# expect: ('lower', '($self, /)')
# expect: ('lstrip', '($self, chars=None, /)')
# expect: ('maketrans', '(x, y=<unrepresentable>, z=<unrepresentable>, /)')
# expect: ('partition', '($self, sep, /)')
# expect: ('removeprefix', '($self, prefix, /)')
# expect: ('removesuffix', '($self, suffix, /)')
# expect: ('replace', '($self, old, new, /, count=-1)')
# expect: ('rfind', '($self, sub[, start[, end]], /)')
# expect: ('rindex', '($self, sub[, start[, end]], /)')
# expect: ('rjust', "($self, width, fillchar=' ', /)")
# expect: ('rpartition', '($self, sep, /)')
# expect: ('rsplit', '($self, /, sep=None, maxsplit=-1)')
# expect: ('rstrip', '($self, chars=None, /)')
# expect: ('split', '($self, /, sep=None, maxsplit=-1)')
# expect: ('splitlines', '($self, /, keepends=False)')
# expect: ('startswith', '($self, prefix[, start[, end]], /)')
# expect: ('strip', '($self, chars=None, /)')
# expect: ('swapcase', '($self, /)')
# expect: ('title', '($self, /)')
# expect: ('translate', '($self, table, /)')
# expect: ('upper', '($self, /)')
# expect: ('zfill', '($self, width, /)')
# expect: 'x0123456789'
# expect: ('x0123456789q', 'x0123456789')
