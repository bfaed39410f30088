// SPDX-License-Identifier: MIT
// compat.h - expat's header, with what newer versions have in two forms.
#ifndef KRAIT_EXT_PYEXPAT_COMPAT_H
#define KRAIT_EXT_PYEXPAT_COMPAT_H

#include <stdbool.h>

// Without these the header hides the limits on the expansion of entities.
#ifndef XML_DTD
#define XML_DTD 1
#endif
#ifndef XML_GE
#define XML_GE 1
#endif
#include <expat.h>

#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 6)

enum { KR_EXPAT_DEFERS = true };

static inline bool
kr_expat_set_deferral(XML_Parser parser, bool enabled)
{
    return XML_SetReparseDeferralEnabled(parser, enabled);
}

#else

enum { KR_EXPAT_DEFERS = false };

static inline bool
kr_expat_set_deferral(XML_Parser parser, bool enabled)
{
    return false;
}

#endif

#endif // KRAIT_EXT_PYEXPAT_COMPAT_H
