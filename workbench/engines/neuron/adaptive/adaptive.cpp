// A staggered scheme of third order, with a step that follows the voltage.
//
// As in NEURON's own Crank-Nicolson scheme, voltages are known at whole steps, gates and
// concentrations in the middle between them (Hines 1984, Int J Biomed Comput 15:69-76): each half
// costs one call of the mechanisms. Two things raise the order from the second to the third. Gates
// are led on along the cubic through the last voltages, in two parts (cable.hpp). And currents are
// those of the middle of the step on the parabola, not half-way between its ends: they are put on a
// line where the parabola before has that middle, and what is solved for is how far the voltage
// leaves it. This damps what alternates in short segments, as Crank-Nicolson does not, and the
// currents of GHK, which are curved, are as exact as others.
//
// A step is compared with the cubic through the four voltages before it (Milne's device); one whose
// local error is too large is taken back, with the gates that led to it. Where a stimulus jumps or an
// event arrives, a step ends, gates are led to that time, the event is delivered, and the scheme
// begins anew with backward Euler (Rannacher 1984, Numer Math 43:309-327). So no step that holds an
// event is ever taken back.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <vector>

#include "cable.hpp"

extern int use_sparse13;
extern int (*nrn_nonvint_block)(int, int, double*, double*, int);

namespace {

constexpr double ROUNDING_ms = 1e-9;
constexpr int KNOWN = 4;              // voltages, now and before: what a cubic needs
// A step after a jump, and the shortest of all; with less error allowed, as its root: the error of
// backward Euler is of second order in the step.
constexpr double FIRST_ms = 0.01, FIRST_mV = 0.01;
constexpr double LONGEST_ms = 4;
constexpr double CAUTION = 0.85;      // of the step that would just have kept the tolerance
// Growth any quicker lets stiff modes grow too, and steps are taken back for it.
constexpr double GROWTH = 1.2, LOSS = 0.2;
// With equal steps the cubic is off by h^4 times the fourth derivative, and the scheme by 3/16 of
// that where the voltage leaks away.
constexpr double OURS = 0.2;
// Between spikes each millisecond counts, and not each step: what long steps err adds up to. And there
// a voltage that is off by as much makes a spike later by more: it rises the slower, the longer steps
// are. So a longer step is allowed less, as the square of its length.
constexpr double SHORT_ms = 0.02;

enum Outcome { DONE, OUT_OF_STEPS, ASTRAY, REFUSED, FAILED };

struct Request {
    double until_ms;
    double const* jumps_ms;  // of stimuli, and when events arrive; in order
    long jumps;
    double longest_ms;  // of a step, for the stimuli
    double tolerance_mV, astray_mV;
    char const* const* first_order;  // mechanisms
    long first_orders;
    long budget;
};

struct Answer {
    long steps, taken_back;
    double t_ms;
    char why[256];
};

class Stepper {
  public:
    Stepper(Cable& cable, double t_ms, Request const& asked, Answer& answer)
        : cable_(cable)
        , asked_(asked)
        , answer_(answer)
        , states_{cable.states, cable.states, cable.states}
        , currents_{cable.currents, cable.currents, cable.currents}
        , first_(FIRST_ms * std::min(1.0, std::sqrt(asked.tolerance_mV / FIRST_mV)))
        , t_(t_ms) {
        for (auto& each: known_)
            each.resize(cable.count);
        for (auto& each: slopes_)
            each.resize(cable.count);
        back_.resize(cable.count);
    }

    Outcome run() {
        begin_anew();
        while (t_ < asked_.until_ms - ROUNDING_ms) {
            begin_step();
            attempt();
            while (!(error_ <= asked_.tolerance_mV) && step_ > first_ * (1 + ROUNDING_ms)) {
                ++answer_.taken_back;
                if (spent())
                    return OUT_OF_STEPS;
                take_back();
                attempt();
            }
            if (!(largest_ <= asked_.astray_mV)) {
                cable_.record(t_ + step_);
                return ASTRAY;
            }
            accept();
            if (spent() && t_ < asked_.until_ms)
                return OUT_OF_STEPS;
        }
        return DONE;
    }

    double now_ms() const {
        return t_;
    }

  private:
    bool spent() const {
        return answer_.steps + answer_.taken_back >= asked_.budget;
    }

    // What is known of before a jump says nothing of after it.
    void begin_anew() {
        cable_.deliver(t_, ROUNDING_ms);
        voltages_ = 1;
        ago_[1] = ago_[2] = ago_[3] = 0;
        currents_[0].take();
        double const* const last = asked_.jumps_ms + asked_.jumps;
        double const* const next = std::upper_bound(asked_.jumps_ms, last, t_ + ROUNDING_ms);
        end_ = next == last ? asked_.until_ms : std::min(asked_.until_ms, *next);
        wanted_ = first_;
    }

