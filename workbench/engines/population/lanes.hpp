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

#ifndef REAL
#define REAL double
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

// a / b within two last digits. With AVX-512 by Newton's method from the processor's first guess,
// which for 0 and infinity is none; no other lane may notice that.
INLINED Vec quotient(Vec a, Vec b) {
#ifdef __AVX512DQ__
    constexpr int NO_GUESS = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20;  // NaN, +-0, +-inf, denormal
    if constexpr (DOUBLE) {
        __m512d const d = (__m512d)b, one = _mm512_set1_pd(1);
        __m512d y = _mm512_rcp14_pd(d);
        y = _mm512_fmadd_pd(y, _mm512_fnmadd_pd(d, y, one), y);
        y = _mm512_fmadd_pd(y, _mm512_fnmadd_pd(d, y, one), y);
        Vec const found = a * (Vec)y;
        __mmask8 const none = _mm512_fpclass_pd_mask(d, NO_GUESS);
        if (__builtin_expect(none != 0, 0))
            return (Vec)_mm512_mask_blend_pd(none, (__m512d)found, (__m512d)(a / b));
        return found;
    } else {
        __m512 const d = (__m512)b, one = _mm512_set1_ps(1);
        __m512 y = _mm512_rcp14_ps(d);
        y = _mm512_fmadd_ps(y, _mm512_fnmadd_ps(d, y, one), y);
        Vec const found = a * (Vec)y;
        __mmask16 const none = _mm512_fpclass_ps_mask(d, NO_GUESS);
        if (__builtin_expect(none != 0, 0))
            return (Vec)_mm512_mask_blend_ps(none, (__m512)found, (__m512)(a / b));
        return found;
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

// exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2, by its Taylor polynomial: of degree 9
// in double (within 1e-11 of the value), of degree 6 in float (2e-7). Up to 700 (80), as NEURON's own;
// below -700 (-80) it is exp(-700).
INLINED Vec exponential(Vec x) {
    constexpr double END = DOUBLE ? 700 : 80;
    constexpr int MANTISSA = DOUBLE ? 52 : 23;
    constexpr double MAGIC = DOUBLE ? 0x1.8p52 : 0x1.8p23;
    constexpr double HIGH = DOUBLE ? 6.93147180369123816490e-01 : 0.693359375;
    constexpr double LOW = DOUBLE ? 1.90821492927058770002e-10 : -2.12194440e-4;
    Vec const within = bounded(x, END);
    Vec const shifted = within * every(1.4426950408889634) + every(MAGIC);
    Vec const n = shifted - every(MAGIC);
    Vec const r = within - n * every(HIGH) - n * every(LOW);
    Vec const r2 = r * r;
    auto const pair = [&](double a, double b) { return every(a) + r * every(b); };
    Vec p;
    if constexpr (DOUBLE) {
        Vec const r4 = r2 * r2;
        Vec const a = pair(1, 1) + r2 * pair(1. / 2, 1. / 6);
        Vec const b = pair(1. / 24, 1. / 120) + r2 * pair(1. / 720, 1. / 5040);
        p = a + r4 * (b + r4 * pair(1. / 40320, 1. / 362880));
    } else {
        p = pair(1, 1) +
            r2 * (pair(1. / 2, 1. / 6) + r2 * (pair(1. / 24, 1. / 120) + r2 * every(1. / 720)));
    }
    // The low bits of `shifted` are n: they become a power of two.
    return (Vec)((Mask)p + ((Mask)shifted << MANTISSA));
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
    Vec const z = k * dt;
    Vec const share = quotient(exponential(z) - every(1), z);
    Vec const series = every(1) + z * (every(1. / 2) + z * every(1. / 6));
    return f * dt * choose(magnitude(z) < every(DOUBLE ? 1e-5 : 1e-2), series, share);
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
