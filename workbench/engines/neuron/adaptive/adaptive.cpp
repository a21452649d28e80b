// NEURON's staggered Crank-Nicolson scheme with a step that follows the voltage.
//
// Voltages are known at whole steps, gates and concentrations in the middle between them (Hines
// 1984, Int J Biomed Comput 15:69-76), so that each half is of second order in the other. Here the
// steps differ: gates go from the middle of one step to the middle of the next, and the currents
// that fill pools are carried on along a line to the middle of that way. A step is compared with the
// parabola through the three voltages before it (Milne's device); one whose local error is too
// large is taken back, with the gates that led to it. Where a stimulus jumps, a step ends and the
// scheme begins anew with backward Euler (Rannacher 1984, Numer Math 43:309-327).
//
// Crank-Nicolson hardly damps what alternates from step to step in short segments, and that would
// keep steps short for ever. So each step lies between Crank-Nicolson and backward Euler (the theta
// method), as near to the latter as the tolerance allows: far where the voltage is straight.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cable.hpp"

extern int use_sparse13;
extern int (*nrn_nonvint_block)(int, int, double*, double*, int);

namespace {

constexpr double ROUNDING_ms = 1e-9;
constexpr int KNOWN = 3;              // voltages that a parabola needs
// A step after a jump, and the shortest of all; with less error allowed, as its root: the error of
// backward Euler is of second order in the step.
constexpr double FIRST_ms = 0.01, FIRST_mV = 0.01;
constexpr double LONGEST_ms = 4;
constexpr double CAUTION = 0.85;      // of the step that would just have kept the tolerance
constexpr double GROWTH = 1.6, LOSS = 0.2;
constexpr double DAMPING = 1;         // its share of the tolerance
// The voltage says little of a long step's error in gates and concentrations: it is weighted.
constexpr double SHORT_ms = 0.05;

enum Outcome { DONE, OUT_OF_STEPS, ASTRAY, REFUSED, FAILED };

struct Request {
    double until_ms;
    double const* jumps_ms;  // in order
    long jumps;
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
        , carried_(cable.currents)
        , earlier_(cable.currents)
        , first_(FIRST_ms * std::min(1.0, std::sqrt(asked.tolerance_mV / FIRST_mV)))
        , t_(t_ms) {
        for (auto& known: known_)
            known.resize(cable.count);
    }

    Outcome run() {
        cable_.currents.take();
        begin_anew();
        begin_step();
        while (t_ < asked_.until_ms - ROUNDING_ms) {
            if (answer_.steps + answer_.taken_back >= asked_.budget)
                return OUT_OF_STEPS;
            attempt();
            if (!(error_ <= asked_.tolerance_mV) && step_ > first_ * (1 + ROUNDING_ms)) {
                take_back();
                continue;
            }
            if (!(largest_ <= asked_.astray_mV)) {
                cable_.record(t_ + step_);
                return ASTRAY;
            }
            accept();
        }
        return DONE;
    }

    double now_ms() const {
        return t_;
    }

  private:
    bool settled() const {
        return voltages_ >= KNOWN - 1;
    }

    void begin_anew() {
        end_ = asked_.until_ms;
        for (long i = asked_.jumps - 1; i >= 0; --i)
            if (asked_.jumps_ms[i] > t_ + ROUNDING_ms)
                end_ = std::min(end_, asked_.jumps_ms[i]);
        voltages_ = 0;
        wanted_ = first_;
    }

    // Whatever is left before the end is one step, or two equal ones.
    double fitted(double step) const {
        double const left = end_ - t_;
        if (step >= left * (1 - ROUNDING_ms))
            return left;
        return std::min(step, std::max(left / 2, first_));
    }

    double weight() const {
        return std::max(1.0, step_ / SHORT_ms);
    }

    // 1/2 is Crank-Nicolson, 1 backward Euler.
    double theta() const {
        if (!settled())
            return 1;
        double const cost = bend_ * step_ * step_ * weight();
        double const allowed = DAMPING * asked_.tolerance_mV;
        return cost > 2 * allowed ? 0.5 + allowed / cost : 1;
    }

    void attempt() {
        double const part = theta();
        std::copy_n(cable_.v, cable_.count, known_[0].data());
        // A stimulus that begins where the step ends does not act in it.
        cable_.solve(std::min(t_ + part * step_, end_ - 2 * ROUNDING_ms), part * step_);
        if (settled())
            lead_and_compare(1 / part);
        else
            lead();
    }

    void lead() {
        double* const v = cable_.v;
        double astray = 0;
        largest_ = 0;
        for (int i = 0; i < cable_.count; ++i) {
            v[i] += cable_.change[i];
            largest_ = std::max(largest_, std::fabs(v[i]));
            astray += v[i] - v[i];
        }
        largest_ += astray;
        error_ = astray;
    }

