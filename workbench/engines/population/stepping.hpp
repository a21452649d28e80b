// The scheme of `engines/neuron/adaptive/adaptive.cpp`, with an individual in each lane: each lane has
// its own time, its own step and its own protocol, takes back its own steps, and when its run ends
// takes the next of the queue. No lane sees another, so that the numbers of a run do not depend on
// its company.
#pragma once

#include <array>
#include <cstdio>
#include <memory>

#include "lanes.hpp"

namespace {

constexpr double ROUNDING_ms = 1e-9;
constexpr int KNOWN = 4;
constexpr double FIRST_ms = 0.01, FIRST_mV = 0.01, LONGEST_ms = 4;
constexpr double CAUTION = 0.85, GROWTH = 1.2, LOSS = 0.2, OURS = 0.2, SHORT_ms = 0.02;
// Two parts of a way, and where each is seen: see `advance_exact` of the adaptive steps.
constexpr double LAST = 0.4;
constexpr double SEEN_FIRST = (1. / 3 - LAST / 2) / (1 - LAST), SEEN_LAST = 0.5 + 1 / (6 * LAST);

enum Outcome { DONE, OUT_OF_STEPS, ASTRAY };

struct Shape {
    long nodes, blocks;
    int const* parents;         // (nodes,), before their children; -1 of the root
    long const* counts;         // (blocks,) segments
    int const* nodes_of;        // the node of each segment, block by block
};

struct Job {
    double v_mV, until_ms, longest_ms, tolerance_mV, astray_mV;
    long budget;
    double const *axial_uS, *capacitance_nF;  // (nodes,)
    double const* areas;                      // per segment, 1e-2 um2: mA/cm2 to nA, S/cm2 to uS
    double const *shared, *own;               // block by block
    long jumps;
    double const* jumps_ms;
    long stimuli;
    int const* stimulated;      // (stimuli,) nodes
    long const* knots;          // (stimuli,)
    double const *knots_ms, *knots_nA;
    long recorded;
    int const* recorded_nodes;
};

struct Answer {
    long outcome, steps, taken_back, samples;
    double t_ms;
    double* values;             // (samples, 1 + recorded): time and voltages
};

// What the lanes of an attempt have in common: the weights of what is known, one by one.
struct Attempt {
    Vec h, part_ms, per_part_ms, whole, below, second, third, bent;
    Vec over[6];                       // Newton's divided differences; 0 where not known
    Vec first_x, first_second, first_dt, first_part;    // where states are led, and how far
    Vec last_x, last_second, last_dt, last_part;
    Vec first_flow[3], last_flow[3];   // weights of the currents before
    Vec middle[3];                     // weights of the states before
    Mask again, accepted, landed;      // in the attempt before
};

// Columns of all nodes.
struct Nodes {
    explicit Nodes(long count)
        : v(count), before(count), before2(count), before3(count), p1(count), p2(count), start(count),
          change(count), d(count), next(count), axial(count), capacitance(count) {}
    Vecs v, before, before2, before3, p1, p2, start, change, d, next, axial, capacitance;
};

struct Block {
    virtual ~Block() = default;
    virtual void load(int lane, double const* shared, double const* own, double const* areas) = 0;
    virtual void begin(Mask lanes, Nodes const&) = 0;
    virtual Vec advance(Attempt const&, Nodes&) = 0;
    virtual void finish(Attempt const&, Nodes const&, Mask accepted, Mask landed) = 0;
    virtual int own() const = 0;
    virtual int shared() const = 0;
};

template <typename Membrane>
class BlockOf: public Block {
    static constexpr int S = Membrane::STATES, P = Membrane::POOLED, F = Membrane::FLOWS,
                         OWN = Membrane::OWN, SHARED = Membrane::SHARED;

  public:
    BlockOf(long count, int const* nodes)
        : count_(count), nodes_(nodes, nodes + count), areas_(count), shared_(SHARED + 1),
          own_(count * OWN + 1) {
        for (auto* each: {&states_, &kept_[0], &kept_[1], &kept_[2]})
            each->resize(count * S + 1);
        for (auto* each: {&flow_, &slope_, &flows_[0], &flows_[1], &flows_[2]})
            each->resize(count * F + 1);
    }

