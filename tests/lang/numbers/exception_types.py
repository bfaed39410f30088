# SPDX-License-Identifier: MIT
# Exception types: arguments, attributes, texts, errors.
def t(s):
    try:
        r=eval(s)
        print(s,'->',repr(r))
    except BaseException as e:
        print(s,'!!',type(e).__name__+':',e)
for s in '''ImportError(invalid=1)
ImportError('a','b',name='n').msg
ImportError('a',name='n',path='p').__reduce__()
ImportError(msg='x')
ImportError('t',name=3).name
AttributeError('a',foo=1)
AttributeError('a',name='n',obj=3).__reduce__()
AttributeError('a',name='n',obj=3).__getstate__()
AttributeError('a').__reduce__()
NameError('a',foo=1)
NameError('a',name='x').__reduce__()
ValueError(a=1)
BaseException(a=1)
StopIteration(a=1)
SystemExit(1,2).code
SystemExit().code
KeyError(a=1)
SyntaxError('m',(1,2))
SyntaxError('m',('f',2,3))
SyntaxError('m',('f',2,3,'t'))
SyntaxError('m',('f',2,3,'t',5))
SyntaxError('m',('f',2,3,'t',5,6))
SyntaxError('m',('f',2,3,'t',5,6,7))
SyntaxError('m',('f',2,3,'t',5,6,7,8))
SyntaxError('m',('f',2,3,'t',5,6,7))._metadata
SyntaxError('m',3)
SyntaxError('m',[1,2])
SyntaxError('m',('f',2,3,'t'),4).filename
str(SyntaxError('m',('a/b/f.py',2,3,'t')))
str(SyntaxError('m',('a/b/f.py','x',3,'t')))
str(SyntaxError('m',(None,2,3,'t')))
str(SyntaxError('m',('f',None,3,'t')))
str(SyntaxError('m'))
str(SyntaxError())
str(SyntaxError(1,2))
SyntaxError('m').print_file_and_line
UnicodeError(a=1)
UnicodeEncodeError()
UnicodeEncodeError('a','b',1,2)
UnicodeEncodeError('a',b'b',1,2,'x')
UnicodeEncodeError(1,'b',1,2,'x')
UnicodeEncodeError('a','b','s',2,'x')
UnicodeEncodeError('a','b',1,2,3)
UnicodeEncodeError('a','b',1,2,'x',foo=1)
UnicodeDecodeError('a','b',1,2,'x')
UnicodeDecodeError('a',b'b',1,2,'x').args
UnicodeDecodeError('a',bytearray(b'b'),1,2,'x').object
UnicodeTranslateError('a',1,2,'x').object
UnicodeTranslateError(b'a',1,2,'x').object
str(UnicodeEncodeError('a','b',0,1,'x'))
str(UnicodeEncodeError('a','bé\\u1234\\U00012345',1,2,'x'))
str(UnicodeEncodeError('a','bé\\u1234\\U00012345',2,3,'x'))
str(UnicodeEncodeError('a','bé\\u1234\\U00012345',3,4,'x'))
str(UnicodeEncodeError('a','bé\\u1234\\U00012345',1,4,'x'))
str(UnicodeEncodeError('a','bé\\u1234\\U00012345',10,4,'x'))
str(UnicodeEncodeError('a','bé\\u1234\\U00012345',1,400,'x'))
str(UnicodeEncodeError('a','bé\\u1234\\U00012345',-5,1,'x'))
str(UnicodeEncodeError('a','',0,1,'x'))
UnicodeEncodeError('a','abc',10,20,'x').start
UnicodeEncodeError('a','abc',10,20,'x').end
UnicodeEncodeError('a','abc',-10,-20,'x').start
UnicodeEncodeError('a','abc',-10,-20,'x').end
str(UnicodeDecodeError('a',b'b\\xff',1,2,'x'))
str(UnicodeDecodeError('a',b'b\\xff',0,2,'x'))
str(UnicodeTranslateError('abc',0,1,'x'))
str(UnicodeTranslateError('abc',0,2,'x'))
str(UnicodeTranslateError('ab\\u1234',2,3,'x'))
str(UnicodeTranslateError.__new__(UnicodeTranslateError))
UnicodeTranslateError.__new__(UnicodeTranslateError).object
UnicodeTranslateError.__new__(UnicodeTranslateError).start
OSError(2,'x')
OSError(2,'x','f').args
OSError(2,'x','f',None,'g').args
str(OSError(2,'x','f',None,'g'))
OSError(2,'x','f',None,'g','h').filename
OSError(2,'x','f',foo=1)
OSError(foo=1)
str(OSError(2,None))
str(OSError(2))
str(OSError('a','b'))
BlockingIOError(11,'x',5).characters_written
BlockingIOError(11,'x','5').filename
BlockingIOError(11,'x',5.0).filename
OSError(11,'x',5).characters_written
OSError(11,'x').characters_written
OSError(2,'x','f',None,'g').__reduce__()
OSError(2,'x',None).args
OSError(2,'x',None).filename
OSError(2,'x','f').__reduce__()
setattr(OSError(11,'x'),'characters_written','a')
delattr(OSError(11,'x'),'characters_written')
delattr(BlockingIOError(11,'x',5),'characters_written')
setattr(ValueError(),'args',5)
delattr(ValueError(),'args')
setattr(ValueError(),'__traceback__',5)
delattr(ValueError(),'__traceback__')
setattr(ValueError(),'__context__',5)
delattr(ValueError(),'__context__')
setattr(ValueError(),'__cause__',5)
delattr(ValueError(),'__cause__')
setattr(ValueError(),'__suppress_context__',5)
setattr(ValueError(),'__dict__',5)
delattr(ValueError(),'__dict__')
ValueError().with_traceback(5)
ValueError().with_traceback()
ValueError().__setstate__(5)
ValueError().__setstate__({'a':1})
ValueError().add_note(5)
ValueError().add_note()
BaseException.add_note.__text_signature__
BaseException.with_traceback.__text_signature__
BaseException.with_traceback.__doc__
BaseException.__reduce__.__text_signature__
BaseException.__setstate__.__text_signature__
BaseException.add_note.__doc__
ImportError.__reduce__.__text_signature__
AttributeError.__getstate__.__text_signature__
BaseExceptionGroup.derive.__text_signature__
BaseExceptionGroup.split.__text_signature__
BaseExceptionGroup.subgroup.__text_signature__
BaseExceptionGroup.__class_getitem__.__text_signature__
ExceptionGroup('a',[])
ExceptionGroup('a',[1])
ExceptionGroup('a',[ValueError(),1])
ExceptionGroup('a',1)
ExceptionGroup('a',{1:2})
ExceptionGroup('a',{ValueError()})
ExceptionGroup(1,[ValueError()])
ExceptionGroup('a')
ExceptionGroup('a',[ValueError()],1)
ExceptionGroup('a',[KeyboardInterrupt()])
BaseExceptionGroup('a',[KeyboardInterrupt()])
BaseExceptionGroup('a',[ValueError(1)])
str(ExceptionGroup('a',[ValueError(1)]))
str(ExceptionGroup('a',[ValueError(1),ValueError(2)]))
repr(ExceptionGroup('a',(ValueError(1),ValueError(2))))
type('X',(ExceptionGroup,),{})('a',[ValueError(1),ValueError(2)])
type('X',(BaseExceptionGroup,ValueError),{})('a',[KeyboardInterrupt()])
type('X',(BaseExceptionGroup,ValueError),{})('a',[ValueError()])
ExceptionGroup('a',[ValueError(1)]).split(1)
ExceptionGroup('a',[ValueError(1)]).split(())
ExceptionGroup('a',[ValueError(1)]).split((1,))
ExceptionGroup('a',[ValueError(1),TypeError(2)]).split(ValueError)
ExceptionGroup('a',[ValueError(1),TypeError(2)]).split(lambda e: True)
ExceptionGroup('a',[ValueError(1),TypeError(2)]).subgroup(int)
ExceptionGroup('a',[ValueError(1),TypeError(2)]).subgroup(KeyError)
ExceptionGroup('a',[ValueError(1),TypeError(2)],x=1)
ExceptionGroup('a',[ValueError(1),TypeError(2)]).__reduce__()
setattr(ExceptionGroup('a',[ValueError(1),TypeError(2)]),'message',1)
ExceptionGroup('a',[ValueError(1),TypeError(2)]).__dict__
ExceptionGroup[int]
ExceptionGroup('a',[ValueError(1),TypeError(2)]).derive(5)
ExceptionGroup('a',[ValueError(1),TypeError(2)]).derive()
str(KeyError('a'))
str(KeyError('a','b'))
repr(KeyError(1,))
repr(KeyError((1,)))
MemoryError(1,2).args
MemoryError(a=1)
BaseException.args.__doc__
BaseException.__suppress_context__.__doc__
BaseException.__traceback__.__doc__
BaseExceptionGroup.message.__doc__
BaseExceptionGroup.exceptions.__doc__
OSError.characters_written.__doc__
OSError.errno.__doc__
OSError.strerror.__doc__
OSError.filename2.__doc__
ImportError.msg.__doc__
ImportError.name_from.__doc__
AttributeError.name.__doc__
AttributeError.obj.__doc__
SyntaxError._metadata.__doc__
SyntaxError.msg.__doc__
SyntaxError.end_lineno.__doc__
SyntaxError.print_file_and_line.__doc__
StopIteration.value.__doc__
SystemExit.code.__doc__
UnicodeEncodeError.encoding.__doc__
UnicodeEncodeError.object.__doc__
UnicodeEncodeError.start.__doc__
UnicodeEncodeError.reason.__doc__
type(UnicodeEncodeError.start)
type(ImportError.msg)
type(BaseExceptionGroup.exceptions)
'''.splitlines(): t(s)

