// SPDX-License-Identifier: MIT
// expat_api.h - the functions of expat that the capsule pyexpat.expat_CAPI offers.
//
// The capsule's layout is fixed; the types are those of expat as far as they matter
// here, so that nothing of expat has to be installed to build this module.
#ifndef KRAIT_MODULES_ELEMENTTREE_EXPAT_API_H
#define KRAIT_MODULES_ELEMENTTREE_EXPAT_API_H

#include <stddef.h>

typedef struct ExpatParser *ExpatHandle;

typedef void (*ExpatStart)(void *self, const char *name, const char **attributes);
typedef void (*ExpatEnd)(void *self, const char *name);
typedef void (*ExpatText)(void *self, const char *text, int length);
typedef void (*ExpatComment)(void *self, const char *text);
typedef void (*ExpatPair)(void *self, const char *first, const char *second);
typedef void (*ExpatDoctype)(void *self, const char *name, const char *system,
                             const char *public, int has_subset);
typedef int (*ExpatEncoding)(void *self, const char *name, void *encoding);

typedef struct {
    void *(*malloc)(size_t size);
    void *(*realloc)(void *block, size_t size);
    void (*free)(void *block);
} ExpatMemory;

enum { EXPAT_UNDEFINED_ENTITY = 11 };

typedef struct {
    char *magic;
    int size;
    int major;
    int minor;
    int micro;
    const char *(*ErrorString)(int code);
    int (*GetErrorCode)(ExpatHandle parser);
    unsigned long (*GetErrorColumnNumber)(ExpatHandle parser);
    unsigned long (*GetErrorLineNumber)(ExpatHandle parser);
    int (*Parse)(ExpatHandle parser, const char *data, int length, int final);
    ExpatHandle (*ParserCreate_MM)(const char *encoding, const ExpatMemory *memory,
                                   const char *separator);
    void (*ParserFree)(ExpatHandle parser);
    void (*SetCharacterDataHandler)(ExpatHandle parser, ExpatText handler);
    void (*SetCommentHandler)(ExpatHandle parser, ExpatComment handler);
    void (*SetDefaultHandlerExpand)(ExpatHandle parser, ExpatText handler);
    void (*SetElementHandler)(ExpatHandle parser, ExpatStart start, ExpatEnd end);
    void (*SetNamespaceDeclHandler)(ExpatHandle parser, ExpatPair start, ExpatEnd end);
    void (*SetProcessingInstructionHandler)(ExpatHandle parser, ExpatPair handler);
    void (*SetUnknownEncodingHandler)(ExpatHandle parser, ExpatEncoding handler,
                                      void *data);
    void (*SetUserData)(ExpatHandle parser, void *data);
    void (*SetStartDoctypeDeclHandler)(ExpatHandle parser, ExpatDoctype handler);
    int (*SetEncoding)(ExpatHandle parser, const char *encoding);
    ExpatEncoding DefaultUnknownEncodingHandler;
    int (*SetHashSalt)(ExpatHandle parser, unsigned long salt);
} ExpatApi;

#define EXPAT_CAPSULE "pyexpat.expat_CAPI"
#define EXPAT_MAGIC "pyexpat.expat_CAPI 1.1"

#endif // KRAIT_MODULES_ELEMENTTREE_EXPAT_API_H