    int own() const override {
        return OWN * count_;
    }

    int shared() const override {
        return SHARED;
    }

    void load(int lane, double const* shared, double const* own, double const* areas) override {
        for (int i = 0; i < SHARED; ++i)
            shared_[i][lane] = static_cast<Real>(shared[i]);
        for (long i = 0; i < count_ * OWN; ++i)
            own_[i][lane] = static_cast<Real>(own[i]);
        for (long i = 0; i < count_; ++i)
            areas_[i][lane] = static_cast<Real>(areas[i]);
    }

    void begin(Mask lanes, Nodes const& nodes) override {
        for (long i = 0; i < count_; ++i) {
            Vec s[S + 1] = {}, flow[F + 1] = {}, slope[F + 1], current, g;
            Vec const* const own = &own_[i * OWN];
            Vec const v = nodes.v[nodes_[i]];
            Membrane::initial(v, shared_.data(), own, s);
            Membrane::currents(v, shared_.data(), own, s, current, g, flow, slope);
            for (int j = 0; j < S; ++j)
                for (auto* each: {&states_, &kept_[0], &kept_[1], &kept_[2]})
                    (*each)[i * S + j] = choose(lanes, s[j], (*each)[i * S + j]);
            for (int j = 0; j < F; ++j)
                for (auto* each: {&flows_[0], &flows_[1], &flows_[2]})
                    (*each)[i * F + j] = choose(lanes, flow[j], (*each)[i * F + j]);
        }
    }

    // Lead the states on, add the membrane to the matrix, and tell how far states leave their
    // parabola.
    Vec advance(Attempt const& step, Nodes& nodes) override {
        Vec shared[SHARED + 1];
        std::copy(shared_.begin(), shared_.end(), shared);
        Vec worst{};
        for (long i = 0; i < count_; ++i) {
            int const node = nodes_[i];
            Vec const now = nodes.v[node], p1 = nodes.p1[node], p2 = nodes.p2[node];
            Vec const first_v = now + step.first_x * p1 + step.first_second * p2;
            Vec const last_v = now + step.last_x * p1 + step.last_second * p2;
            Vec const* const own = &own_[i * OWN];
            Vec s[S + 1], was[S + 1], predicted[S + 1];
            for (int j = 0; j < S; ++j) {
                long const at = i * S + j;
                Vec const k0 = kept_[0][at], k1 = kept_[1][at], k2 = kept_[2][at];
                Vec const mine = was[j] = s[j] = choose(step.again, k0, states_[at]);
                Vec const one = kept_[1][at] = choose(step.again, k1, k0);
                Vec const two = kept_[2][at] = choose(step.again, k2, k1);
                kept_[0][at] = mine;
                predicted[j] = step.middle[0] * mine + step.middle[1] * one + step.middle[2] * two;
            }
            Vec flow[F + 1], c[P + 1];
            if constexpr (P > 0) {
                mix(step.first_flow, i, flow);
                Membrane::pools(first_v, step.first_dt, shared, own, s, flow, s);
                mix(step.last_flow, i, flow);
                Membrane::pools(last_v, step.last_dt, shared, own, s, flow, s);
            }
            auto const seen = [&](Vec part) {
                for (int j = 0; j < P; ++j)
                    c[j] = was[j] + part * (s[j] - was[j]);
            };
            seen(step.first_part);
            Membrane::gates(first_v, step.first_dt, shared, own, c, flow, s);
            seen(step.last_part);
            Membrane::gates(last_v, step.last_dt, shared, own, c, flow, s);
            for (int j = 0; j < S; ++j) {
                states_[i * S + j] = s[j];
                Vec const least = every(j < P ? 1e-30 : 1);
                Vec const off = magnitude(s[j] - predicted[j]);
                worst = greater(quotient(off, greater(magnitude(was[j]), least)), worst);
            }
            Vec slope[F + 1], current, g;
            Membrane::currents(nodes.start[node], shared, own, s, current, g, flow, slope);
            for (int j = 0; j < F; ++j)
                flow_[i * F + j] = flow[j], slope_[i * F + j] = slope[j];
            Vec const area = areas_[i];
            nodes.change[node] = -current * area;
            nodes.d[node] = g * area;
        }
        return worst;
    }

