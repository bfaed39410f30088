# pyexpat: handlers, collected text, errors with their place.
# needs: pyexpat
import xml.etree.ElementTree as ET
from xml.parsers import expat

p = expat.ParserCreate(namespace_separator=" ")
p.buffer_text = True
p.ordered_attributes = True
p.StartElementHandler = lambda name, attrs: print("start", name, attrs)
p.EndElementHandler = lambda name: print("end", name)
p.CharacterDataHandler = lambda data: print("data", repr(data))
p.CommentHandler = lambda data: print("comment", data)
p.Parse("<a xmlns='u:x' b='1' c='&lt;'>one &amp; two<!-- no --></a>", True)
# expect: start u:x a ['b', '1', 'c', '<']
# expect: data 'one & two'
# expect: comment  no 
# expect: end u:x a
p = expat.ParserCreate()
try:
    p.Parse(b"<a>\n  <b></a>", True)
except expat.ExpatError as e:
    print(e, e.code, e.lineno, e.offset)             # expect: mismatched tag: line 2, column 7 7 2 7


def fail(name, attrs):
    raise KeyError(name)


p = expat.ParserCreate()
p.StartElementHandler = fail
try:
    p.Parse("<a><b/></a>", True)
except KeyError as e:
    print("KeyError", e, p.CurrentLineNumber)        # expect: KeyError 'a' 1
root = ET.fromstring("<r><i n='1'>x</i><i n='2'/></r>")
print([(i.get("n"), i.text) for i in root.iter("i")])  # expect: [('1', 'x'), ('2', None)]
