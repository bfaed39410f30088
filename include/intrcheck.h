// SPDX-License-Identifier: MIT
// intrcheck.h - signals.
#ifndef KRAIT_INTRCHECK_H
#define KRAIT_INTRCHECK_H
#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyOS_InterruptOccurred(void);
PyAPI_FUNC(int) PyErr_CheckSignals(void);
PyAPI_FUNC(void) PyErr_SetInterrupt(void);
PyAPI_FUNC(int) PyErr_SetInterruptEx(int signum);
PyAPI_FUNC(int) PySignal_SetWakeupFd(int fd);

#ifdef __cplusplus
}
#endif
#endif // KRAIT_INTRCHECK_H
