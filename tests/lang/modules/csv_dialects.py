# SPDX-License-Identifier: MIT
# Readers and writers agree with the dialect they are given, and say what is wrong.
import csv
import io


def attempt(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except Exception as error:
        print(type(error).__name__, error)


def written(*rows, **settings):
    text = io.StringIO(newline="")
    csv.writer(text, **settings).writerows(rows)
    return ascii(text.getvalue())


attempt(csv.Dialect, delimiter="ab")
attempt(csv.reader, [], foo=1)
attempt(csv.reader([], delimiter=" ").dialect.__reduce__)
print(list(csv.reader(['a,"b ""c""', 'd",\u20ac\\,e', "", "'f'"], escapechar="\\")))
print(list(csv.reader(['1,,"",x'[:-2]], quoting=csv.QUOTE_STRINGS)))
attempt(list, csv.reader(['"a'], strict=True))
attempt(next, csv.reader(["a\rb"]))
attempt(written, ["a,b"], quoting=csv.QUOTE_NONE)
attempt(written, [None], quoting=csv.QUOTE_NOTNULL)
print(written(["a\nb", 'q"', 1.5, None], [""]))
print(written(['q"\\', "x y"], doublequote=False, escapechar="\\", delimiter=" "))

# expect: TypeError Dialect.__init__() got an unexpected keyword argument 'delimiter'
# expect: TypeError this function got an unexpected keyword argument 'foo'
# expect: TypeError cannot pickle 'Dialect' instances
# expect: [['a', 'b "c"d', '€,e'], [], ["'f'"]]
# expect: [[1.0, None, '']]
# expect: Error unexpected end of data
# expect: Error new-line character seen in unquoted field - do you need to open the file with newline=''?
# expect: Error need to escape, but no escapechar set
# expect: Error single empty field record must be quoted
# expect: '"a\nb","q""",1.5,\r\n""\r\n'
# expect: 'q\\"\\\\ "x y"\r\n'
