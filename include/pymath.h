// SPDX-License-Identifier: MIT
// pymath.h - constants and tests of doubles.
#ifndef KRAIT_PYMATH_H
#define KRAIT_PYMATH_H

#ifndef Py_MATH_PI
#define Py_MATH_PI 3.14159265358979323846
#endif
#ifndef Py_MATH_PIl
#define Py_MATH_PIl 3.1415926535897932384626433832795029L
#endif
#ifndef Py_MATH_E
#define Py_MATH_E 2.7182818284590452354
#endif
#ifndef Py_MATH_El
#define Py_MATH_El 2.7182818284590452353602874713526625L
#endif
#ifndef Py_MATH_TAU
#define Py_MATH_TAU 6.2831853071795864769252867665590057683943L
#endif

#define Py_IS_NAN(x) isnan(x)
#define Py_IS_INFINITY(x) isinf(x)
#define Py_IS_FINITE(x) isfinite(x)
#define Py_INFINITY ((double)INFINITY)
#define Py_HUGE_VAL HUGE_VAL
#define Py_NAN ((double)NAN)
#define _Py_IntegralTypeSigned(type) ((type)(-1) < 0)
#define _Py_IntegralTypeMax(type)                                             \
    (_Py_IntegralTypeSigned(type)                                             \
         ? (((((type)1 << (sizeof(type) * CHAR_BIT - 2)) - 1) << 1) + 1)      \
         : ~(type)0)
#define _Py_IntegralTypeMin(type)                                             \
    (_Py_IntegralTypeSigned(type) ? -_Py_IntegralTypeMax(type) - 1 : 0)
// Whether the double v lies within the range of an integer type.
#define _Py_InIntegralTypeRange(type, v)                                      \
    (_Py_IntegralTypeMin(type) <= (v) && (v) <= _Py_IntegralTypeMax(type))

#endif // KRAIT_PYMATH_H
