// SPDX-License-Identifier: MIT
// main.c - the executable.
#include "Python.h"

int
main(int argc, char **argv)
{
    return Py_BytesMain(argc, argv);
}
