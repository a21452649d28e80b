"""What a user gives, read in one place: whatever is wrong with it is an `InputError`.

Every parser of the workbench reads through `content`, `text`, `toml`, `json_value` or `xml`, or
runs inside of `parsing`: so a pipe in place of a file, other encodings, a hundred thousand brackets
and numbers of a thousand digits are refused in one place, and no parser's exception gets through.
"""

import ast
import json
import math
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from workbench.errors import InputError, WorkbenchError, shortened

LARGEST_TEXT_MB = 64
LARGEST_TABLE_MB = 8
DEEPEST = 32
"""How deep tables and lists may lie in one another; what the workbench reads has five levels."""

LONGEST_EXPRESSION = 1000
"""Characters of an expression; that of a paper has a hundred."""

_INT64 = range(-(2**63), 2**63)
_KINDS = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


@dataclass(frozen=True)
class Element:
    """An element of an XML file.

    Attributes
    ----------
    tag
        Its name, without the namespace.
    namespace
        The namespace that its name is of, "" if of none.
    where
        The file and the line in which it begins, for messages.
    """

    tag: str
    namespace: str
    where: str
    attributes: Mapping[str, str]
    children: list["Element"] = field(default_factory=list)

    def all(self, *tags: str) -> list["Element"]:
        """Return the children with one of these names, in their order."""
        return [one for one in self.children if one.tag in tags]


def is_file(path: Path) -> bool:
    """Return whether there is a regular file; what can be no path at all is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def content(
    path: Path, error: type[WorkbenchError] = InputError, *, largest_MB: float = LARGEST_TEXT_MB
) -> bytes:
    """Return the bytes of a file; it is a regular one, or nobody would know when it ends.

    Parameters
    ----------
    path
        The file; links are followed.
    error
        Raised for whatever is wrong.
    largest_MB
        What is larger is not read.

    Raises
    ------
    WorkbenchError
        If there is no such file, it may not be read, or it is a folder, a pipe or a device.
    """
    check_file(path, error, largest_MB=largest_MB)
    try:
        return path.read_bytes()
    except OSError as failed:
        raise error(f"{path} cannot be read: {failed.strerror or failed}") from None


def check_file(
    path: Path, error: type[WorkbenchError] = InputError, *, largest_MB: float = LARGEST_TEXT_MB
) -> None:
    """Refuse what is no regular file or too large: for parsers that open a path themselves.

    Raises
    ------
    WorkbenchError
        If there is no such file, or it is a folder, a pipe or a device.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise error(f"{path}: there is no such file") from None
    except OSError as failed:
        raise error(f"{path} cannot be read: {failed.strerror or failed}") from None
    except ValueError as failed:
        # A NUL in the path itself.
        raise error(f"{str(path)!r} is no path: {failed}") from None
    for is_kind, name in _KINDS.items():
        if is_kind(found.st_mode):
            raise error(f"{path} is {name}; name a file")
    if found.st_size > largest_MB * 1_000_000:
        raise error(
            f"{path} has {found.st_size / 1e6:.0f} MB; such a file has at most {largest_MB} MB"
        )


def text(
    path: Path, error: type[WorkbenchError] = InputError, *, largest_MB: float = LARGEST_TEXT_MB
) -> str:
    """Return the text of a UTF-8 file; Windows' editors put a byte order mark before it.

    Raises
    ------
    WorkbenchError
        As `content`, and if it is no text: with the line.
    """
    data = content(path, error, largest_MB=largest_MB)
    try:
        found = data.decode("utf-8-sig")
    except UnicodeDecodeError as failed:
        line = data.count(b"\n", 0, failed.start) + 1
        raise error(
            f"{path}:{line}: this is not text in UTF-8 (the byte {data[failed.start]:#04x} at "
            f"{failed.start}); save it as UTF-8"
        ) from None
    if "\0" in found:
        line = found.count("\n", 0, found.index("\0")) + 1
        raise error(f"{path}:{line}: there is a NUL byte, so this is not a text file")
    return found


def toml(path: Path, error: type[WorkbenchError] = InputError) -> dict[str, Any]:
    """Return the tables of a TOML file; its whole numbers fit into 64 bits, as TOML asks.

    Raises
    ------
    WorkbenchError
        As `text`, and if it is not TOML.
    """
    written = text(path, error, largest_MB=LARGEST_TABLE_MB)
    with parsing(path, "TOML", error):
        tables = tomllib.loads(written)
    _check_values(path, tables, error)
    return tables


