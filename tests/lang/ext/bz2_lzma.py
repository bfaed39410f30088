# bz2 and lzma: one go, with limits, chains of filters, errors.
# needs: _lzma
import bz2, lzma

data = b"krait " * 20000
for module in (bz2, lzma):
    packed = module.compress(data)
    print(module.__name__, len(packed) < 1000, module.decompress(packed + packed) == data * 2)
# expect: bz2 True True
# expect: lzma True True
for d, packed in ((bz2.BZ2Decompressor(), bz2.compress(data)), (lzma.LZMADecompressor(), lzma.compress(data))):
    out = d.decompress(packed + b"rest", 777)
    while not d.eof:
        out += d.decompress(b"", 777)
    print(out == data, d.unused_data)
# expect: True b'rest'
# expect: True b'rest'
filters = [{"id": lzma.FILTER_DELTA, "dist": 5}, {"id": lzma.FILTER_LZMA2, "preset": 7 | lzma.PRESET_EXTREME}]
packed = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
print(lzma.decompress(packed, lzma.FORMAT_RAW, filters=filters) == data)     # expect: True
print(lzma._decode_filter_properties(lzma.FILTER_LZMA2, b"\x18"))   # expect: {'id': 33, 'dict_size': 16777216}
d = bz2.BZ2Decompressor()
for attempt in 1, 2:
    try:
        d.decompress(b"nothing of the kind")
    except (OSError, ValueError) as e:
        print(e)
# expect: Invalid data stream
# expect: Decompressor is unusable after a previous error
try:
    lzma.LZMADecompressor().decompress(b"nothing of the kind")
except lzma.LZMAError as e:
    print(e)                                           # expect: Input format not supported by decoder
