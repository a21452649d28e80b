// The scheme of `engines/neuron/adaptive/adaptive.cpp` for one run, one node and one segment, in whatever
// numbers `Vec` holds: the lanes of a vector, or a thread's own. Nothing here is of the standard
// library, so that compilers for other processors take it too.
#pragma once

#include "requests.hpp"
#include "systems.hpp"

namespace {

constexpr double ROUNDING_ms = 1e-9;
constexpr int KNOWN = 4;
constexpr double FIRST_ms = 0.01, FIRST_mV = 0.01, LONGEST_ms = 4;
constexpr double CLAMPED = 0.1;  // shorter is the first step where a voltage is clamped
constexpr double CAUTION = 0.85, GROWTH = 1.2, LOSS = 0.2, OURS = 0.2, SHORT_ms = 0.02;
// Parts of a way, where each is seen, and what makes the mean of a parabola right: see `advance_exact`
// of the adaptive steps.
constexpr int PARTS = 2;
constexpr double LAST = 0.44;
constexpr double LENGTHS[PARTS] = {1 - LAST, LAST};
constexpr double SEEN[PARTS] = {(1. / 3 - LAST / 2) / (1 - LAST), 0.5 + 1 / (6 * LAST)};
constexpr double UNEVEN = 1. / 3 - LENGTHS[0] * SEEN[0] * SEEN[0] - LENGTHS[1] * SEEN[1] * SEEN[1];

inline double lesser(double a, double b) {
    return b < a ? b : a;
}

inline double larger(double a, double b) {
    return a < b ? b : a;
}

// How many of some ordered times are not after t.
inline long passed(double const* times, long count, double t) {
    long from = 0;
    while (from < count) {
        long const middle = from + (count - from) / 2;
        if (times[middle] <= t)
            from = middle + 1;
        else
            count = middle;
    }
    return from;
}

// The current of a stimulus: straight lines between knots.
inline double current_nA(double const* t_ms, double const* nA, long count, double t) {
    long const next = passed(t_ms, count, t);
    if (next == 0)
        return 0;
    if (next == count)
        return nA[count - 1];
    double const a = t_ms[next - 1], b = t_ms[next];
    return nA[next - 1] + (nA[next] - nA[next - 1]) * (t - a) / (b - a);
}

// What is known of an attempt: the weights of what is known, one by one.
struct Attempt {
    Vec h, part_ms, per_part_ms, whole, below, second, third, bent;
    Vec line_x, line_second;           // where currents are put on a line
    Vec over[6];                       // Newton's divided differences; 0 where not known
    // Where states are led, how far, and the weights of the currents before; the stages if there are.
    Vec part_x[PARTS], part_second[PARTS], part_third[PARTS], part_dt[PARTS], part_flow[PARTS][3];
    Vec stage_x[STAGES], stage_second[STAGES], stage_third[STAGES], stage_flow[STAGES][3], way_ms;
    Vec middle[3];                     // weights of the states before
    Mask again;                        // the one before was taken back
};

// What an attempt has come to.
struct Verdict {
    bool accepted = false, landed = false, ended = false;
};

// Where a run is in time.
struct Clock {
    Job const* job = nullptr;
    Answer* answer = nullptr;
    double t = 0, end = 0, step = FIRST_ms, wanted = 0, first = FIRST_ms;
    double ago[KNOWN] = {};
    int voltages = 1;
    bool landing = false, again = false, clamped = false;
    bool by_stages = false;  // whether any membrane has states that are led on together

    void start(Job const* what, Answer* where) {
        job = what, answer = where;
        first = FIRST_ms * lesser(1, sqrt(job->tolerance_mV / FIRST_mV));
        for (long i = 0; i < job->stimuli; ++i)
            clamped = clamped || job->clamps_uS[i] > 0;
        first *= clamped ? CLAMPED : 1;
        anew();
    }

    void anew() {
        voltages = 1;
        ago[1] = ago[2] = ago[3] = 0;
        long const next = passed(job->jumps_ms, job->jumps, t + ROUNDING_ms);
        end = next == job->jumps ? job->until_ms : lesser(job->until_ms, job->jumps_ms[next]);
        wanted = first;
    }

