"""When a run has to stop."""

import os
import signal

import pytest

from workbench.errors import InputError, StoppedEarly
from workbench.workers import Stop
from workbench.workers.stopping import SIGNALS


@pytest.fixture
def clock(monkeypatch):
    """Set the time that the module sees."""

    class Clock:
        now = 1000.0

    monkeypatch.setattr("workbench.workers.stopping.time.monotonic", lambda: Clock.now)
    return Clock


def test_nobody_has_asked():
    stop = Stop()
    assert (stop.asked, stop.due, stop.reason) == (False, False, "")


def test_what_is_under_way_has_a_time_of_grace(clock):
    stop = Stop(grace_s=3.0)
    stop.ask("SIGTERM")
    assert (stop.asked, stop.due) == (True, False)
    clock.now += 2.9
    assert not stop.due
    clock.now += 0.2
    assert stop.due


def test_the_first_reason_counts_and_more_grace_is_not_given(clock):
    stop = Stop(grace_s=3.0)
    stop.ask("SIGUSR1")
    clock.now += 2.0
    stop.ask("SIGTERM")
    clock.now += 1.1
    assert (stop.reason, stop.due) == ("SIGUSR1", True)


@pytest.mark.parametrize(("walltime_s", "begins_s"), [(100.0, 95.0), (86400.0, 86280.0)])
def test_the_walltime_is_left_before_it_is_over(clock, walltime_s, begins_s):
    stop = Stop(walltime_s)
    clock.now += begins_s - 0.1
    assert not stop.asked
    clock.now += 0.2
    assert stop.asked
    assert "walltime" in stop.reason


@pytest.fixture
def as_before():
    """Put the handlers of this process back."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_sets_the_flag_and_nothing_else(number, as_before):
    with Stop().on_signals() as stop:
        os.kill(os.getpid(), number)
        assert (stop.asked, stop.reason) == (True, number.name)
    for again in SIGNALS:
        os.kill(os.getpid(), again)
        # Any other handler is gone while the process takes its leave, and MPI with it.
        assert signal.getsignal(again) is signal.SIG_IGN
    assert stop.reason == number.name


def test_handlers_are_put_back_where_nothing_came(as_before):
    with Stop().on_signals():
        assert signal.getsignal(signal.SIGTERM) is not as_before[signal.SIGTERM]
    assert {number: signal.getsignal(number) for number in SIGNALS} == as_before


def test_what_leaves_nothing_half_done_is_ended_by_the_signal(as_before):
    done = []

    def work():
        done.append("begun")
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except Exception:
            done.append("swallowed by whoever catches all")
        done.append("never")

    with (
        pytest.raises(StoppedEarly, match=r"^SIGTERM while testing$"),
        Stop().on_signals() as stop,
        stop.at_once("while testing"),
    ):
        work()
    assert done == ["begun"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_stop_that_was_asked_for_before_or_was_swallowed_is_not_forgotten(as_before):
    class Finalized:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGUSR1)

    with Stop().on_signals() as stop:
        with pytest.raises(StoppedEarly, match="SIGUSR1"), stop.at_once("while testing"):
            Finalized()
        with pytest.raises(StoppedEarly, match="SIGUSR1"), stop.at_once("later"):
            pytest.fail("nothing is begun any more")
        os.kill(os.getpid(), signal.SIGTERM)
    assert stop.reason == "SIGUSR1"


def test_what_ends_by_itself_says_so(as_before):
    with Stop().on_signals() as stop:
        with stop.at_once("while testing"):
            pass
        with pytest.raises(InputError, match="a mistake"), stop.at_once("while testing"):
            raise InputError("a mistake")
        os.kill(os.getpid(), signal.SIGTERM)
    assert stop.reason == "SIGTERM"
