// SPDX-License-Identifier: MIT
// c_locale.c - the locale that a program starts with: LC_CTYPE of the environment, and
// what is done when that is the C locale (PEP 538, PEP 540).
//
// The C locale nearly always means that nobody chose one. Then UTF-8 mode is on, and
// LC_CTYPE becomes a locale with UTF-8, for this process and for those it starts.
#include "runtime/config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const utf8_locales[] = {"C.UTF-8", "C.utf8", "UTF-8"};

static bool
is_c_locale(const char *name)
{
    return name == NULL || strcmp(name, "C") == 0 || strcmp(name, "POSIX") == 0;
}

bool
kr_locale_keeps_bytes(void)
{
    const char *name = setlocale(LC_CTYPE, NULL);

    for (size_t i = 0; name != NULL && i < Py_ARRAY_LENGTH(utf8_locales); i++) {
        if (strcmp(name, utf8_locales[i]) == 0) {
            return true;
        }
    }
    return is_c_locale(name);
}

// Whether one of the locales with UTF-8 could be chosen.
static bool
coerce(bool warn)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(utf8_locales); i++) {
        const char *name = utf8_locales[i];
        if (setlocale(LC_CTYPE, name) == NULL) {
            continue;
        }
        if (setenv("LC_CTYPE", name, 1) != 0) {
            break;
        }
        if (warn) {
            fprintf(stderr,
                    "Python detected LC_CTYPE=C: LC_CTYPE coerced to %.20s (set another "
                    "locale or PYTHONCOERCECLOCALE=0 to disable this locale coercion "
                    "behavior).\n",
                    name);
        }
        return true;
    }
    setlocale(LC_CTYPE, "C");
    return false;
}

void
kr_locale_start(const PyConfig *config, bool utf8_mode_chosen)
{
    const char *wanted = kr_environment(config, "PYTHONCOERCECLOCALE");
    const char *all = getenv("LC_ALL");
    bool warn = wanted != NULL && strcmp(wanted, "warn") == 0;

    if (setlocale(LC_CTYPE, "") == NULL) {
        setlocale(LC_CTYPE, "C");
    }
    if (!is_c_locale(setlocale(LC_CTYPE, NULL))) {
        return;
    }
    if (!utf8_mode_chosen) {
        Py_UTF8Mode = 1;
    }
    if ((wanted == NULL || strcmp(wanted, "0") != 0) && (all == NULL || *all == '\0') &&
        coerce(warn)) {
        return;
    }
    if (warn) {
        fputs("Python runtime initialized with LC_CTYPE=C (a locale with default ASCII "
              "encoding), which may cause Unicode compatibility problems. Using C.UTF-8, "
              "C.utf8, or UTF-8 (if available) as alternative Unicode-compatible locales "
              "is recommended.\n",
              stderr);
    }
}
