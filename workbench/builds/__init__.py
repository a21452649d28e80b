"""Builds: the compiled libraries of mechanisms, in a cache keyed by content and sealed."""

from workbench.builds.building import Build, Report, build, is_built
from workbench.builds.library import build_library, build_text
from workbench.builds.native import build_native, native_flags
from workbench.builds.toolchain import find_toolchain, nrnivmodl
from workbench.builds.trust import trust

__all__ = [
    "Build",
    "Report",
    "build",
    "build_library",
    "build_native",
    "build_text",
    "find_toolchain",
    "is_built",
    "native_flags",
    "nrnivmodl",
    "trust",
]