    void choose_step() {
        if (job && !again && !landing)
            step = fitted(wanted);
    }

    // When stimuli are looked at.
    double seen_ms() const {
        return lesser(t + part() * step, end - 2 * ROUNDING_ms);
    }

    // Tell `put` all weights of an attempt.
    template <typename Put>
    void weigh(Attempt& attempt, Put const& put) const {
        double const h = step, second = h * (h + ago[1]);
        put(attempt.h, h);
        put(attempt.part_ms, part() * h);
        put(attempt.per_part_ms, 1 / (part() * h));
        put(attempt.whole, 1 / part());
        bool const whole = part() == 1;
        put(attempt.below, whole ? 0 : h / 2 * (h / 2 + ago[1]) - second / 2);
        put(attempt.second, second);
        double const line = part() * h;
        put(attempt.line_x, line);
        put(attempt.line_second, line * (line + ago[1]));
        put(attempt.third, second * (h + ago[2]));
        double const mine = voltages > 2 && !whole ? h * h / (4 * (h + ago[1]) * (h + ago[2])) : 0;
        put(attempt.bent, mine / (1 - mine));
        auto const over = [&](int points, double apart) {
            return voltages >= points ? 1 / apart : 0.0;
        };
        put(attempt.over[0], over(2, ago[1]));
        put(attempt.over[1], over(3, ago[2] - ago[1]));
        put(attempt.over[2], over(3, ago[2]));
        put(attempt.over[3], over(4, ago[3] - ago[2]));
        put(attempt.over[4], over(4, ago[3] - ago[1]));
        put(attempt.over[5], over(4, ago[3]));
        double const from = -ago[1] / 2, way = (landing ? 0 : h / 2) - from;
        double const uneven = UNEVEN * way * way;
        for (int k = 0; k < PARTS; ++k) {
            double const x = from + SEEN[k] * way;
            put(attempt.part_x[k], x);
            put(attempt.part_second[k], x * (x + ago[1]) + uneven);
            put(attempt.part_third[k], x * (x + ago[1]) * (x + ago[2]));
            put(attempt.part_dt[k], LENGTHS[k] * way);
            Three const flow = flows(x, uneven);
            for (int j = 0; j < 3; ++j)
                put(attempt.part_flow[k][j], flow.of[j]);
        }
        Three const middle = middles(h / 2, 0);
        for (int j = 0; j < 3; ++j)
            put(attempt.middle[j], middle.of[j]);
        if (by_stages)
            weigh_stages(attempt, from, way, put);
    }

    // Accept an attempt or take it back. `off` is how far the worst voltage is from its cubic, in mV,
    // `worst` how far the worst state from its parabola, as a share; `astray` is 0, or no number.
    Verdict judge(double off, double largest, double astray, double worst) {
        Verdict found;
        if (landing) {
            found.landed = true;
            landing = false;
            anew();
            found.ended = t >= job->until_ms - ROUNDING_ms;
            return found;
        }
        double const h = step;
        double error = astray;
        if (voltages >= KNOWN) {
            double const third = h * (h + ago[1]) * (h + ago[2]);
            double const share = OURS * 24 * h * h * h * h / (third * (h + ago[3]));
            double const longer = larger(1, h / SHORT_ms);
            error += larger(off * share * longer * longer, worst);
        }
        if (!(error <= job->tolerance_mV) && h > first * (1 + ROUNDING_ms)) {
            ++answer->taken_back;
            again = true;
            step = fitted(larger(h * lesser(scale(error), CAUTION), first));
            if (spent()) {
                answer->outcome = OUT_OF_STEPS;
                found.ended = true;
            }
            return found;
        }
        again = false;
        found.accepted = true;
        ++answer->steps;
        if (!(largest + astray <= job->astray_mV)) {
            answer->outcome = ASTRAY;
            found.ended = true;
        }
        wanted = first;
        if (voltages >= KNOWN)
            wanted = lesser(lesser(larger(h * scale(error), first), LONGEST_ms), job->longest_ms);
        for (int j = KNOWN - 1; j > 0; --j)
            ago[j] = ago[j - 1] + h;
        voltages = voltages < KNOWN ? voltages + 1 : KNOWN;
        t += h;
        if (t >= end - ROUNDING_ms) {
            t = end;
            landing = true;
            found.ended = found.ended || t >= job->until_ms - ROUNDING_ms;
        }
        if (spent() && t < job->until_ms && !found.ended) {
            answer->outcome = OUT_OF_STEPS;
            found.ended = true;
        }
        return found;
    }

