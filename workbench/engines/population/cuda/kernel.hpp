// A block is a run, its threads share its nodes and segments. What all threads need stands in the
// block's shared memory, and what does not fit there in global memory.
//
// Included after what tells a thread its `thread()`, `threads()` and `block()`, has them wait for each
// other, `barrier()`, and ends it all where memory was reckoned wrong, `give_up()`.
#pragma once

#include "scheme.hpp"

namespace {

constexpr int THREADS = 128;  // of a block; a power of two

// The nodes by their distance from the root.
struct Tree {
    long levels;
    int const* starts;          // (levels + 1,) where each level begins in `order`
    int const* order;           // (nodes,)
    int const* child_starts;    // (nodes + 1,) where each node's children begin in `children`
    int const* children;        // those with the highest numbers first
};

// Memory that is handed out in pieces, near first.
struct Room {
    Vec *near, *far;
    long near_left, far_left;

    Vec* take(long count) {
        if (count <= near_left) {
            near_left -= count;
            return (near += count) - count;
        }
        if ((far_left -= count) < 0)
            give_up();
        return (far += count) - count;
    }
};

// The segments of one membrane: their numbers in columns, in the order of `at`.
struct Patch {
    Vec *numbers, *own, *shared;
    long first, count;

    template <typename Membrane>
    INLINED Segment<Membrane> at(Patch const& patch, long i) {
        long const states = patch.count * Membrane::STATES, flows = patch.count * Membrane::FLOWS;
        Vec* const s = patch.numbers + i;
        Vec* const f = s + 4 * states;
        return {
            s,
            {s + states, s + 2 * states, s + 3 * states},
            f,
            f + flows,
            {f + 2 * flows, f + 3 * flows, f + 4 * flows},
            nullptr,
            nullptr,
            patch.count};
    }
};

// What the threads of a block share.
struct Desk {
    Clock clock;
    Attempt step;
    Verdict verdict;
    long segments, points;      // all, and where those of point processes begin
    long samples, most_samples;
    long event;                 // the next
    Vec *v, *rest, *rise, *rise2, *rise3, *p1, *p2, *aside, *change, *d, *next;
    Vec *point_change, *point_d;    // what points give to their nodes, several to one
    Vec* parts[4];              // of the worst, (threads,)
    Patch patches[PATCHES];

    Node at(long i) const {
        return node(i, change[i], d[i]);
    }

    // The node of a segment, or as a point sees it.
    Node seen_by(long segment, long i) const {
        long const point = segment - points;
        return point < 0 ? at(i) : node(i, point_change[point] = 0, point_d[point] = 0);
    }

