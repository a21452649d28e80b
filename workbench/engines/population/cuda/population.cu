// One file for NVRTC, which knows no header but those that it is given.
#include "scalar.hpp"

namespace {

inline int thread() {
    return threadIdx.x;
}

inline int threads() {
    return blockDim.x;
}

inline long block() {
    return blockIdx.x;
}

inline void barrier() {
    __syncthreads();
}

inline void give_up() {
    __trap();
}

}  // namespace

#include "membranes.hpp"

#include "kernel.hpp"

extern "C" __global__ void __launch_bounds__(THREADS) population(
    Shape const* shape, Tree const* tree, Job const* jobs, Answer* answers, long most_samples,
    long near_count, double* far, long far_count) {
    extern __shared__ double near[];
    do_run(*shape, *tree, jobs, answers, most_samples, near, near_count, far, far_count);
}
