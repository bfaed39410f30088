# Sets with NaNs are written by their bytes; what is a part of itself is refused.
import marshal

nan = float("nan")
kept = marshal.loads(marshal.dumps({complex(nan), complex(nan), 1j}))
print(len(kept))
part = []
whole = slice(part, None)
part.append(whole)
try:
    marshal.dumps(whole)
except ValueError as error:
    print(error)
part.clear()
# expect: 3
# expect: unmarshallable object