  private:
    Node node(long i, Vec& change, Vec& d) const {
        return {v[i],  rest[i],  rise[i], rise2[i], rise3[i], p1[i],
                p2[i], aside[i], change,  d,        next[i]};
    }
};

template <typename Do>
INLINED void each(long count, Do const& act) {
    for (long i = thread(); i < count; i += threads())
        act(i);
}

// All segments, each with its membrane's struct, its patch and its place there.
template <typename Do>
INLINED void each_segment(Desk const& desk, Do const& act) {
    int number = 0;
    each(desk.segments, [&](long i) {
        while (i >= desk.patches[number].first + desk.patches[number].count)
            ++number;
        Patch const& patch = desk.patches[number];
        with_membrane(number, [&](auto membrane) { act(membrane, patch, i - patch.first, i); });
    });
}

INLINED void set_up(Desk& desk, Shape const& shape, Room room, Job const& job, Answer& answer) {
    desk.clock = Clock{};
    desk.clock.start(&job, &answer);
    desk.verdict = Verdict{};
    desk.samples = desk.segments = desk.points = desk.event = 0;
    // Those first that threads read from each other.
    for (Vec*& column: desk.parts)
        column = room.take(threads());
    Vec** const columns[] = {&desk.change, &desk.d,    &desk.aside, &desk.v,     &desk.p1,   &desk.p2,
                             &desk.next,   &desk.rise, &desk.rise2, &desk.rise3, &desk.rest};
    for (Vec** column: columns)
        *column = room.take(shape.nodes);
    for (int i = 0; i < PATCHES; ++i) {
        Patch& patch = desk.patches[i];
        patch.first = desk.segments;
        patch.count = shape.counts[i];
        desk.segments += patch.count;
        desk.points += i < MEMBRANES ? patch.count : 0;
        with_membrane(i, [&](auto membrane) {
            using Membrane = decltype(membrane);
            patch.shared = room.take(Membrane::SHARED);
            patch.numbers = room.take(patch.count * (4 * Membrane::STATES + 5 * Membrane::FLOWS));
            patch.own = room.take(patch.count * Membrane::OWN);
            if (Membrane::POOLS_TOGETHER + Membrane::GATES_TOGETHER > 0)
                desk.clock.by_stages = true;
        });
    }
    desk.point_change = room.take(desk.segments - desk.points);
    desk.point_d = room.take(desk.segments - desk.points);
}

INLINED void load(Desk& desk, Shape const& shape, Job const& job) {
    each(shape.nodes, [&](long i) {
        desk.v[i] = job.v_mV;
        desk.rest[i] = desk.rise[i] = desk.rise2[i] = desk.rise3[i] = 0;
    });
    double const *shared = job.shared, *own = job.own;
    for (int number = 0; number < PATCHES; ++number)
        with_membrane(number, [&](auto membrane) {
            using Membrane = decltype(membrane);
            Patch const& patch = desk.patches[number];
            each(Membrane::SHARED, [&](long i) { patch.shared[i] = shared[i]; });
            each(patch.count, [&](long i) {
                for (int j = 0; j < Membrane::OWN; ++j)
                    patch.own[j * patch.count + i] = own[i * Membrane::OWN + j];
            });
            shared += Membrane::SHARED;
            own += patch.count * Membrane::OWN;
        });
}

template <typename Membrane>
INLINED void fetch(Patch const& patch, long i, Vec* own) {
    for (int j = 0; j < Membrane::OWN; ++j)
        own[j] = patch.own[j * patch.count + i];
}

INLINED void begin(Desk& desk, Shape const& shape) {
    each_segment(desk, [&](auto membrane, Patch const& patch, long i, long segment) {
        using Membrane = decltype(membrane);
        Vec own[Membrane::OWN + 1];
        fetch<Membrane>(patch, i, own);
        Segment<Membrane>::begin(
            Patch::at<Membrane>(patch, i), true, desk.v[shape.nodes_of[segment]], patch.shared, own);
    });
}

// By one thread: let arrive what comes where a step has ended.
INLINED void deliver(Desk& desk, Shape const& shape, Job const& job) {
    for (long& e = desk.event;
         e < job.events && job.events_ms[e] <= desk.clock.t + ROUNDING_ms; ++e) {
        Patch const& patch = desk.patches[job.event_blocks[e]];
        long const i = job.event_points[e];
        with_membrane(job.event_blocks[e], [&](auto membrane) {
            using Membrane = decltype(membrane);
            if constexpr (Membrane::RECEIVES) {
                Vec own[Membrane::OWN + 1];
                fetch<Membrane>(patch, i, own);
                Segment<Membrane>::receive(
                    Patch::at<Membrane>(patch, i), true, desk.v[shape.nodes_of[patch.first + i]],
                    job.event_weights[e], patch.shared, own);
            }
        });
    }
}

// A state, by its place in its patch: segment by segment.
INLINED double state_of(Desk const& desk, int number, long place) {
    double found = 0;
    with_membrane(number, [&](auto membrane) {
        constexpr int S = decltype(membrane)::STATES;
        if constexpr (S > 0)
            found = desk.patches[number].numbers[place % S * desk.patches[number].count + place / S];
    });
    return found;
}

INLINED void record(Desk& desk, Job const& job, double t_ms, double states_ms) {
    double* row = desk.clock.answer->values + desk.samples++ * columns_of(job);
    *row++ = t_ms;
    for (long i = 0; i < job.recorded; ++i)
        *row++ = desk.v[job.recorded_nodes[i]];
    if (job.observed)
        *row++ = states_ms;
    for (long i = 0; i < job.observed; ++i)
        *row++ = state_of(desk, job.observed_blocks[i], job.observed_places[i]);
}

// Where states have been led to a jump, and again what they are behind it.
INLINED void record_landed(Desk& desk, Job const& job) {
    if (job.observed)
        record(desk, job, none(), desk.clock.t);
}

INLINED void stimulate(Desk& desk, Shape const& shape, Job const& job) {
    for (long i = desk.points; i < desk.segments; ++i) {
        desk.change[shape.nodes_of[i]] += desk.point_change[i - desk.points];
        desk.d[shape.nodes_of[i]] += desk.point_d[i - desk.points];
    }
    double const t = desk.clock.seen_ms(), *knots_ms = job.knots_ms, *knots_nA = job.knots_nA;
    for (long i = 0; i < job.stimuli; ++i) {
        int const node = job.stimulated[i];
        double const uS = job.clamps_uS[i], to = current_nA(knots_ms, knots_nA, job.knots[i], t);
        desk.change[node] += uS > 0 ? uS * (to - desk.v[node] - desk.aside[node]) : to;
        desk.d[node] += uS;
        knots_ms += job.knots[i];
        knots_nA += job.knots[i];
    }
}

// Gauss's elimination on the tree, all nodes of a level at once. A node takes what its children
// give it in the order in which one thread would.
INLINED void solve(Desk& desk, Tree const& tree, Job const& job) {
    auto const level = [&](long number, auto const& act) {
        long const from = tree.starts[number];
        each(tree.starts[number + 1] - from, [&](long i) { act(tree.order[from + i]); });
        barrier();
    };
    double const *const axial = job.axial_uS, *const capacitance = job.capacitance_nF;
    Vec const per_part_ms = desk.step.per_part_ms;
    for (long number = tree.levels - 2; number >= 0; --number)
        level(number, [&](int parent) {
            for (int i = tree.child_starts[parent]; i < tree.child_starts[parent + 1]; ++i) {
                int const child = tree.children[i];
                Vec const higher =
                    (desk.v[parent] - desk.v[child]) + (desk.aside[parent] - desk.aside[child]);
                eliminate(
                    axial[child], capacitance[child] * per_part_ms, higher, desk.change[child],
                    desk.d[child], desk.change[parent], desk.d[parent]);
            }
        });
    if (thread() == 0)
        desk.change[0] = desk.change[0] / (desk.d[0] + capacitance[0] * per_part_ms);
    barrier();
    for (long number = 0; number + 1 < tree.levels; ++number)
        level(number, [&](int parent) {
            for (int i = tree.child_starts[parent]; i < tree.child_starts[parent + 1]; ++i)
                desk.change[tree.children[i]] += desk.d[tree.children[i]] * desk.change[parent];
        });
}

INLINED void attempt(Desk& desk, Shape const& shape, Tree const& tree, Job const& job) {
    Attempt& step = desk.step;
    if (thread() == 0) {
        desk.clock.choose_step();
        desk.clock.weigh(step, [](Vec& into, double value) { into = value; });
        step.again = desk.clock.again;
    }
    barrier();
    each(shape.nodes, [&](long i) { Node::foresee(desk.at(i), step); });
    barrier();
    Vec states{};
    each_segment(desk, [&](auto membrane, Patch const& patch, long i, long segment) {
        using Membrane = decltype(membrane);
        Vec own[Membrane::OWN + 1];
        fetch<Membrane>(patch, i, own);
        states = Segment<Membrane>::lead(
            Patch::at<Membrane>(patch, i), step, desk.seen_by(segment, shape.nodes_of[segment]),
            job.areas[segment], patch.shared, own, states);
    });
    barrier();
    if (thread() == 0)
        stimulate(desk, shape, job);
    barrier();
    solve(desk, tree, job);
    Worst worst;
    each(shape.nodes, [&](long i) { Node::lead(desk.at(i), step, worst); });
    Vec* const* const parts = desk.parts;
    parts[0][thread()] = worst.off;
    parts[1][thread()] = worst.largest;
    parts[2][thread()] = worst.astray;
    parts[3][thread()] = states;
    barrier();
    for (int half = threads() / 2; half > 0; half /= 2) {
        if (thread() < half) {
            int const other = thread() + half;
            for (int j = 0; j < 4; ++j)
                if (j != 2)
                    parts[j][thread()] = greater(parts[j][other], parts[j][thread()]);
            parts[2][thread()] += parts[2][other];
        }
        barrier();
    }
    if (thread() == 0) {
        Verdict& verdict = desk.verdict =
            desk.clock.judge(parts[0][0], parts[1][0], parts[2][0], parts[3][0]);
        long const rows = verdict.accepted ? 1 : verdict.landed && job.observed ? 2 : 0;
        if (desk.samples + rows > desk.most_samples) {
            desk.clock.answer->outcome = OUT_OF_SAMPLES;
            verdict.accepted = verdict.landed = false;
            verdict.ended = true;
        }
    }
    barrier();
    Mask const accepted = desk.verdict.accepted, landed = desk.verdict.landed;
    each_segment(desk, [&](auto membrane, Patch const& patch, long i, long segment) {
        using Membrane = decltype(membrane);
        if constexpr (Membrane::FLOWS > 0)
            Segment<Membrane>::finish(
                Patch::at<Membrane>(patch, i), step, desk.change[shape.nodes_of[segment]], accepted,
                landed);
    });
    each(shape.nodes, [&](long i) { Node::finish(desk.at(i), accepted); });
    barrier();
    if (thread() == 0) {
        double const t = desk.clock.t;
        if (desk.verdict.accepted)
            record(desk, job, t, t - desk.clock.ago[1] / 2);
        if (desk.verdict.landed) {
            record_landed(desk, job);
            deliver(desk, shape, job);
            record_landed(desk, job);
        }
    }
}

// Do the run of this block. `near` and `far` are its memory, in numbers of eight bytes.
INLINED void do_run(
    Shape const& shape, Tree const& tree, Job const* jobs, Answer* answers, long most_samples,
    double* near, long near_count, double* far, long far_count) {
    constexpr long DESK = (sizeof(Desk) + sizeof(Vec) - 1) / sizeof(Vec);
    Desk& desk = *reinterpret_cast<Desk*>(near);
    Job const& job = jobs[block()];
    Answer& answer = answers[block()];
    if (thread() == 0) {
        Room const room{near + DESK, far + block() * far_count, near_count - DESK, far_count};
        set_up(desk, shape, room, job, answer);
        desk.most_samples = most_samples;
    }
    barrier();
    load(desk, shape, job);
    barrier();
    begin(desk, shape);
    barrier();
    if (thread() == 0) {
        deliver(desk, shape, job);
        record(desk, job, desk.clock.t, desk.clock.t);
    }
    do
        attempt(desk, shape, tree, job);
    while (!desk.verdict.ended);
    if (thread() == 0) {
        answer.t_ms = desk.clock.t;
        answer.samples = desk.samples;
    }
}

}  // namespace
