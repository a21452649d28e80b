// The scheme of `engines/neuron/adaptive/adaptive.cpp`, with an individual in each lane: each lane has
// its own time, its own step and its own protocol, takes back its own steps, and when its run ends
// takes the next of the queue. No lane sees another, so that the numbers of a run do not depend on
// its company.
#pragma once

#include <memory>

#include "lanes.hpp"

#include "scheme.hpp"

namespace {

// Columns of all nodes.
struct Nodes {
    explicit Nodes(long count)
        : v(count), rest(count), rise(count), rise2(count), rise3(count), p1(count), p2(count),
          aside(count), change(count), d(count), next(count), axial(count), capacitance(count) {}

    Node at(long i) {
        return {v[i],  rest[i],  rise[i],   rise2[i], rise3[i], p1[i],
                p2[i], aside[i], change[i], d[i],     next[i]};
    }

    Vecs v, rest, rise, rise2, rise3, p1, p2, aside, change, d, next, axial, capacitance;
};

struct Block {
    virtual ~Block() = default;
    virtual void load(int lane, double const* shared, double const* own, double const* areas) = 0;
    virtual void begin(Mask lanes, Nodes const&) = 0;
    virtual Vec advance(Attempt const&, Nodes&) = 0;
    virtual void finish(Attempt const&, Nodes const&, Mask accepted, Mask landed) = 0;
    virtual void receive(int lane, long point, double weight, Nodes const&) = 0;
    virtual int own() const = 0;
    virtual int shared() const = 0;
    virtual double state(long place, int lane) const = 0;
    virtual bool by_stages() const = 0;
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
        if constexpr (!DOUBLE)
            for (auto* each: {&rests_, &kept_rests_})
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

    double state(long place, int lane) const override {
        return double(states_[place][lane]) + (DOUBLE ? 0 : rests_[place][lane]);
    }

    bool by_stages() const override {
        return Membrane::POOLS_TOGETHER + Membrane::GATES_TOGETHER > 0;
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
        for (long i = 0; i < count_; ++i)
            Segment<Membrane>::begin(
                at(i), lanes, nodes.v[nodes_[i]], shared_.data(), &own_[i * OWN]);
    }

    Vec advance(Attempt const& step, Nodes& nodes) override {
        Vec shared[SHARED + 1];
        std::copy(shared_.begin(), shared_.end(), shared);
        Vec worst{};
        for (long i = 0; i < count_; ++i)
            worst = Segment<Membrane>::lead(
                at(i), step, nodes.at(nodes_[i]), areas_[i], shared, &own_[i * OWN], worst);
        return worst;
    }

    void finish(Attempt const& step, Nodes const& nodes, Mask accepted, Mask landed) override {
        if constexpr (F > 0)
            for (long i = 0; i < count_; ++i)
                Segment<Membrane>::finish(
                    at(i), step, nodes.change[nodes_[i]], accepted, landed);
    }

    void receive(int lane, long i, double weight, Nodes const& nodes) override {
        if constexpr (Membrane::RECEIVES) {
            Mask one{};
            one[lane] = -1;
            Segment<Membrane>::receive(
                at(i), one, nodes.v[nodes_[i]], every(weight), shared_.data(), &own_[i * OWN]);
        }
    }

  private:
    Segment<Membrane> at(long i) {
        auto const state = [&](Vecs& column) { return &column[i * S]; };
        auto const flow = [&](Vecs& column) { return &column[i * F]; };
        return {
            state(states_),
            {state(kept_[0]), state(kept_[1]), state(kept_[2])},
            flow(flow_),
            flow(slope_),
            {flow(flows_[0]), flow(flows_[1]), flow(flows_[2])},
            DOUBLE ? nullptr : state(rests_),
            DOUBLE ? nullptr : state(kept_rests_),
            1};
    }

    long count_;
    std::vector<int> nodes_;
    Vecs areas_, shared_, own_, states_, kept_[3], rests_, kept_rests_, flow_, slope_, flows_[3];
};

// What one lane is at.
struct Lane: Clock {
    std::vector<double> samples;
    long event = 0;  // the next
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
        for (auto const& block: blocks_)
            by_stages_ = by_stages_ || block->by_stages();
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
        Job const& job = jobs_[next_];
        lane.start(&job, answers_ + next_);
        lane.by_stages = by_stages_;
        ++next_;
        for (long i = 0; i < shape_.nodes; ++i) {
            nodes_.axial[i][number] = static_cast<Real>(job.axial_uS[i]);
            nodes_.capacitance[i][number] = static_cast<Real>(job.capacitance_nF[i]);
            nodes_.v[i][number] = static_cast<Real>(job.v_mV);
            for (auto* each: {&nodes_.rest, &nodes_.rise, &nodes_.rise2, &nodes_.rise3})
                (*each)[i][number] = 0;
        }
        double const *shared = job.shared, *own = job.own, *areas = job.areas;
        for (long i = 0; i < shape_.blocks; ++i) {
            blocks_[i]->load(number, shared, own, areas);
            shared += blocks_[i]->shared();
            own += blocks_[i]->own();
            areas += shape_.counts[i];
        }
        return true;
    }

    void begin(Mask lanes) {
        for (auto& block: blocks_)
            block->begin(lanes, nodes_);
        deliver(lanes);
        for (int i = 0; i < LANES; ++i)
            if (lanes[i])
                record(lanes_[i], i, lanes_[i].t, lanes_[i].t);
    }