  private:
    struct Three {
        double of[3];
    };

    template <typename Put>
    void weigh_stages(Attempt& attempt, double from, double way, Put const& put) const {
        put(attempt.way_ms, way);
        for (int stage = 0; stage < STAGES; ++stage) {
            double const x = from + part_of(stage) * way;
            put(attempt.stage_x[stage], x);
            put(attempt.stage_second[stage], x * (x + ago[1]));
            put(attempt.stage_third[stage], x * (x + ago[1]) * (x + ago[2]));
            Three const flow = flows(x, 0);
            for (int j = 0; j < 3; ++j)
                put(attempt.stage_flow[stage][j], flow.of[j]);
        }
    }

    // Whatever is left before the end is one step, or two equal ones.
    double fitted(double length) const {
        double const left = end - t;
        if (length >= left * (1 - ROUNDING_ms))
            return left;
        return lesser(length, larger(left / 2, first));
    }

    // After a jump a clamp's own time constant is too short for anything but backward Euler.
    double part() const {
        return voltages > (clamped ? KNOWN - 1 : 1) ? 0.5 : 1;
    }

    // Of a parabola, and of its second difference `more` times.
    Three middles(double x, double more) const {
        if (voltages < KNOWN)
            return {0, 0, 0};
        double const t[] = {-ago[1] / 2, -(ago[1] + ago[2]) / 2, -(ago[2] + ago[3]) / 2};
        auto const weight = [&](int at, int b, int c) {
            return ((x - t[b]) * (x - t[c]) + more) / ((t[at] - t[b]) * (t[at] - t[c]));
        };
        return {weight(0, 1, 2), weight(1, 0, 2), weight(2, 0, 1)};
    }

    Three flows(double x, double more) const {
        return voltages < KNOWN ? Three{1, 0, 0} : middles(x, more);
    }

    double scale(double error) const {
        if (!(error - error == 0))
            return LOSS;
        double const times = job->tolerance_mV / larger(error, 1e-12);
        double const root = sqrt(sqrt(times));
        return lesser(larger(CAUTION * root, LOSS), GROWTH);
    }

    bool spent() const {
        return answer->steps + answer->taken_back >= job->budget;
    }
};

// How far the worst node is from what was foreseen.
struct Worst {
    Vec off{}, largest{}, astray{};
};

// Where the numbers of a node stand, one column each. Its voltage is `v` and what rounding took from
// it, `rest`; what it was before is told by its rises, the last first. Differences of voltages would
// lose small currents and errors.
struct Node {
    Vec &v, &rest, &rise, &rise2, &rise3, &p1, &p2;
    Vec &aside;  // how far from v the step is solved
    Vec &change, &d, &next;

    // Newton's divided differences of the voltages, and where the solution starts from.
    INLINED void foresee(Node const& at, Attempt const& step) {
        Vec const s0 = at.rise * step.over[0], s1 = at.rise2 * step.over[1],
                  s2 = at.rise3 * step.over[3];
        Vec const c0 = (s0 - s1) * step.over[2], c1 = (s1 - s2) * step.over[4];
        at.p1 = s0;
        at.p2 = c0;
        at.next = (c0 - c1) * step.over[5];
        at.aside = at.rest + step.below * c0;
        at.change = at.d = Vec{};
    }

    // The voltage that the solution leads to.
    INLINED void lead(Node const& at, Attempt const& step, Worst& worst) {
        Vec const led = step.whole * at.change;
        Vec const parabola = step.h * at.p1 + step.second * at.p2;
        Vec const rise = led + step.bent * (led - parabola);
        Vec const cubic = parabola + step.third * at.next;
        worst.off = greater(magnitude(rise - cubic), worst.off);
        worst.largest = greater(magnitude(at.v + rise), worst.largest);
        worst.astray += rise - rise;
        at.next = rise;
    }

