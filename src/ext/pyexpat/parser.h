// SPDX-License-Identifier: MIT
// parser.h - what the files of pyexpat share.
//
// Re-entrancy: expat runs with the interpreter's lock and calls handlers, which are
//              Python. A handler that raises stops the parser.
#ifndef KRAIT_EXT_PYEXPAT_PARSER_H
#define KRAIT_EXT_PYEXPAT_PARSER_H

#include <Python.h>

#include "base/base.h"
#include "ext/pyexpat/compat.h"

// Every handler: place in ExpatParser.handlers, attribute, expat's setter.
#define KR_EXPAT_HANDLERS(X)                                                  \
    X(StartElement, "StartElementHandler", XML_SetStartElementHandler)        \
    X(EndElement, "EndElementHandler", XML_SetEndElementHandler)              \
    X(ProcessingInstruction, "ProcessingInstructionHandler", XML_SetProcessingInstructionHandler)\
    X(CharacterData, "CharacterDataHandler", XML_SetCharacterDataHandler)     \
    X(UnparsedEntityDecl, "UnparsedEntityDeclHandler", XML_SetUnparsedEntityDeclHandler)\
    X(NotationDecl, "NotationDeclHandler", XML_SetNotationDeclHandler)        \
    X(StartNamespaceDecl, "StartNamespaceDeclHandler", XML_SetStartNamespaceDeclHandler)\
    X(EndNamespaceDecl, "EndNamespaceDeclHandler", XML_SetEndNamespaceDeclHandler)\
    X(Comment, "CommentHandler", XML_SetCommentHandler)                       \
    X(StartCdataSection, "StartCdataSectionHandler", XML_SetStartCdataSectionHandler)\
    X(EndCdataSection, "EndCdataSectionHandler", XML_SetEndCdataSectionHandler)\
    X(Default, "DefaultHandler", XML_SetDefaultHandler)                       \
    X(DefaultExpand, "DefaultHandlerExpand", XML_SetDefaultHandlerExpand)     \
    X(NotStandalone, "NotStandaloneHandler", XML_SetNotStandaloneHandler)     \
    X(ExternalEntityRef, "ExternalEntityRefHandler", XML_SetExternalEntityRefHandler)\
    X(StartDoctypeDecl, "StartDoctypeDeclHandler", XML_SetStartDoctypeDeclHandler)\
    X(EndDoctypeDecl, "EndDoctypeDeclHandler", XML_SetEndDoctypeDeclHandler)  \
    X(EntityDecl, "EntityDeclHandler", XML_SetEntityDeclHandler)              \
    X(XmlDecl, "XmlDeclHandler", XML_SetXmlDeclHandler)                       \
    X(ElementDecl, "ElementDeclHandler", XML_SetElementDeclHandler)           \
    X(AttlistDecl, "AttlistDeclHandler", XML_SetAttlistDeclHandler)           \
    X(SkippedEntity, "SkippedEntityHandler", XML_SetSkippedEntityHandler)

typedef enum {
#define HANDLER(name, attribute, setter) KR_EXPAT_##name,
    KR_EXPAT_HANDLERS(HANDLER)
#undef HANDLER
    KR_EXPAT_HANDLER_COUNT,
} ExpatHandler;

typedef struct {
    PyObject *error; // owned
    PyTypeObject *parser_type;
} ExpatState;

typedef struct ExpatParser {
    PyObject_HEAD
    XML_Parser parser;          // owned
    struct ExpatParser *parent; // owned: of an external entity's parser
    ExpatState *state;
    PyObject *intern;           // owned dict, or NULL for none
    PyObject *handlers[KR_EXPAT_HANDLER_COUNT]; // owned, NULL where there is none
    char *buffer;               // of character data; NULL when it is not collected
    int buffer_size;
    int buffer_used;
    bool ordered_attributes;
    bool specified_attributes;
    bool namespace_prefixes;
    bool reparse_deferral;
    bool in_callback;
} ExpatParser;

// ---- handlers.c
// Tells expat to call us for a handler, or not.
void kr_expat_connect(ExpatParser *self, ExpatHandler handler, bool on);
// Gives the collected character data to the handler. 0 or -1.
int kr_expat_flush(ExpatParser *self);
int XMLCALL kr_expat_unknown_encoding(void *data, const XML_Char *name,
                                      XML_Encoding *info);

// ---- constants.c
int kr_expat_add_constants(PyObject *module);

#endif // KRAIT_EXT_PYEXPAT_PARSER_H
