# A frame left through a cleanup shows the line that raised first; one that returned
# shows its last line.
import sys


class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass


def through_with():
    with Quiet():
        1 / 0
        pass


def in_named_handler():
    try:
        1 / 0
    except Exception as ex:
        1 / 0
        pass


for f in (through_with, in_named_handler):
    try:
        f()
    except ZeroDivisionError as error:
        entry = error.__traceback__.tb_next
        print(entry.tb_frame.f_lineno - f.__code__.co_firstlineno)


def returns(keep):
    keep.append(sys._getframe())
    if keep:
        pass


kept = []
returns(kept)
print(kept[0].f_lineno - returns.__code__.co_firstlineno)
# expect: 2
# expect: 4
# expect: 3
