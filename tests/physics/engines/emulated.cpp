// Blocks of threads on a processor: each thread is a fiber with a stack of its own, and at a barrier
// it hands over to the next. Between two barriers a thread runs alone, and in which order they come
// is told, so that a result that depends on it is found out.
#include <ucontext.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include "scalar.hpp"

namespace {

constexpr std::size_t STACK = 256 * 1024;

struct Fibers {
    int number = 0, count = 0, alive = 0;
    long block = 0;
    bool backwards = false;
    std::vector<ucontext_t> each;
    std::vector<bool> ended;
    ucontext_t outside;
} fibers;

int thread() {
    return fibers.number;
}

int threads() {
    return fibers.count;
}

long block() {
    return fibers.block;
}

void barrier() {
    swapcontext(&fibers.each[fibers.number], &fibers.outside);
}

void give_up() {
    std::abort();
}

}  // namespace

#include "membranes.hpp"

#include "kernel.hpp"

namespace {

struct Launch {
    Shape const* shape;
    Tree const* tree;
    Job const* jobs;
    Answer* answers;
    long most_samples;
    double* near;
    long near_count;
    double* far;
    long far_count;
} launch;

void enter() {
    do_run(
        *launch.shape, *launch.tree, launch.jobs, launch.answers, launch.most_samples, launch.near,
        launch.near_count, launch.far, launch.far_count);
    fibers.ended[fibers.number] = true;
    --fibers.alive;
}

// All threads come to each barrier, or none: false if some ended while others wait.
bool run_block(std::vector<char>& stacks) {
    int const count = fibers.alive = fibers.count;
    fibers.ended.assign(count, false);
    for (int i = 0; i < count; ++i) {
        ucontext_t& one = fibers.each[i];
        getcontext(&one);
        one.uc_stack.ss_sp = stacks.data() + i * STACK;
        one.uc_stack.ss_size = STACK;
        one.uc_link = &fibers.outside;
        makecontext(&one, enter, 0);
    }
    while (fibers.alive == count)
        for (int i = 0; i < count; ++i) {
            fibers.number = fibers.backwards ? count - 1 - i : i;
            swapcontext(&fibers.outside, &fibers.each[fibers.number]);
        }
    return fibers.alive == 0;
}

}  // namespace

extern "C" int emulate(
    long blocks, int threads, int backwards, Shape const* shape, Tree const* tree, Job const* jobs,
    Answer* answers, long most_samples, long near_count, double* far, long far_count) {
    fibers.count = threads;
    fibers.backwards = backwards;
    fibers.each.resize(threads);
    std::vector<char> stacks(threads * STACK);
    for (fibers.block = 0; fibers.block < blocks; ++fibers.block) {
        // What a block finds in its memory is not what it may rely on.
        std::vector<double> near(near_count, 1e300);
        launch = {shape, tree, jobs, answers, most_samples, near.data(), near_count, far, far_count};
        if (!run_block(stacks))
            return 1;
    }
    return 0;
}
