// SPDX-License-Identifier: MIT
// config.h - reading the configuration: command line, environment, paths.
#ifndef KRAIT_RUNTIME_CONFIG_H
#define KRAIT_RUNTIME_CONFIG_H

#include <Python.h>

#include "base/base.h"

// Replaces an owned wide string by a copy of text (NULL: none). false: no memory.
bool kr_config_set(wchar_t **field, const wchar_t *text);

// Deep copy of a configuration into an initialised one. false: no memory.
bool kr_config_copy(PyConfig *to, const PyConfig *from);

// Takes the options off config->argv. An exit status is returned for --help and
// its like, and 2 for a wrong option (message printed).
PyStatus kr_options_parse(PyConfig *config);

// What environment variables and -X options say, where the command line is silent.
PyStatus kr_options_environment(PyConfig *config);

// A variable of the environment, or NULL when it is unset, empty or to be ignored.
const char *kr_environment(const PyConfig *config, const char *name);

// Takes over the locale of the environment; turns UTF-8 mode on in the C locale, unless
// that was chosen already. c_locale.c.
void kr_locale_start(const PyConfig *config, bool utf8_mode_chosen);
// Whether the locale is one in which bytes that are no text are to survive.
bool kr_locale_keeps_bytes(void);

// Finds the executable, the library and what sys.path starts with.
PyStatus kr_paths_find(PyConfig *config);

#endif // KRAIT_RUNTIME_CONFIG_H