    // Currents of ions are those at the step's end of the solution; after a landing, those that
    // pools have seen last.
    void finish(Attempt const& step, Nodes const& nodes, Mask accepted, Mask landed) override {
        if constexpr (F > 0)
            for (long i = 0; i < count_; ++i) {
                Vec seen[F + 1];
                mix(step.last_flow, i, seen);
                for (int j = 0; j < F; ++j) {
                    long const at = i * F + j;
                    Vec const solved = flow_[at] + slope_[at] * nodes.change[nodes_[i]];
                    flows_[2][at] = choose(accepted, flows_[1][at], flows_[2][at]);
                    flows_[1][at] = choose(accepted, flows_[0][at], flows_[1][at]);
                    flows_[0][at] =
                        choose(accepted, solved, choose(landed, seen[j], flows_[0][at]));
                }
            }
    }

  private:
    void mix(Vec const* weights, long i, Vec* found) const {
        for (int j = 0; j < F; ++j) {
            long const at = i * F + j;
            found[j] = weights[0] * flows_[0][at] + weights[1] * flows_[1][at] +
                       weights[2] * flows_[2][at];
        }
    }

    long count_;
    std::vector<int> nodes_;
    Vecs areas_, shared_, own_, states_, kept_[3], flow_, slope_, flows_[3];
};

// The current of a stimulus: straight lines between knots.
class Course {
  public:
    Course(int node, double const* t, double const* nA, long count)
        : node(node), t_(t), nA_(nA), count_(count) {}

    double at(double t) {
        while (next_ < count_ && t_[next_] <= t)
            ++next_;
        while (next_ > 0 && t_[next_ - 1] > t)
            --next_;
        if (next_ == 0)
            return 0;
        if (next_ == count_)
            return nA_[count_ - 1];
        double const a = t_[next_ - 1], b = t_[next_];
        return nA_[next_ - 1] + (nA_[next_] - nA_[next_ - 1]) * (t - a) / (b - a);
    }

    int node;

  private:
    double const *t_, *nA_;
    long count_, next_ = 0;
};

// What one lane is at: numbers of its own run.
struct Lane {
    Job const* job = nullptr;
    Answer* answer = nullptr;
    double t = 0, end = 0, step = 0, wanted = 0, first = FIRST_ms;
    double ago[KNOWN] = {};
    int voltages = 1;
    bool landing = false, again = false;
    std::vector<Course> courses;
    std::vector<double> samples;

    void anew() {
        voltages = 1;
        ago[1] = ago[2] = ago[3] = 0;
        double const* const last = job->jumps_ms + job->jumps;
        double const* const next = std::upper_bound(job->jumps_ms, last, t + ROUNDING_ms);
        end = next == last ? job->until_ms : std::min(job->until_ms, *next);
        wanted = first;
    }

    // Whatever is left before the end is one step, or two equal ones.
    double fitted(double length) const {
        double const left = end - t;
        if (length >= left * (1 - ROUNDING_ms))
            return left;
        return std::min(length, std::max(left / 2, first));
    }

    double part() const {
        return voltages > 1 ? 0.5 : 1;
    }

    std::array<double, 3> middles(double x) const {
        if (voltages < KNOWN)
            return {0, 0, 0};
        double const t[] = {-ago[1] / 2, -(ago[1] + ago[2]) / 2, -(ago[2] + ago[3]) / 2};
        auto const weight = [&](int at, int b, int c) {
            return (x - t[b]) * (x - t[c]) / ((t[at] - t[b]) * (t[at] - t[c]));
        };
        return {weight(0, 1, 2), weight(1, 0, 2), weight(2, 0, 1)};
    }

    std::array<double, 3> flows(double x) const {
        return voltages < KNOWN ? std::array<double, 3>{1, 0, 0} : middles(x);
    }

    double scale(double error) const {
        if (!std::isfinite(error))
            return LOSS;
        double const times = job->tolerance_mV / std::max(error, 1e-12);
        return std::min(std::max(CAUTION * std::sqrt(std::sqrt(times)), LOSS), GROWTH);
    }

