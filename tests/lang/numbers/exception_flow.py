# SPDX-License-Identifier: MIT
# Chaining, except*, groups, unraisable errors.
import sys
def show(e, d=0):
    while e is not None and d<6:
        print('  '*d, type(e).__name__, e.args, e.__suppress_context__, getattr(e,'__notes__',None))
        if e.__cause__ is not None: print('  '*d,'cause'); show(e.__cause__, d+1)
        e=e.__context__; d+=1
try:
    try: 1/0
    except ZeroDivisionError as e: raise KeyError('k') from e
except KeyError as e: show(e)
try:
    try: 1/0
    except ZeroDivisionError: {}['x']
except KeyError as e: show(e)
try:
    try: 1/0
    except ZeroDivisionError: raise ValueError from None
except ValueError as e: show(e)
# cycles
a=ValueError('a'); b=TypeError('b')
try:
    try: raise a
    except ValueError: raise b
except TypeError:
    try: raise a
    except ValueError as e: show(e)
# except*
def star(exc, *types):
    log=[]
    try:
        try: raise exc
        except* ValueError as g: log.append(('V',repr(g)))
        except* (TypeError,KeyError) as g: log.append(('T',repr(g)))
    except BaseException as e: log.append(('out',repr(e)))
    print(log)
E=ExceptionGroup
star(ValueError(1)); star(TypeError(2)); star(OSError(3))
star(E('g',[ValueError(1),TypeError(2)])); star(E('g',[ValueError(1),E('h',[TypeError(2),OSError(3,'x')]),KeyError(4)]))
try:
    try: raise E('g',[ValueError(1),E('h',[TypeError(2),OSError(3,'x')]),KeyError(4)])
    except* ValueError as g: raise RuntimeError('new')
    except* TypeError: raise
    except* OSError as g: raise g
except BaseException as e: print(repr(e)); show(e)
try:
    try: raise ValueError(1)
    except* ValueError: raise KeyError(5)
except BaseException as e: print(repr(e)); show(e)
for bad in (int, (ValueError,int), E, (ValueError,E)):
    try:
        try: raise ValueError(1)
        except* bad: pass
    except TypeError as e: print(e)
try:
    try: raise ValueError(1)
    except 5: pass
except TypeError as e: print(e)
class MyG(ExceptionGroup):
    def derive(self, excs): return MyG(self.message+'!', excs)
g=MyG('m',[ValueError(1),TypeError(2),MyG('n',[ValueError(3)])]); g.add_note('note')
m,r=g.split(ValueError); print(repr(m),repr(r),m.__notes__,r.__notes__, m.__notes__ is r.__notes__)
print(repr(g.subgroup(lambda e: isinstance(e,TypeError))))
class BadG(ExceptionGroup):
    def derive(self, excs): return 5
try: BadG('x',[ValueError(1),TypeError(2)]).split(ValueError)
except TypeError as e: print(e)
class SplitG(ExceptionGroup):
    def split(self,x): return 5
try:
    try: raise SplitG('a',[TypeError(1)])
    except* ValueError: pass
except TypeError as e: print(e)
class SplitG2(ExceptionGroup):
    def split(self,x): return (1,)
try:
    try: raise SplitG2('a',[TypeError(1)])
    except* ValueError: pass
except TypeError as e: print(e)
# deep group
g=ValueError(1)
for i in range(5000): g=E('d',[g])
try: g.split(TypeError); print('ok?')
except RecursionError as e: print('rec', e)
# deep context chain dealloc
e=None
for i in range(100000):
    n=ValueError(i); n.__context__=e; e=n
del e,n
# raise weird
class Foo(Exception):
    def __new__(cls,*a): return 5
try: raise Foo
except TypeError as e: print(e)
try: raise 5
except TypeError as e: print(e)
try: raise ValueError from 5
except TypeError as e: print(e)
try: raise int
except TypeError as e: print(e)
class M(type):
    def __instancecheck__(c,i): return True
    def __subclasscheck__(c,i): return True
