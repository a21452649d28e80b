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
// As wide as the processor's registers: wider vectors are taken apart by the compiler, lane by lane
// where something is chosen, and then a step costs ten times as much.
#if defined __AVX512F__
constexpr int BYTES = 64;
#elif defined __AVX2__
constexpr int BYTES = 32;
#else
constexpr int BYTES = 16;
#endif
constexpr int LANES = BYTES / sizeof(Real);
#if defined __FMA__ || defined __ARM_FEATURE_FMA
constexpr bool FUSED = true;
#else
constexpr bool FUSED = false;
#endif
using Bits = std::conditional_t<DOUBLE, std::int64_t, std::int32_t>;
typedef Real Vec __attribute__((vector_size(BYTES)));
typedef Bits Mask __attribute__((vector_size(BYTES)));

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

INLINED Vec polynomial(Vec, double last) {
    return every(last);
}

template <typename... More>
INLINED Vec polynomial(Vec r, double first, More... more) {
    return every(first) + r * polynomial(r, more...);
}

// Powers of two of sixteenths.
constexpr double SIXTEENTHS[] = {
    1, 1.0442737824274138, 1.0905077326652577, 1.1387886347566916, 1.189207115002721,
    1.241857812073484, 1.2968395546510096, 1.3542555469368927, 1.4142135623730951,
    1.4768261459394993, 1.5422108254079407, 1.6104903319492543, 1.681792830507429,
    1.7562521603732995, 1.8340080864093424, 1.9152065613971474};

struct Powers {
    Vec less_1, of_2;
};

// exp(x) = 2^(n / PARTS) exp(r), n = round(x PARTS / ln 2): exp(r) - 1 and the power of two. By the
// polynomial r p(r) whose largest relative error is least: 5e-14 and 1.1e-7 with as many parts of an
// octave as a vector has lanes, 8 in double and 16 in float, 8e-14 and 5e-7 with one. In double x and r
// come in parts of an octave, since a factor more costs nothing there. In float rounding would.
template <int PARTS>
struct Octave {
    static_assert(PARTS == 1 || PARTS == LANES);
    // Of a mantissa, those that are left of a number of parts.
    static constexpr int DIGITS = (DOUBLE ? 52 : 23) - (PARTS == 1 ? 0 : DOUBLE ? 3 : 4);
    static constexpr double PER = PARTS * 1.4426950408889634, UNIT = DOUBLE ? PER : 1;

    INLINED Powers powers(Vec y) {
        // Up to 700 as NEURON's own; beyond, and below -700, it stays what it is there.
        constexpr double END = DOUBLE ? 700 : 80;
        constexpr double MAGIC = DOUBLE ? 0x1.8p52 : 0x1.8p23;
        Vec const within = bounded(y, END * UNIT);
        Vec const shifted = within * every(PER / UNIT) + every(MAGIC);
        Vec const r = less(within, shifted - every(MAGIC));
        return {r * slope(r), of_2((Mask)shifted)};
    }

  private:
    // x - n UNIT / PER, rounded once: where no processor does so by itself, the product comes in a
    // part that is exact and a small rest (Cody & Waite 1980).
    INLINED Vec less(Vec x, Vec n) {
        constexpr double UNITS = UNIT / PER, FIRST = 355. / 512;
        if constexpr (FUSED || DOUBLE)
            return x - n * every(UNITS);
        else
            return (x - n * every(FIRST)) - n * every(UNITS - FIRST);
    }

    INLINED Vec slope(Vec r) {
        if constexpr (PARTS == 1 && DOUBLE)
            return polynomial(
                r, 0.6931471805599453, 0.24022650695820028, 0.055504108665495024,
                0.009618129157655255, 0.001333355800730143, 0.00015403457080017023,
                1.5252802904506567e-05, 1.32549656937158e-06, 1.0179272153109314e-07);
        else if constexpr (PARTS == 1)
            return polynomial(
                r, 1, 0.4999940262937543, 0.16666830973861654, 0.04187256645529277,
                0.008338072044154609);
        else if constexpr (DOUBLE)
            return polynomial(
                r, 0.08664339756999316, 0.003753539171235418, 0.00010840646204016804,
                2.3481760590163608e-06, 4.069332182748803e-08, 5.875938054198423e-10);
        else
            return polynomial(r, 1, 0.5000146463025239, 0.16666812489963642);
    }

    // 2^(n / PARTS) of the n in the low bits: parts of an octave, less what their numbers add to them.
    INLINED Vec of_2(Mask n) {
#ifdef __AVX512F__
        if constexpr (PARTS > 1) {
            Vec parts{};
            Mask numbers{};
            for (int i = 0; i < PARTS; ++i) {
                parts[i] = static_cast<Real>(SIXTEENTHS[i * 16 / PARTS]);
                numbers[i] = i;
            }
            Mask const bits = (Mask)parts - (numbers << DIGITS);
            if constexpr (DOUBLE)
                return (Vec)((Mask)_mm512_permutexvar_epi64((__m512i)n, (__m512i)bits) +
                             (n << DIGITS));
            else
                return (Vec)((Mask)_mm512_permutexvar_epi32((__m512i)n, (__m512i)bits) +
                             (n << DIGITS));
        }
#endif
        return (Vec)((Mask)every(1) + (n << DIGITS));
    }
};

#ifdef __AVX512F__
using Fine = Octave<LANES>;
#else
using Fine = Octave<1>;
#endif
// In float a part of an octave is too inexact for what is left when 1 is taken from it.
using Whole = std::conditional_t<DOUBLE, Fine, Octave<1>>;

// exp(a x + b)
INLINED Vec exponential(Vec x, double a = 1, double b = 0) {
    Powers const found = Fine::powers(x * every(a * Fine::UNIT) + every(b * Fine::UNIT));
    return found.of_2 + found.of_2 * found.less_1;
}

INLINED Vec less_1(Powers of) {
    return (of.of_2 - every(1)) + of.of_2 * of.less_1;
}

// exp(x y) - 1, exact also where it is small.
INLINED Vec exponential_less_1(Vec x, Vec y) {
    return less_1(Whole::powers(x * (y * every(Whole::UNIT))));
}

// y / (exp(y) - 1), y = a x + b; 1 where y is 0.
INLINED Vec exprelr(Vec x, double a = 1, double b = 0) {
    Vec const y = x * every(a * Whole::UNIT) + every(b * Whole::UNIT);
    Vec const below = less_1(Whole::powers(y));
    return choose(below == Vec{}, every(1), y * every(1 / Whole::UNIT) / below);
}

// A product of exponentials, as they are held between their ends.
INLINED Vec held(Vec product) {
    constexpr double LARGEST = DOUBLE ? 1.0142320547350045e304 : 5.5406223843935098e34;
    Vec const most = product > every(LARGEST) ? every(LARGEST) : product;
    return most < every(1 / LARGEST) ? every(1 / LARGEST) : most;
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
    return f * choose(k == Vec{}, dt, exponential_less_1(k, dt) / k);
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
