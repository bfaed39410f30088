// SPDX-License-Identifier: MIT
// method_macros.h - the declarations that tools/gen/methods.py reads; in C they
// are empty.
//
// docs/add-a-builtin-method.md describes them. Include "objects/args.h" in files
// that include a generated .methods.h.
#ifndef KRAIT_OBJECTS_METHOD_MACROS_H
#define KRAIT_OBJECTS_METHOD_MACROS_H

#define KR_METHOD(type, signature, doc)
#define KR_METHOD_RAW(type, signature, flags, doc)
#define KR_FUNCTION(module, signature, doc)
#define KR_FUNCTION_RAW(module, signature, flags, doc)
#define KR_NEW(type, signature, doc)
#define KR_INIT(type, signature, doc)
#define KR_GETTER(type, name, doc)
#define KR_SETTER(type, name)
#define KR_TYPE(type)
#define KR_MODULE(module)

#endif // KRAIT_OBJECTS_METHOD_MACROS_H
