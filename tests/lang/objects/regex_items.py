# Items of one character, literal prefixes and conditions of regular expressions.
import re
print(re.findall(r'\w+', 'aé1_ \u0416\u4e16-x', re.A), re.findall(r'\w+', 'aé1_ \u0416\u4e16-x'))
print(re.findall(r'[^\W\d]+', 'ab12é\u0417'), re.findall(r'[a-z]+', 'ABkſK', re.I))
print(re.sub(r'\s+', ' ', 'a\x1c\x85\u3000b\t\n c'), re.split(rb'[,;]', b'a,b;c\xff,'))
print([m.span() for m in re.finditer('abcabd', 'abcabcabdabcabd')], re.search('é\u4e16', 'éé\u4e16'))
print(re.search('\u4e16x', 'abcé'), re.search(r'x*y' * 40, 'y' * 40).span())
print(re.search(r'(.*?)=(.*?);', 'k=v;w').groups(), re.search(r'<(.*?)b>', '<aab>').span())
print(re.search(r'()(?(1)b)', 'xb'), re.search(r'(a)?(?(1)b|c)$', 'ac').span())
print(re.match(r'(a|b)*?c', 'ab' * 3000 + 'c').end(), re.match(r'(?:(\w)(\d))+', 'a1' * 500).groups())
print(re.findall(r'[\x80-\xff]+', 'a\x80\xff\u0100'), re.findall(r'(?i:\xe9)', 'É'), re.findall(r'[^\xe9]', 'éÉ', re.I))
# expect: ['a', '1_', 'x'] ['aé1_', 'Ж世', 'x']
# expect: ['ab', 'éЗ'] ['ABkſK']
# expect: a b c [b'a', b'b', b'c\xff', b'']
# expect: [(3, 9), (9, 15)] <re.Match object; span=(1, 3), match='é世'>
# expect: None (0, 40)
# expect: ('k', 'v') (0, 5)
# expect: <re.Match object; span=(1, 2), match='b'> (1, 2)
# expect: 6001 ('a', '1')
# expect: ['\x80ÿ'] ['É'] []
