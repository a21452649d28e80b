"""Runs as blocks of a device: what it is given in one piece of memory, and what it answers."""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from workbench.arrays import Floats
from workbench.engines.population.cuda.levels import levels_of
from workbench.engines.population.cuda.text import numbers_of
from workbench.engines.population.frame import Frame
from workbench.engines.population.requests import Answer, Doubles, Request, Shape

_OUT_OF_SAMPLES = 3
_FIRST_SAMPLES = 4096
_MOST_BYTES = 2 << 30
"""Of runs done together."""


class Device(Protocol):
    """Memory beside this process's, and a kernel that works there."""

    def allocate(self, size: int) -> int:
        """Return the address of so many bytes."""

    def write(self, address: int, data: bytes) -> None:
        """Copy to the device."""

    def read(self, address: int, size: int) -> bytes:
        """Copy from the device."""

    def launch(
        self,
        blocks: int,
        shape: int,
        tree: int,
        requests: int,
        answers: int,
        samples: int,
        kept: int,
        numbers: int,
    ) -> None:
        """Do the runs, and wait for them.

        `shape`, `tree`, `requests`, `answers` and `kept` are addresses there; a run has room for
        `samples`, and at `kept` for so many numbers.
        """

    def free(self) -> None:
        """Let go of all memory."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """A frame on a device: a block a run."""

    frame: Frame
    device: Device

    def run(self, shape: Shape, requests: Sequence[Request]) -> list[Answer]:
        """Do the runs; those with more samples than there was room for once more."""
        answers: dict[int, Answer] = {}
        left, most = list(range(len(requests))), _FIRST_SAMPLES
        while left:
            for together in self._portions(requests, left, most):
                found = self._run(shape, [requests[number] for number in together], most)
                answers.update(
                    (number, answer)
                    for number, answer in zip(together, found, strict=True)
                    if answer.outcome != _OUT_OF_SAMPLES
                )
            left = [number for number in left if number not in answers]
            most *= 4
        return [answers[number] for number in range(len(requests))]

    def samples(self, answer: Answer, columns: int) -> Floats:
        """Return what a run recorded."""
        return np.asarray(np.ctypeslib.as_array(answer.values, (answer.samples, columns)).copy())

    def _portions(
        self, requests: Sequence[Request], numbers: Sequence[int], most: int
    ) -> list[Sequence[int]]:
        """Return which runs are done together, so that their memory is not too much."""
        columns = max(_columns(requests[number]) for number in numbers)
        count = max(1, _MOST_BYTES // (8 * (numbers_of(self.frame) + most * columns)))
        return [numbers[at : at + count] for at in range(0, len(numbers), count)]

    def _run(self, shape: Shape, requests: Sequence[Request], most: int) -> list[Answer]:
        levels = levels_of(np.ctypeslib.as_array(shape.parents, (shape.nodes,)))
        parcel = Parcel()
        at_shape = parcel.put([shape], [self._lengths_of_shape(shape)])
        at_tree = parcel.put([levels.tree], [levels.lengths])
        at_requests = parcel.put(requests, [self._lengths(shape, one) for one in requests])
        blocks, numbers = len(requests), numbers_of(self.frame)
        sizes = [8 * most * _columns(one) for one in requests]
        starts = np.cumsum([0, *sizes])
        try:
            base = self.device.allocate(parcel.size)
            values = self.device.allocate(int(starts[-1]))
            kept = self.device.allocate(8 * numbers * blocks)
            size = ctypes.sizeof(Answer)
            at_answers = self.device.allocate(size * blocks)
            self.device.write(base, parcel.moved_to(base))
            empty = (Answer * blocks)()
            for answer, start in zip(empty, starts, strict=False):
                answer.values = ctypes.cast(values + int(start), Doubles)
            self.device.write(at_answers, bytes(empty))
            addresses = (base + at_shape, base + at_tree, base + at_requests, at_answers)
            self.device.launch(blocks, *addresses, most, kept, numbers)
            answers = (Answer * blocks).from_buffer_copy(
                self.device.read(at_answers, size * blocks)
            )
            for answer, request, start in zip(answers, requests, starts, strict=False):
                length = answer.samples * _columns(request)
                found = (ctypes.c_double * length).from_buffer_copy(
                    self.device.read(values + int(start), 8 * length)
                )
                answer.values = ctypes.cast(found, Doubles)
            return list(answers)
        finally:
            self.device.free()

    def _lengths_of_shape(self, shape: Shape) -> Mapping[str, int]:
        segments = sum(len(patch.nodes) for patch in self.frame.patches)
        return {"parents": shape.nodes, "counts": shape.blocks, "nodes_of": segments}

    def _lengths(self, shape: Shape, request: Request) -> Mapping[str, int]:
        patches = self.frame.patches
        knots = sum(request.knots[: request.stimuli])
        return {
            "axial_uS": shape.nodes,
            "capacitance_nF": shape.nodes,
            "areas": sum(len(patch.nodes) for patch in patches),
            "shared": sum(len(patch.membrane.shared) for patch in patches),
            "own": sum(len(patch.membrane.own) * len(patch.nodes) for patch in patches),
            "jumps_ms": request.jumps,
            "stimulated": request.stimuli,
            "knots": request.stimuli,
            "knots_ms": knots,
            "knots_nA": knots,
            "clamps_uS": request.stimuli,
            "recorded_nodes": request.recorded,
            "events_ms": request.events,
            "event_blocks": request.events,
            "event_points": request.events,
            "event_weights": request.events,
            "observed_blocks": request.observed,
            "observed_places": request.observed,
        }


def _columns(request: Request) -> int:
    """Return how many numbers a sample has, as `requests.hpp` says."""
    return 1 + int(request.recorded) + (1 + int(request.observed) if request.observed else 0)


class Parcel:
    """Structs and the arrays that they point to, in one piece that can lie anywhere."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._known: dict[tuple[int, int], int] = {}
        self._pointers: list[int] = []

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self._bytes)

    def put(self, structs: Sequence[ctypes.Structure], lengths: Sequence[Mapping[str, int]]) -> int:
        """Add structs of one kind, and return where the first begins.

        `lengths` names all their pointers, with how many elements are there; an array to which
        several point is there once.
        """
        data, within = bytearray(b"".join(bytes(one) for one in structs)), []
        size = ctypes.sizeof(structs[0])
        for number, (struct, found) in enumerate(zip(structs, lengths, strict=True)):
            for name, kind in ((each[0], each[1]) for each in struct._fields_):
                if not issubclass(kind, ctypes._Pointer):
                    continue
                place = number * size + getattr(type(struct), name).offset
                start = self._array(getattr(struct, name), found[name])
                data[place : place + 8] = start.to_bytes(8, "little")
                within.append(place)
        at = self._add(bytes(data))
        self._pointers += [at + place for place in within]
        return at

    def moved_to(self, base: int) -> bytes:
        """Return the piece as it is to lie at an address."""
        found = bytearray(self._bytes)
        for place in self._pointers:
            start = int.from_bytes(found[place : place + 8], "little")
            found[place : place + 8] = (base + start).to_bytes(8, "little")
        return bytes(found)

    def _array(self, pointer: Any, length: int) -> int:
        address = ctypes.cast(pointer, ctypes.c_void_p).value or 0
        size = length * ctypes.sizeof(pointer._type_)
        if (address, size) not in self._known:
            self._known[address, size] = self._add(ctypes.string_at(address, size) if size else b"")
        return self._known[address, size]

    def _add(self, data: bytes) -> int:
        start = len(self._bytes)
        self._bytes += data + bytes(-len(data) % 16)
        return start
