# SPDX-License-Identifier: MIT
# Filters, registries and errors of warnings.
import warnings, sys
sys.stderr = sys.stdout
import linecache
linecache.getline = lambda *a: ""
warnings.formatwarning = lambda m, c, f, l, line=None: f"{l}: {c.__name__}: {m}\n"
warnings.warn('x')
warnings.warn('x', DeprecationWarning, 1)
warnings.simplefilter('always')
warnings.warn('y', DeprecationWarning)
for i in range(2): warnings.warn('z')
warnings.simplefilter('default')
for i in range(2): warnings.warn('z2')
warnings.simplefilter('once')
for i in range(2): warnings.warn('z3')
warnings.warn('z3')
warnings.simplefilter('module')
for i in range(2): warnings.warn('z4')
warnings.warn('z4')
warnings.simplefilter('error')
try: warnings.warn('z5')
except UserWarning as e: print(repr(e))
try: warnings.warn(UserWarning('z5'), DeprecationWarning)
except UserWarning as e: print(repr(e))
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always')
    warnings.warn('rec', RuntimeWarning, stacklevel=1, source=5)
    print(repr(w[0].message), w[0].source)
warnings.resetwarnings()
warnings.warn('after')
def f(): warnings.warn('deep', stacklevel=2)
f()
f()
warnings.warn('toodeep', stacklevel=200)
for a in ((5,),('x',5),('x',int)):
    try: warnings.warn(*a)
    except TypeError as e: print(e)
try: warnings.warn('x', skip_file_prefixes=5)
except TypeError as e: print(e)
try: warnings.warn('x', skip_file_prefixes=(5,))
except TypeError as e: print(e)
try: warnings.warn_explicit('x', UserWarning, 'f.py', 1, registry=5)
except TypeError as e: print(e)
try: warnings.warn_explicit('x', UserWarning, 'f.py', 1, module_globals=5)
except TypeError as e: print(e)
try: warnings.warn_explicit('x', UserWarning, 5, 1)
except TypeError as e: print(e)
r={}
warnings.warn_explicit('x', UserWarning, 'f.py', 1, registry=r)
warnings.warn_explicit('x', UserWarning, 'f.py', 1, registry=r)
print(sorted(map(str,r)), __warningregistry__ is not None)
warnings.filters.insert(0, ('foo',None,UserWarning,None,0)); warnings._filters_mutated()
try: warnings.warn('bad')
except RuntimeError as e: print(e)
warnings.filters[0]=5; warnings._filters_mutated()
try: warnings.warn('bad')
except ValueError as e: print(e)
warnings.filters=5
try: warnings.warn('bad')
except ValueError as e: print(e)
warnings.filters=[]
warnings.defaultaction=5
try: warnings.warn('bad')
except TypeError as e: print(e)
warnings.defaultaction='default'
import _warnings
try: _warnings._filters_mutated_lock_held()
except RuntimeError as e: print(e)
try: _warnings._release_lock()
except RuntimeError as e: print(e)

# expect: 8: UserWarning: x
# expect: 9: DeprecationWarning: x
# expect: 11: DeprecationWarning: y
# expect: 12: UserWarning: z
# expect: 12: UserWarning: z
# expect: 14: UserWarning: z2
# expect: 16: UserWarning: z3
# expect: 19: UserWarning: z4
# expect: UserWarning('z5')
# expect: UserWarning('z5')
# expect: RuntimeWarning('rec') 5
# expect: 31: UserWarning: after
# expect: 33: UserWarning: deep
# expect: 34: UserWarning: deep
# expect: 0: UserWarning: toodeep
# expect: 37: UserWarning: 5
# expect: category must be a Warning subclass, not 'int'
# expect: category must be a Warning subclass, not 'type'
# expect: warn() argument 'skip_file_prefixes' must be tuple, not int
# expect: Found non-str 'int' in skip_file_prefixes.
# expect: 'registry' must be a dict or None
# expect: module_globals must be a dict, not 'int'
# expect: warn_explicit() argument 'filename' must be str, not int
# expect: 1: UserWarning: x
# expect: ["('x', <class 'UserWarning'>, 1)", 'version'] True
# expect: Unrecognized action ('foo') in warnings.filters:
# expect:  ('foo', None, <class 'UserWarning'>, None, 0)
# expect: warnings.filters item 0 isn't a 5-tuple
# expect: _warnings.filters must be a list
# expect: _warnings.defaultaction must be a string, not 'int'
# expect: warnings lock is not held
# expect: cannot release un-acquired lock
