// SPDX-License-Identifier: MIT
// pythread.c - PyThread_*: locks, threads and thread-specific storage from pthreads.
//
// A lock is a semaphore that any thread may release. Waiting functions are to be
// called without the interpreter's lock, unless they do not block.
#include "Python.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "objects/state.h"
#include "runtime/threads/threads.h"

void
PyThread_init_thread(void)
{
}

// ---- threads ----------------------------------------------------------------

typedef struct {
    void (*func)(void *);
    void *arg;
} KrThreadStart;

static void *
thread_main(void *data)
{
    KrThreadStart start = *(KrThreadStart *)data;

    PyMem_RawFree(data);
    start.func(start.arg);
    return NULL;
}

int
kr_start_thread(void (*func)(void *), void *arg, bool joinable, unsigned long *ident_out,
                void **handle_out)
{
    KrThreadStart *start = PyMem_RawMalloc(sizeof *start);
    pthread_attr_t attributes;
    pthread_t thread;
    int status;

    if (start == NULL) {
        return -1;
    }
    *start = (KrThreadStart){func, arg};
    if (pthread_attr_init(&attributes) != 0) {
        PyMem_RawFree(start);
        return -1;
    }
    size_t size = kr_thread() == NULL ? 0 : kr_interp()->runtime.thread_stack_size;
    if (size == 0) {
        size = KR_THREAD_STACK;
    }
    pthread_attr_setstacksize(&attributes, size);
    status = pthread_create(&thread, &attributes, thread_main, start);
    pthread_attr_destroy(&attributes);
    if (status != 0) {
        PyMem_RawFree(start);
        return -1;
    }
    if (!joinable) {
        pthread_detach(thread);
    }
    *ident_out = (unsigned long)thread;
    if (handle_out != NULL) {
        *handle_out = (void *)thread;
    }
    return 0;
}

unsigned long
PyThread_start_new_thread(void (*func)(void *), void *arg)
{
    unsigned long ident;

    if (kr_start_thread(func, arg, false, &ident, NULL) < 0) {
        return (unsigned long)-1;
    }
    return ident;
}

void
PyThread_exit_thread(void)
{
    pthread_exit(NULL);
}

unsigned long
PyThread_get_thread_ident(void)
{
    return (unsigned long)pthread_self();
}

unsigned long
PyThread_get_thread_native_id(void)
{
    return (unsigned long)syscall(SYS_gettid);
}

size_t
PyThread_get_stacksize(void)
{
    return kr_interp()->runtime.thread_stack_size;
}

int
PyThread_set_stacksize(size_t size)
{
    pthread_attr_t attributes;
    int status = -1;

    if (size == 0) {
        kr_interp()->runtime.thread_stack_size = 0;
        return 0;
    }
    if (size >= KR_THREAD_STACK_MIN && pthread_attr_init(&attributes) == 0) {
        if (pthread_attr_setstacksize(&attributes, size) == 0) {
            kr_interp()->runtime.thread_stack_size = size;
            status = 0;
        }
        pthread_attr_destroy(&attributes);
    }
    return status;
}

// ---- locks ------------------------------------------------------------------

PyThread_type_lock
PyThread_allocate_lock(void)
{
    sem_t *lock = PyMem_RawMalloc(sizeof *lock);

    if (lock != NULL && sem_init(lock, 0, 1) != 0) {
        PyMem_RawFree(lock);
        lock = NULL;
    }
    return lock;
}

void
PyThread_free_lock(PyThread_type_lock lock)
{
    if (lock != NULL) {
        sem_destroy(lock);
        PyMem_RawFree(lock);
    }
}

