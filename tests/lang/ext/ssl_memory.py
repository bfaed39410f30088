# ssl: a handshake without certificates (a key agreed on before) over memory BIOs.
# needs: _ssl
import ssl

server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
client.check_hostname = False
client.verify_mode = ssl.CERT_NONE
for context in (server, client):
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("PSK")
server.set_psk_server_callback(lambda identity: b"secret" if identity == "me" else b"")
client.set_psk_client_callback(lambda hint: ("me", b"secret"))
a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
s = server.wrap_bio(a, b, server_side=True)
c = client.wrap_bio(b, a)
for attempt in range(6):
    for side in (c, s):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
print(c.version(), s.version())                                       # expect: TLSv1.2 TLSv1.2
c.write(b"hello")
print(s.read(100), s.pending())                                       # expect: b'hello' 0
try:
    s.read(1)
except ssl.SSLWantReadError as e:
    print(e.errno == ssl.SSL_ERROR_WANT_READ)                         # expect: True
a.write(b"no record at all")
try:
    s.read(1)
except ssl.SSLError as e:
    print(e.library, e.reason)                                        # expect: SSL WRONG_VERSION_NUMBER
try:
    client.load_verify_locations(cadata="nothing")
except ssl.SSLError as e:
    print("cadata does not contain a certificate" in str(e))          # expect: True
print(len(ssl.RAND_bytes(7)), ssl.HAS_TLSv1_3)                        # expect: 7 True
