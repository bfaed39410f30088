# SPDX-License-Identifier: MIT
# _socket without the network: pairs, timeouts, addresses, ancillary data, errors.
import _socket, array, os, signal, socket, sys, threading, time, warnings

def t(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as e:
        print(type(e).__name__, e)

a, b = socket.socketpair()
print(a.send(b'hello'), b.recv(3), b.recv(10))
a.settimeout(0.02)
t(a.recv, 1)
print(a.gettimeout(), a.getblocking(), b.gettimeout())
b.setblocking(False)
t(b.recv, 1)
buffers = [bytearray(2), bytearray(4)]
a.sendmsg([b'ab', b'', b'cd'])
print(b.recvmsg_into(buffers), buffers)

# Descriptors travel as ancillary data.
fd = os.open(os.devnull, os.O_RDONLY)
socket.send_fds(a, [b'x'], [fd])
data, fds, flags, address = socket.recv_fds(b, 10, 3)
print(data, len(fds), os.path.samestat(os.fstat(fd), os.fstat(fds[0])))
os.close(fd), os.close(fds[0])

# A signal does not interrupt a call whose handler returns.
got = []
signal.signal(signal.SIGUSR1, lambda *args: got.append(1))
b.settimeout(None)
def later():
    time.sleep(0.05)
    signal.raise_signal(signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0.05)
    a.send(b'end')
thread = threading.Thread(target=later)
thread.start()
print(b.recv(10), got[:1])
thread.join()
a.close()
print(b.recv(1), a.fileno())
t(a.recv, 1)
b.close()

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    t(s.bind, ('127.0.0.1', 70000))
    t(s.bind, ('127.0.0.1',))
    t(s.bind, 'x')
    t(s.sendto, b'')
    t(s.setsockopt, 1, 2, 1.5)
    t(s.settimeout, -1)
    s.bind(('127.0.0.1', 0))
    s.sendto(b'to myself', s.getsockname())
    data, where = s.recvfrom(100)
    print(data, where == s.getsockname())
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    t(s.bind, 'x' * 200)
    s.bind('\0krait-%d' % os.getpid())
    print(s.getsockname()[:7])
print(socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, '::1')))
t(socket.inet_aton, 'x')
t(socket.htons, 65536)
print(socket.getaddrinfo('127.0.0.1', 80, type=socket.SOCK_STREAM))
print(type(_socket.CAPI).__name__)

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter('always')
    _socket.socket()
print(caught[0].category.__name__, str(caught[0].message)[:24])
events = []
sys.addaudithook(lambda name, args: name.startswith('socket.') and events.append(name))
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.connect(('127.0.0.1', 9))
print(events)

# expect: 5 b'hel' b'lo'
# expect: TimeoutError timed out
# expect: 0.02 True None
# expect: BlockingIOError [Errno 11] Resource temporarily unavailable
# expect: (4, [], 0, None) [bytearray(b'ab'), bytearray(b'cd\x00\x00')]
# expect: b'x' 1 True
# expect: b'end' [1]
# expect: b'' -1
# expect: OSError [Errno 9] Bad file descriptor
# expect: OverflowError bind(): port must be 0-65535.
# expect: TypeError AF_INET address must be a pair (host, port)
# expect: TypeError bind(): AF_INET address must be tuple, not str
# expect: TypeError sendto() takes 2 or 3 arguments (1 given)
# expect: TypeError a bytes-like object is required, not 'float'
# expect: ValueError Timeout value out of range
# expect: b'to myself' True
# expect: OSError AF_UNIX path too long
# expect: b'\x00krait-'
# expect: ::1
# expect: OSError illegal IP address string passed to inet_aton
# expect: OverflowError Python int too large for C uint16_t
# expect: [(<AddressFamily.AF_INET: 2>, <SocketKind.SOCK_STREAM: 1>, 6, '', ('127.0.0.1', 80))]
# expect: PyCapsule
# expect: ResourceWarning unclosed <socket object,
# expect: ['socket.__new__', 'socket.connect']
