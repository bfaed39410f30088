# SPDX-License-Identifier: MIT
# unicodedata, and template strings.
import unicodedata
import warnings

warnings.simplefilter('ignore')
out = print

def t(f,*a,**k):
    try: r=ascii(f(*a,**k))
    except Exception as e: r=f"{type(e).__name__}: {ascii(str(e))}"
    out(r)
u=unicodedata
for f,c in ((u.name,"\0"),(u.category,""),(u.category,1),(u.name,"ab"),(u.decimal,"a"),(u.digit,"a"),(u.numeric,"a"),(u.lookup,1),(u.lookup,"x"),(u.lookup,"A\0B"),(u.lookup,"a"*300),(u.lookup,"keycap digit one"),(u.lookup,b"DIGIT ONE"),(u.ucd_3_2_0.lookup,"KEYCAP DIGIT ONE"),(u.name,"a"),(u.ucd_3_2_0.name,"\u1e9e")): t(f,c)
t(u.normalize,"X","a"); t(u.normalize,"X",""); t(u.is_normalized,"X",""); t(u.normalize,"NFC",1); t(u.is_normalized,"NFC","e\u0301"); t(u.normalize,"NFC","e\u0301"); t(u.normalize,"NFKD","ﬁ\u1e9b\u0323"); t(lambda:u.unidata_version+u.ucd_3_2_0.unidata_version); t(u.decimal,"a",5);  t(lambda:u.ucd_3_2_0.name.__text_signature__); t(lambda:u.UCD()); t(lambda:repr(u.UCD))
x=5; T=t
tm=t"a{x!r:>5}b{x}{x:{x}}"
T(lambda:tm); T(lambda:(tm.strings,tm.values,tm.interpolations)); T(lambda:list(tm)); T(lambda:tm+t"z{x}q"); T(lambda:tm+"x"); T(lambda:"x"+tm); Tm=type(tm); In=type(tm.interpolations[0]); T(lambda:Tm(1)); T(lambda:Tm("a","b",In(1,"x"),In(2))); T(lambda:Tm(foo=1)); T(In); T(In,1,"x","z"); T(In,1,2); T(In,1,"a",3); T(In,1,"a","s",3); T(In,value=1,expression="e",conversion="a",format_spec="f"); T(lambda:In.__match_args__); T(lambda:Tm[int]); T(lambda:(Tm.__doc__,In.__doc__,Tm.__module__)); T(lambda:type("S",(Tm,),{})); T(lambda:tm.interpolations[0].__reduce__()[1]); T(lambda:list(t"")); T(lambda:type(iter(tm))())

# expect: ValueError: 'no such name'
# expect: TypeError: 'category(): argument must be a unicode character, not a string of length 0'
# expect: TypeError: 'category() argument must be a unicode character, not int'
# expect: TypeError: 'name(): argument 1 must be a unicode character, not a string of length 2'
# expect: ValueError: 'not a decimal'
# expect: ValueError: 'not a digit'
# expect: ValueError: 'not a numeric character'
# expect: TypeError: "a bytes-like object is required, not 'int'"
# expect: KeyError: '"undefined character name \'x\'"'
# expect: KeyError: '"undefined character name \'A\'"'
# expect: KeyError: "'name too long'"
# expect: '1\ufe0f\u20e3'
# expect: '1'
# expect: KeyError: '"undefined character name \'KEYCAP DIGIT ONE\'"'
# expect: 'LATIN SMALL LETTER A'
# expect: ValueError: 'no such name'
# expect: ValueError: 'invalid normalization form'
# expect: ''
# expect: True
# expect: TypeError: 'normalize() argument 2 must be str, not int'
# expect: False
# expect: '\xe9'
# expect: 'fis\u0323\u0307'
# expect: '16.0.03.2.0'
# expect: 5
# expect: '($self, chr, default=<unrepresentable>, /)'
# expect: TypeError: "cannot create 'unicodedata.UCD' instances"
# expect: "<class 'unicodedata.UCD'>"
# expect: Template(strings=('a', 'b', '', ''), interpolations=(Interpolation(5, 'x', 'r', '>5'), Interpolation(5, 'x', None, ''), Interpolation(5, 'x', None, '5')))
# expect: (('a', 'b', '', ''), (5, 5, 5), (Interpolation(5, 'x', 'r', '>5'), Interpolation(5, 'x', None, ''), Interpolation(5, 'x', None, '5')))
# expect: ['a', Interpolation(5, 'x', 'r', '>5'), 'b', Interpolation(5, 'x', None, ''), Interpolation(5, 'x', None, '5')]
# expect: Template(strings=('a', 'b', '', 'z', 'q'), interpolations=(Interpolation(5, 'x', 'r', '>5'), Interpolation(5, 'x', None, ''), Interpolation(5, 'x', None, '5'), Interpolation(5, 'x', None, '')))
# expect: TypeError: 'can only concatenate string.templatelib.Template (not "str") to string.templatelib.Template'
# expect: TypeError: 'can only concatenate str (not "string.templatelib.Template") to str'
# expect: TypeError: "Template.__new__ *args need to be of type 'str' or 'Interpolation', got int"
# expect: Template(strings=('ab', '', ''), interpolations=(Interpolation(1, 'x', None, ''), Interpolation(2, '', None, '')))
# expect: TypeError: 'Template.__new__ only accepts *args arguments'
# expect: TypeError: "Interpolation() missing required argument 'value' (pos 1)"
# expect: ValueError: "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"
# expect: TypeError: "Interpolation() argument 'expression' must be str, not int"
# expect: TypeError: "Interpolation() argument 'conversion' must be str, not int"
# expect: TypeError: "Interpolation() argument 'format_spec' must be str, not int"
# expect: Interpolation(1, 'e', 'a', 'f')
# expect: ('value', 'expression', 'conversion', 'format_spec')
# expect: string.templatelib.Template[int]
# expect: ('Template object', 'Interpolation object', 'string.templatelib')
# expect: TypeError: "type 'string.templatelib.Template' is not an acceptable base type"
# expect: (5, 'x', 'r', '>5')
# expect: []
# expect: TypeError: "cannot create 'string.templatelib.TemplateIter' instances"
