# SPDX-License-Identifier: MIT
# SemLock and shared memory between a process and its child.
import _multiprocessing, _posixshmem, mmap, os, threading

def t(f, *args):
    try:
        print(repr(f(*args)))
    except Exception as e:
        print(type(e).__name__, e)

name = f'/krait-test-{os.getpid()}'
lock = _multiprocessing.SemLock(0, 1, 1, name, False)
t(_multiprocessing.SemLock, 0, 1, 1, name, False)
same = _multiprocessing.SemLock._rebuild(0, lock.kind, lock.maxvalue, name)
_multiprocessing.sem_unlink(name)
t(_multiprocessing.sem_unlink, name + '-gone')
print(lock.acquire(), lock.acquire(), lock._count(), lock._is_mine(), lock._is_zero())
print(same.acquire(False), same.acquire(True, 0.01), same._count(), same.name == name)
thread = threading.Thread(target=lambda: print(lock._is_mine(), lock.acquire(True, 0.01)))
thread.start()
thread.join()
lock.release()
lock.release()
t(lock.release)
print(lock._get_value(), same.acquire())

both = _multiprocessing.SemLock(1, 0, 2, name, True)
t(_multiprocessing.SemLock, 2, 0, 2, name, True)
fd = _posixshmem.shm_open(name, os.O_CREAT | os.O_RDWR, mode=0o600)
_posixshmem.shm_unlink(name)
os.ftruncate(fd, 16)
shared = mmap.mmap(fd, 16)
pid = os.fork()
if pid == 0:
    shared[:5] = b'child'
    both.release()
    os._exit(0)
print(both.acquire(True, 10), shared[:6], both._count())
os.waitpid(pid, 0)
both.release()
both.release()
t(both.release)
t(_posixshmem.shm_open, '/krait-test-x', os.O_RDWR, 0)

# expect: FileExistsError [Errno 17] File exists
# expect: FileNotFoundError [Errno 2] No such file or directory
# expect: True True 2 True True
# expect: False False 0 True
# expect: False False
# expect: AssertionError attempt to release recursive lock not owned by thread
# expect: 1 True
# expect: ValueError unrecognized kind
# expect: True b'child\x00' 1
# expect: ValueError semaphore or lock released too many times
# expect: FileNotFoundError [Errno 2] No such file or directory: '/krait-test-x'
