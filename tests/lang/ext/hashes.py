# hashlib over libcrypto, and the modules it falls back to.
# needs: _hashlib
import hashlib, hmac, _md5, _sha2, _sha3, _blake2, _hmac

for name in ("md5", "sha256", "sha3_256", "blake2b"):
    print(name, hashlib.new(name, b"krait").hexdigest()[:16])
# expect: md5 7d070c17953e3088
# expect: sha256 314fdbc6f52bc50e
# expect: sha3_256 95cd16edac722c48
# expect: blake2b 40f3dc05b29694e3
print(_md5.md5(b"krait").digest() == hashlib.md5(b"krait").digest())          # expect: True
print(_sha2.sha384(b"krait").digest() == hashlib.sha384(b"krait").digest())   # expect: True
print(_sha3.shake_128(b"krait").hexdigest(4), hashlib.shake_128(b"krait").hexdigest(4))
# expect: e4a69cab e4a69cab
h = hashlib.blake2s(b"a" * 300, key=b"k", salt=b"s", person=b"p", digest_size=9, fanout=2,
                    depth=3, leaf_size=64, node_offset=5, node_depth=1, inner_size=32,
                    last_node=True)
copy = h.copy()
h.update(b"more")
print(copy.hexdigest(), h.hexdigest())
# expect: 7d268be15bdec612d2 863518526ae87adc91
print(hmac.digest(b"key", b"message", "sha256").hex()[:20])                   # expect: 6e9ef29b75fffc5b7aba
print(_hmac.new(b"key", b"message", "sha1").hexdigest() == hmac.new(b"key", b"message", "sha1").hexdigest())
# expect: True
print(hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 1000).hex()[:20])         # expect: 0a38253555ce37f5c72a
print(hashlib.scrypt(b"pw", salt=b"salt", n=16, r=8, p=1).hex()[:20])         # expect: c5d06c368e4a07b8a98e
try:
    hashlib.sha256("text")
except TypeError as e:
    print(e)                               # expect: Strings must be encoded before hashing