    INLINED void finish(Node const& at, Mask accepted) {
        at.rise3 = choose(accepted, at.rise2, at.rise3);
        at.rise2 = choose(accepted, at.rise, at.rise2);
        at.rise = choose(accepted, at.next, at.rise);
        Vec v = at.v, rest = at.rest;
        move(v, rest, at.next);
        at.v = choose(accepted, v, at.v);
        at.rest = choose(accepted, rest, at.rest);
    }
};

// A step of Gauss's elimination on the tree, from its ends to the root (Hines 1984): a child, all of
// whose own children are done, is taken out of its parent's equation. Between neighbours that are
// nearly one, differences of conductances would be lost.
INLINED void eliminate(
    Vec axial, Vec capacitive, Vec higher, Vec& change, Vec& d, Vec& parents_change, Vec& parents_d) {
    Vec const along = axial * higher, own = d + capacitive;
    Vec const inverse = every(1) / (own + axial);
    Vec const share = axial * inverse, left = own * inverse;
    parents_change += share * change - left * along;
    parents_d += axial * left;
    change = (change + along) * inverse;
    d = share;
}

// Where the numbers of a segment stand: each column's first, and how far apart the next are.
template <typename Membrane>
struct Segment {
    static constexpr int S = Membrane::STATES, P = Membrane::POOLED, F = Membrane::FLOWS;
    static constexpr int POOLS = Membrane::POOLS_TOGETHER, GATES = Membrane::GATES_TOGETHER;

    Vec *states, *kept[3], *flow, *slope, *flows[3];
    Vec *rests, *kept_rests;  // of the states, see `move`; in double there are none
    long apart;

    INLINED void begin(Segment const& at, Mask lanes, Vec v, Vec const* shared, Vec const* own) {
        Vec s[S + 1] = {}, flow[F + 1] = {}, slope[F + 1], current, g;
        Membrane::initial(v, shared, own, s);
        Membrane::currents(v, shared, own, s, current, g, flow, slope);
        Vec* const all[] = {at.states, at.kept[0], at.kept[1], at.kept[2]};
        for (int j = 0; j < S; ++j)
            for (Vec* each: all)
                each[j * at.apart] = choose(lanes, s[j], each[j * at.apart]);
        if constexpr (!DOUBLE)
            for (int j = 0; j < S; ++j)
                for (Vec* each: {at.rests, at.kept_rests})
                    each[j * at.apart] = choose(lanes, Vec{}, each[j * at.apart]);
        for (int j = 0; j < F; ++j)
            for (Vec* each: at.flows)
                each[j * at.apart] = choose(lanes, flow[j], each[j * at.apart]);
    }

