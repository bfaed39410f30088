// SPDX-License-Identifier: MIT
// options.c - the command line, -X options and environment variables.
#include <string.h>

#include "runtime/config.h"
#include "runtime/sys/sys.h"

static bool
takes_argument(wchar_t letter)
{
    switch (letter) {
#define OPTION(letter, argument, text)                                        \
    case letter:                                                              \
        return argument;
#include "runtime/options.def"
    default:
        return false;
    }
}

// ---- help -------------------------------------------------------------------

static void
print_usage(FILE *out, const PyConfig *config)
{
    fprintf(out, "usage: %ls [option] ... [-c cmd | -m mod | file | -] [arg] ...\n",
            config->program_name ? config->program_name : L"krait");
}

static void
print_help(const PyConfig *config)
{
    print_usage(stdout, config);
    fputs("Options (and corresponding environment variables):\n", stdout);
#define OPTION(letter, argument, text) fputs(text "\n", stdout);
#include "runtime/options.def"
    fputs("--check-hash-based-pycs always|default|never:\n"
          "         how .pyc files that carry a hash are checked\n"
          "--help-env: print help about environment variables and exit\n"
          "--help-xoptions: print help about -X options and exit\n"
          "--help-all: print all of it and exit\n"
          "\nArguments:\n"
          "file   : run the program in a file\n"
          "-      : run standard input (the default; a prompt on a terminal)\n"
          "arg ...: the program's arguments, sys.argv[1:]\n",
          stdout);
}

static void
print_help_env(void)
{
    fputs("Environment variables that change behavior:\n", stdout);
#define OPTION(letter, argument, text)
#define VARIABLE(text) fputs(text "\n", stdout);
#include "runtime/options.def"
}

static void
print_help_xoptions(void)
{
    fputs("The following implementation-specific options are available:\n", stdout);
#define OPTION(letter, argument, text)
#define XOPTION(text) fputs(text "\n", stdout);
#include "runtime/options.def"
}

static PyStatus
usage_error(const PyConfig *config)
{
    print_usage(stderr, config);
    fprintf(stderr, "Try `%ls -h' for more information.\n",
            config->program_name ? config->program_name : L"krait");
    return PyStatus_Exit(2);
}

// ---- parsing ----------------------------------------------------------------

typedef struct {
    PyConfig *config;
    Py_ssize_t index;      // of the next word of argv
    PyWideStringList warnings;
    int version;           // how many -V
    bool help;
    bool ended;            // by -c or -m
} KrOptionParse;

static void
raise_level(int *field)
{
    *field = *field < 0 ? 1 : *field + 1;
}

// A flag, or an option whose argument is `value`.
static PyStatus
apply_option(KrOptionParse *parse, wchar_t letter, const wchar_t *value)
{
    PyConfig *config = parse->config;

    switch (letter) {
    case 'b':
        raise_level(&config->bytes_warning);
        break;
    case 'B':
        config->write_bytecode = 0;
        break;
    case 'c': {
        // The text gets a final newline, which the parser wants.
        size_t length = wcslen(value);
        wchar_t *text = PyMem_RawMalloc((length + 2) * sizeof(wchar_t));
        if (text == NULL) {
            return PyStatus_NoMemory();
        }
        memcpy(text, value, length * sizeof(wchar_t));
        text[length] = L'\n';
        text[length + 1] = L'\0';
        PyMem_RawFree(config->run_command);
        config->run_command = text;
        parse->ended = true;
        break;
    }
    case 'd':
        raise_level(&config->parser_debug);
        break;
    case 'E':
        config->use_environment = 0;
        break;
    case 'h':
    case '?':
        parse->help = true;
        break;
    case 'i':
        raise_level(&config->inspect);
        raise_level(&config->interactive);
        break;
    case 'I':
        config->isolated = 1;
        config->use_environment = 0;
        config->user_site_directory = 0;
        config->safe_path = 1;
        break;
    case 'm':
        parse->ended = true;
        return PyConfig_SetString(config, &config->run_module, value);
    case 'O':
        raise_level(&config->optimization_level);
        break;
    case 'P':
        config->safe_path = 1;
        break;
    case 'q':
        raise_level(&config->quiet);
        break;
    case 'R':
        config->use_hash_seed = 0;
        break;
    case 's':
        config->user_site_directory = 0;
        break;
    case 'S':
        config->site_import = 0;
        break;
    case 'u':
        config->buffered_stdio = 0;
        break;
    case 'v':
        raise_level(&config->verbose);
        break;
    case 'V':
        parse->version++;
        break;
    case 'W':
        return PyWideStringList_Append(&parse->warnings, value);
    case 'x':
        config->skip_source_first_line = 1;
        break;
    case 'X':
        return PyWideStringList_Append(&config->xoptions, value);
    default:
        fprintf(stderr, "Unknown option: -%lc\n", (wint_t)letter);
        return usage_error(config);
    }
    return PyStatus_Ok();
}

