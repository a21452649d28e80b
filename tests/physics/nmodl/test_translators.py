"""What nocmodl reads, asked of nocmodl itself."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

from workbench.builds import build
from workbench.errors import MechanismError
from workbench.mechanisms import read_mechanisms
from workbench.nmodl import lint
from workbench.nmodl.translators import passages, unreadable

CODE = "NEURON { SUFFIX w }\n"
TEXTS = {
    "plain": CODE,
    "a title": "TITLE 34 °C\n" + CODE,
    "a comment": CODE + ": 2 µm\n",
    "the other comment": CODE + "? 2 µm\n",
    "a unit": CODE + "PARAMETER { x = 1 (µm) }\n",
    "VERBATIM": CODE + "VERBATIM\n// µm\nENDVERBATIM\n",
    "COMMENT": "COMMENT\n34 °C, 2 µm\nENDCOMMENT\n" + CODE,
    "beside COMMENT": "COMMENT 34 °C\nx\nENDCOMMENT\n" + CODE,
    "beside ENDCOMMENT": "COMMENT\nx\nENDCOMMENT °\n" + CODE,
    "behind ENDCOMMENT": "COMMENT\nx\nENDCOMMENT\n: °\n" + CODE,
    "COMMENT in VERBATIM": CODE + "VERBATIM\n// COMMENT\nENDVERBATIM\n: °\n",
    "COMMENT in a comment": ": COMMENT\n: °\n" + CODE,
    "COMMENT behind a number": "DEFINE N 5COMMENT\n°\nENDCOMMENT\n" + CODE,
    **{f"{n} characters": CODE + ":" + (n - 1) * "x" + "\n" for n in (511, 512)},
    **{f"{n} characters, last": CODE + ":" + (n - 1) * "x" for n in (511, 512)},
    **{f"{n} in COMMENT": f"COMMENT\n{n * 'x'}\nENDCOMMENT\n{CODE}" for n in (511, 512)},
    **{f"{n} to the end of DOS": CODE + ":" + (n - 1) * "x" + "\r\n" for n in (511, 512)},
}


def nocmodl(folder: Path, text: str) -> str | None:
    """Return what NEURON's translator makes of a file, None if it refuses it."""
    spec = importlib.util.find_spec("neuron")
    assert spec is not None
    assert spec.origin is not None
    (folder / "w.mod").write_bytes(text.encode())
    home = Path(spec.origin).parent / ".data"
    units = home / "share" / "nrn" / "lib" / "nrnunits.lib"
    ended = subprocess.run(
        [home / "bin" / "nocmodl", "w.mod"],
        cwd=folder,
        env={"MODLUNIT": str(units)},
        capture_output=True,
        check=False,
    )
    return (folder / "w.cpp").read_text() if ended.returncode == 0 else None


@pytest.mark.parametrize("name", TEXTS)
def test_the_lint_finds_what_the_translator_refuses(name: str, tmp_path: Path) -> None:
    refused = {line for line, _, _ in unreadable(TEXTS[name])}
    assert (nocmodl(tmp_path, TEXTS[name]) is None) == bool(refused)
    for line in refused:
        assert (
            "°" in (found := TEXTS[name].split("\n")[line - 1]) or "µ" in found or len(found) > 511
        )


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("COMMENT\nPARAMETER { hidden = 1 }\nENDCOMMENT\n", True),
        ("COMMENT\n  ENDCOMMENT : so far\nPARAMETER { hidden = 1 }\n", True),
        ("VERBATIM ENDVERBATIM\nPARAMETER { hidden = 1 }\n", True),
        ("VERBATIM\n// PARAMETER { hidden = 1 }\n\tENDVERBATIM\n", True),
        (": COMMENT\nPARAMETER { hidden = 1 }\n: ENDCOMMENT\n", True),
        ("TITLE COMMENT\nPARAMETER { hidden = 1 }\n", True),
        ("COMMENT\n ENDVERBATIM\nPARAMETER { hidden = 1 }\nCOMMENT\nENDCOMMENT\n", False),
        ("COMMENT\n words ENDCOMMENT\nPARAMETER { hidden = 1 }\nCOMMENT\nENDCOMMENT\n", False),
        ("COMMENT words ENDCOMMENT\nPARAMETER { hidden = 1 }\nCOMMENT\nENDCOMMENT\n", False),
        ("COMMENT\nENDCOMMENT PARAMETER { hidden = 1 }\n", False),
        ("DEFINE N 5COMMENT\nENDCOMMENT PARAMETER { hidden = 1 }\n", False),
    ],
)
def test_where_the_translators_see_different_comments(
    text: str, alike: bool, tmp_path: Path
) -> None:
    from neuron.nmodl import NmodlDriver, ast, visitor

    text = CODE + text
    parameters = visitor.AstLookupVisitor().lookup(
        NmodlDriver().parse_string(text), ast.AstNodeType.PARAM_ASSIGN
    )
    code = nocmodl(tmp_path, text)
    assert code is not None
    both_see_the_same = ('"hidden_w"' in code) == bool(parameters)
    assert both_see_the_same == alike
    assert all(one.alike for one in passages(text)) == alike


def write(folder: Path, text: bytes, name: str = "klat.mod") -> Path:
    (folder / name).write_bytes(text)
    return folder


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("TITLE canal potassique à 34 °C\n".encode("latin-1") + CODE.encode(), 1, "not-ascii"),
        ("COMMENT\n34 °C\nENDCOMMENT\n: à ajuster\n".encode() + CODE.encode(), 4, "not-ascii"),
        (CODE.encode() + b":" + 600 * b"-" + b"\n", 2, "long-line"),
    ],
)
def test_lint_and_build_name_the_line(tmp_path: Path, text: bytes, line: int, rule: str) -> None:
    [found] = lint(write(tmp_path, text))
    assert (found.file, found.line, found.rule) == ("klat.mod", line, rule)
    with pytest.raises(MechanismError, match=rf"klat\.mod:{line}: .*NEURON's translator"):
        build([read_mechanisms(tmp_path)])


@pytest.mark.parametrize("control", [b"\x1a", b"\x04", b"\x08"])
def test_what_ends_a_file_for_one_translator_only_is_refused(
    tmp_path: Path, control: bytes
) -> None:
    with pytest.raises(MechanismError, match=r"klat\.mod:2: .*control character"):
        read_mechanisms(write(tmp_path, b": comment\n" + control + b"\n" + CODE.encode()))


def test_the_line_ends_of_old_machines_end_lines(tmp_path: Path) -> None:
    write(tmp_path, f": comment\n{CODE}".replace("\n", "\r").encode())
    assert lint(tmp_path) == ()
    assert read_mechanisms(tmp_path).mechanisms[0].suffix == "w"


def test_what_the_parser_itself_fails_on_is_refused(tmp_path: Path) -> None:
    """A sign behind the last ENDCOMMENT is nothing that NEURON 9.0.2's parser foresees."""
    text = "NEURON { SUFFIX x }\nCOMMENT\nENDCOMMENT\ufffd"
    (tmp_path / "x.mod").write_text(text, encoding="utf-8")
    with pytest.raises(MechanismError, match=r"x\.mod: NEURON's NMODL parser fails on it \("):
        read_mechanisms(tmp_path)
    assert {"syntax", "not-ascii"} <= {finding.rule for finding in lint(tmp_path)}
