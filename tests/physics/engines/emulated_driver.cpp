// What cuda-core and NVRTC ask of NVIDIA's driver, `libcuda.so.1`: memory is this process's, and the one
// kernel that can be loaded is emulated. What is asked for wrongly is an error, as there.
#include <dlfcn.h>

#include <cstring>
#include <string>

#include "emulated.cpp"

namespace {

constexpr int INVALID = 1, OUT_OF_MEMORY = 2, NOT_FOUND = 500;
constexpr int MAJOR = 75, MINOR = 76, SHARED_OPTIN = 97, MEMORY_POOLS = 115;
constexpr int MOST_SHARED = 227 * 1024, MAX_DYNAMIC_SHARED = 8;
constexpr int EMULATED_THREADS = 4;
void* const CONTEXT = reinterpret_cast<void*>(0x1000);
void* const POOL = reinterpret_cast<void*>(0x2000);
void* const LIBRARY = reinterpret_cast<void*>(0x3000);
void* const KERNEL = reinterpret_cast<void*>(0x4000);
void* current = nullptr;
int allowed = 48 * 1024;

struct Config {
    unsigned grid[3], block[3], shared;
    void *stream, *attributes;
    unsigned count;
};

template <typename T>
T argument(void** arguments, int number) {
    return *static_cast<T*>(arguments[number]);
}

}  // namespace

extern "C" {

int emulated_cuInit(unsigned) {
    return 0;
}

int emulated_cuDriverGetVersion(int* version) {
    return *version = 13000, 0;
}

int emulated_cuDeviceGetCount(int* count) {
    return *count = 1, 0;
}

int emulated_cuDeviceGet(int* device, int number) {
    return *device = number, number ? INVALID : 0;
}

int emulated_cuDeviceGetAttribute(int* value, int attribute, int) {
    *value = attribute == MAJOR          ? 9
             : attribute == SHARED_OPTIN ? MOST_SHARED
             : attribute == MEMORY_POOLS ? 1
                                         : 0;
    return 0;
}

int emulated_cuDevicePrimaryCtxRetain(void** context, int) {
    return *context = CONTEXT, 0;
}

int emulated_cuDevicePrimaryCtxRelease(int) {
    return 0;
}

int emulated_cuCtxSetCurrent(void* context) {
    return current = context, 0;
}

int emulated_cuCtxPushCurrent(void* context) {
    return current = context, 0;
}

int emulated_cuCtxPopCurrent(void** context) {
    return *context = current, current = nullptr, 0;
}

int emulated_cuCtxGetCurrent(void** context) {
    return *context = current, 0;
}

int emulated_cuCtxGetDevice(int* device) {
    return *device = 0, 0;
}

int emulated_cuStreamSynchronize(void*) {
    return 0;
}

int emulated_cuStreamIsCapturing(void*, int* status) {
    return *status = 0, 0;
}

int emulated_cuDeviceGetDefaultMemPool(void** pool, int) {
    return *pool = POOL, 0;
}

int emulated_cuDeviceGetMemPool(void** pool, int) {
    return *pool = POOL, 0;
}

int emulated_cuMemPoolGetAttribute(void*, int, void* value) {
    return *static_cast<unsigned long long*>(value) = 0, 0;
}

int emulated_cuMemPoolSetAttribute(void*, int, void*) {
    return 0;
}

int emulated_cuMemAllocFromPoolAsync(void** found, std::size_t size, void*, void*) {
    if (std::getenv("EMULATED_DRIVER_IS_FULL"))
        return OUT_OF_MEMORY;
    *found = std::malloc(size);
    std::memset(*found, 0xff, size);
    return 0;
}

int emulated_cuMemFreeAsync(void* memory, void*) {
    return std::free(memory), 0;
}

int emulated_cuMemcpyHtoD(void* to, void const* from, std::size_t size) {
    return std::memcpy(to, from, size), 0;
}

int emulated_cuMemcpyDtoH(void* to, void const* from, std::size_t size) {
    return std::memcpy(to, from, size), 0;
}

int emulated_cuLibraryLoadData(
    void** library, char const* code, void*, void*, unsigned, void*, void*, unsigned) {
    return *library = LIBRARY, std::strstr(code, ".visible .entry population(") ? 0 : INVALID;
}

int emulated_cuLibraryUnload(void*) {
    return 0;
}

int emulated_cuLibraryGetKernel(void** kernel, void*, char const* name) {
    return *kernel = KERNEL, std::strcmp(name, "population") ? NOT_FOUND : 0;
}

int emulated_cuKernelSetAttribute(int attribute, int value, void* kernel, int device) {
    if (attribute != MAX_DYNAMIC_SHARED || value > MOST_SHARED || kernel != KERNEL || device)
        return INVALID;
    return allowed = value, 0;
}

int emulated_cuLaunchKernelEx(Config const* config, void* kernel, void** arguments, void**) {
    long const near_count = argument<long>(arguments, 5);
    if (kernel != KERNEL || static_cast<int>(config->shared) > allowed ||
        near_count * 8 > config->shared || config->block[0] != THREADS)
        return INVALID;
    return emulate(
        config->grid[0], EMULATED_THREADS, false, argument<Shape const*>(arguments, 0),
        argument<Tree const*>(arguments, 1), argument<Job const*>(arguments, 2),
        argument<Answer*>(arguments, 3), argument<long>(arguments, 4), near_count,
        argument<double*>(arguments, 6), argument<long>(arguments, 7));
}

int emulated_cuGetErrorName(int error, char const** name) {
    return *name = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_EMULATED", 0;
}

int emulated_cuGetErrorString(int error, char const** text) {
    return *text = error == OUT_OF_MEMORY ? "out of memory" : "asked for wrongly", 0;
}

int cuGetProcAddress_v2(
    char const*, void**, int, unsigned long long, int*);

static void* itself() {
    Dl_info found;
    dladdr(reinterpret_cast<void*>(&cuGetProcAddress_v2), &found);
    return dlopen(found.dli_fname, RTLD_NOW);
}

int cuGetProcAddress_v2(
    char const* name, void** found, int, unsigned long long, int* status) {
    *found = std::strcmp(name, "cuGetProcAddress")
                 ? dlsym(itself(), (std::string("emulated_") + name).c_str())
                 : reinterpret_cast<void*>(&cuGetProcAddress_v2);
    if (status)
        *status = !*found;
    return *found ? 0 : NOT_FOUND;
}

int cuInit(unsigned) {
    return 0;
}

int cuDeviceGetCount(int* count) {
    return *count = 1, 0;
}

// NVIDIA's compiler asks for what nobody describes.
int cuGetExportTable(void const**, void const*) {
    return INVALID;
}
}