static PyStatus
parse_long_option(KrOptionParse *parse, const wchar_t *word)
{
    PyConfig *config = parse->config;

    if (wcscmp(word, L"--help") == 0) {
        parse->help = true;
        return PyStatus_Ok();
    }
    if (wcscmp(word, L"--version") == 0) {
        parse->version++;
        return PyStatus_Ok();
    }
    if (wcscmp(word, L"--help-all") == 0) {
        print_help(config);
        print_help_env();
        print_help_xoptions();
        return PyStatus_Exit(0);
    }
    if (wcscmp(word, L"--help-env") == 0) {
        print_help_env();
        return PyStatus_Exit(0);
    }
    if (wcscmp(word, L"--help-xoptions") == 0) {
        print_help_xoptions();
        return PyStatus_Exit(0);
    }
    if (wcscmp(word, L"--check-hash-based-pycs") == 0) {
        if (parse->index >= config->argv.length) {
            fputs("Argument expected for the --check-hash-based-pycs option\n", stderr);
            return usage_error(config);
        }
        const wchar_t *mode = config->argv.items[parse->index++];
        if (wcscmp(mode, L"always") && wcscmp(mode, L"never") &&
            wcscmp(mode, L"default")) {
            fputs("--check-hash-based-pycs must be one of "
                  "'default', 'always', or 'never'\n",
                  stderr);
            return usage_error(config);
        }
        return PyConfig_SetString(config, &config->check_hash_pycs_mode, mode);
    }
    fprintf(stderr, "unknown option %ls\n", word);
    return usage_error(config);
}

// One word with one or more letters behind '-'.
static PyStatus
parse_letters(KrOptionParse *parse, const wchar_t *word)
{
    PyConfig *config = parse->config;

    for (const wchar_t *at = word + 1; *at != L'\0'; at++) {
        wchar_t letter = *at;
        const wchar_t *value = NULL;
        if (takes_argument(letter)) {
            if (at[1] != L'\0') {
                value = at + 1;
            }
            else if (parse->index < config->argv.length) {
                value = config->argv.items[parse->index++];
            }
            else {
                fprintf(stderr, "Argument expected for the -%lc option\n",
                        (wint_t)letter);
                return usage_error(config);
            }
        }
        PyStatus status = apply_option(parse, letter, value);
        if (PyStatus_Exception(status) || value != NULL) {
            return status;
        }
    }
    return PyStatus_Ok();
}

// What is left of argv becomes sys.argv.
static PyStatus
set_program_arguments(KrOptionParse *parse)
{
    PyConfig *config = parse->config;
    PyWideStringList rest = {0, NULL};
    PyStatus status = PyStatus_Ok();
    const wchar_t *first = NULL;

    if (config->run_command != NULL) {
        first = L"-c";
    }
    else if (config->run_module != NULL) {
        first = L"-m";
    }
    else if (parse->index >= config->argv.length) {
        first = L"";
    }
    else if (wcscmp(config->argv.items[parse->index], L"-") != 0 &&
             config->run_filename == NULL) {
        status = PyConfig_SetString(config, &config->run_filename,
                                    config->argv.items[parse->index]);
    }
    if (first != NULL && !PyStatus_Exception(status)) {
        status = PyWideStringList_Append(&rest, first);
    }
    for (Py_ssize_t i = parse->index;
         i < config->argv.length && !PyStatus_Exception(status); i++) {
        status = PyWideStringList_Append(&rest, config->argv.items[i]);
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetWideStringList(config, &config->argv, rest.length,
                                            rest.items);
    }
    for (Py_ssize_t i = 0; i < rest.length; i++) {
        PyMem_RawFree(rest.items[i]);
    }
    PyMem_RawFree(rest.items);
    return status;
}

