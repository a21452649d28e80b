// The numbers of one thread, with all that `lanes.hpp` says of vectors.
#pragma once

#define INLINED static inline

namespace {

using Real = double;
using Vec = double;
constexpr bool DOUBLE = true;

// Of vectors `~` is "not", of bool it is no such thing.
struct Mask {
    bool on;

    Mask(bool on = false) : on(on) {}

    Mask operator~() const {
        return !on;
    }

    Mask operator&(Mask other) const {
        return on && other.on;
    }

    Mask operator|(Mask other) const {
        return on || other.on;
    }
};

INLINED Vec every(double x) {
    return x;
}

INLINED bool any(Mask condition) {
    return condition.on;
}

INLINED Vec choose(Mask condition, Vec yes, Vec no) {
    return condition.on ? yes : no;
}

INLINED Vec greater(Vec a, Vec b) {
    return a > b ? a : b;
}

INLINED Vec magnitude(Vec a) {
    return fabs(a);
}

INLINED Vec quotient(Vec a, Vec b) {
    return a / b;
}

INLINED Vec root(Vec a) {
    return sqrt(a);
}

// exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln 2 / 2, by its Taylor polynomial of degree 9:
// within 1e-11 of the value, up to 700; below -700 it is exp(-700).
INLINED Vec exponential(Vec x) {
    constexpr double MAGIC = 0x1.8p52;
    double const within = x > 700 ? 700 : x < -700 ? -700 : x;
    double const shifted = within * 1.4426950408889634 + MAGIC, n = shifted - MAGIC;
    double const r =
        within - n * 6.93147180369123816490e-01 - n * 1.90821492927058770002e-10;
    double const r2 = r * r, r4 = r2 * r2;
    double const a = 1 + r + r2 * (1. / 2 + r * (1. / 6));
    double const b = 1. / 24 + r * (1. / 120) + r2 * (1. / 720 + r * (1. / 5040));
    double const p = a + r4 * (b + r4 * (1. / 40320 + r * (1. / 362880)));
    // The low bits of `shifted` are n: they become a power of two.
    auto const bits = __builtin_bit_cast(unsigned long long, p) +
                      (__builtin_bit_cast(unsigned long long, shifted) << 52);
    return __builtin_bit_cast(double, bits);
}

INLINED Vec logarithm(Vec x) {
    return log(x);
}

// How far s goes in the time dt by s' = f + k (s - now): f (exp(k dt) - 1) / k.
INLINED Vec grown(Vec f, Vec k, Vec dt) {
    return f * (k == 0 ? dt : expm1(k * dt) / k);
}

INLINED void move(Vec& state, Vec&, Vec by) {
    state += by;
}

}  // namespace
