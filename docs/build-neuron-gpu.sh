#!/usr/bin/env bash
# Build NEURON with CoreNEURON for NVIDIA GPUs, in place of the wheel of a virtual environment.
#
#     docs/build-neuron-gpu.sh VENV [ARCHITECTURES]
#
# VENV has the workbench installed; the NEURON that is built has the version of its wheel.
# ARCHITECTURES are compute capabilities as CMake takes them: 80, or "70;80" (the default).
# docs/gpu.md says what has to be there before, and what has not been tried.
set -euo pipefail

venv=$(cd "${1:?which virtual environment?}" && pwd)
architectures=${2:-"70;80"}
python=$venv/bin/python

for tool in nvc nvc++ nvcc cmake git make bison flex; do
    command -v "$tool" >/dev/null || { echo "$tool is missing, see docs/gpu.md" >&2; exit 2; }
done
version=$("$python" -c 'from importlib.metadata import version; print(version("neuron"))') || {
    echo "install the workbench into $venv first" >&2
    exit 2
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --branch "$version" --depth 1 --recurse-submodules --shallow-submodules \
    https://github.com/neuronsimulator/nrn "$work/nrn"
for needed in nrn_requirements.txt external/nmodl/requirements.txt nmodl/requirements.txt; do
    if [ -f "$work/nrn/$needed" ]; then
        "$python" -m pip install -r "$work/nrn/$needed"
    fi
done

# Shared, because Python cannot load a static CoreNEURON.
cmake -S "$work/nrn" -B "$work/build" \
    -DCMAKE_INSTALL_PREFIX="$venv" \
    -DPYTHON_EXECUTABLE="$python" \
    -DCMAKE_C_COMPILER=nvc \
    -DCMAKE_CXX_COMPILER=nvc++ \
    -DCMAKE_CUDA_COMPILER=nvcc \
    -DCMAKE_CUDA_ARCHITECTURES="$architectures" \
    -DNRN_ENABLE_CORENEURON=ON \
    -DCORENRN_ENABLE_GPU=ON \
    -DCORENRN_ENABLE_SHARED=ON \
    -DNRN_ENABLE_INTERVIEWS=OFF \
    -DNRN_ENABLE_RX3D=OFF \
    -DNRN_ENABLE_MPI=OFF
cmake --build "$work/build" --parallel "$(nproc)"

# The wheel's package makes room; its metadata stay and go on naming the version.
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
rm -rf "$packages/neuron"
cmake --install "$work/build"
ln -s "$venv/lib/python/neuron" "$packages/neuron"

cd "$work"
"$python" -c '
from neuron import config
for name in ("CORENRN_ENABLE_GPU", "CORENRN_ENABLE_SHARED"):
    assert config.arguments[name], f"{name} is off"
'
echo "NEURON $version with GPU support is in $venv; before use: export CXX=nvc++"
