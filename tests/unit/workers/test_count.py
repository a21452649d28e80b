"""How many workers may be asked for."""

import pytest

from workbench.errors import InputError
from workbench.workers import ProcessWorkers, check_count, processes


@pytest.mark.parametrize("count", [0, -1, 1_000_000, 10**30, 1.5, "2", None])
def test_what_no_machine_holds_is_refused_before_anything_is_started(count):
    with pytest.raises(InputError, match="the number of workers is"):
        ProcessWorkers(count)


def test_the_memory_says_how_many(monkeypatch):
    """Of 960 MB each of 30 has 32."""
    monkeypatch.setattr(processes, "share_of_memory_MB", lambda children: 960 / children)
    check_count(30)
    with pytest.raises(InputError, match="this machine holds 30 at most"):
        check_count(31)
