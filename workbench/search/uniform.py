"""Random search: independent uniform rows, the baseline that every other search must beat."""

from typing import ClassVar

import numpy as np

from workbench.arrays import Floats
from workbench.search.base import Search

_WORD = 2**64


class RandomSearch(Search):
    """Uniform rows from a PCG64 generator of its own; the scores are not used."""

    algorithm: ClassVar[str] = "random"
    least_population: ClassVar[int] = 1

    def _first(self) -> Floats:
        rows = self._draw(np.random.PCG64(self.setting.seed))
        rows[: len(self.setting.first_rows)] = self.setting.first_rows
        return rows

    def _next(self, scores: Floats) -> Floats:
        words = [int(word) for word in self._memory["pcg64_words"]]
        bits = np.random.PCG64()
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": words[0] * _WORD + words[1], "inc": words[2] * _WORD + words[3]},
            "has_uint32": 0,
            "uinteger": 0,
        }
        return self._draw(bits)

    def _draw(self, bits: np.random.PCG64) -> Floats:
        rows = np.random.Generator(bits).random((self.population, self.dimension))
        inner = bits.state["state"]  # two numbers of 128 bits, here as four words of 64
        words = [*divmod(inner["state"], _WORD), *divmod(inner["inc"], _WORD)]
        self._memory = {"pcg64_words": np.array(words, dtype=np.uint64)}
        return rows
