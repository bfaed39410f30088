# zlib: whole data, streams with limits, errors.
# needs: zlib
import zlib, sys, gzip, io

data = bytes(range(256)) * 400
print(zlib.decompress(zlib.compress(data)) == data)                  # expect: True
print(zlib.__file__.endswith(".cpython-314-x86_64-linux-gnu.so") or sys.platform)  # expect: True
print(hex(zlib.crc32(b"krait")), hex(zlib.adler32(b"krait")))  # expect: 0x43b41d8a 0x64d021c

# A decompressor gives no more than it is asked for and keeps the rest.
d = zlib._ZlibDecompressor()
packed = zlib.compress(b"x" * 100_000) + b"tail"
total = len(d.decompress(packed, 1000))
while not d.eof:
    total += len(d.decompress(b"", 1000))
print(total, d.unused_data, d.needs_input)                           # expect: 100000 b'tail' False
try:
    d.decompress(b"")
except EOFError as e:
    print(e)                                           # expect: End of stream already reached

d = zlib.decompressobj()
print(len(d.decompress(packed, 10)), len(d.unconsumed_tail) > 0)     # expect: 10 True
c = d.copy()
print(len(d.flush()), len(c.flush()), c.eof, c.unused_data)  # expect: 99990 99990 True b'tail'
try:
    zlib.decompress(packed[:-9])
except zlib.error as e:
    print(e)          # expect: Error -5 while decompressing data: incomplete or truncated stream
try:
    zlib.compress(b"", 77)
except zlib.error as e:
    print(e)                                                         # expect: Bad compression level
f = io.BytesIO()
with gzip.GzipFile(fileobj=f, mode="wb", mtime=0) as g:
    g.write(data)
print(gzip.decompress(f.getvalue()) == data)                         # expect: True