PyStatus
kr_options_parse(PyConfig *config)
{
    KrOptionParse parse = {.config = config, .index = 1};
    PyStatus status = PyStatus_Ok();

    while (parse.index < config->argv.length && !parse.ended) {
        const wchar_t *word = config->argv.items[parse.index];
        if (word[0] != L'-' || word[1] == L'\0') {
            break;
        }
        parse.index++;
        if (wcscmp(word, L"--") == 0) {
            break;
        }
        status = word[1] == L'-' ? parse_long_option(&parse, word)
                                 : parse_letters(&parse, word);
        if (PyStatus_Exception(status)) {
            return status;
        }
    }
    if (parse.help) {
        print_help(config);
        return PyStatus_Exit(0);
    }
    if (parse.version) {
        if (parse.version > 1) {
            printf("Python %s\n", kr_sys_version());
        }
        else {
            printf("Python %s (Krait %s)\n", PY_VERSION, KRAIT_VERSION);
        }
        return PyStatus_Exit(0);
    }
    // Kept at the end of warnoptions; the environment's come before them.
    for (Py_ssize_t i = 0; i < parse.warnings.length; i++) {
        status = PyWideStringList_Append(&config->warnoptions, parse.warnings.items[i]);
        if (PyStatus_Exception(status)) {
            return status;
        }
        PyMem_RawFree(parse.warnings.items[i]);
    }
    PyMem_RawFree(parse.warnings.items);
    return set_program_arguments(&parse);
}

// ---- environment and -X -----------------------------------------------------