PyLockStatus
PyThread_acquire_lock_timed(PyThread_type_lock lock, PY_TIMEOUT_T microseconds,
                            int intr_flag)
{
    struct timespec until;
    int status;

    if (microseconds > 0) {
        clock_gettime(CLOCK_MONOTONIC, &until);
        long long nanoseconds = until.tv_nsec + microseconds % 1000000 * 1000;
        until.tv_sec += (time_t)(microseconds / 1000000 + nanoseconds / 1000000000);
        until.tv_nsec = (long)(nanoseconds % 1000000000);
    }
    for (;;) {
        if (microseconds > 0) {
            status = sem_clockwait(lock, CLOCK_MONOTONIC, &until);
        }
        else if (microseconds == 0) {
            status = sem_trywait(lock);
        }
        else {
            status = sem_wait(lock);
        }
        if (status == 0) {
            return PY_LOCK_ACQUIRED;
        }
        if (errno != EINTR) {
            return PY_LOCK_FAILURE;
        }
        if (intr_flag) {
            return PY_LOCK_INTR;
        }
    }
}

int
PyThread_acquire_lock(PyThread_type_lock lock, int wait)
{
    return PyThread_acquire_lock_timed(lock, wait ? -1 : 0, 0) == PY_LOCK_ACQUIRED;
}

void
PyThread_release_lock(PyThread_type_lock lock)
{
    sem_post(lock);
}

// ---- thread-specific storage ------------------------------------------------

Py_tss_t *
PyThread_tss_alloc(void)
{
    return PyMem_RawCalloc(1, sizeof(Py_tss_t));
}

void
PyThread_tss_free(Py_tss_t *key)
{
    if (key != NULL) {
        PyThread_tss_delete(key);
        PyMem_RawFree(key);
    }
}

int
PyThread_tss_is_created(Py_tss_t *key)
{
    return key->_is_initialized;
}

int
PyThread_tss_create(Py_tss_t *key)
{
    if (key->_is_initialized) {
        return 0;
    }
    if (pthread_key_create(&key->_key, NULL) != 0) {
        return -1;
    }
    key->_is_initialized = 1;
    return 0;
}

void
PyThread_tss_delete(Py_tss_t *key)
{
    if (key->_is_initialized) {
        pthread_key_delete(key->_key);
        key->_is_initialized = 0;
    }
}

int
PyThread_tss_set(Py_tss_t *key, void *value)
{
    return pthread_setspecific(key->_key, value) == 0 ? 0 : -1;
}

void *
PyThread_tss_get(Py_tss_t *key)
{
    return pthread_getspecific(key->_key);
}

int
PyThread_create_key(void)
{
    pthread_key_t key;

    return pthread_key_create(&key, NULL) == 0 && key <= INT_MAX ? (int)key : -1;
}

void
PyThread_delete_key(int key)
{
    pthread_key_delete((pthread_key_t)key);
}

int
PyThread_set_key_value(int key, void *value)
{
    return pthread_setspecific((pthread_key_t)key, value) == 0 ? 0 : -1;
}

void *
PyThread_get_key_value(int key)
{
    return pthread_getspecific((pthread_key_t)key);
}

void
PyThread_delete_key_value(int key)
{
    pthread_setspecific((pthread_key_t)key, NULL);
}

void
PyThread_ReInitTLS(void)
{
}

// ---- sys.thread_info --------------------------------------------------------

static PyStructSequence_Field info_fields[] = {
    {"name", "name of the thread implementation"},
    {"lock", "name of the lock implementation"},
    {"version", "name and version of the thread library"},
    {NULL, NULL},
};

static PyStructSequence_Desc info_desc = {
    "sys.thread_info", "Facts about the implementation of threads.", info_fields, 3};

PyObject *
PyThread_GetInfo(void)
{
    PyTypeObject **type = &kr_interp()->runtime.thread_info_type;
    char version[256];
    PyObject *result;

    if (*type == NULL) {
        *type = PyStructSequence_NewType(&info_desc);
    }
    result = *type == NULL ? NULL : PyStructSequence_New(*type);
    if (result == NULL) {
        return NULL;
    }
    PyStructSequence_SetItem(result, 0, PyUnicode_FromString("pthread"));
    PyStructSequence_SetItem(result, 1, PyUnicode_FromString("semaphore"));
    if (confstr(_CS_GNU_LIBPTHREAD_VERSION, version, sizeof version) == 0) {
        version[0] = '\0';
    }
    PyStructSequence_SetItem(result, 2, PyUnicode_FromString(version));
    if (PyErr_Occurred()) {
        Py_CLEAR(result);
    }
    return result;
}
