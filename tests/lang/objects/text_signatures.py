# SPDX-License-Identifier: MIT
# Functions that take no argument or one have a signature, whatever their doc string says.
import inspect, io, re, time, types

for f in (time.sleep, time.tzset, property.getter, property.__set_name__,
          classmethod.__class_getitem__, types.GeneratorType.close, re.Match.start,
          io.BufferedRWPair.flush, types.NoneType, types.CodeType):
    print(f.__name__, inspect.signature(f))
print(types.GeneratorType.throw.__text_signature__)

# expect: sleep (object, /)
# expect: tzset ()
# expect: getter (self, object, /)
# expect: __set_name__ (self, owner, name, /)
# expect: __class_getitem__ (object, /)
# expect: close (self, /)
# expect: start (self, group=0, /)
# expect: flush (self, /)
# expect: NoneType ()
# expect: code (argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, varnames, filename, name, qualname, firstlineno, linetable, exceptiontable, freevars=(), cellvars=(), /)
# expect: None