    // Whatever is left before the end is one step, or two equal ones.
    double fitted(double step) const {
        double const left = end_ - t_;
        if (step >= left * (1 - ROUNDING_ms))
            return left;
        return std::min(step, std::max(left / 2, first_));
    }

    void begin_step() {
        step_ = fitted(wanted_);
        fit();
        states_[2].swap(states_[1]);
        states_[1].swap(states_[0]);
        states_[0].take();
        move_gates(step_ / 2);
    }

    // Newton's polynomial through the known voltages.
    void fit() {
        double const* const v = cable_.v;
        double *const now = known_[0].data(), *const p1 = slopes_[0].data(),
               *const p2 = slopes_[1].data(), *const p3 = slopes_[2].data();
        double const *const v1 = known_[1].data(), *const v2 = known_[2].data(),
                     *const v3 = known_[3].data();
        auto const over = [&](int points, double apart) {
            return voltages_ >= points ? 1 / apart : 0.0;
        };
        double const a = over(2, ago_[1]), b = over(3, ago_[2] - ago_[1]), c = over(3, ago_[2]),
                     d = over(4, ago_[3] - ago_[2]), e = over(4, ago_[3] - ago_[1]),
                     f = over(4, ago_[3]);
        int const count = cable_.count;
#pragma omp simd
        for (int i = 0; i < count; ++i) {
            double const s0 = (v[i] - v1[i]) * a, s1 = (v1[i] - v2[i]) * b,
                         s2 = (v2[i] - v3[i]) * d;
            double const c0 = (s0 - s1) * c, c1 = (s1 - s2) * e;
            now[i] = v[i];
            p1[i] = s0;
            p2[i] = c0;
            p3[i] = (c0 - c1) * f;
        }
    }

    // From the middle of the step before to another time, both counted from now.
    void move_gates(double to) {
        cable_.advance(
            t_, -ago_[1] / 2, to, [this](double x, double more) { put_voltages(x, more); },
            [this](double x, double more) { put_currents(x, more); });
    }

    // Of the cubic at a time, and of its second difference `more` times.
    void put_voltages(double x, double more) {
        double* const v = cable_.v;
        double const *const now = known_[0].data(), *const p1 = slopes_[0].data(),
                     *const p2 = slopes_[1].data(), *const p3 = slopes_[2].data();
        double const second = x * (x + ago_[1]) + more;
        double const third = x * (x + ago_[1]) * (x + ago_[2]);
        int const count = cable_.count;
#pragma omp simd
        for (int i = 0; i < count; ++i)
            v[i] = now[i] + x * p1[i] + second * p2[i] + third * p3[i];
    }

    void put_currents(double x, double more) {
        if (voltages_ >= KNOWN) {
            auto const [now, before, first] = middles(x, more);
            currents_[0].mix(now, currents_[1], before, currents_[2], first);
        } else {
            currents_[0].put_back();
        }
    }

    // The weights of what was in the middle of the last three steps on a parabola at another time.
    std::array<double, 3> middles(double x, double more) const {
        double const t[] = {
            -ago_[1] / 2, -(ago_[1] + ago_[2]) / 2, -(ago_[2] + ago_[3]) / 2};
        auto const weight = [&](int at, int b, int c) {
            return ((x - t[b]) * (x - t[c]) + more) / ((t[at] - t[b]) * (t[at] - t[c]));
        };
        return {weight(0, 1, 2), weight(1, 0, 2), weight(2, 0, 1)};
    }

    // Put currents on a line where the parabola has the middle of the step, solve, and estimate the
    // local error.
    void attempt() {
        double const h = step_, part = voltages_ > 1 ? 0.5 : 1;
        double const second = h * (h + ago_[1]), third = second * (h + ago_[2]);
        double* const v = cable_.v;
        double const *const now = known_[0].data(), *const p1 = slopes_[0].data(),
                     *const p2 = slopes_[1].data(), *const p3 = slopes_[2].data();
        double const below = h / 2 * (h / 2 + ago_[1]) - second / 2;
        double const line = part * h, line_second = line * (line + ago_[1]);
        double* const back = back_.data();
        int const count = cable_.count;
#pragma omp simd
        for (int i = 0; i < count; ++i) {
            double const ahead = line * p1[i] + line_second * p2[i];
            v[i] = now[i] + ahead;
            back[i] = below * p2[i] - ahead;
        }
        // A stimulus that begins where the step ends does not act in it.
        cable_.solve(std::min(t_ + part * h, end_ - 2 * ROUNDING_ms), part * h, back);
        double const* const change = cable_.change;
        double const whole = 1 / part;
        // The middle's slope is not quite that of the whole: by h^2 / 24 of the third derivative,
        // which is how far the step leaves the parabola.
        double const mine = h * h / (4 * (h + ago_[1]) * (h + ago_[2]));
        double const bent = voltages_ > 2 ? mine / (1 - mine) : 0;
        double off = 0, largest = 0, astray = 0;
#pragma omp simd reduction(max : off, largest) reduction(+ : astray)
        for (int i = 0; i < count; ++i) {
            double const led = now[i] + whole * change[i];
            double const parabola = now[i] + h * p1[i] + second * p2[i];
            double const next = led + bent * (led - parabola);
            double const cubic = parabola + third * p3[i];
            off = std::max(off, std::fabs(next - cubic));
            largest = std::max(largest, std::fabs(next));
            astray += next - next;
            v[i] = next;
        }
        largest_ = largest + astray;
        error_ = astray;
        if (voltages_ >= KNOWN) {
            double const share = OURS * 24 * h * h * h * h / (third * (h + ago_[3]));
            double const longer = std::max(1.0, h / SHORT_ms);
            error_ += std::max(off * share * longer * longer, states_off());
        }
    }