class X(Exception,metaclass=M): pass
try:
    try: raise ValueError
    except X: print('bad')
except ValueError: print('good')
# OSError subclass with __init__ only
class MyOS(OSError):
    def __init__(self,a,b=3): OSError.__init__(self,2,'msg','file')
e=MyOS(1); print(e.errno,e.strerror,e.filename,e.args,str(e),type(e))
class MyOS2(OSError):
    def __new__(cls,a): 
        self=OSError.__new__(cls,1,'x'); self.bar=a; return self
try: e=MyOS2(5); print(e.args,e.bar,e.errno)
except Exception as e: print(type(e),e)
print(repr(OSError(13,'x')), repr(OSError(4,'x')), OSError(9999,'x'))
import copy
try:
    import copyreg
    for e in (OSError(2,'a','b',None,'c'), ImportError('x',name='n'), AttributeError('a',name='z'), SyntaxError('m',('f',1,2,'t')), UnicodeDecodeError('a',b'b',0,1,'r'), E('g',[ValueError(1)]), StopIteration(5), SystemExit(3), KeyError('k')):
        e.extra=5
        r=e.__reduce__(); n=r[0](*r[1]); 
        if len(r)>2: n.__setstate__(r[2])
        print(repr(n), n.__dict__, str(n))
except Exception as e: print('copy',type(e),e)
def gen():
    yield 1
    return 7
it=gen(); next(it)
try: next(it)
except StopIteration as e: print(e.value,e.args)
def gen2(): 
    raise StopIteration(3)
    yield
try: list(gen2())
except RuntimeError as e: print(e, repr(e.__cause__))
class D:
    def __del__(self): raise ValueError('in del')
def hook(a): print('hook', a.exc_type, a.exc_value, a.exc_traceback is not None)
sys.unraisablehook=hook
d=D(); del d
print(sys.unraisablehook is hook)
try: raise MemoryError
except MemoryError as e: print(repr(e))
try: (1).foo
except AttributeError as e: print(e.name,e.obj,e)
try: undefined_name
except NameError as e: print(e.name,e)
try: import nonexistent_mod
except ImportError as e: print(e.name,e.path,e.msg,e)
try: from sys import nonexistent_name
except ImportError as e: print(e.name,e.path,e.msg,e.name_from)
try: compile('a b','f','exec')
except SyntaxError as e: print(e.args,e.msg,e.filename,e.lineno,e.offset,e.text,e.end_lineno,e.end_offset)
try: 'é'.encode('ascii')
except UnicodeError as e: print(e.args,e.start,e.end,e.object,e.reason,e.encoding,e)
try: b'\xff'.decode('utf8')
except UnicodeError as e: print(e.args,e)
def f():
    try: raise ValueError(1)
    finally:
        print(sys.exc_info()[0], sys.exception())
try: f()
except ValueError: print(sys.exc_info()[1] is sys.exception())
print(sys.exc_info())

