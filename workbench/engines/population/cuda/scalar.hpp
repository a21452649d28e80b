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

INLINED Vec root(Vec a) {
    return sqrt(a);
}

// As NEURON's own up to 700; below -700 it is exp(-700).
INLINED Vec exponential(Vec x, double a = 1, double b = 0) {
    double const y = a * x + b;
    return exp(y > 700 ? 700 : y < -700 ? -700 : y);
}

// y / (exp(y) - 1), y = a x + b; 1 where y is 0.
INLINED Vec exprelr(Vec x, double a = 1, double b = 0) {
    double const y = a * x + b, below = expm1(y > 700 ? 700 : y);
    return below == 0 ? 1 : y / below;
}

// A product of exponentials, as they are held between their ends.
INLINED Vec held(Vec product) {
    constexpr double LARGEST = 1.0142320547350045e304;
    return product > LARGEST ? LARGEST : product < 1 / LARGEST ? 1 / LARGEST : product;
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