const char *
kr_environment(const PyConfig *config, const char *name)
{
    const char *value = config->use_environment == 0 ? NULL : getenv(name);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

// The value of a -X option: NULL if not given, "" without '='. The last one wins.
static const wchar_t *
xoption(const PyConfig *config, const wchar_t *name)
{
    size_t length = wcslen(name);
    const wchar_t *value = NULL;

    for (Py_ssize_t i = 0; i < config->xoptions.length; i++) {
        const wchar_t *item = config->xoptions.items[i];
        if (wcsncmp(item, name, length) == 0 &&
            (item[length] == L'=' || item[length] == L'\0')) {
            value = item[length] == L'=' ? item + length + 1 : item + length;
        }
    }
    return value;
}

// A flag that is set by any text; a number sets its value, as -vv does.
static void
flag_from_environment(const PyConfig *config, int *field, const char *name)
{
    const char *text = kr_environment(config, name);
    char *end;

    if (text == NULL) {
        return;
    }
    long value = strtol(text, &end, 10);
    if (*end != '\0' || value < 0 || value > INT_MAX) {
        value = 1;
    }
    if (*field < (int)value) {
        *field = (int)value;
    }
}

static bool
parse_number(const wchar_t *text, long *out)
{
    wchar_t *end;

    *out = wcstol(text, &end, 10);
    return end != text && *end == L'\0';
}

static PyStatus
read_hash_seed(PyConfig *config)
{
    const char *text = kr_environment(config, "PYTHONHASHSEED");
    char *end;

    if (config->use_hash_seed >= 0) {
        return PyStatus_Ok();
    }
    if (text == NULL || strcmp(text, "random") == 0) {
        config->use_hash_seed = 0;
        return PyStatus_Ok();
    }
    errno = 0;
    unsigned long seed = strtoul(text, &end, 10);
    if (*end != '\0' || seed > 4294967295UL || (errno == ERANGE && seed == ULONG_MAX)) {
        return PyStatus_Error("PYTHONHASHSEED must be \"random\" or an integer in range "
                              "[0; 4294967295]");
    }
    config->use_hash_seed = 1;
    config->hash_seed = seed;
    return PyStatus_Ok();
}

// A limit of digits: 0 or at least 640.
static PyStatus
read_int_digits(PyConfig *config)
{
    const char *text = kr_environment(config, "PYTHONINTMAXSTRDIGITS");
    const wchar_t *option = xoption(config, L"int_max_str_digits");
    long value = -1;

    if (text != NULL) {
        char *end;
        value = strtol(text, &end, 10);
        if (*end != '\0' || value > INT_MAX || (value != 0 && value < 640)) {
            return PyStatus_Error("PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 "
                                  "or 0 for unlimited.");
        }
        config->int_max_str_digits = (int)value;
    }
    if (option != NULL) {
        if (!parse_number(option, &value) || value > INT_MAX ||
            (value != 0 && value < 640)) {
            return PyStatus_Error("-X int_max_str_digits: invalid limit; must be >= 640 "
                                  "or 0 for unlimited.");
        }
        config->int_max_str_digits = (int)value;
    }
    return PyStatus_Ok();
}

static PyStatus
read_counts(PyConfig *config)
{
    const char *text = kr_environment(config, "PYTHON_CPU_COUNT");
    const wchar_t *option = xoption(config, L"cpu_count");
    long value;

    if (text != NULL && strcmp(text, "default") != 0) {
        value = strtol(text, NULL, 10);
        if (value < 1) {
            return PyStatus_Error("PYTHON_CPU_COUNT=<CPU_COUNT>: invalid value; must be "
                                  "greater than 0, or \"default\"");
        }
        config->cpu_count = (int)value;
    }
    if (option != NULL) {
        if (wcscmp(option, L"default") == 0) {
            config->cpu_count = -1;
        }
        else if (parse_number(option, &value) && value >= 1 && value <= INT_MAX) {
            config->cpu_count = (int)value;
        }
        else {
            return PyStatus_Error("-X cpu_count=n option: n is missing or an invalid "
                                  "number, n must be greater than 0");
        }
    }
    text = kr_environment(config, "PYTHONTRACEMALLOC");
    option = xoption(config, L"tracemalloc");
    if (config->tracemalloc < 0 && text != NULL) {
        value = strtol(text, NULL, 10);
        if (value < 0 || value > INT_MAX) {
            return PyStatus_Error("PYTHONTRACEMALLOC: invalid number of frames");
        }
        config->tracemalloc = (int)value;
    }
    if (option != NULL) {
        if (option[0] == L'\0') {
            value = 1;
        }
        else if (!parse_number(option, &value) || value < 0 || value > INT_MAX) {
            return PyStatus_Error("-X tracemalloc=NFRAME: invalid number of frames");
        }
        config->tracemalloc = (int)value;
    }
    return PyStatus_Ok();
}

// 0 or 1 given by a -X option or a variable.
static PyStatus
read_switch(PyConfig *config, int *field, const wchar_t *name, const char *variable,
            const char *message)
{
    const char *text = kr_environment(config, variable);
    const wchar_t *option = xoption(config, name);

    if (text != NULL) {
        if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0) {
            return PyStatus_Error(message);
        }
        *field = text[0] - '0';
    }
    if (option != NULL) {
        if (wcscmp(option, L"0") != 0 && wcscmp(option, L"1") != 0) {
            return PyStatus_Error(message);
        }
        *field = (int)(option[0] - L'0');
    }
    return PyStatus_Ok();
}