# expect:  KeyError ('k',) True None
# expect:  cause
# expect:    ZeroDivisionError ('division by zero',) False None
# expect:    ZeroDivisionError ('division by zero',) False None
# expect:  KeyError ('x',) False None
# expect:    ZeroDivisionError ('division by zero',) False None
# expect:  ValueError () True None
# expect:    ZeroDivisionError ('division by zero',) False None
# expect:  ValueError ('a',) False None
# expect:    TypeError ('b',) False None
# expect: [('V', "ExceptionGroup('', (ValueError(1),))")]
# expect: [('T', "ExceptionGroup('', (TypeError(2),))")]
# expect: [('out', 'OSError(3)')]
# expect: [('V', "ExceptionGroup('g', [ValueError(1)])"), ('T', "ExceptionGroup('g', [TypeError(2)])")]
# expect: [('V', "ExceptionGroup('g', [ValueError(1)])"), ('T', "ExceptionGroup('g', [ExceptionGroup('h', [TypeError(2)]), KeyError(4)])"), ('out', "ExceptionGroup('g', [ExceptionGroup('h', [ProcessLookupError(3, 'x')])])")]
# expect: ExceptionGroup('', [RuntimeError('new'), ExceptionGroup('g', [ExceptionGroup('h', [ProcessLookupError(3, 'x')])]), ExceptionGroup('g', [ExceptionGroup('h', [TypeError(2)]), KeyError(4)])])
# expect:  ExceptionGroup ('', [RuntimeError('new'), ExceptionGroup('g', [ExceptionGroup('h', [ProcessLookupError(3, 'x')])]), ExceptionGroup('g', [ExceptionGroup('h', [TypeError(2)]), KeyError(4)])]) False None
# expect: KeyError(5)
# expect:  KeyError (5,) False None
# expect:    ExceptionGroup ('', (ValueError(1),)) False None
# expect: catching classes that do not inherit from BaseException is not allowed
# expect: catching classes that do not inherit from BaseException is not allowed
# expect: catching ExceptionGroup with except* is not allowed. Use except instead.
# expect: catching ExceptionGroup with except* is not allowed. Use except instead.
# expect: catching classes that do not inherit from BaseException is not allowed
# expect: MyG('m!', [ValueError(1), MyG('n!', [ValueError(3)])]) MyG('m!', [TypeError(2)]) ['note'] ['note'] False
# expect: MyG('m!', [TypeError(2)])
# expect: derive must return an instance of BaseExceptionGroup
# expect: SplitG.split must return a tuple, not int
# expect: SplitG2.split must return a 2-tuple, got tuple of size 1
# expect: ok?
# expect: calling <class '__main__.Foo'> should have returned an instance of BaseException, not <class 'int'>
# expect: exceptions must derive from BaseException
# expect: exception causes must derive from BaseException
# expect: exceptions must derive from BaseException
# expect: good
# expect: 2 msg file (2, 'msg') [Errno 2] msg: 'file' <class '__main__.MyOS'>
# expect: (1, 'x') 5 1
# expect: PermissionError(13, 'x') InterruptedError(4, 'x') [Errno 9999] x
# expect: FileNotFoundError(2, 'a') {'extra': 5} [Errno 2] a: 'b' -> 'c'
# expect: ImportError('x') {'extra': 5} x
# expect: AttributeError('a') {'extra': 5} a
# expect: SyntaxError('m', ('f', 1, 2, 't')) {'extra': 5} m (f, line 1)
# expect: UnicodeDecodeError('a', b'b', 0, 1, 'r') {'extra': 5} 'a' codec can't decode byte 0x62 in position 0: r
# expect: ExceptionGroup('g', [ValueError(1)]) {'extra': 5} g (1 sub-exception)
# expect: StopIteration(5) {'extra': 5} 5
# expect: SystemExit(3) {'extra': 5} 3
# expect: KeyError('k') {'extra': 5} 'k'
# expect: 7 (7,)
# expect: generator raised StopIteration StopIteration(3)
# expect: hook <class 'ValueError'> in del True
# expect: True
# expect: MemoryError()
# expect: foo 1 'int' object has no attribute 'foo'
# expect: undefined_name name 'undefined_name' is not defined
# expect: nonexistent_mod None No module named 'nonexistent_mod' No module named 'nonexistent_mod'
# expect: sys None cannot import name 'nonexistent_name' from 'sys' (unknown location) nonexistent_name
# expect: ('invalid syntax', ('f', 1, 3, 'a b\n', 1, 4)) invalid syntax f 1 3 a b
# expect:  1 4
# expect: ('ascii', 'é', 0, 1, 'ordinal not in range(128)') 0 1 é ordinal not in range(128) ascii 'ascii' codec can't encode character '\xe9' in position 0: ordinal not in range(128)
# expect: ('utf-8', b'\xff', 0, 1, 'invalid start byte') 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte
# expect: <class 'ValueError'> 1
# expect: True
# expect: (None, None, None)
