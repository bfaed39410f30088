# SPDX-License-Identifier: MIT
# Elements as sequences, builders, parsers with any target, events, entities and errors.
import copy
import io
import pickle
import xml.etree.ElementTree as ET


def attempt(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error)


source = (
    '<!DOCTYPE r [<!ENTITY q "zz">]><r xmlns:p="u" a="1">t&q;<p:b x="2"/>tail'
    "<!--c--><?pi x?><c>\u00e9</c></r>"
)
root = ET.fromstring(source)
print(type(root).__flags__ & 512 != 0, root.text, [child.tag for child in root], root[0].tail)
print(ET.tostring(copy.deepcopy(root)), ET.tostring(pickle.loads(pickle.dumps(root))) == ET.tostring(root))
print(root.find("c").text, root.findtext("nope", 0), len(root.findall(".//{u}b")), list(root.itertext()))
root[0:1] = [ET.Element(name) for name in "xyz"]
del root[::2]
print([child.tag for child in root.iter()])
attempt(root.append, 5)
attempt(root.remove, ET.Element("n"))
attempt(root.__setitem__, slice(None, None, 2), [root])
attempt(ET.Element, "a", attrib=5)
attempt(ET.fromstring, "<a>\n<b></a>")
attempt(ET.fromstring, '<!DOCTYPE a SYSTEM "x"><a>&foo;</a>')
print([(event, str(getattr(node, "tag", node))[:9]) for event, node in
       ET.iterparse(io.StringIO(source), ["start", "end", "start-ns", "comment", "pi"])])
builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
parser = ET.XMLParser(target=builder)
parser.feed(source)
print(ET.tostring(parser.close()))


class Target:
    def start(self, tag, attrib):
        print("start", tag, attrib)

    def data(self, data):
        print("data", data)

    def doctype(self, *args):
        print("doctype", args)

    def close(self):
        return "closed"


parser = ET.XMLParser(target=Target())
parser.entity["e"] = "E"
parser.feed('<!DOCTYPE a PUBLIC "p" "s"><a>1&e;</a>')
attempt(parser.close)
top = ET.Element("top")
inner = top
for _ in range(100000):
    inner = ET.SubElement(inner, "in")
print(sum(1 for _ in top.iter("in")))
del inner, top

# expect: True tzz ['{u}b', 'c'] tail
# expect: b'<r xmlns:ns0="u" a="1">tzz<ns0:b x="2" />tail<c>&#233;</c></r>' True
# expect: é 0 1 ['tzz', 'tail', 'é']
# expect: ['r', 'y', 'c']
# expect: TypeError append() argument 1 must be xml.etree.ElementTree.Element, not int
# expect: ValueError Element.remove(x): element not found
# expect: None
# expect: TypeError attrib must be dict, not int
# expect: ParseError mismatched tag: line 2, column 5
# expect: ParseError undefined entity &foo;: line 1, column 26
# expect: [('start-ns', "('p', 'u'"), ('start', 'r'), ('start', '{u}b'), ('end', '{u}b'), ('comment', '<function'), ('pi', '<function'), ('start', 'c'), ('end', 'c'), ('end', 'r')]
# expect: b'<r xmlns:ns0="u" a="1">tzz<ns0:b x="2" />tail<!--c--><?pi x?><c>&#233;</c></r>'
# expect: doctype ('a', 'p', 's')
# expect: start a {}
# expect: data 1
# expect: data E
# expect: closed
# expect: 100000
