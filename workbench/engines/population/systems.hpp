// States that move one another, and systems of equations. Nothing here is of the standard library.
#pragma once

namespace {

// Of Newton's method: how often at most, and after which change it has arrived.
constexpr int TURNS = 12;
constexpr double CLOSE = DOUBLE ? 1e-6 : 1e-4;

// The stages of Alexander's method of third order that damps (1977, SIAM J Numer Anal 14:1006-1021),
// each a step of backward Euler.
constexpr int STAGES = 3;
constexpr double STAGE = 0.43586652150845899942;

// Where on the way a stage is.
INLINED double part_of(int stage) {
    return stage == 0 ? STAGE : stage == 1 ? (1 + STAGE) / 2 : 1;
}

INLINED Vec none() {
    Vec const nothing{};
    return nothing / nothing;
}

INLINED Mask is_far(Vec change, Vec now, double least) {
    return magnitude(change) > every(CLOSE) * greater(magnitude(now), every(least));
}

// Lead N states on over a way: `stage(number, dt)` takes each a step from where it is. What they
// move is told with what rounding takes from it, see `move`.
template <int N, typename Place, typename Stage>
INLINED void lead_by_stages(Vec* s, Vec* rest, Vec way, Place const& place, Stage const& stage) {
    constexpr double HALF = (1 - STAGE) / (2 * STAGE);
    constexpr double FIRST = -(6 * STAGE * STAGE - 16 * STAGE + 1) / (4 * STAGE);
    constexpr double SECOND = (6 * STAGE * STAGE - 20 * STAGE + 5) / (4 * STAGE);
    Vec begun[N], begun_rest[N], first[N], second[N], second_rest[N];
    Vec const dt = every(STAGE) * way;
    auto const start = [&](int i, Vec from) {
        s[place(i)] = begun[i];
        rest[place(i)] = begun_rest[i];
        move(s[place(i)], rest[place(i)], from);
    };
    auto const since = [&](int i, Vec state, Vec its_rest) {
        return (s[place(i)] - state) + (rest[place(i)] - its_rest);
    };
    for (int i = 0; i < N; ++i) {
        begun[i] = s[place(i)];
        begun_rest[i] = rest[place(i)];
    }
    stage(0, dt);
    for (int i = 0; i < N; ++i) {
        first[i] = since(i, begun[i], begun_rest[i]);
        start(i, every(HALF) * first[i]);
        second[i] = s[place(i)];
        second_rest[i] = rest[place(i)];
    }
    stage(1, dt);
    for (int i = 0; i < N; ++i) {
        second[i] = since(i, second[i], second_rest[i]);
        start(i, every(FIRST) * first[i] + every(SECOND) * second[i]);
    }
    stage(2, dt);
}

template <int N>
struct Numbers {
    Vec of[N];
};

// The unknowns of a linear system, row by row with the right side last: Gauss's elimination, in each
// lane with the largest pivots.
template <int N>
INLINED Numbers<N> solved(Numbers<N*(N + 1)> system) {
    auto const at = [&](int i, int j) -> Vec& { return system.of[i * (N + 1) + j]; };
    for (int k = 0; k < N; ++k) {
        for (int i = k + 1; i < N; ++i) {
            Mask const larger = magnitude(at(i, k)) > magnitude(at(k, k));
            for (int j = k; j <= N; ++j) {
                Vec const one = at(k, j), other = at(i, j);
                at(k, j) = choose(larger, other, one);
                at(i, j) = choose(larger, one, other);
            }
        }
        for (int i = k + 1; i < N; ++i) {
            Vec const share = at(i, k) / at(k, k);
            for (int j = k; j <= N; ++j)
                at(i, j) -= share * at(k, j);
        }
    }
    Numbers<N> found;
    for (int i = N - 1; i >= 0; --i) {
        Vec value = at(i, N);
        for (int j = i + 1; j < N; ++j)
            value -= at(i, j) * found.of[j];
        found.of[i] = value / at(i, i);
    }
    return found;
}

}  // namespace
