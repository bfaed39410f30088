# SPDX-License-Identifier: MIT
# The module time.
import time,sys
def t(s):
    try:
        r=eval(s)
        r=repr(r)
        print(s,'->',r if len(r)<400 else r[:400]+'...')
    except BaseException as e:
        print(s,'!!',type(e).__name__+':',e)
import os
for s in '''time.gmtime(0)
time.gmtime(0).tm_zone, time.gmtime(0).tm_gmtoff
time.gmtime(None)[0]>2000
time.gmtime('x')
time.gmtime(float('nan'))
time.gmtime(1e300)
time.gmtime(10**30)
time.gmtime(10**17)
time.gmtime(1.9)[5]
time.gmtime(-1.5)[5]
time.gmtime(1,2)
time.asctime(time.gmtime(0))
time.asctime((2000,1,1,0,0,0,0,1,0))
time.asctime((2000,13,1,0,0,0,0,1,0))
time.asctime((2000,0,0,0,0,0,0,0,0))
time.asctime((2000,1,32,0,0,0,0,1,0))
time.asctime((2000,1,1,24,0,0,0,1,0))
time.asctime((2000,1,1,0,60,0,0,1,0))
time.asctime((2000,1,1,0,0,62,0,1,0))
time.asctime((2000,1,1,0,0,0,7,1,0))
time.asctime((2000,1,1,0,0,0,-2,1,0))
time.asctime((2000,1,1,0,0,0,0,367,0))
time.asctime((2000,1,1,0,0,0,0,-2,0))
time.asctime((-100,1,1,0,0,0,0,1,0))
time.asctime((10**10,1,1,0,0,0,0,1,0))
time.asctime((12345,1,1,0,0,0,0,1,0))
time.asctime('x')
time.asctime((1,2))
time.asctime((1.5,1,1,0,0,0,0,1,0))
time.asctime(1,2)
time.ctime(0)
time.ctime('x')
time.mktime((2000,1,1,0,0,0,0,1,0))
time.mktime((2000,1,1))
time.mktime((10**9*2,1,1,0,0,0,0,1,0))
time.mktime('x')
time.strftime('%Y-%m-%d %H:%M:%S',time.gmtime(0))
time.strftime('%Y',(-5,1,1,0,0,0,0,1,0))
time.strftime('%Y',(12345,1,1,0,0,0,0,1,0))
time.strftime('%G %y %C %F',(5,1,1,0,0,0,0,1,0))
time.strftime('%',time.gmtime(0))
time.strftime('%E',time.gmtime(0))
time.strftime('%Q %i',time.gmtime(0))
time.strftime('é%Yü\\0x%m',time.gmtime(0))
time.strftime('\\ud800%Y',time.gmtime(0))
time.strftime('',time.gmtime(0))
time.strftime('%%',time.gmtime(0))
time.strftime(b'x')
time.strftime('%Z %z',time.gmtime(0))
time.strftime('%f',time.gmtime(0))
time.strftime('%s',time.gmtime(0))
time.strftime('%Y',(2000,1,1))
time.strftime('a'*2000,time.gmtime(0))==('a'*2000)
time.sleep(-1)
time.sleep('x')
time.sleep(float('nan'))
time.sleep(1e300)
time.sleep(10**30)
time.sleep(None)
time.get_clock_info('monotonic')
time.get_clock_info('time')
time.get_clock_info('perf_counter')
time.get_clock_info('process_time')
time.get_clock_info('thread_time')
time.get_clock_info('x')
time.clock_gettime(1)>0
time.clock_gettime(99999)
time.clock_gettime('x')
time.clock_gettime_ns(1)>0
time.clock_getres(1)
time.clock_getres(9999999)
time.clock_settime(1,'x')
time.clock_settime(1,1.0)
time.clock_settime_ns(1,1)
time.clock_settime_ns(1,1.0)
time.clock_settime_ns(1,10**30)
time.clock_settime(1,2,3)
time.struct_time(range(9))
time.struct_time(range(11)).tm_gmtoff
time.struct_time(range(8))
time.struct_time(range(12))
time.struct_time.n_fields,time.struct_time.n_sequence_fields,time.struct_time.__match_args__
time.pthread_getcpuclockid(0) if 0 else 1
time.pthread_getcpuclockid('x')
time.monotonic(1)
time.tzset()
(os.environ.__setitem__('TZ','America/New_York'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight)
(os.environ.__setitem__('TZ','Europe/Berlin'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight)
(os.environ.__setitem__('TZ','Australia/Sydney'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight)
(os.environ.__setitem__('TZ','EST+05EDT,M4.1.0,M10.5.0'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight)
time.strftime('%Z %z',time.localtime(0))
time.mktime(time.localtime(10**9))
time.localtime(10**17)
'''.splitlines(): t(s)

