// SPDX-License-Identifier: MIT
// search_items.h - substring search over one item type, included once for each.
//
// Before including define ITEM (the item type) and NAME(stem) (the function name).
//
// Method: the plain search tries each position and counts what the comparisons
// cost. When they cost much more than the ground covered, the rest is searched by
// the two-way method of Crochemore and Perrin, which is linear whatever the texts
// are. Both run forwards or, through AT, backwards.

// Item i counted from the end that the search starts at.
#define AT(base, size, i) ((base)[reverse ? (size) - 1 - (i) : (i)])

// Where the needle is best split: the start of its largest suffix in the normal or
// the inverted alphabet; *period_out receives that suffix's period.
static inline Py_ssize_t
NAME(largest_suffix)(const ITEM *needle, Py_ssize_t m, bool inverted, bool reverse,
                     Py_ssize_t *period_out)
{
    Py_ssize_t best = 0, candidate = 1, k = 0, period = 1;
    while (candidate + k < m) {
        ITEM a = AT(needle, m, candidate + k);
        ITEM b = AT(needle, m, best + k);
        if (inverted ? b < a : a < b) {
            candidate += k + 1;
            k = 0;
            period = candidate - best;
        }
        else if (a == b) {
            if (k + 1 == period) {
                candidate += period;
                k = 0;
            }
            else {
                k++;
            }
        }
        else {
            best = candidate++;
            k = 0;
            period = 1;
        }
    }
    *period_out = period;
    return best;
}

// The two-way search itself; positions count from the starting end.
static Py_ssize_t
NAME(two_way)(const ITEM *text, Py_ssize_t n, const ITEM *needle, Py_ssize_t m, bool reverse)
{
    Py_ssize_t p1, p2;
    Py_ssize_t cut1 = NAME(largest_suffix)(needle, m, false, reverse, &p1);
    Py_ssize_t cut2 = NAME(largest_suffix)(needle, m, true, reverse, &p2);
    Py_ssize_t cut = cut1 > cut2 ? cut1 : cut2;
    Py_ssize_t period = cut1 > cut2 ? p1 : p2;
    bool periodic = cut + period <= m;
    for (Py_ssize_t i = 0; periodic && i < cut; i++) {
        periodic = AT(needle, m, i) == AT(needle, m, i + period);
    }
    if (!periodic) {
        period = Py_MAX(cut, m - cut) + 1;
    }
    // How far the window may move so that its last item fits somewhere.
    Py_ssize_t shift[64];
    for (int i = 0; i < 64; i++) {
        shift[i] = m;
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        shift[AT(needle, m, i) & 63] = m - 1 - i;
    }
    Py_ssize_t j = 0, memory = 0;
    while (j <= n - m) {
        Py_ssize_t skip = shift[AT(text, n, j + m - 1) & 63];
        if (skip > 0) {
            j += skip;
            memory = 0;
            continue;
        }
        Py_ssize_t i = Py_MAX(cut, memory);
        while (i < m && AT(needle, m, i) == AT(text, n, j + i)) {
            i++;
        }
        if (i < m) {
            j += i - cut + 1;
            memory = 0;
            continue;
        }
        i = cut - 1;
        while (i >= memory && AT(needle, m, i) == AT(text, n, j + i)) {
            i--;
        }
        if (i < memory) {
            return j;
        }
        j += period;
        memory = periodic ? m - period : 0;
    }
    return -1;
}

static inline Py_ssize_t
NAME(find_first)(const ITEM *text, Py_ssize_t from, Py_ssize_t to, ITEM ch);

// The least j with text[j:j+m] == needle, counted from the starting end, or -1.
static inline Py_ssize_t
NAME(search)(const ITEM *text, Py_ssize_t n, const ITEM *needle, Py_ssize_t m, bool reverse)
{
    ITEM first = AT(needle, m, 0), last = AT(needle, m, m - 1);
    Py_ssize_t work = 0;
    for (Py_ssize_t j = 0; j <= n - m; j++) {
        if (!reverse) {
            j = NAME(find_first)(text, j, n - m + 1, first);
            if (j < 0) {
                return -1;
            }
        }
        else {
            while (AT(text, n, j) != first) {
                if (++j > n - m) {
                    return -1;
                }
            }
        }
        if (AT(text, n, j + m - 1) != last) {
            continue;
        }
        Py_ssize_t i = 1;
        while (i < m - 1 && AT(text, n, j + i) == AT(needle, m, i)) {
            i++;
        }
        if (i >= m - 1) {
            return j;
        }
        work += i;
        if (KR_UNLIKELY(work > 4 * j + 8 * m + 64)) {
            j++;
            Py_ssize_t rest =
                NAME(two_way)(reverse ? text : text + j, n - j, needle, m, reverse);
            return rest < 0 ? -1 : j + rest;
        }
    }
    return -1;
}

static Py_ssize_t
NAME(rfind)(const ITEM *text, Py_ssize_t n, const ITEM *needle, Py_ssize_t m)
{
    Py_ssize_t j = NAME(search)(text, n, needle, m, true);
    return j < 0 ? -1 : n - m - j;
}

#undef AT
#undef ITEM
#undef NAME