// encoding[:errors] of the standard streams.
static PyStatus
read_io_encoding(PyConfig *config)
{
    const char *text = kr_environment(config, "PYTHONIOENCODING");
    const char *colon;
    char encoding[64];
    PyStatus status = PyStatus_Ok();

    if (text == NULL) {
        return status;
    }
    colon = strchr(text, ':');
    size_t length = colon == NULL ? strlen(text) : (size_t)(colon - text);
    if (length > 0 && length < sizeof encoding && config->stdio_encoding == NULL) {
        memcpy(encoding, text, length);
        encoding[length] = '\0';
        status = PyConfig_SetBytesString(config, &config->stdio_encoding, encoding);
    }
    if (!PyStatus_Exception(status) && config->stdio_errors == NULL) {
        if (colon != NULL && colon[1] != '\0') {
            status = PyConfig_SetBytesString(config, &config->stdio_errors, colon + 1);
        }
        else if (length > 0) {
            status = PyConfig_SetString(config, &config->stdio_errors, L"strict");
        }
    }
    return status;
}

// sys.warnoptions: development mode's, the environment's, the command line's, -b's.
static PyStatus
collect_warnings(PyConfig *config)
{
    const char *text = kr_environment(config, "PYTHONWARNINGS");
    PyStatus status = PyStatus_Ok();
    Py_ssize_t place = 0;

    if (config->dev_mode > 0) {
        status = PyWideStringList_Insert(&config->warnoptions, place++, L"default");
    }
    while (text != NULL && *text != '\0' && !PyStatus_Exception(status)) {
        const char *comma = strchr(text, ',');
        size_t length = comma == NULL ? strlen(text) : (size_t)(comma - text);
        char *item = PyMem_RawMalloc(length + 1);
        if (item == NULL) {
            return PyStatus_NoMemory();
        }
        memcpy(item, text, length);
        item[length] = '\0';
        wchar_t *wide = Py_DecodeLocale(item, NULL);
        PyMem_RawFree(item);
        if (wide == NULL) {
            return PyStatus_NoMemory();
        }
        if (length > 0) {
            status = PyWideStringList_Insert(&config->warnoptions, place++, wide);
        }
        PyMem_RawFree(wide);
        text = comma == NULL ? NULL : comma + 1;
    }
    if (config->bytes_warning > 0 && !PyStatus_Exception(status)) {
        status = PyWideStringList_Append(&config->warnoptions,
                                         config->bytes_warning > 1
                                             ? L"error::BytesWarning"
                                             : L"default::BytesWarning");
    }
    return status;
}

static void
read_flags(PyConfig *config)
{
    int off = 0;

    flag_from_environment(config, &off, "PYTHONDEBUG");
    if (off && config->parser_debug < 1) {
        config->parser_debug = 1;
    }
    off = 0;
    flag_from_environment(config, &config->verbose, "PYTHONVERBOSE");
    flag_from_environment(config, &config->optimization_level, "PYTHONOPTIMIZE");
    flag_from_environment(config, &config->inspect, "PYTHONINSPECT");
    flag_from_environment(config, &config->safe_path, "PYTHONSAFEPATH");
    flag_from_environment(config, &off, "PYTHONDONTWRITEBYTECODE");
    if (off) {
        config->write_bytecode = 0;
    }
    off = 0;
    flag_from_environment(config, &off, "PYTHONNOUSERSITE");
    if (off) {
        config->user_site_directory = 0;
    }
    off = 0;
    flag_from_environment(config, &off, "PYTHONUNBUFFERED");
    if (off) {
        config->buffered_stdio = 0;
    }
    if (xoption(config, L"dev") != NULL || kr_environment(config, "PYTHONDEVMODE")) {
        config->dev_mode = 1;
    }
    if (xoption(config, L"faulthandler") || kr_environment(config, "PYTHONFAULTHANDLER")) {
        config->faulthandler = 1;
    }
    if (xoption(config, L"no_debug_ranges") ||
        kr_environment(config, "PYTHONNODEBUGRANGES")) {
        config->code_debug_ranges = 0;
    }
    if (xoption(config, L"warn_default_encoding") ||
        kr_environment(config, "PYTHONWARNDEFAULTENCODING")) {
        config->warn_default_encoding = 1;
    }
}

