// Vectors whose lanes are individuals. Nothing here moves a number from one lane to another.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <vector>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define INLINED static inline __attribute__((always_inline))

namespace {

using Real = REAL;
constexpr bool DOUBLE = sizeof(Real) == 8;
constexpr int LANES = 64 / sizeof(Real);
using Bits = std::conditional_t<DOUBLE, std::int64_t, std::int32_t>;
typedef Real Vec __attribute__((vector_size(64)));
typedef Bits Mask __attribute__((vector_size(64)));

INLINED Vec every(double x) {
    return static_cast<Real>(x) - Vec{};
}

INLINED Vec choose(Mask condition, Vec yes, Vec no) {
    return condition ? yes : no;
}

INLINED bool any(Mask condition) {
    bool found = false;
    for (int i = 0; i < LANES; ++i)
        found |= condition[i] != 0;
    return found;
}

INLINED Vec greater(Vec a, Vec b) {
    return a > b ? a : b;
}

INLINED Vec magnitude(Vec a) {
    constexpr Bits sign = std::numeric_limits<Bits>::min();
    return (Vec)((Mask)a & ~(sign - Mask{}));
}

// a / b within 4e-13, in float within two last digits. With AVX-512 from the processor's first guess,
// which for 0 and infinity is all that can be had; no other lane may notice that.
INLINED Vec quotient(Vec a, Vec b) {
#ifdef __AVX512F__
    if constexpr (DOUBLE) {
        __m512d const d = (__m512d)b, y = _mm512_rcp14_pd(d);
        __m512d const off = _mm512_fnmadd_pd(d, y, _mm512_set1_pd(1));
        __m512d const more = _mm512_fmadd_pd(off, off, off);
        __mmask8 const known = _mm512_cmp_pd_mask(off, _mm512_set1_pd(-1), _CMP_GT_OQ);
        return a * (Vec)_mm512_mask_fmadd_pd(y, known, more, y);
    } else {
        __m512 const d = (__m512)b, y = _mm512_rcp14_ps(d);
        __m512 const off = _mm512_fnmadd_ps(d, y, _mm512_set1_ps(1));
        __mmask16 const known = _mm512_cmp_ps_mask(off, _mm512_set1_ps(-1), _CMP_GT_OQ);
        return a * (Vec)_mm512_mask_fmadd_ps(y, known, off, y);
    }
#else
    return a / b;
#endif
}

INLINED Vec root(Vec a) {
    Vec found;
    for (int i = 0; i < LANES; ++i)
        found[i] = std::sqrt(a[i]);
    return found;
}

// x, or the nearer end of -end to end; no number stays none.
INLINED Vec bounded(Vec x, double end) {
#ifdef __AVX512F__
    if constexpr (DOUBLE) {
        __m512d const below = _mm512_min_pd((__m512d)every(end), (__m512d)x);
        return (Vec)_mm512_max_pd((__m512d)every(-end), below);
    } else {
        __m512 const below = _mm512_min_ps((__m512)every(end), (__m512)x);
        return (Vec)_mm512_max_ps((__m512)every(-end), below);
    }
#else
    return x > every(end) ? every(end) : x < every(-end) ? every(-end) : x;
#endif
}

// exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2: exp(r) - 1 and 2^n. By the polynomial
// r + r^2 p(r) whose largest relative error to exp(r) - 1 is least: 8e-14 in double, of degree 9, and
// 5e-7 in float, of degree 5.
struct Powers {
    Vec less_1, of_2;
};

INLINED Powers powers(Vec x) {
    // Up to 700 as NEURON's own; beyond, and below -700, it stays what it is there.
    constexpr double END = DOUBLE ? 700 : 80;
    constexpr int MANTISSA = DOUBLE ? 52 : 23;
    constexpr double MAGIC = DOUBLE ? 0x1.8p52 : 0x1.8p23;
    Vec const within = bounded(x, END);
    Vec const shifted = within * every(1.4426950408889634) + every(MAGIC);
    Vec const r = within - (shifted - every(MAGIC)) * every(0.69314718055994530942);
    Vec const r2 = r * r;
    auto const pair = [&](double a, double b) { return every(a) + r * every(b); };
    Vec p;
    if constexpr (DOUBLE) {
        Vec const low = pair(0.49999999999812433, 0.16666666666868965) +
                        r2 * pair(0.04166666688352444, 0.008333333246371349);
        Vec const high = pair(0.0013888822756520213, 0.0001984135969621547) +
                         r2 * pair(2.48756932187102e-5, 2.7560564295926304e-6);
        p = low + r2 * r2 * high;
    } else {
        p = pair(0.4999940239317612, 0.16666831040771543) +
            r2 * pair(4.1872607436379466e-2, 8.338072888700764e-3);
    }
    // The low bits of `shifted` are n: they become a power of two.
    Vec const of_2 = (Vec)((Mask)every(1) + ((Mask)shifted << MANTISSA));
    return {r + r2 * p, of_2};
}

INLINED Vec exponential(Vec x) {
    Powers const found = powers(x);
    return found.of_2 + found.of_2 * found.less_1;
}

// exp(x) - 1, exact also where it is small.
INLINED Vec exponential_less_1(Vec x) {
    Powers const found = powers(x);
    return (found.of_2 - every(1)) + found.of_2 * found.less_1;
}

// log(x) = e ln 2 + 2 (f + f^3 / 3 + f^5 / 5 + ...), x = 2^e m, f = (m - 1) / (m + 1) with m between
// the roots of 1/2 and 2, up to f^19 (remainder 1e-17). Of 0 it is minus infinity, of
// what is below no number.
INLINED Vec logarithm(Vec x) {
    constexpr int MANTISSA = DOUBLE ? 52 : 23;
    constexpr Bits HALF = DOUBLE ? static_cast<Bits>(0x3fe6a09e667f3bcd) : 0x3f3504f3;
    // The exponent counted from the root of 1/2.
    Mask const bits = (Mask)x - HALF;
    Mask const e = bits >> MANTISSA;
    Vec const m = (Vec)((Mask)x - (e << MANTISSA));
    Vec const f = (m - every(1)) / (m + every(1)), f2 = f * f;
    Vec series = every(1. / 19);
    for (double odd: {17., 15., 13., 11., 9., 7., 5., 3., 1.})
        series = series * f2 + every(1 / odd);
    Vec const found = __builtin_convertvector(e, Vec) * every(0.69314718055994530942) +
                      every(2) * f * series;
    Vec const none = every(std::numeric_limits<double>::quiet_NaN());
    Vec const at_0 = every(-std::numeric_limits<double>::infinity());
    return x > Vec{} ? found : x == Vec{} ? at_0 : none;
}

// How far s goes in the time dt by s' = f + k (s - now): f (exp(k dt) - 1) / k.
INLINED Vec grown(Vec f, Vec k, Vec dt) {
    return f * choose(k == Vec{}, dt, quotient(exponential_less_1(k * dt), k));
}

// Add to a state what it moves. In float also what rounding took from the steps before, or slow states
// would stand still.
INLINED void move(Vec& state, Vec& rest, Vec by) {
    if constexpr (DOUBLE) {
        state += by;
    } else {
        Vec const all = by + rest, next = state + all;
        rest = all - (next - state);
        state = next;
    }
}

template <typename T>
struct Aligned {
    using value_type = T;
    Aligned() = default;
    template <typename U>
    Aligned(Aligned<U> const&) {}
    T* allocate(std::size_t n) {
        void* const found = std::aligned_alloc(64, (n * sizeof(T) + 63) / 64 * 64);
        if (!found)
            throw std::bad_alloc{};
        return static_cast<T*>(found);
    }
    void deallocate(T* p, std::size_t) {
        std::free(p);
    }
    bool operator==(Aligned const&) const {
        return true;
    }
    bool operator!=(Aligned const&) const {
        return false;
    }
};

using Vecs = std::vector<Vec, Aligned<Vec>>;

}  // namespace