    // Lead the voltage to the end of the step, and estimate the local error and the next bend.
    void lead_and_compare(double whole) {
        double const h = step_, h1 = before_, h2 = before_that_;
        double const p0 = (h + h1) * (h + h1 + h2) / (h1 * (h1 + h2));
        double const p1 = -h * (h + h1 + h2) / (h1 * h2), p2 = h * (h + h1) / ((h1 + h2) * h2);
        // The second derivative from three slopes, weighted so that neither a line nor what
        // alternates from step to step has one.
        double const sum = (h + h1) * (h + h2) * (h1 + h2) / (2 * h * h1 * h2);
        double const b = (1 / h1 + 1 / h2) / (h * sum), b0 = (1 / h - 1 / h2) / (h1 * sum) - b,
                     b2 = (1 / h + 1 / h1) / (h2 * sum), b1 = -b - b0 - b2;
        double const *const v0 = known_[0].data(), *const v1 = known_[1].data(),
                     *const v2 = known_[2].data();
        double* const v = cable_.v;
        double const slope = 1 / (h + h1);
        double off = 0, bend = 0, largest = 0, astray = 0;
        double const *const change = cable_.change, *const rate = cable_.rate.data();
        int const count = cable_.count;
#pragma omp simd reduction(max : off, bend, largest) reduction(+ : astray)
        for (int i = 0; i < count; ++i) {
            double const now = v0[i] + whole * change[i];
            off = std::max(off, std::fabs(now - (p0 * v0[i] + p1 * v1[i] + p2 * v2[i])));
            double const curve = std::fabs(b * now + b0 * v0[i] + b1 * v1[i] + b2 * v2[i]);
            // Where gates hold the voltage straight, theta still leans on the membrane's part.
            double const stiff = rate[i] / (1 + 0.5 * h * rate[i]);
            bend = std::max(bend, curve + stiff * std::fabs(now - v1[i]) * slope);
            largest = std::max(largest, std::fabs(now));
            astray += now - now;
            v[i] = now;
        }
        // The third derivative times h^3 / 12 is our error, times the product / 6 the parabola's.
        double const ours = h * h * h / 12, parabola = h * (h + h1) * (h + h1 + h2) / 6;
        error_ = off * ours / (ours + parabola) * weight() + astray;
        largest_ = largest + astray;
        next_bend_ = bend;
    }

    double scale() const {
        if (!std::isfinite(error_))
            return LOSS;
        double const scale = CAUTION * std::cbrt(asked_.tolerance_mV / std::max(error_, 1e-12));
        return std::min(std::max(scale, LOSS), GROWTH);
    }

    void take_back() {
        ++answer_.taken_back;
        step_ = fitted(std::max(step_ * std::min(scale(), CAUTION), first_));
        std::copy_n(known_[0].data(), cable_.count, cable_.v);
        cable_.states.put_back();
        carried_.put_back();
        move_gates();
    }

    void accept() {
        ++answer_.steps;
        wanted_ = first_;
        if (settled()) {
            wanted_ = std::min(std::max(step_ * scale(), first_), LONGEST_ms);
            // It may grow as much again within the next step.
            bend_ = next_bend_ + std::fabs(next_bend_ - last_bend_);
            last_bend_ = next_bend_;
        } else {
            bend_ = last_bend_ = HUGE_VAL;
        }
        before_that_ = before_;
        before_ = step_;
        ++voltages_;
        std::swap(known_[1], known_[2]);
        std::swap(known_[0], known_[1]);
        t_ += step_;
        if (t_ >= end_ - ROUNDING_ms) {
            t_ = end_;
            begin_anew();
        }
        cable_.record(t_);
        earlier_.swap(cable_.currents);
        cable_.currents.take();
        begin_step();
    }

    // Currents are those within the step before; the gates want them in the middle of their way.
    void begin_step() {
        step_ = fitted(wanted_);
        if (settled()) {
            double const ahead = (before_ + step_) / 4, apart = (before_ + before_that_) / 2;
            cable_.currents.carry_on(earlier_, std::min(ahead / apart, 1.0));
        }
        carried_.take();
        cable_.states.take();
        move_gates();
    }

    // From the middle of the step before to the middle of this one; at first from the beginning.
    void move_gates() {
        cable_.advance_gates(t_, (before_ + step_) / 2);
    }

    Cable& cable_;
    Request const& asked_;
    Answer& answer_;
    Record carried_, earlier_;
    std::vector<double> known_[KNOWN];
    double const first_;
    double t_, end_ = 0, step_ = 0, wanted_ = 0, before_ = 0, before_that_ = 0;
    double error_ = 0, largest_ = 0, bend_ = HUGE_VAL, next_bend_ = 0, last_bend_ = HUGE_VAL;
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