# expect: ImportError(invalid=1) !! TypeError: ImportError() got an unexpected keyword argument 'invalid'
# expect: ImportError('a','b',name='n').msg -> None
# expect: ImportError('a',name='n',path='p').__reduce__() -> (<class 'ImportError'>, ('a',), {'name': 'n', 'path': 'p'})
# expect: ImportError(msg='x') !! TypeError: ImportError() got an unexpected keyword argument 'msg'
# expect: ImportError('t',name=3).name -> 3
# expect: AttributeError('a',foo=1) !! TypeError: AttributeError() got an unexpected keyword argument 'foo'
# expect: AttributeError('a',name='n',obj=3).__reduce__() -> (<class 'AttributeError'>, ('a',), {'name': 'n', 'args': ('a',)})
# expect: AttributeError('a',name='n',obj=3).__getstate__() -> {'name': 'n', 'args': ('a',)}
# expect: AttributeError('a').__reduce__() -> (<class 'AttributeError'>, ('a',), {'args': ('a',)})
# expect: NameError('a',foo=1) !! TypeError: NameError() got an unexpected keyword argument 'foo'
# expect: NameError('a',name='x').__reduce__() -> (<class 'NameError'>, ('a',))
# expect: ValueError(a=1) !! TypeError: ValueError() takes no keyword arguments
# expect: BaseException(a=1) !! TypeError: BaseException() takes no keyword arguments
# expect: StopIteration(a=1) !! TypeError: StopIteration() takes no keyword arguments
# expect: SystemExit(1,2).code -> (1, 2)
# expect: SystemExit().code -> None
# expect: KeyError(a=1) !! TypeError: KeyError() takes no keyword arguments
# expect: SyntaxError('m',(1,2)) !! TypeError: function takes at least 4 arguments (2 given)
# expect: SyntaxError('m',('f',2,3)) !! TypeError: function takes at least 4 arguments (3 given)
# expect: SyntaxError('m',('f',2,3,'t')) -> SyntaxError('m', ('f', 2, 3, 't'))
# expect: SyntaxError('m',('f',2,3,'t',5)) !! TypeError: end_offset must be provided when end_lineno is provided
# expect: SyntaxError('m',('f',2,3,'t',5,6)) -> SyntaxError('m', ('f', 2, 3, 't', 5, 6))
# expect: SyntaxError('m',('f',2,3,'t',5,6,7)) -> SyntaxError('m', ('f', 2, 3, 't', 5, 6, 7))
# expect: SyntaxError('m',('f',2,3,'t',5,6,7,8)) !! TypeError: function takes at most 7 arguments (8 given)
# expect: SyntaxError('m',('f',2,3,'t',5,6,7))._metadata -> 7
# expect: SyntaxError('m',3) !! TypeError: 'int' object is not iterable
# expect: SyntaxError('m',[1,2]) !! TypeError: function takes at least 4 arguments (2 given)
# expect: SyntaxError('m',('f',2,3,'t'),4).filename -> None
# expect: str(SyntaxError('m',('a/b/f.py',2,3,'t'))) -> 'm (f.py, line 2)'
# expect: str(SyntaxError('m',('a/b/f.py','x',3,'t'))) -> 'm (f.py)'
# expect: str(SyntaxError('m',(None,2,3,'t'))) -> 'm (line 2)'
# expect: str(SyntaxError('m',('f',None,3,'t'))) -> 'm (f)'
# expect: str(SyntaxError('m')) -> 'm'
# expect: str(SyntaxError()) -> 'None'
# expect: str(SyntaxError(1,2)) !! TypeError: 'int' object is not iterable
# expect: SyntaxError('m').print_file_and_line -> None
# expect: UnicodeError(a=1) !! TypeError: UnicodeError() takes no keyword arguments
# expect: UnicodeEncodeError() !! TypeError: function takes exactly 5 arguments (0 given)
# expect: UnicodeEncodeError('a','b',1,2) !! TypeError: function takes exactly 5 arguments (4 given)
# expect: UnicodeEncodeError('a',b'b',1,2,'x') !! TypeError: argument 2 must be str, not bytes
# expect: UnicodeEncodeError(1,'b',1,2,'x') !! TypeError: argument 1 must be str, not int
# expect: UnicodeEncodeError('a','b','s',2,'x') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: UnicodeEncodeError('a','b',1,2,3) !! TypeError: argument 5 must be str, not int
# expect: UnicodeEncodeError('a','b',1,2,'x',foo=1) !! TypeError: UnicodeEncodeError() takes no keyword arguments
# expect: UnicodeDecodeError('a','b',1,2,'x') !! TypeError: a bytes-like object is required, not 'str'
# expect: UnicodeDecodeError('a',b'b',1,2,'x').args -> ('a', b'b', 1, 2, 'x')
# expect: UnicodeDecodeError('a',bytearray(b'b'),1,2,'x').object -> b'b'
# expect: UnicodeTranslateError('a',1,2,'x').object -> 'a'
# expect: UnicodeTranslateError(b'a',1,2,'x').object !! TypeError: argument 1 must be str, not bytes
# expect: str(UnicodeEncodeError('a','b',0,1,'x')) -> "'a' codec can't encode character '\\x62' in position 0: x"
# expect: str(UnicodeEncodeError('a','bé\u1234\U00012345',1,2,'x')) -> "'a' codec can't encode character '\\xe9' in position 1: x"
# expect: str(UnicodeEncodeError('a','bé\u1234\U00012345',2,3,'x')) -> "'a' codec can't encode character '\\u1234' in position 2: x"
# expect: str(UnicodeEncodeError('a','bé\u1234\U00012345',3,4,'x')) -> "'a' codec can't encode character '\\U00012345' in position 3: x"
# expect: str(UnicodeEncodeError('a','bé\u1234\U00012345',1,4,'x')) -> "'a' codec can't encode characters in position 1-3: x"
# expect: str(UnicodeEncodeError('a','bé\u1234\U00012345',10,4,'x')) -> "'a' codec can't encode characters in position 10-3: x"
# expect: str(UnicodeEncodeError('a','bé\u1234\U00012345',1,400,'x')) -> "'a' codec can't encode characters in position 1-399: x"
# expect: str(UnicodeEncodeError('a','bé\u1234\U00012345',-5,1,'x')) -> "'a' codec can't encode characters in position -5-0: x"
# expect: str(UnicodeEncodeError('a','',0,1,'x')) -> "'a' codec can't encode characters in position 0-0: x"
# expect: UnicodeEncodeError('a','abc',10,20,'x').start -> 10
# expect: UnicodeEncodeError('a','abc',10,20,'x').end -> 20
# expect: UnicodeEncodeError('a','abc',-10,-20,'x').start -> -10
# expect: UnicodeEncodeError('a','abc',-10,-20,'x').end -> -20
# expect: str(UnicodeDecodeError('a',b'b\xff',1,2,'x')) -> "'a' codec can't decode byte 0xff in position 1: x"
# expect: str(UnicodeDecodeError('a',b'b\xff',0,2,'x')) -> "'a' codec can't decode bytes in position 0-1: x"
# expect: str(UnicodeTranslateError('abc',0,1,'x')) -> "can't translate character '\\x61' in position 0: x"
# expect: str(UnicodeTranslateError('abc',0,2,'x')) -> "can't translate characters in position 0-1: x"
# expect: str(UnicodeTranslateError('ab\u1234',2,3,'x')) -> "can't translate character '\\u1234' in position 2: x"
# expect: str(UnicodeTranslateError.__new__(UnicodeTranslateError)) -> ''
# expect: UnicodeTranslateError.__new__(UnicodeTranslateError).object -> None
# expect: UnicodeTranslateError.__new__(UnicodeTranslateError).start -> 0
# expect: OSError(2,'x') -> FileNotFoundError(2, 'x')
# expect: OSError(2,'x','f').args -> (2, 'x')
# expect: OSError(2,'x','f',None,'g').args -> (2, 'x')
# expect: str(OSError(2,'x','f',None,'g')) -> "[Errno 2] x: 'f' -> 'g'"
# expect: OSError(2,'x','f',None,'g','h').filename -> None
# expect: OSError(2,'x','f',foo=1) !! TypeError: OSError() takes no keyword arguments
# expect: OSError(foo=1) !! TypeError: OSError() takes no keyword arguments
# expect: str(OSError(2,None)) -> '[Errno 2] None'
# expect: str(OSError(2)) -> '2'
# expect: str(OSError('a','b')) -> '[Errno a] b'
# expect: BlockingIOError(11,'x',5).characters_written -> 5
# expect: BlockingIOError(11,'x','5').filename -> '5'
# expect: BlockingIOError(11,'x',5.0).filename !! TypeError: 'float' object cannot be interpreted as an integer
# expect: OSError(11,'x',5).characters_written -> 5
# expect: OSError(11,'x').characters_written !! AttributeError: characters_written
# expect: OSError(2,'x','f',None,'g').__reduce__() -> (<class 'FileNotFoundError'>, (2, 'x', 'f', None, 'g'))
# expect: OSError(2,'x',None).args -> (2, 'x', None)
# expect: OSError(2,'x',None).filename -> None
# expect: OSError(2,'x','f').__reduce__() -> (<class 'FileNotFoundError'>, (2, 'x', 'f'))
# expect: setattr(OSError(11,'x'),'characters_written','a') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: delattr(OSError(11,'x'),'characters_written') !! AttributeError: characters_written
# expect: delattr(BlockingIOError(11,'x',5),'characters_written') -> None
# expect: setattr(ValueError(),'args',5) !! TypeError: 'int' object is not iterable
# expect: delattr(ValueError(),'args') !! TypeError: args may not be deleted
# expect: setattr(ValueError(),'__traceback__',5) !! TypeError: __traceback__ must be a traceback or None
# expect: delattr(ValueError(),'__traceback__') !! TypeError: __traceback__ may not be deleted
# expect: setattr(ValueError(),'__context__',5) !! TypeError: exception context must be None or derive from BaseException
# expect: delattr(ValueError(),'__context__') !! TypeError: __context__ may not be deleted
# expect: setattr(ValueError(),'__cause__',5) !! TypeError: exception cause must be None or derive from BaseException
# expect: delattr(ValueError(),'__cause__') !! TypeError: __cause__ may not be deleted
# expect: setattr(ValueError(),'__suppress_context__',5) !! TypeError: attribute value type must be bool
# expect: setattr(ValueError(),'__dict__',5) !! TypeError: __dict__ must be set to a dictionary, not a 'int'
# expect: delattr(ValueError(),'__dict__') !! TypeError: cannot delete __dict__
# expect: ValueError().with_traceback(5) !! TypeError: __traceback__ must be a traceback or None
# expect: ValueError().with_traceback() !! TypeError: BaseException.with_traceback() takes exactly one argument (0 given)
# expect: ValueError().__setstate__(5) !! TypeError: state is not a dictionary
# expect: ValueError().__setstate__({'a':1}) -> None
# expect: ValueError().add_note(5) !! TypeError: add_note() argument must be str, not int
# expect: ValueError().add_note() !! TypeError: BaseException.add_note() takes exactly one argument (0 given)
# expect: BaseException.add_note.__text_signature__ -> '($self, note, /)'
# expect: BaseException.with_traceback.__text_signature__ -> '($self, tb, /)'
# expect: BaseException.with_traceback.__doc__ -> 'Set self.__traceback__ to tb and return self.'
# expect: BaseException.__reduce__.__text_signature__ -> '($self, /)'
# expect: BaseException.__setstate__.__text_signature__ -> '($self, state, /)'
# expect: BaseException.add_note.__doc__ -> 'Add a note to the exception'
# expect: ImportError.__reduce__.__text_signature__ -> '($self, /)'
# expect: AttributeError.__getstate__.__text_signature__ -> '($self, /)'
# expect: BaseExceptionGroup.derive.__text_signature__ -> '($self, excs, /)'
# expect: BaseExceptionGroup.split.__text_signature__ -> '($self, matcher_value, /)'
# expect: BaseExceptionGroup.subgroup.__text_signature__ -> '($self, matcher_value, /)'
# expect: BaseExceptionGroup.__class_getitem__.__text_signature__ -> '($type, object, /)'
# expect: ExceptionGroup('a',[]) !! ValueError: second argument (exceptions) must be a non-empty sequence
# expect: ExceptionGroup('a',[1]) !! ValueError: Item 0 of second argument (exceptions) is not an exception
# expect: ExceptionGroup('a',[ValueError(),1]) !! ValueError: Item 1 of second argument (exceptions) is not an exception
# expect: ExceptionGroup('a',1) !! TypeError: second argument (exceptions) must be a sequence
# expect: ExceptionGroup('a',{1:2}) !! TypeError: second argument (exceptions) must be a sequence
# expect: ExceptionGroup('a',{ValueError()}) !! TypeError: second argument (exceptions) must be a sequence
# expect: ExceptionGroup(1,[ValueError()]) !! TypeError: BaseExceptionGroup.__new__() argument 1 must be str, not int
# expect: ExceptionGroup('a') !! TypeError: BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)
# expect: ExceptionGroup('a',[ValueError()],1) !! TypeError: BaseExceptionGroup.__new__() takes exactly 2 arguments (3 given)
# expect: ExceptionGroup('a',[KeyboardInterrupt()]) !! TypeError: Cannot nest BaseExceptions in an ExceptionGroup
# expect: BaseExceptionGroup('a',[KeyboardInterrupt()]) -> BaseExceptionGroup('a', [KeyboardInterrupt()])
# expect: BaseExceptionGroup('a',[ValueError(1)]) -> ExceptionGroup('a', [ValueError(1)])
# expect: str(ExceptionGroup('a',[ValueError(1)])) -> 'a (1 sub-exception)'
# expect: str(ExceptionGroup('a',[ValueError(1),ValueError(2)])) -> 'a (2 sub-exceptions)'
# expect: repr(ExceptionGroup('a',(ValueError(1),ValueError(2)))) -> "ExceptionGroup('a', (ValueError(1), ValueError(2)))"
# expect: type('X',(ExceptionGroup,),{})('a',[ValueError(1),ValueError(2)]) -> X('a', [ValueError(1), ValueError(2)])
# expect: type('X',(BaseExceptionGroup,ValueError),{})('a',[KeyboardInterrupt()]) !! TypeError: Cannot nest BaseExceptions in 'X'
# expect: type('X',(BaseExceptionGroup,ValueError),{})('a',[ValueError()]) -> X('a', [ValueError()])
# expect: ExceptionGroup('a',[ValueError(1)]).split(1) !! TypeError: expected an exception type, a tuple of exception types, or a callable (other than a class)
# expect: ExceptionGroup('a',[ValueError(1)]).split(()) -> (None, ExceptionGroup('a', [ValueError(1)]))
# expect: ExceptionGroup('a',[ValueError(1)]).split((1,)) !! TypeError: expected an exception type, a tuple of exception types, or a callable (other than a class)
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).split(ValueError) -> (ExceptionGroup('a', [ValueError(1)]), ExceptionGroup('a', [TypeError(2)]))
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).split(lambda e: True) -> (ExceptionGroup('a', [ValueError(1), TypeError(2)]), None)
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).subgroup(int) !! TypeError: expected an exception type, a tuple of exception types, or a callable (other than a class)
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).subgroup(KeyError) -> None
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)],x=1) !! TypeError: ExceptionGroup() takes no keyword arguments
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).__reduce__() -> (<class 'ExceptionGroup'>, ('a', [ValueError(1), TypeError(2)]))
# expect: setattr(ExceptionGroup('a',[ValueError(1),TypeError(2)]),'message',1) !! AttributeError: readonly attribute
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).__dict__ -> {}
# expect: ExceptionGroup[int] -> ExceptionGroup[int]
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).derive(5) !! TypeError: second argument (exceptions) must be a sequence
# expect: ExceptionGroup('a',[ValueError(1),TypeError(2)]).derive() !! TypeError: BaseExceptionGroup.derive() takes exactly one argument (0 given)
# expect: str(KeyError('a')) -> "'a'"
# expect: str(KeyError('a','b')) -> "('a', 'b')"
# expect: repr(KeyError(1,)) -> 'KeyError(1)'
# expect: repr(KeyError((1,))) -> 'KeyError((1,))'
# expect: MemoryError(1,2).args -> (1, 2)
# expect: MemoryError(a=1) !! TypeError: MemoryError() takes no keyword arguments
# expect: BaseException.args.__doc__ -> None
# expect: BaseException.__suppress_context__.__doc__ -> None
# expect: BaseException.__traceback__.__doc__ -> None
# expect: BaseExceptionGroup.message.__doc__ -> 'exception message'
# expect: BaseExceptionGroup.exceptions.__doc__ -> 'nested exceptions'
# expect: OSError.characters_written.__doc__ -> None
# expect: OSError.errno.__doc__ -> 'POSIX exception code'
# expect: OSError.strerror.__doc__ -> 'exception strerror'
# expect: OSError.filename2.__doc__ -> 'second exception filename'
# expect: ImportError.msg.__doc__ -> 'exception message'
# expect: ImportError.name_from.__doc__ -> 'name imported from module'
# expect: AttributeError.name.__doc__ -> 'attribute name'
# expect: AttributeError.obj.__doc__ -> 'object'
# expect: SyntaxError._metadata.__doc__ -> 'exception private metadata'
# expect: SyntaxError.msg.__doc__ -> 'exception msg'
# expect: SyntaxError.end_lineno.__doc__ -> 'exception end lineno'
# expect: SyntaxError.print_file_and_line.__doc__ -> 'exception print_file_and_line'
# expect: StopIteration.value.__doc__ -> 'generator return value'
# expect: SystemExit.code.__doc__ -> 'exception code'
# expect: UnicodeEncodeError.encoding.__doc__ -> 'exception encoding'
# expect: UnicodeEncodeError.object.__doc__ -> 'exception object'
# expect: UnicodeEncodeError.start.__doc__ -> 'exception start'
# expect: UnicodeEncodeError.reason.__doc__ -> 'exception reason'
# expect: type(UnicodeEncodeError.start) -> <class 'member_descriptor'>
# expect: type(ImportError.msg) -> <class 'member_descriptor'>
# expect: type(BaseExceptionGroup.exceptions) -> <class 'member_descriptor'>
