// What an engine is asked and what it answers; `engine.py` fills the same structs.
#pragma once

namespace {

enum Outcome { DONE, OUT_OF_STEPS, ASTRAY, OUT_OF_SAMPLES };  // the last on a GPU alone

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
    double const *knots_ms, *knots_nA;  // of a clamp mV
    double const* clamps_uS;    // (stimuli,) 0 where it is a current
    long recorded;
    int const* recorded_nodes;
    long events;                // those of one time one after the other
    double const* events_ms;    // (events,), all of them jumps
    int const *event_blocks, *event_points;
    double const* event_weights;
    long observed;              // states
    int const* observed_blocks;
    long const* observed_places;  // in the block: segment by segment
};

// Of a row of samples.
inline long columns_of(Job const& job) {
    return 1 + job.recorded + (job.observed ? 1 + job.observed : 0);
}

struct Answer {
    long outcome, steps, taken_back, samples;
    double t_ms;
    // (samples, columns): time and voltages; then, if states are observed, when they are these, and
    // they themselves. Before and behind a jump states alone are told, and the first time is no number.
    double* values;
};

}  // namespace
