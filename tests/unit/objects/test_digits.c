// SPDX-License-Identifier: MIT
// test_digits.c - arithmetic on rows of digits against GMP.
// sources: src/objects/int/digits.c -lgmp
#include "objects/int/digits.h"

#include <gmp.h>

void
kr_panic(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(1);
}

static digit
any_digit(void)
{
    int kind = rand() % 4;
    return kind == 0   ? 0
           : kind == 1 ? PyLong_MASK
                       : ((digit)rand() * 2654435761u) & PyLong_MASK;
}

static void
fill(digit *a, long n)
{
    for (long i = 0; i < n; i++) {
        a[i] = any_digit();
    }
    if (a[n - 1] == 0) {
        a[n - 1] = 1;
    }
}

static void
to_mpz(mpz_t z, const digit *a, long n)
{
    mpz_import(z, (size_t)n, -1, sizeof(digit), 0, 32 - PyLong_SHIFT, a);
}

static void
same(const char *what, mpz_t a, mpz_t b)
{
    if (mpz_cmp(a, b) != 0) {
        fprintf(stderr, "%s differs\n", what);
        exit(1);
    }
}

int
main(void)
{
    static digit a[100], b[100], r[220], q[220];
    mpz_t A, B, R, Q, T, U;
    mpz_inits(A, B, R, Q, T, U, NULL);
    for (int round = 0; round < 60000; round++) {
        long na = 1 + rand() % (round % 8 ? 12 : 80), nb = 1 + rand() % (round % 8 ? 12 : 80);
        fill(a, na);
        fill(b, nb);
        to_mpz(A, a, na);
        to_mpz(B, b, nb);
        kr_dg_mul(r, a, na, b, nb);
        to_mpz(R, r, na + nb);
        mpz_mul(T, A, B);
        same("product", R, T);
        kr_dg_mul(r, a, na, a, na);
        to_mpz(R, r, 2 * na);
        mpz_mul(T, A, A);
        same("square", R, T);
        if (na >= nb) {
            r[na] = kr_dg_add(r, a, na, b, nb);
            to_mpz(R, r, na + 1);
            mpz_add(T, A, B);
            same("sum", R, T);
            if (mpz_cmp(A, B) >= 0) {
                kr_dg_sub(r, a, na, b, nb);
                to_mpz(R, r, na);
                mpz_sub(T, A, B);
                same("difference", R, T);
            }
            if (nb >= 2) {
                kr_dg_div(q, r, a, na, b, nb);
                to_mpz(Q, q, na - nb + 1);
                to_mpz(R, r, nb);
                mpz_tdiv_qr(T, U, A, B);
                same("quotient", Q, T);
                same("remainder", R, U);
            }
        }
        digit rest = kr_dg_div_1(q, a, na, b[0] | 1);
        to_mpz(Q, q, na);
        mpz_set_ui(R, mpz_fdiv_q_ui(T, A, b[0] | 1));
        mpz_set_ui(U, rest);
        same("short quotient", Q, T);
        same("short remainder", R, U);
    }
    mpz_clears(A, B, R, Q, T, U, NULL);
    return 0;
}
