"""Whether a protocol can be done to a cell."""

from collections.abc import Iterator
from contextlib import contextmanager

from workbench.cells import CellRecipe
from workbench.errors import MorphologyError, StudyError
from workbench.morphology import locate
from workbench.protocols.events import check_events
from workbench.protocols.maps import check_map
from workbench.protocols.protocol import OF_STIMULI, Protocol
from workbench.protocols.recordings import check_recording


def check_protocol(protocol: Protocol, recipe: CellRecipe) -> None:
    """Refuse a bound protocol that asks what a cell has not.

    Raises
    ------
    MorphologyError
        If a site is not there.
    StudyError
        If events can drive nothing, or there is no such variable; with the key.
    """
    name = protocol.name
    for stimulus in protocol.stimuli:
        assert not isinstance(stimulus.site, str), "a bound protocol names no parameters"
        with _at(f"{name}.stimuli"):
            locate(stimulus.site, recipe.morphology)
    for events in protocol.events:
        with _at(name):
            check_events(events, recipe)
    for recording in protocol.recordings:
        with _at(f"{name}.recordings.{recording.location}"):
            if recording.variable not in OF_STIMULI:
                check_recording(recording, recipe)
    for one in protocol.maps:
        with _at(f"{name}: map {one.name}"):
            check_map(one, recipe)


@contextmanager
def _at(key: str) -> Iterator[None]:
    """Put a key before the message of every error inside."""
    try:
        yield
    except MorphologyError as error:
        raise MorphologyError(f"{key}: {error}") from None
    except StudyError as error:
        raise StudyError(f"{key}: {error}") from None