    bool spent() const {
        return answer->steps + answer->taken_back >= job->budget;
    }
};

class Group {
  public:
    Group(
        Shape const& shape, std::vector<std::unique_ptr<Block>> blocks, Job const* jobs,
        Answer* answers, long count)
        : shape_(shape), blocks_(std::move(blocks)), nodes_(shape.nodes), jobs_(jobs),
          answers_(answers), count_(count) {
        // What no run has filled is computed with all others: it must be numbers.
        for (long i = 0; i < shape.nodes; ++i) {
            nodes_.axial[i] = nodes_.capacitance[i] = every(1);
            nodes_.v[i] = every(-65);
        }
        Mask begun{};
        for (int i = 0; i < LANES; ++i)
            begun[i] = take(i) ? -1 : 0;
        begin(begun);
    }

    void run() {
        while (std::any_of(lanes_, lanes_ + LANES, [](Lane const& x) { return x.job; }))
            attempt();
    }

  private:
    // Give a lane the next run of the queue.
    bool take(int number) {
        Lane& lane = lanes_[number] = Lane{};
        if (next_ >= count_)
            return false;
        lane.job = jobs_ + next_;
        lane.answer = answers_ + next_;
        ++next_;
        Job const& job = *lane.job;
        lane.first = FIRST_ms * std::min(1.0, std::sqrt(job.tolerance_mV / FIRST_mV));
        long knot = 0;
        for (long i = 0; i < job.stimuli; ++i) {
            lane.courses.emplace_back(
                job.stimulated[i], job.knots_ms + knot, job.knots_nA + knot, job.knots[i]);
            knot += job.knots[i];
        }
        for (long i = 0; i < shape_.nodes; ++i) {
            nodes_.axial[i][number] = static_cast<Real>(job.axial_uS[i]);
            nodes_.capacitance[i][number] = static_cast<Real>(job.capacitance_nF[i]);
            for (auto* each: {&nodes_.v, &nodes_.before, &nodes_.before2, &nodes_.before3})
                (*each)[i][number] = static_cast<Real>(job.v_mV);
        }
        double const *shared = job.shared, *own = job.own, *areas = job.areas;
        for (long i = 0; i < shape_.blocks; ++i) {
            blocks_[i]->load(number, shared, own, areas);
            shared += blocks_[i]->shared();
            own += blocks_[i]->own();
            areas += shape_.counts[i];
        }
        lane.anew();
        record(lane, number);
        return true;
    }

    void begin(Mask lanes) {
        for (auto& block: blocks_)
            block->begin(lanes, nodes_);
    }

    void record(Lane& lane, int number) {
        lane.samples.push_back(lane.t);
        for (long i = 0; i < lane.job->recorded; ++i)
            lane.samples.push_back(nodes_.v[lane.job->recorded_nodes[i]][number]);
    }

    void prepare(Attempt& step) {
        for (int i = 0; i < LANES; ++i) {
            Lane& lane = lanes_[i];
            auto const put = [&](Vec& into, double value) { into[i] = static_cast<Real>(value); };
            double const *const ago = lane.ago;
            if (lane.job && !lane.again && !lane.landing)
                lane.step = lane.fitted(lane.wanted);
            double const h = lane.job ? lane.step : FIRST_ms, part = lane.part();
            double const second = h * (h + ago[1]), third = second * (h + ago[2]);
            put(step.h, h);
            put(step.part_ms, part * h);
            put(step.per_part_ms, 1 / (part * h));
            put(step.whole, 1 / part);
            put(step.below, h / 2 * (h / 2 + ago[1]) - second / 2);
            put(step.second, second);
            put(step.third, third);
            double const mine = lane.voltages > 2 ? h * h / (4 * (h + ago[1]) * (h + ago[2])) : 0;
            put(step.bent, mine / (1 - mine));
            auto const over = [&](int points, double apart) {
                return lane.voltages >= points ? 1 / apart : 0.0;
            };
            put(step.over[0], over(2, ago[1]));
            put(step.over[1], over(3, ago[2] - ago[1]));
            put(step.over[2], over(3, ago[2]));
            put(step.over[3], over(4, ago[3] - ago[2]));
            put(step.over[4], over(4, ago[3] - ago[1]));
            put(step.over[5], over(4, ago[3]));
            double const from = -ago[1] / 2, way = (lane.landing ? 0 : h / 2) - from;
            double const first = from + SEEN_FIRST * way, last = from + SEEN_LAST * way;
            put(step.first_x, first);
            put(step.first_second, first * (first + ago[1]));
            put(step.first_dt, (1 - LAST) * way);
            put(step.first_part, SEEN_FIRST);
            put(step.last_x, last);
            put(step.last_second, last * (last + ago[1]));
            put(step.last_dt, LAST * way);
            put(step.last_part, SEEN_LAST);
            auto const a = lane.flows(first), b = lane.flows(last), m = lane.middles(h / 2);
            for (int j = 0; j < 3; ++j) {
                put(step.first_flow[j], a[j]);
                put(step.last_flow[j], b[j]);
                put(step.middle[j], m[j]);
            }
            step.again[i] = lane.again ? -1 : 0;
        }
    }

