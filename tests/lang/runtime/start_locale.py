# SPDX-License-Identifier: MIT
# The locale a program starts with: UTF-8 mode and coercion in the C locale, exit codes.
import subprocess
import sys

CODE = ("import sys, locale, os; print(sys.flags.utf8_mode, locale.getencoding(), "
        "sys.stdout.encoding, sys.stdout.errors, os.environ.get('LC_CTYPE'))")

def run(*args, **env):
    p = subprocess.run([sys.executable, *args], env=env, capture_output=True, text=True)
    print(f'{p.returncode} {p.stdout.strip()} {p.stderr.strip()}'.strip())

run('-c', CODE)
run('-c', CODE, LC_ALL='C')
run('-c', CODE, LC_ALL='C.UTF-8')
run('-c', CODE, LC_ALL='xx_YY')
run('-c', CODE, PYTHONUTF8='0')
run('-c', CODE, PYTHONCOERCECLOCALE='0')
run('-X', 'utf8', '-c', CODE, LC_ALL='C.UTF-8')
run('-c', CODE, LC_ALL='C.UTF-8', PYTHONIOENCODING='latin1')
run('-c', 'import sys; sys.exit(2**128)')
run('-c', 'import sys; sys.exit(0xffffffff)')

# expect: 0 1 UTF-8 utf-8 surrogateescape C.UTF-8
# expect: 0 1 ANSI_X3.4-1968 utf-8 surrogateescape None
# expect: 0 0 UTF-8 utf-8 surrogateescape None
# expect: 0 1 ANSI_X3.4-1968 utf-8 surrogateescape None
# expect: 0 0 UTF-8 utf-8 surrogateescape C.UTF-8
# expect: 0 1 ANSI_X3.4-1968 utf-8 surrogateescape None
# expect: 0 1 UTF-8 utf-8 surrogateescape None
# expect: 0 0 UTF-8 iso8859-1 strict None
# expect: 255
# expect: 255
