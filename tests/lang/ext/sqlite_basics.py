# sqlite3: statements, rows, functions that SQLite calls, blobs, errors.
# needs: _sqlite3
import sqlite3

cx = sqlite3.connect(":memory:")
cx.execute("create table t(a integer, b text, c blob)")
cx.executemany("insert into t values(?, ?, ?)", [(i, f"n{i}", b"x" * i) for i in range(4)])
print(cx.in_transaction, cx.total_changes)                                  # expect: True 4
cx.row_factory = sqlite3.Row
row = cx.execute("select * from t where b = :name", {"name": "n2"}).fetchone()
print(row.keys(), row["A"], tuple(row))        # expect: ['a', 'b', 'c'] 2 (2, 'n2', b'xx')
cx.row_factory = None
cx.create_function("twice", 1, lambda x: x * 2)
print(cx.execute("select sum(twice(a)) from t").fetchone())                 # expect: (12,)


class Longest:
    def __init__(self):
        self.best = ""

    def step(self, text):
        self.best = max(self.best, text, key=len)

    def finalize(self):
        return self.best


cx.create_aggregate("longest", 1, Longest)
print(cx.execute("select longest(b) from t").fetchone())                    # expect: ('n0',)
with cx.blobopen("t", "c", 4) as blob:
    blob[1] = ord("y")
    print(blob.read(), len(blob))                                           # expect: b'xyx' 3


def mutate(*args):
    # A callback may replace itself while it runs.
    cx.set_authorizer(None)
    return sqlite3.SQLITE_DENY


cx.set_authorizer(mutate)
for sql in ("select * from t", "select 1; select 2", "selec"):
    try:
        cx.execute(sql)
    except sqlite3.Error as e:
        print(type(e).__name__, e, getattr(e, "sqlite_errorname", None))
# expect: DatabaseError not authorized SQLITE_AUTH
# expect: ProgrammingError You can only execute one statement at a time. None
# expect: OperationalError near "selec": syntax error SQLITE_ERROR
copy = sqlite3.connect(":memory:")
cx.commit()
cx.backup(copy)
print(copy.execute("select count(*) from t").fetchone())                    # expect: (4,)
print(len(cx.serialize()) > 1000)                                           # expect: True
copy.close()
cx.close()