static PyStatus
read_utf8_mode(PyConfig *config)
{
    const wchar_t *option = xoption(config, L"utf8");
    const char *text = kr_environment(config, "PYTHONUTF8");

    if (option != NULL) {
        if (*option != L'\0' && wcscmp(option, L"0") != 0 && wcscmp(option, L"1") != 0) {
            return PyStatus_Error("invalid -X utf8 option value");
        }
        Py_UTF8Mode = wcscmp(option, L"0") != 0;
    }
    else if (text != NULL) {
        if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0) {
            return PyStatus_Error("invalid PYTHONUTF8 environment variable value");
        }
        Py_UTF8Mode = strcmp(text, "0") != 0;
    }
    kr_locale_start(config, option != NULL || text != NULL || Py_UTF8Mode != 0);
    return PyStatus_Ok();
}

static PyStatus
read_import_time(PyConfig *config)
{
    const wchar_t *option = xoption(config, L"importtime");
    const char *text = kr_environment(config, "PYTHONPROFILEIMPORTTIME");

    if (option != NULL && option[0] != L'\0' && wcscmp(option, L"1") != 0 &&
        wcscmp(option, L"2") != 0) {
        return PyStatus_Error("-X importtime: values other than 1 and 2 are reserved for "
                              "future use.");
    }
    if (option != NULL) {
        config->import_time = wcscmp(option, L"2") == 0 ? 2 : 1;
    }
    else if (text != NULL) {
        config->import_time = strcmp(text, "2") == 0 ? 2 : 1;
    }
    return PyStatus_Ok();
}

static PyStatus
read_texts(PyConfig *config)
{
    const wchar_t *option = xoption(config, L"pycache_prefix");
    const char *text = kr_environment(config, "PYTHONPYCACHEPREFIX");
    PyStatus status = PyStatus_Ok();

    if (config->pycache_prefix == NULL) {
        if (option != NULL && option[0] != L'\0') {
            status = PyConfig_SetString(config, &config->pycache_prefix, option);
        }
        else if (option == NULL && text != NULL) {
            status = PyConfig_SetBytesString(config, &config->pycache_prefix, text);
        }
    }
    if (!PyStatus_Exception(status) && config->home == NULL &&
        (text = kr_environment(config, "PYTHONHOME")) != NULL) {
        status = PyConfig_SetBytesString(config, &config->home, text);
    }
    if (!PyStatus_Exception(status) && config->pythonpath_env == NULL &&
        (text = kr_environment(config, "PYTHONPATH")) != NULL) {
        status = PyConfig_SetBytesString(config, &config->pythonpath_env, text);
    }
    if (!PyStatus_Exception(status) && config->platlibdir == NULL &&
        (text = kr_environment(config, "PYTHONPLATLIBDIR")) != NULL) {
        status = PyConfig_SetBytesString(config, &config->platlibdir, text);
    }
    return status;
}

PyStatus
kr_options_environment(PyConfig *config)
{
    PyStatus status;

    if (config->use_environment < 0) {
        config->use_environment = 1;
    }
    read_flags(config);
    status = read_utf8_mode(config);
    if (!PyStatus_Exception(status)) {
        status = read_texts(config);
    }
    if (!PyStatus_Exception(status)) {
        status = read_hash_seed(config);
    }
    if (!PyStatus_Exception(status)) {
        status = read_import_time(config);
    }
    if (!PyStatus_Exception(status)) {
        status = read_int_digits(config);
    }
    if (!PyStatus_Exception(status)) {
        status = read_counts(config);
    }
    if (!PyStatus_Exception(status)) {
        status = read_switch(config, &config->thread_inherit_context,
                             L"thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT",
                             "thread_inherit_context: value must be 0 or 1");
    }
    if (!PyStatus_Exception(status)) {
        status = read_switch(config, &config->context_aware_warnings,
                             L"context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS",
                             "context_aware_warnings: value must be 0 or 1");
    }
    if (!PyStatus_Exception(status)) {
        status = read_io_encoding(config);
    }
    if (!PyStatus_Exception(status)) {
        status = collect_warnings(config);
    }
    return status;
}