    // How far gates and concentrations leave the parabola through those before: a gate by all of
    // its range, or a concentration by all of itself, counts as 1 mV. Seldom more than the voltage,
    // but it sees what moves while the voltage rests.
    double states_off() const {
        auto const [now, before, first] = middles(step_ / 2, 0);
        return states_[0].off(now, states_[1], before, states_[2], first);
    }

    double scale() const {
        if (!std::isfinite(error_))
            return LOSS;
        double const times = asked_.tolerance_mV / std::max(error_, 1e-12);
        return std::min(std::max(CAUTION * std::sqrt(std::sqrt(times)), LOSS), GROWTH);
    }

    void take_back() {
        step_ = fitted(std::max(step_ * std::min(scale(), CAUTION), first_));
        states_[0].put_back();
        move_gates(step_ / 2);
    }

    void accept() {
        ++answer_.steps;
        wanted_ = first_;
        if (voltages_ >= KNOWN)
            wanted_ = std::min({std::max(step_ * scale(), first_), LONGEST_ms, asked_.longest_ms});
        for (int i = KNOWN - 1; i > 0; --i) {
            known_[i].swap(known_[i - 1]);
            ago_[i] = ago_[i - 1] + step_;
        }
        currents_[2].swap(currents_[1]);
        currents_[1].swap(currents_[0]);
        currents_[0].take();
        voltages_ = std::min(voltages_ + 1, KNOWN);
        t_ += step_;
        bool const at_end = t_ >= end_ - ROUNDING_ms;
        if (at_end)
            t_ = end_;
        cable_.record(t_);
        if (at_end) {
            fit();
            move_gates(0);
            std::copy_n(known_[0].data(), cable_.count, cable_.v);
            begin_anew();
        }
    }

    Cable& cable_;
    Request const& asked_;
    Answer& answer_;
    Record states_[3], currents_[3];
    std::vector<double> known_[KNOWN], slopes_[KNOWN - 1], back_;
    double ago_[KNOWN] = {};  // when the voltages were known
    double const first_;
    double t_, end_ = 0, step_ = 0, wanted_ = 0, error_ = 0, largest_ = 0;
    int voltages_ = 0;
};

void check(NrnThread const& thread) {
    if (nrn_nthread != 1)
        throw std::invalid_argument("several threads");
    if (thread._ecell_memb_list || use_sparse13)
        throw std::invalid_argument("extracellular or a LinearMechanism");
    if (nrn_nonvint_block)
        throw std::invalid_argument("reaction and diffusion (neuron.rxd)");
    for (auto const* blocks: thread.tbl)
        if (blocks)
            throw std::invalid_argument("a mechanism with BEFORE or AFTER");
}

}  // namespace

extern "C" int workbench_advance(Request const* asked, Answer* answer) {
    NrnThread& thread = nrn_threads[0];
    *answer = Answer{};
    try {
        check(thread);
        auto const opaque = nrn_ensure_model_data_are_sorted_opaque();
        Token const& token = opaque;
        Names const first_order(asked->first_order, asked->first_order + asked->first_orders);
        Cable cable{token, thread, first_order};
        Stepper stepper{cable, thread._t, *asked, *answer};
        int const outcome = stepper.run();
        answer->t_ms = stepper.now_ms();
        return outcome;
    } catch (std::invalid_argument const& refusal) {
        std::snprintf(answer->why, sizeof answer->why, "%s", refusal.what());
        return REFUSED;
    } catch (std::exception const& error) {
        std::snprintf(answer->why, sizeof answer->why, "%s", error.what());
        return FAILED;
    }
}