    void attempt() {
        Attempt step;
        prepare(step);
        long const n = shape_.nodes;
        for (long i = 0; i < n; ++i) {
            Vec const v = nodes_.v[i], v1 = nodes_.before[i], v2 = nodes_.before2[i],
                      v3 = nodes_.before3[i];
            Vec const s0 = (v - v1) * step.over[0], s1 = (v1 - v2) * step.over[1],
                      s2 = (v2 - v3) * step.over[3];
            Vec const c0 = (s0 - s1) * step.over[2], c1 = (s1 - s2) * step.over[4];
            nodes_.p1[i] = s0;
            nodes_.p2[i] = c0;
            nodes_.next[i] = (c0 - c1) * step.over[5];
            nodes_.start[i] = v + step.below * c0;
            nodes_.change[i] = nodes_.d[i] = Vec{};
        }
        Vec worst{};
        for (auto& block: blocks_)
            worst = greater(block->advance(step, nodes_), worst);
        for (int i = 0; i < LANES; ++i) {
            Lane& lane = lanes_[i];
            double const t = std::min(lane.t + lane.part() * lane.step, lane.end - 2 * ROUNDING_ms);
            for (Course& course: lane.courses)
                nodes_.change[course.node][i] += static_cast<Real>(course.at(t));
        }
        solve(step);
        Vec off{}, largest{}, astray{};
        for (long i = 0; i < n; ++i) {
            Vec const now = nodes_.v[i];
            Vec const led = now + step.whole * nodes_.change[i];
            Vec const parabola = now + step.h * nodes_.p1[i] + step.second * nodes_.p2[i];
            Vec const next = led + step.bent * (led - parabola);
            Vec const cubic = parabola + step.third * nodes_.next[i];
            off = greater(magnitude(next - cubic), off);
            largest = greater(magnitude(next), largest);
            astray += next - next;
            nodes_.next[i] = next;
        }
        decide(step, off, largest, astray, worst);
    }

    // Gauss's elimination on the tree, from its ends to the root and back (Hines 1984).
    void solve(Attempt const& step) {
        Vec *const change = nodes_.change.data(), *const d = nodes_.d.data();
        Vec const *const start = nodes_.start.data(), *const axial = nodes_.axial.data(),
                  *const capacitance = nodes_.capacitance.data();
        int const* const parents = shape_.parents;
        for (long i = shape_.nodes - 1; i > 0; --i) {
            int const parent = parents[i];
            Vec const g = axial[i];
            Vec const along = g * (start[parent] - start[i]);
            Vec const inverse =
                quotient(every(1), d[i] + g + capacitance[i] * step.per_part_ms);
            Vec const mine = change[i] + along, share = g * inverse;
            change[parent] += share * mine - along;
            d[parent] += g - share * g;
            change[i] = mine * inverse;
            d[i] = share;
        }
        change[0] = quotient(change[0], d[0] + capacitance[0] * step.per_part_ms);
        for (long i = 1; i < shape_.nodes; ++i)
            change[i] += d[i] * change[parents[i]];
    }

