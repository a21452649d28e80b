import hashlib
import os
import re

import pytest

from tests.unit.morphology.offers import CONTENT, SDIST, SHA256, WEB
from workbench.errors import MorphologyError
from workbench.morphology import known_cells, resolve
from workbench.morphology.catalogue import entries
from workbench.morphology.catalogue.entries import KnownFile, PackageSource, SdistSource, WebSource


def test_every_entry_is_complete():
    listed = known_cells()
    assert {"C060114A7", "hay_cell1", "halnes_in_091008A2", "C010398B-P2"} <= {
        entry.name for entry in listed
    }
    files = [known for entry in listed for known in entry.files]
    assert len({known.file for known in files}) == len(files)
    for known in files:
        assert re.fullmatch("[0-9a-f]{64}", known.sha256), known.file
    for entry in listed:
        assert all((entry.cell, entry.citation, entry.licence)), entry.name
        assert "." not in entry.name, "a name without a suffix is what load_morphology looks up"
        assert entry.files[0].sources, entry.name
        for source in entry.files[0].sources:
            if isinstance(source, SdistSource):
                assert re.fullmatch("[0-9a-f]{64}", source.sha256), entry.name
            if isinstance(source, WebSource):
                assert source.url.startswith("https://"), entry.name
                assert source.page.startswith("https://"), entry.name


@pytest.mark.parametrize("name", ["hay_cell1", "halnes_in_091008A2"])
def test_there_is_another_source_behind_the_first(name):
    """A host that is down, or a project that moved, is not the end."""
    best = entries.entry(name).files[0]
    assert len({source.url.split("/")[2:4][-1] for source in best.sources}) >= 2


def test_the_interneuron_is_the_archives_own_file_first():
    best, conversion = entries.entry("halnes_in_091008A2").files
    assert best.file == "091008A2.hoc"
    assert best.sha256 == "7a3fa19e13832d629470b2295a4d9dc29e233e52b2c4a74dae0d66c4388d410a"
    assert conversion.sources == ()


def test_the_installed_package_brings_the_public_pyramidal_cell():
    path = resolve("C060114A7")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == (
        "ecd128245dcf7289dd1bc372fa9ed07dfaf0bd31f77fa7934ffefaf21964a10a"
    )


def test_an_unknown_cell_names_the_known():
    with pytest.raises(MorphologyError, match=r"unknown morphology 'hay_cell'; did you mean"):
        resolve("hay_cell")


def test_the_cache_and_the_users_folders_are_searched(offer, monkeypatch, tmp_path):
    folder = offer(WEB)
    with pytest.raises(MorphologyError):
        resolve("a")
    (folder / "a.swc").write_bytes(CONTENT)
    assert resolve("a") == folder / "a.swc"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "a.swc").write_bytes(CONTENT)
    monkeypatch.setenv("WORKBENCH_MORPHOLOGIES", f"{tmp_path / 'nowhere'}{os.pathsep}{mine}")
    assert resolve("a") == mine / "a.swc"
    monkeypatch.setenv("WORKBENCH_MORPHOLOGIES", str(mine / "a.swc"))
    assert resolve("a") == mine / "a.swc"


def test_a_wrong_checksum_is_refused_with_both(offer):
    folder = offer(WEB)
    (folder / "a.swc").write_bytes(b"another cell")
    found = hashlib.sha256(b"another cell").hexdigest()
    with pytest.raises(MorphologyError, match=f"sha256 is {found}, expected {SHA256}"):
        resolve("a")


def test_nothing_found_says_where_it_was_sought_and_what_to_do(offer, monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_MORPHOLOGIES", str(tmp_path / "mine"))
    folder = offer(PackageSource("no-such-package", "2.0", "x/a.swc"), SDIST, WEB)
    with pytest.raises(MorphologyError) as caught:
        resolve("a")
    message = str(caught.value)
    for part in (
        str(tmp_path / "mine" / "a.swc"),
        "no-such-package 2.0",
        str(folder / "a.swc"),
        "pip install no-such-package==2.0",
        "fetch a",
        "morphologies/a.swc from https://example.org/1",
        "$WORKBENCH_MORPHOLOGIES",
    ):
        assert part in message


def test_an_archives_other_line_ends_are_the_same_file(offer):
    folder = offer(WEB)
    (folder / "a.swc").write_bytes(CONTENT.replace(b"\n", b"\r\n"))
    assert resolve("a") == folder / "a.swc"
    (folder / "a.swc").write_bytes(CONTENT.replace(b"\n", b"\r\n") + b" ")
    with pytest.raises(MorphologyError, match="is not the file of the catalogue"):
        resolve("a")


def test_a_cell_is_known_in_another_form_too(offer, monkeypatch, tmp_path):
    """Each folder is searched for all forms, before the next folder is."""
    other = KnownFile("b.swc", hashlib.sha256(b"converted").hexdigest())
    folder = offer(WEB, more=(other,))
    (folder / "a.swc").write_bytes(CONTENT)
    assert resolve("a") == folder / "a.swc"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "b.swc").write_bytes(b"converted")
    monkeypatch.setenv("WORKBENCH_MORPHOLOGIES", str(mine))
    assert resolve("a") == mine / "b.swc"
    (mine / "a.swc").write_bytes(CONTENT)
    assert resolve("a") == mine / "a.swc"


@pytest.mark.parametrize(
    "written", ["a = 1", "[a]", "[a]\ncell = 1\nfiles = 2", "a = " + "[" * 9999]
)
def test_a_damaged_catalogue_is_said(tmp_path, monkeypatch, written):
    (tmp_path / "catalogue.toml").write_text(written)
    monkeypatch.setattr("workbench.morphology.catalogue.entries.shipped", lambda _: tmp_path)
    with pytest.raises(MorphologyError, match=r"catalogue\.toml"):
        known_cells()
