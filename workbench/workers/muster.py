"""What the ranks of a run must have in common, and how a difference is told."""

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from workbench.errors import LaunchError

_PACKAGES = ("neuron-workbench", "neuron", "numpy", "efel", "deap", "bluepyopt")
_TOLD = 3


def code_facts() -> dict[str, str]:
    """Return what decides which code this process runs."""
    facts = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = "none"
    return {**facts, "the workbench's own files": _digest_of_sources()}


def compare(facts: Mapping[int, Mapping[str, str]], hosts: Mapping[int, str]) -> None:
    """Compare the facts of each rank with those of rank 0.

    Raises
    ------
    LaunchError
        If they differ; it says in what, and where.
    """
    ours = facts[0]
    differences = [
        f"{name}: {theirs.get(name, 'unknown'):.12} on rank {rank} ({hosts[rank]}), "
        f"{ours[name]:.12} on rank 0 ({hosts[0]})"
        for rank, theirs in sorted(facts.items())
        for name in ours
        if theirs.get(name) != ours[name]
    ]
    if differences:
        more = len(differences) - _TOLD
        told = "; ".join(differences[:_TOLD]) + (f"; and {more} more" if more > 0 else "")
        raise LaunchError(
            f"the ranks do not run the same: {told}. All ranks must see one installation and one "
            "cache of compiled mechanisms (WORKBENCH_CACHE), on nodes of one kind"
        )


def _digest_of_sources() -> str:
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