# expect: time.gmtime(0) -> time.struct_time(tm_year=1970, tm_mon=1, tm_mday=1, tm_hour=0, tm_min=0, tm_sec=0, tm_wday=3, tm_yday=1, tm_isdst=0)
# expect: time.gmtime(0).tm_zone, time.gmtime(0).tm_gmtoff -> ('GMT', 0)
# expect: time.gmtime(None)[0]>2000 -> True
# expect: time.gmtime('x') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: time.gmtime(float('nan')) !! ValueError: Invalid value NaN (not a number)
# expect: time.gmtime(1e300) !! OverflowError: timestamp out of range for platform time_t
# expect: time.gmtime(10**30) !! OverflowError: timestamp out of range for platform time_t
# expect: time.gmtime(10**17) !! OSError: [Errno 75] Value too large for defined data type
# expect: time.gmtime(1.9)[5] -> 1
# expect: time.gmtime(-1.5)[5] -> 58
# expect: time.gmtime(1,2) !! TypeError: gmtime() takes at most 1 argument (2 given)
# expect: time.asctime(time.gmtime(0)) -> 'Thu Jan  1 00:00:00 1970'
# expect: time.asctime((2000,1,1,0,0,0,0,1,0)) -> 'Mon Jan  1 00:00:00 2000'
# expect: time.asctime((2000,13,1,0,0,0,0,1,0)) !! ValueError: month out of range
# expect: time.asctime((2000,0,0,0,0,0,0,0,0)) -> 'Mon Jan  1 00:00:00 2000'
# expect: time.asctime((2000,1,32,0,0,0,0,1,0)) !! ValueError: day of month out of range
# expect: time.asctime((2000,1,1,24,0,0,0,1,0)) !! ValueError: hour out of range
# expect: time.asctime((2000,1,1,0,60,0,0,1,0)) !! ValueError: minute out of range
# expect: time.asctime((2000,1,1,0,0,62,0,1,0)) !! ValueError: seconds out of range
# expect: time.asctime((2000,1,1,0,0,0,7,1,0)) -> 'Mon Jan  1 00:00:00 2000'
# expect: time.asctime((2000,1,1,0,0,0,-2,1,0)) !! ValueError: day of week out of range
# expect: time.asctime((2000,1,1,0,0,0,0,367,0)) !! ValueError: day of year out of range
# expect: time.asctime((2000,1,1,0,0,0,0,-2,0)) !! ValueError: day of year out of range
# expect: time.asctime((-100,1,1,0,0,0,0,1,0)) -> 'Mon Jan  1 00:00:00 -100'
# expect: time.asctime((10**10,1,1,0,0,0,0,1,0)) !! OverflowError: signed integer is greater than maximum
# expect: time.asctime((12345,1,1,0,0,0,0,1,0)) -> 'Mon Jan  1 00:00:00 12345'
# expect: time.asctime('x') !! TypeError: Tuple or struct_time argument required
# expect: time.asctime((1,2)) !! TypeError: asctime(): illegal time tuple argument
# expect: time.asctime((1.5,1,1,0,0,0,0,1,0)) !! TypeError: 'float' object cannot be interpreted as an integer
# expect: time.asctime(1,2) !! TypeError: asctime expected at most 1 argument, got 2
# expect: time.ctime(0) -> 'Thu Jan  1 00:00:00 1970'
# expect: time.ctime('x') !! TypeError: 'str' object cannot be interpreted as an integer
# expect: time.mktime((2000,1,1,0,0,0,0,1,0)) -> 946684800.0
# expect: time.mktime((2000,1,1)) !! TypeError: mktime(): illegal time tuple argument
# expect: time.mktime((10**9*2,1,1,0,0,0,0,1,0)) -> 6.31138418327808e+16
# expect: time.mktime('x') !! TypeError: Tuple or struct_time argument required
# expect: time.strftime('%Y-%m-%d %H:%M:%S',time.gmtime(0)) -> '1970-01-01 00:00:00'
# expect: time.strftime('%Y',(-5,1,1,0,0,0,0,1,0)) -> '-5'
# expect: time.strftime('%Y',(12345,1,1,0,0,0,0,1,0)) -> '12345'
# expect: time.strftime('%G %y %C %F',(5,1,1,0,0,0,0,1,0)) -> '5 05 0 5-01-01'
# expect: time.strftime('%',time.gmtime(0)) -> '%'
# expect: time.strftime('%E',time.gmtime(0)) -> '%E'
# expect: time.strftime('%Q %i',time.gmtime(0)) -> '%Q %i'
# expect: time.strftime('é%Yü\0x%m',time.gmtime(0)) -> 'é1970ü\x00x01'
# expect: time.strftime('\ud800%Y',time.gmtime(0)) -> '\ud8001970'
# expect: time.strftime('',time.gmtime(0)) -> ''
# expect: time.strftime('%%',time.gmtime(0)) -> '%'
# expect: time.strftime(b'x') !! TypeError: strftime() argument 1 must be str, not bytes
# expect: time.strftime('%Z %z',time.gmtime(0)) -> 'GMT +0000'
# expect: time.strftime('%f',time.gmtime(0)) -> '%f'
# expect: time.strftime('%s',time.gmtime(0)) -> '0'
# expect: time.strftime('%Y',(2000,1,1)) !! TypeError: strftime(): illegal time tuple argument
# expect: time.strftime('a'*2000,time.gmtime(0))==('a'*2000) -> True
# expect: time.sleep(-1) !! ValueError: sleep length must be non-negative
# expect: time.sleep('x') !! TypeError: 'str' object cannot be interpreted as an integer or float
# expect: time.sleep(float('nan')) !! ValueError: Invalid value NaN (not a number)
# expect: time.sleep(1e300) !! OverflowError: timestamp out of range for C PyTime_t
# expect: time.sleep(10**30) !! OverflowError: timestamp out of range for C PyTime_t
# expect: time.sleep(None) !! TypeError: 'NoneType' object cannot be interpreted as an integer or float
# expect: time.get_clock_info('monotonic') -> namespace(implementation='clock_gettime(CLOCK_MONOTONIC)', monotonic=True, adjustable=False, resolution=1e-09)
# expect: time.get_clock_info('time') -> namespace(implementation='clock_gettime(CLOCK_REALTIME)', monotonic=False, adjustable=True, resolution=1e-09)
# expect: time.get_clock_info('perf_counter') -> namespace(implementation='clock_gettime(CLOCK_MONOTONIC)', monotonic=True, adjustable=False, resolution=1e-09)
# expect: time.get_clock_info('process_time') -> namespace(implementation='clock_gettime(CLOCK_PROCESS_CPUTIME_ID)', monotonic=True, adjustable=False, resolution=1e-09)
# expect: time.get_clock_info('thread_time') -> namespace(implementation='clock_gettime(CLOCK_THREAD_CPUTIME_ID)', monotonic=True, adjustable=False, resolution=1e-09)
# expect: time.get_clock_info('x') !! ValueError: unknown clock
# expect: time.clock_gettime(1)>0 -> True
# expect: time.clock_gettime(99999) !! OSError: [Errno 22] Invalid argument
# expect: time.clock_gettime('x') !! TypeError: clk_id should be integer, not str
# expect: time.clock_gettime_ns(1)>0 -> True
# expect: time.clock_getres(1) -> 1e-09
# expect: time.clock_getres(9999999) !! OSError: [Errno 22] Invalid argument
# expect: time.clock_settime(1,'x') !! TypeError: 'str' object cannot be interpreted as an integer or float
# expect: time.clock_settime(1,1.0) !! OSError: [Errno 22] Invalid argument
# expect: time.clock_settime_ns(1,1) !! OSError: [Errno 22] Invalid argument
# expect: time.clock_settime_ns(1,1.0) !! TypeError: expect int, got float
# expect: time.clock_settime_ns(1,10**30) !! OverflowError: timestamp out of range for C PyTime_t
# expect: time.clock_settime(1,2,3) !! TypeError: clock_settime() takes exactly 2 arguments (3 given)
# expect: time.struct_time(range(9)) -> time.struct_time(tm_year=0, tm_mon=1, tm_mday=2, tm_hour=3, tm_min=4, tm_sec=5, tm_wday=6, tm_yday=7, tm_isdst=8)
# expect: time.struct_time(range(11)).tm_gmtoff -> 10
# expect: time.struct_time(range(8)) !! TypeError: time.struct_time() takes an at least 9-sequence (8-sequence given)
# expect: time.struct_time(range(12)) !! TypeError: time.struct_time() takes an at most 11-sequence (12-sequence given)
# expect: time.struct_time.n_fields,time.struct_time.n_sequence_fields,time.struct_time.__match_args__ -> (11, 9, ('tm_year', 'tm_mon', 'tm_mday', 'tm_hour', 'tm_min', 'tm_sec', 'tm_wday', 'tm_yday', 'tm_isdst'))
# expect: time.pthread_getcpuclockid(0) if 0 else 1 -> 1
# expect: time.pthread_getcpuclockid('x') !! TypeError: pthread_getcpuclockid() argument 1 must be int, not str
# expect: time.monotonic(1) !! TypeError: time.monotonic() takes no arguments (1 given)
# expect: time.tzset() -> None
# expect: (os.environ.__setitem__('TZ','America/New_York'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight) -> (None, None, ('EST', 'EDT'), 18000, 14400, 1)
# expect: (os.environ.__setitem__('TZ','Europe/Berlin'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight) -> (None, None, ('CET', 'CEST'), -3600, -7200, 1)
# expect: (os.environ.__setitem__('TZ','Australia/Sydney'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight) -> (None, None, ('AEST', 'AEDT'), -36000, -39600, 1)
# expect: (os.environ.__setitem__('TZ','EST+05EDT,M4.1.0,M10.5.0'),time.tzset(),time.tzname,time.timezone,time.altzone,time.daylight) -> (None, None, ('EST', 'EDT'), 18000, 14400, 1)
# expect: time.strftime('%Z %z',time.localtime(0)) -> 'EST -0500'
# expect: time.mktime(time.localtime(10**9)) -> 1000000000.0
# expect: time.localtime(10**17) !! OSError: [Errno 75] Value too large for defined data type