    // Lead the states on, add the membrane to the matrix, and tell how far states leave their
    // parabola.
    INLINED Vec lead(
        Segment const& at, Attempt const& step, Node const& node, Vec area, Vec const* shared,
        Vec const* own, Vec worst) {
        Vec const now = node.v, p1 = node.p1, p2 = node.p2, p3 = node.next;
        auto const part_v = [&](int k) {
            return now + step.part_x[k] * p1 + step.part_second[k] * p2 + step.part_third[k] * p3;
        };
        Vec s[S + 1], rest[S + 1] = {}, was[S + 1], predicted[S + 1];
        for (int j = 0; j < S; ++j) {
            long const a = j * at.apart;
            Vec const k0 = at.kept[0][a], k1 = at.kept[1][a], k2 = at.kept[2][a];
            Vec const mine = was[j] = s[j] = choose(step.again, k0, at.states[a]);
            Vec const one = at.kept[1][a] = choose(step.again, k1, k0);
            Vec const two = at.kept[2][a] = choose(step.again, k2, k1);
            at.kept[0][a] = mine;
            if constexpr (!DOUBLE)
                rest[j] = at.kept_rests[a] = choose(step.again, at.kept_rests[a], at.rests[a]);
            predicted[j] = step.middle[0] * mine + step.middle[1] * one + step.middle[2] * two;
        }
        Vec flow[F + 1], c[P + 1];
        if constexpr (P > 0) {
            for (int k = 0; k < PARTS; ++k) {
                mix(at, step.part_flow[k], flow);
                Membrane::pools(part_v(k), step.part_dt[k], shared, own, s, flow, s, rest);
            }
        }
        auto const staged_v = [&](int stage) {
            return now + step.stage_x[stage] * p1 + step.stage_second[stage] * p2 +
                   step.stage_third[stage] * p3;
        };
        if constexpr (POOLS > 0)
            lead_by_stages<POOLS>(
                s, rest, step.way_ms, [](int i) { return Membrane::pool_at(i); },
                [&](int stage, Vec dt) {
                    mix(at, step.stage_flow[stage], flow);
                    Membrane::pools_together(staged_v(stage), dt, shared, own, s, flow, s, rest);
                });
        auto const seen = [&](Vec part) {
            for (int j = 0; j < P; ++j)
                c[j] = was[j] + part * (s[j] - was[j]);
        };
        for (int k = 0; k < PARTS; ++k) {
            seen(every(SEEN[k]));
            Membrane::gates(part_v(k), step.part_dt[k], shared, own, c, flow, s, rest);
        }
        if constexpr (GATES > 0)
            lead_by_stages<GATES>(
                s, rest, step.way_ms, [](int i) { return Membrane::gate_at(i); },
                [&](int stage, Vec dt) {
                    seen(every(part_of(stage)));
                    Membrane::gates_together(staged_v(stage), dt, shared, own, c, flow, s, rest);
                });
        for (int j = 0; j < S; ++j) {
            at.states[j * at.apart] = s[j];
            if constexpr (!DOUBLE)
                at.rests[j * at.apart] = rest[j];
            Vec const least = every(j < P ? 1e-30 : 1);
            Vec const off = magnitude(s[j] - predicted[j]);
            worst = greater(off / greater(magnitude(was[j]), least), worst);
        }
        Vec slope[F + 1], current, g;
        Vec const line_v = node.rest + step.line_x * p1 + step.line_second * p2;
        Vec const back = node.aside - line_v;
        Membrane::currents(now + line_v, shared, own, s, current, g, flow, slope);
        for (int j = 0; j < F; ++j) {
            at.flow[j * at.apart] = flow[j] + slope[j] * back;
            at.slope[j * at.apart] = slope[j];
        }
        node.change -= (current + g * back) * area;
        node.d += g * area;
        return worst;
    }

    // States after an event.
    INLINED void receive(
        Segment const& at, Mask lanes, Vec v, Vec weight, Vec const* shared, Vec const* own) {
        Vec s[S + 1];
        for (int j = 0; j < S; ++j)
            s[j] = at.states[j * at.apart];
        Membrane::receive(v, weight, shared, own, s);
        for (int j = 0; j < S; ++j)
            at.states[j * at.apart] = choose(lanes, s[j], at.states[j * at.apart]);
    }

    // Currents of ions are those at the step's end of the solution; after a landing, those that
    // pools have seen last.
    INLINED void finish(
        Segment const& at, Attempt const& step, Vec change, Mask accepted, Mask landed) {
        Vec seen[F + 1];
        mix(at, step.part_flow[PARTS - 1], seen);
        for (int j = 0; j < F; ++j) {
            long const a = j * at.apart;
            Vec const solved = at.flow[a] + at.slope[a] * change;
            at.flows[2][a] = choose(accepted, at.flows[1][a], at.flows[2][a]);
            at.flows[1][a] = choose(accepted, at.flows[0][a], at.flows[1][a]);
            at.flows[0][a] = choose(accepted, solved, choose(landed, seen[j], at.flows[0][a]));
        }
    }

  private:
    INLINED void mix(Segment const& at, Vec const* weights, Vec* found) {
        for (int j = 0; j < F; ++j) {
            long const a = j * at.apart;
            found[j] = weights[0] * at.flows[0][a] + weights[1] * at.flows[1][a] +
                       weights[2] * at.flows[2][a];
        }
    }
};

}  // namespace
