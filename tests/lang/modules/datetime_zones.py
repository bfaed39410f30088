# SPDX-License-Identifier: MIT
# Moments, durations and zones: text both ways, arithmetic, comparison, pickling, C types.
import datetime as d
import pickle


def attempt(function, *args, **kwargs):
    try:
        print(repr(function(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error)


class Named(d.datetime):
    pass


zone = d.timezone(d.timedelta(hours=-5, seconds=30), "here")
moment = d.datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=zone, fold=1)
print(d.datetime.__module__, d.datetime.__flags__ & 256, type(d.datetime_CAPI).__name__)
print(moment, repr(moment))
attempt(moment.astimezone, d.UTC)
attempt(d.datetime.fromisoformat, "2024-W09-4T24:00:00.000Z")
attempt(d.datetime.fromisoformat, "2024-02-29T")
attempt(d.date.fromisocalendar, 2021, 53, 1)
attempt(d.date, 2023, 2, 29)
attempt(d.datetime, 1, 1, 1, fold=2)
attempt(d.timedelta, 10**30, hours=-24 * 10**30, microseconds=2.5)
attempt(lambda: d.timedelta.max + d.timedelta.resolution)
attempt(lambda: d.timedelta(microseconds=3) / 2, )
attempt(lambda: d.timedelta(days=1) * 1.1 // d.timedelta(minutes=7))
attempt(lambda: moment < d.datetime.max)
attempt(lambda: Named(2020, 1, 1) + d.timedelta(1))
attempt(d.datetime(33, 1, 2).strftime, "%Y %G %F %C|%f|%:z|%%z")
attempt(moment.isoformat, "\u20ac", "milliseconds")
attempt(d.time.fromisoformat, "10:20:30.")
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    copy = pickle.loads(pickle.dumps(moment, protocol))
    print(copy == moment, copy.fold, copy.tzinfo)

# expect: datetime 256 PyCapsule
# expect: 2024-02-29 23:59:59.999999-04:59:30 datetime.datetime(2024, 2, 29, 23, 59, 59, 999999, fold=1, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=68430), 'here'))
# expect: datetime.datetime(2024, 3, 1, 4, 59, 29, 999999, tzinfo=datetime.timezone.utc)
# expect: datetime.datetime(2024, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
# expect: ValueError Invalid isoformat string: '2024-02-29T'
# expect: ValueError Invalid week: 53
# expect: ValueError day 29 must be in range 1..28 for month 2 in year 2023
# expect: ValueError fold must be either 0 or 1, not 2
# expect: datetime.timedelta(microseconds=2)
# expect: OverflowError days=1000000000; must have magnitude <= 999999999
# expect: datetime.timedelta(microseconds=2)
# expect: 226
# expect: TypeError can't compare offset-naive and offset-aware datetimes
# expect: Named(2020, 1, 2, 0, 0)
# expect: '0033 0032 0033-01-02 00|000000||%z'
# expect: '2024-02-29€23:59:59.999-04:59:30'
# expect: ValueError Invalid isoformat string: '10:20:30.'
# expect: True 0 here
# expect: True 0 here
# expect: True 0 here
# expect: True 0 here
# expect: True 1 here
# expect: True 1 here
