import pytest

from tests.unit.morphology.offers import cell
from workbench.morphology.catalogue import entries


@pytest.fixture
def offer(monkeypatch, tmp_path):
    """Put one cell into the catalogue; return the cache's folder for morphologies."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKBENCH_MORPHOLOGIES", raising=False)

    def offer(*sources, more=()):
        monkeypatch.setattr(entries, "known_cells", lambda: (cell(*sources, more=more),))
        folder = tmp_path / "cache" / "morphologies"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    return offer