    // Let arrive what comes where a lane has ended its step.
    void deliver(Mask lanes) {
        for (int i = 0; i < LANES; ++i) {
            if (!lanes[i])
                continue;
            Job const& job = *lanes_[i].job;
            for (long& e = lanes_[i].event;
                 e < job.events && job.events_ms[e] <= lanes_[i].t + ROUNDING_ms; ++e)
                blocks_[job.event_blocks[e]]->receive(
                    i, job.event_points[e], job.event_weights[e], nodes_);
        }
    }

    void record(Lane& lane, int number, double t_ms, double states_ms) {
        Job const& job = *lane.job;
        lane.samples.push_back(t_ms);
        for (long i = 0; i < job.recorded; ++i) {
            int const node = job.recorded_nodes[i];
            lane.samples.push_back(double(nodes_.v[node][number]) + nodes_.rest[node][number]);
        }
        if (job.observed)
            lane.samples.push_back(states_ms);
        for (long i = 0; i < job.observed; ++i)
            lane.samples.push_back(
                blocks_[job.observed_blocks[i]]->state(job.observed_places[i], number));
    }

    // Where states have been led to a jump, and again what they are behind it.
    void record_landed(Mask landed) {
        for (int i = 0; i < LANES; ++i)
            if (landed[i] && lanes_[i].job->observed)
                record(lanes_[i], i, __builtin_nan(""), lanes_[i].t);
    }

    void attempt() {
        Attempt step;
        for (int i = 0; i < LANES; ++i) {
            lanes_[i].choose_step();
            lanes_[i].weigh(
                step, [&](Vec& into, double value) { into[i] = static_cast<Real>(value); });
            step.again[i] = lanes_[i].again ? -1 : 0;
        }
        for (long i = 0; i < shape_.nodes; ++i)
            Node::foresee(nodes_.at(i), step);
        Vec states{};
        for (auto& block: blocks_)
            states = greater(block->advance(step, nodes_), states);
        for (int i = 0; i < LANES; ++i)
            if (lanes_[i].job)
                stimulate(lanes_[i], i);
        solve(step);
        Worst worst;
        for (long i = 0; i < shape_.nodes; ++i)
            Node::lead(nodes_.at(i), step, worst);
        decide(step, worst, states);
    }

    void stimulate(Lane const& lane, int number) {
        Job const& job = *lane.job;
        double const t = lane.seen_ms(), *knots_ms = job.knots_ms, *knots_nA = job.knots_nA;
        for (long i = 0; i < job.stimuli; ++i) {
            int const node = job.stimulated[i];
            double const uS = job.clamps_uS[i];
            double nA = current_nA(knots_ms, knots_nA, job.knots[i], t);
            if (uS > 0)
                nA = uS * (nA - nodes_.v[node][number] - nodes_.aside[node][number]);
            nodes_.change[node][number] += static_cast<Real>(nA);
            nodes_.d[node][number] += static_cast<Real>(uS);
            knots_ms += job.knots[i];
            knots_nA += job.knots[i];
        }
    }

    // From the tree's ends to the root and back.
    void solve(Attempt const& step) {
        Vec *const change = nodes_.change.data(), *const d = nodes_.d.data();
        Vec const *const v = nodes_.v.data(), *const aside = nodes_.aside.data(),
                  *const axial = nodes_.axial.data(),
                  *const capacitance = nodes_.capacitance.data();
        int const* const parents = shape_.parents;
        for (long i = shape_.nodes - 1; i > 0; --i) {
            int const parent = parents[i];
            Vec const higher = (v[parent] - v[i]) + (aside[parent] - aside[i]);
            eliminate(
                axial[i], capacitance[i] * step.per_part_ms, higher, change[i], d[i], change[parent],
                d[parent]);
        }
        change[0] /= d[0] + capacitance[0] * step.per_part_ms;
        for (long i = 1; i < shape_.nodes; ++i)
            change[i] += d[i] * change[parents[i]];
    }

    void decide(Attempt const& step, Worst const& worst, Vec states) {
        Mask accepted{}, landed{}, begun{};
        bool ended[LANES] = {};
        for (int i = 0; i < LANES; ++i) {
            if (!lanes_[i].job)
                continue;
            Verdict const found =
                lanes_[i].judge(worst.off[i], worst.largest[i], worst.astray[i], states[i]);
            accepted[i] = found.accepted ? -1 : 0;
            landed[i] = found.landed ? -1 : 0;
            ended[i] = found.ended;
        }
        for (auto& block: blocks_)
            block->finish(step, nodes_, accepted, landed);
        for (long i = 0; i < shape_.nodes; ++i)
            Node::finish(nodes_.at(i), accepted);
        for (int i = 0; i < LANES; ++i)
            if (lanes_[i].job && accepted[i])
                record(lanes_[i], i, lanes_[i].t, lanes_[i].t - lanes_[i].ago[1] / 2);
        record_landed(landed);
        deliver(landed);
        record_landed(landed);
        bool any = false;
        for (int i = 0; i < LANES; ++i) {
            if (!ended[i])
                continue;
            hand_over(lanes_[i]);
            begun[i] = take(i) ? -1 : 0;
            any = any || begun[i];
        }
        if (any)
            begin(begun);
    }

    void hand_over(Lane& lane) {
        Answer& answer = *lane.answer;
        answer.t_ms = lane.t;
        answer.samples = lane.samples.size() / columns_of(*lane.job);
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
    bool by_stages_ = false;
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