def json_value(path: Path, error: type[WorkbenchError] = InputError) -> Any:
    """Return what a JSON file holds: no key twice, and no number that is none.

    Raises
    ------
    WorkbenchError
        As `text`, and if it is not JSON.
    """
    written = text(path, error, largest_MB=LARGEST_TABLE_MB)
    with parsing(path, "JSON", error):
        value = json.loads(written, object_pairs_hook=_distinct)
    _check_values(path, value, error, finite=True)
    return value


def xml(path: Path, error: type[WorkbenchError] = InputError) -> Element:
    """Return the root of an XML file; the texts between its elements are left out.

    A document type can declare entities, which stand for any amount of text or for other files, so
    a file that has one is refused before it is read.

    Raises
    ------
    WorkbenchError
        As `text`, and if it is not XML, has a document type, or is nested too deeply.
    """
    written = text(path, error)
    parser = expat.ParserCreate(namespace_separator=" ")
    roots: list[Element] = []
    open_elements: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        where = f"{path}:{parser.CurrentLineNumber}"
        if len(open_elements) >= DEEPEST:
            raise error(f"{where}: nested {DEEPEST} levels deep; no input of the workbench is")
        one = Element(tag, namespace, where, attributes)
        (open_elements[-1].children if open_elements else roots).append(one)
        open_elements.append(one)

    def refuse(name: str, *_: object) -> NoReturn:
        raise error(
            f"{path}:{parser.CurrentLineNumber}: a document type ({shortened(name)}), which may "
            "declare entities; such files are not read. Take the line <!DOCTYPE ...> out"
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_elements.pop()
    parser.StartDoctypeDeclHandler = refuse
    with parsing(path, "XML", error, (expat.ExpatError,)):
        parser.Parse(written, True)
    return roots[0]


def expression(given: str) -> ast.expr:
    """Return the syntax tree of an expression; nothing of it is run.

    Raises
    ------
    InputError
        If it is none, or too long, or nested too deeply.
    """
    if len(given) > LONGEST_EXPRESSION:
        raise InputError(f"it has more than {LONGEST_EXPRESSION} characters")
    try:
        return ast.parse(given.strip(), mode="eval").body
    except SyntaxError as failed:
        raise InputError(f"it does not parse: {failed.msg}") from None
    except ValueError as failed:
        raise InputError(str(failed)) from None
    except (RecursionError, MemoryError):
        raise InputError("it is nested too deeply") from None


@contextmanager
def parsing(
    path: Path, what: str, error: type[WorkbenchError] = InputError, says: tuple[type, ...] = ()
) -> Iterator[None]:
    """Turn whatever a parser raises inside into an input error that names the file.

    Parameters
    ----------
    what
        What the file should be: "TOML".
    says
        Exceptions besides ValueError whose own words tell what is wrong.

    Raises
    ------
    WorkbenchError
        In place of any other exception.
    """
    try:
        yield
    except WorkbenchError:
        raise
    except RecursionError:
        raise error(f"{path}: this is not {what}: it is nested too deeply to be read") from None
    except OSError as failed:
        raise error(f"{path} cannot be read: {failed.strerror or failed}") from None
    except Exception as failed:
        told = isinstance(failed, (ValueError, *says)) and not isinstance(failed, UnicodeError)
        words = str(failed) if told else f"{type(failed).__name__}: {failed}"
        raise error(f"{path}: this is not {what}: {shortened(words, 400)}") from failed


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {shortened(key)!r} is given twice")
        found[key] = value
    return found


def _is_unicode(written: str) -> bool:
    """Return whether a text can be written: JSON may spell half of a surrogate pair."""
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_values(
    path: Path, whole: Any, error: type[WorkbenchError], *, finite: bool = False
) -> None:
    """Refuse what a file's format allows and no float holds, and what lies too deep."""
    left: list[tuple[tuple[str, ...], Any]] = [((), whole)]
    while left:
        place, value = left.pop()
        key = f"{path}: {shortened('.'.join(place))}" if place else str(path)
        if isinstance(value, dict | list):
            if len(place) >= DEEPEST:
                raise error(f"{key}: nested {DEEPEST} levels deep; no input of the workbench is")
            inside = value.items() if isinstance(value, dict) else enumerate(value)
            left += [((*place, str(name)), one) for name, one in inside]
        written = value if isinstance(value, str) else "".join(place[-1:])
        if "\0" in written:
            raise error(f"{key}: there is a NUL in this text, which no name and no path has")
        if not _is_unicode(written):
            shown = key.encode(errors="backslashreplace").decode()
            raise error(f"{shown}: there is half a surrogate pair, which no text has")
        if isinstance(value, int) and value not in _INT64:
            raise error(f"{key}: a whole number of {value.bit_length()} bits; at most 64 are read")
        elif finite and isinstance(value, float) and not math.isfinite(value):
            raise error(f"{key} is {value}, it must be a finite number")
