// SPDX-License-Identifier: MIT
// digits.c - see digits.h.
//
// Short rows are multiplied and divided digit by digit: Knuth's algorithms M and D
// (The Art of Computer Programming, volume 2, 4.3.1). A product of two digits plus
// two digits fits into 60 bits and some, so carries need no care.
#include "objects/int/digits.h"

#include <gmp.h>

_Static_assert(sizeof(mp_limb_t) == 8 && GMP_NUMB_BITS == 64, "limbs of 64 bits");

// --- Sums ------------------------------------------------------------------------

int
kr_dg_compare(const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    if (na != nb) {
        return na < nb ? -1 : 1;
    }
    while (na-- > 0) {
        if (a[na] != b[na]) {
            return a[na] < b[na] ? -1 : 1;
        }
    }
    return 0;
}

digit
kr_dg_add(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    digit carry = 0;
    Py_ssize_t i = 0;
    for (; i < nb; i++) {
        carry += a[i] + b[i];
        r[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    for (; i < na; i++) {
        carry += a[i];
        r[i] = carry & PyLong_MASK;
        carry >>= PyLong_SHIFT;
    }
    return carry;
}

void
kr_dg_sub(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    digit borrow = 0;
    Py_ssize_t i = 0;
    for (; i < nb; i++) {
        borrow = a[i] - b[i] - borrow;
        r[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    for (; i < na; i++) {
        borrow = a[i] - borrow;
        r[i] = borrow & PyLong_MASK;
        borrow = (borrow >> PyLong_SHIFT) & 1;
    }
    KR_ASSERT(borrow == 0);
}

// --- Limbs ------------------------------------------------------------------------

void
kr_dg_to_limbs(uint64_t *out, const digit *a, Py_ssize_t n)
{
    unsigned __int128 pending = 0;
    int bits = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        pending |= (unsigned __int128)a[i] << bits;
        bits += PyLong_SHIFT;
        if (bits >= 64) {
            *out++ = (uint64_t)pending;
            pending >>= 64;
            bits -= 64;
        }
    }
    if (bits > 0) {
        *out = (uint64_t)pending;
    }
}

void
kr_dg_from_limbs(digit *r, Py_ssize_t n, const uint64_t *limbs, size_t count)
{
    unsigned __int128 pending = 0;
    int bits = 0;
    size_t used = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (bits < PyLong_SHIFT && used < count) {
            pending |= (unsigned __int128)limbs[used++] << bits;
            bits += 64;
        }
        r[i] = (digit)pending & PyLong_MASK;
        pending >>= PyLong_SHIFT;
        bits -= PyLong_SHIFT;
    }
}

bool
kr_gmp_probe(size_t bytes)
{
    if (bytes < (1u << 20)) {
        return true;
    }
    void *block = malloc(bytes);
    free(block);
    return block != NULL;
}

// Room for limbs: small amounts on the stack of the caller.
#define LIMBS_ON_STACK 96

static uint64_t *
limbs_take(uint64_t *local, size_t count)
{
    return count <= LIMBS_ON_STACK ? local : malloc(count * sizeof(uint64_t));
}

static void
limbs_give(uint64_t *local, uint64_t *limbs)
{
    if (limbs != local) {
        free(limbs);
    }
}

// --- Products ----------------------------------------------------------------------

static void
mul_school(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    memset(r, 0, (size_t)(na + nb) * sizeof(digit));
    for (Py_ssize_t i = 0; i < na; i++) {
        twodigits carry = 0, factor = a[i];
        digit *place = r + i;
        for (Py_ssize_t j = 0; j < nb; j++) {
            carry += place[j] + b[j] * factor;
            place[j] = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
        place[nb] = (digit)carry;
    }
}

// Each product of two different digits occurs twice: computed once, doubled.
static void
square_school(digit *r, const digit *a, Py_ssize_t n)
{
    memset(r, 0, (size_t)(2 * n) * sizeof(digit));
    for (Py_ssize_t i = 0; i < n; i++) {
        twodigits factor = a[i], carry = r[2 * i] + factor * factor;
        r[2 * i] = (digit)(carry & PyLong_MASK);
        carry >>= PyLong_SHIFT;
        factor <<= 1;
        digit *place = r + 2 * i + 1;
        for (Py_ssize_t j = i + 1; j < n; j++) {
            carry += *place + a[j] * factor;
            *place++ = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
        while (carry != 0) {
            carry += *place;
            *place++ = (digit)(carry & PyLong_MASK);
            carry >>= PyLong_SHIFT;
        }
    }
}

static bool
mul_gmp(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    size_t la = kr_dg_limbs(na), lb = kr_dg_limbs(nb), total = 2 * (la + lb);
    uint64_t local[LIMBS_ON_STACK];
    if (!kr_gmp_probe(total * 24)) {
        return false;
    }
    uint64_t *limbs = limbs_take(local, total);
    if (limbs == NULL) {
        return false;
    }
    uint64_t *pa = limbs, *pb = pa + la, *pr = pb + lb;
    kr_dg_to_limbs(pa, a, na);
    if (a == b && na == nb) {
        mpn_sqr((mp_ptr)pr, (mp_srcptr)pa, (mp_size_t)la);
    }
    else {
        kr_dg_to_limbs(pb, b, nb);
        if (la >= lb) {
            mpn_mul((mp_ptr)pr, (mp_srcptr)pa, (mp_size_t)la, (mp_srcptr)pb,
                    (mp_size_t)lb);
        }
        else {
            mpn_mul((mp_ptr)pr, (mp_srcptr)pb, (mp_size_t)lb, (mp_srcptr)pa,
                    (mp_size_t)la);
        }
    }
    kr_dg_from_limbs(r, na + nb, pr, la + lb);
    limbs_give(local, limbs);
    return true;
}

bool
kr_dg_mul(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    if (a == b && na == nb) {
        if (na >= KR_GMP_SQUARE) {
            return mul_gmp(r, a, na, b, nb);
        }
        square_school(r, a, na);
        return true;
    }
    if (na >= KR_GMP_MUL && nb >= KR_GMP_MUL) {
        return mul_gmp(r, a, na, b, nb);
    }
    if (na <= nb) {
        mul_school(r, a, na, b, nb);
    }
    else {
        mul_school(r, b, nb, a, na);
    }
    return true;
}

// --- Shifts --------------------------------------------------------------------------

digit
kr_dg_lshift(digit *r, const digit *a, Py_ssize_t n, int bits)
{
    digit carry = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        twodigits value = (twodigits)a[i] << bits | carry;
        r[i] = (digit)(value & PyLong_MASK);
        carry = (digit)(value >> PyLong_SHIFT);
    }
    return carry;
}

digit
kr_dg_rshift(digit *r, const digit *a, Py_ssize_t n, int bits)
{
    digit mask = ((digit)1 << bits) - 1, carry = 0;
    for (Py_ssize_t i = n; i-- > 0;) {
        twodigits value = (twodigits)carry << PyLong_SHIFT | a[i];
        carry = (digit)value & mask;
        r[i] = (digit)(value >> bits) & PyLong_MASK;
    }
    return carry;
}

// --- Quotients --------------------------------------------------------------------------

digit
kr_dg_div_1(digit *q, const digit *a, Py_ssize_t na, digit d)
{
    digit remainder = 0;
    for (Py_ssize_t i = na; i-- > 0;) {
        twodigits value = (twodigits)remainder << PyLong_SHIFT | a[i];
        digit quotient = (digit)(value / d);
        remainder = (digit)(value - (twodigits)quotient * d);
        if (q != NULL) {
            q[i] = quotient;
        }
    }
    return remainder;
}

// Knuth's D on normalised rows: v[nb] has its top bit set, w[na + 1] starts as the
// dividend and ends as the remainder in its low digits.
static void
div_school(digit *q, digit *w, Py_ssize_t na, const digit *v, Py_ssize_t nb)
{
    digit top = v[nb - 1], next = v[nb - 2];
    for (Py_ssize_t k = na - nb; k >= 0; k--) {
        digit *place = w + k;
        twodigits head = (twodigits)place[nb] << PyLong_SHIFT | place[nb - 1];
        twodigits guess = head / top, rest = head - guess * top;
        while (guess >= PyLong_BASE ||
               next * guess > (rest << PyLong_SHIFT | place[nb - 2])) {
            guess--;
            rest += top;
            if (rest >= PyLong_BASE) {
                break;
            }
        }
        stwodigits borrow = 0;
        for (Py_ssize_t i = 0; i < nb; i++) {
            stwodigits value = (stwodigits)place[i] + borrow -
                               (stwodigits)((twodigits)guess * v[i]);
            place[i] = (digit)value & PyLong_MASK;
            borrow = value >> PyLong_SHIFT;
        }
        stwodigits value = (stwodigits)place[nb] + borrow;
        place[nb] = (digit)value & PyLong_MASK;
        if (value < 0) {
            // The guess was one too large.
            guess--;
            digit carry = kr_dg_add(place, place, nb, v, nb);
            place[nb] = (place[nb] + carry) & PyLong_MASK;
        }
        if (q != NULL) {
            q[k] = (digit)guess;
        }
    }
}

static bool
div_gmp(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    size_t la = kr_dg_limbs(na), lb = kr_dg_limbs(nb);
    size_t total = 2 * la + 2 * lb + 1;
    uint64_t local[LIMBS_ON_STACK];
    if (!kr_gmp_probe(total * 24)) {
        return false;
    }
    uint64_t *limbs = limbs_take(local, total);
    if (limbs == NULL) {
        return false;
    }
    uint64_t *pa = limbs, *pb = pa + la, *pq = pb + lb, *pr = pq + la + 1;
    kr_dg_to_limbs(pa, a, na);
    kr_dg_to_limbs(pb, b, nb);
    while (lb > 0 && pb[lb - 1] == 0) {
        lb--;
    }
    mpn_tdiv_qr((mp_ptr)pq, (mp_ptr)pr, 0, (mp_srcptr)pa, (mp_size_t)la, (mp_srcptr)pb,
                (mp_size_t)lb);
    if (q != NULL) {
        kr_dg_from_limbs(q, na - nb + 1, pq, la - lb + 1);
    }
    kr_dg_from_limbs(r, nb, pr, lb);
    limbs_give(local, limbs);
    return true;
}

bool
kr_dg_div(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b,
          Py_ssize_t nb)
{
    if (nb >= KR_GMP_DIV && na - nb >= KR_GMP_DIV / 2) {
        return div_gmp(q, r, a, na, b, nb);
    }
    digit local[128], *w = local;
    Py_ssize_t room = na + 1 + nb;
    if (room > KR_ARRAY_LEN(local)) {
        w = malloc((size_t)room * sizeof(digit));
        if (w == NULL) {
            return false;
        }
    }
    digit *v = w + na + 1;
    int shift = PyLong_SHIFT - kr_dg_bits(b[nb - 1]);
    kr_dg_lshift(v, b, nb, shift);
    w[na] = kr_dg_lshift(w, a, na, shift);
    div_school(q, w, na, v, nb);
    kr_dg_rshift(r, w, nb, shift);
    if (w != local) {
        free(w);
    }
    return true;
}
