# A SyntaxError carries what the traceback module needs to guess at a mistyped keyword.
import traceback

for source in ("whille True:\n  pass", "def f():\n  x = 1\n  if x:\n    y\n  elseif y:\n    z\n",
               "[x for x in y\nof x]", "def f(*args: *b = (1,)): pass"):
    try:
        compile(source, "<test>", "exec")
    except SyntaxError as error:
        print(traceback.format_exception_only(error)[-1].strip(), error._metadata[:2])
# expect: SyntaxError: invalid syntax. Did you mean 'while'? (0, 0)
# expect: SyntaxError: invalid syntax. Did you mean 'elif'? (3, 2)
# expect: SyntaxError: invalid syntax. Did you mean 'if'? (0, 0)
# expect: SyntaxError: invalid syntax (0, 0)
