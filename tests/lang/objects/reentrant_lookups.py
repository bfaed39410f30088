# Finalizers and comparisons that change what is being worked on.
import builtins
import contextvars
import gc
import threading
import types
import weakref

var = contextvars.ContextVar("var")
var.set("original")


class Reenter:
    def __del__(self):
        var.set("finalizer")


var.reset(var.set(Reenter()))
print(var.get())

# A key that is found counts though another one goes while it is compared.
other = object()
d = {}


class Key:
    def __hash__(self):
        return 1

    def __eq__(self, right):
        d.pop(other, None)
        asked.append(1)
        return True


asked = []
d[other] = 0
d[Key()] = 1
print(d[Key()], len(asked))


# A thread's attributes of a local are part of a cycle through it.
class Owner:
    pass


owner = Owner()
owner.local = threading.local()
owner.local.owner = owner
ref = weakref.ref(owner)
del owner
gc.collect()
print(ref())


# all(genexpr) asks the builtin only while it is the builtin.
def every():
    return all(x for x in [1])


builtins.all, saved = (lambda items: "mine"), all
print(every())
builtins.all = saved

code = compile("answer = 42", "m", "exec")
names = {}
types.FunctionType(code, names)()
print(names["answer"])
print(None.__ne__(None), "%s" % None)


class C:
    seen = [sorted(locals()) for x in [1]]


print(C.seen)
# expect: finalizer
# expect: 1 1
# expect: None
# expect: mine
# expect: 42
# expect: False None
# expect: [['x']]