    void decide(Attempt const& step, Vec off, Vec largest, Vec astray, Vec worst) {
        Mask accepted{}, landed{}, begun{};
        bool ended[LANES] = {};
        for (int i = 0; i < LANES; ++i) {
            Lane& lane = lanes_[i];
            if (!lane.job)
                continue;
            if (lane.landing) {
                landed[i] = -1;
                lane.landing = false;
                lane.anew();
                ended[i] = lane.t >= lane.job->until_ms - ROUNDING_ms;
                continue;
            }
            double const h = lane.step, *const ago = lane.ago;
            double error = astray[i];
            if (lane.voltages >= KNOWN) {
                double const third = h * (h + ago[1]) * (h + ago[2]);
                double const share = OURS * 24 * h * h * h * h / (third * (h + ago[3]));
                error += std::max<double>(
                    off[i] * share * std::max(1.0, h / SHORT_ms), worst[i]);
            }
            Job const& job = *lane.job;
            if (!(error <= job.tolerance_mV) && h > lane.first * (1 + ROUNDING_ms)) {
                ++lane.answer->taken_back;
                lane.again = true;
                lane.step = lane.fitted(
                    std::max(h * std::min(lane.scale(error), CAUTION), lane.first));
                if (lane.spent()) {
                    lane.answer->outcome = OUT_OF_STEPS;
                    ended[i] = true;
                }
                continue;
            }
            lane.again = false;
            accepted[i] = -1;
            ++lane.answer->steps;
            if (!(largest[i] + astray[i] <= job.astray_mV)) {
                lane.answer->outcome = ASTRAY;
                ended[i] = true;
            }
            lane.wanted = lane.first;
            if (lane.voltages >= KNOWN)
                lane.wanted = std::min(
                    {std::max(h * lane.scale(error), lane.first), LONGEST_ms, job.longest_ms});
            for (int j = KNOWN - 1; j > 0; --j)
                lane.ago[j] = lane.ago[j - 1] + h;
            lane.voltages = std::min(lane.voltages + 1, KNOWN);
            lane.t += h;
            if (lane.t >= lane.end - ROUNDING_ms) {
                lane.t = lane.end;
                lane.landing = true;
                ended[i] = ended[i] || lane.t >= job.until_ms - ROUNDING_ms;
            }
            if (lane.spent() && lane.t < job.until_ms && !ended[i]) {
                lane.answer->outcome = OUT_OF_STEPS;
                ended[i] = true;
            }
        }
        for (auto& block: blocks_)
            block->finish(step, nodes_, accepted, landed);
        for (long i = 0; i < shape_.nodes; ++i) {
            nodes_.before3[i] = choose(accepted, nodes_.before2[i], nodes_.before3[i]);
            nodes_.before2[i] = choose(accepted, nodes_.before[i], nodes_.before2[i]);
            nodes_.before[i] = choose(accepted, nodes_.v[i], nodes_.before[i]);
            nodes_.v[i] = choose(accepted, nodes_.next[i], nodes_.v[i]);
        }
        bool any = false;
        for (int i = 0; i < LANES; ++i) {
            Lane& lane = lanes_[i];
            if (lane.job && accepted[i])
                record(lane, i);
            if (!ended[i])
                continue;
            hand_over(lane);
            begun[i] = take(i) ? -1 : 0;
            any = any || begun[i];
        }
        if (any)
            begin(begun);
    }

    void hand_over(Lane& lane) {
        Answer& answer = *lane.answer;
        answer.t_ms = lane.t;
        answer.samples = lane.samples.size() / (1 + lane.job->recorded);
        auto const bytes = lane.samples.size() * sizeof(double);
        answer.values = static_cast<double*>(std::malloc(bytes));
        if (!answer.values)
            throw std::bad_alloc{};
        std::memcpy(answer.values, lane.samples.data(), bytes);
    }

    Shape const& shape_;
    std::vector<std::unique_ptr<Block>> blocks_;
    Nodes nodes_;
    Job const* jobs_;
    Answer* answers_;
    long count_, next_ = 0;
    Lane lanes_[LANES];
};

// Run jobs, as many at once as there are lanes.
template <typename Make>
int run_all(Shape const* shape, Job const* jobs, Answer* answers, long count, Make const& make) {
    try {
        std::vector<std::unique_ptr<Block>> blocks;
        int const* nodes = shape->nodes_of;
        for (long i = 0; i < shape->blocks; ++i) {
            blocks.push_back(make(i, shape->counts[i], nodes));
            nodes += shape->counts[i];
        }
        Group(*shape, std::move(blocks), jobs, answers, count).run();
        return 0;
    } catch (std::exception const&) {
        return 1;
    }
}

}  // namespace
