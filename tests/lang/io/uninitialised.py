# SPDX-License-Identifier: MIT
# A file object that was never initialised says nothing when it dies.
import io
import sys
sys.stderr = io.StringIO()
for cls in (io.TextIOWrapper, io.BufferedReader, io.FileIO, io.BufferedRandom):
    cls.__new__(cls)
print(repr(sys.stderr.getvalue()))

# expect: ''
