"""Real inputs, spoilt: byte by byte, token by token, and key by key."""

import json
import random
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tomli_w

NUMBERS = [
    "0", "-0.0", "-1", "1", "2", "0.5", "1e-300", "-1e-9", "1e300", "1e400", "-1e400", "nan", "inf",
    "1e9", "-1e9", "1e6", "32768", "2147483648", "9223372036854775808", "9" * 300, "9" * 5000,
]  # fmt: skip
WORDS = [
    "", " ", "a" * 300, "a" * 5000, "[red]x[/]", ":100:", "é", "±", "\x1b[2J", "\0", "true", "null",
    "../../../etc/passwd", "/dev/zero", "/dev/stdin", "/", ".", "..", "~", "~nobody/x", "CON",
    "soma(0.5)", "soma(nan)", "soma(1e400)", "soma[0](2)", "axon[99999999999](0.5)", "dend(0.5",
    "1 nA", "1e999 nA", "-5 kHz", "12 parsec", "all", "somatic", "hh", "pas", "v", "cai", "ina",
    "exp(", "value*(1+", "9**9**9**9", "value/0", "distance**distance", "exp(1000*value)",
    "()" * 200, "__import__('os').system('x')", "value", "ibea", "random", "mo-cma", "neuron", "-",
    "\n", "#", "=",
]  # fmt: skip
VALUES: list[Any] = [
    0, -1, 1, 2.5, -0.0, 1e300, -1e300, 1e-300, 1e9, 10**18, 2**63 - 1, float("inf"), float("nan"),
    True, False, "", [], {}, [[]], [1], [1, 2, 3], [0, 0], [1, 0], ["a"], {"a": 1}, [{}], *WORDS,
]  # fmt: skip
_TOKEN = re.compile(rb"\s+|[\w.+-]+|.", re.S)
_BLOBS = [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\r",
    b"A" * 1000,
    b"[" * 2000,
    b"\n\n",
]

Change = Callable[[bytes, random.Random], bytes]


def spoilt(data: bytes, suffix: str, dice: random.Random) -> bytes:
    """Return content with one to three changes; some are of a kind that suits the file."""
    kinds: list[Change] = [bytes_changed, tokens_changed]
    if suffix == ".toml":
        kinds += [toml_changed] * 6
    elif suffix == ".json":
        kinds += [json_changed] * 6
    elif suffix in (".sqlite", ".h5", ".npz", ".pkl"):
        kinds = [bytes_changed]
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        data = dice.choice(kinds)(data, dice)
    return data


def bytes_changed(data: bytes, dice: random.Random) -> bytes:
    """Flip, cut, double, insert or move some bytes."""
    place = dice.randrange(len(data) + 1)
    end = min(len(data), place + dice.choice([1, 1, 4, 40, 400, 4096]))
    match dice.randrange(8):
        case 0 | 1 | 2:
            changed = bytearray(data)
            for at in range(place, min(end, place + 4, len(data))):
                changed[at] ^= 1 << dice.randrange(8)
            return bytes(changed)
        case 3:
            return data[:place]
        case 4:
            return data[:place] + data[end:]
        case 5:
            return data[:end] + data[place:end] * dice.choice([1, 2, 50]) + data[end:]
        case 6:
            return data[:place] + dice.choice(_BLOBS) + data[place:]
        case _:
            other = dice.randrange(len(data) + 1)
            return data[:place] + data[other : other + end - place] + data[end:]


def tokens_changed(data: bytes, dice: random.Random) -> bytes:
    """Replace, leave out, double or exchange a word or a number of a text."""
    tokens = _TOKEN.findall(data)
    solid = [i for i, token in enumerate(tokens) if token.strip()]
    if not solid:
        return data
    at, other = dice.choice(solid), dice.choice(solid)
    match dice.randrange(6):
        case 0 | 1:
            tokens[at] = dice.choice(NUMBERS).encode()
        case 2:
            tokens[at] = dice.choice(WORDS).encode()
        case 3:
            tokens[at] = b""
        case 4:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case _:
            tokens[at] = tokens[other] * dice.choice([1, 2])
    return b"".join(tokens)


def toml_changed(data: bytes, dice: random.Random) -> bytes:
    """Change a value or a key of a table; what is no TOML is changed by its tokens."""
    try:
        tables = tomllib.loads(data.decode())
        return tomli_w.dumps(_changed(tables, dice)).encode()
    except (ValueError, TypeError, RecursionError, OverflowError):
        return tokens_changed(data, dice)


def json_changed(data: bytes, dice: random.Random) -> bytes:
    """Change a value or a key; what is no JSON is changed by its tokens."""
    try:
        return json.dumps(_changed(json.loads(data), dice), indent=1).encode()
    except (ValueError, RecursionError):
        return tokens_changed(data, dice)


def _changed(whole: Any, dice: random.Random) -> Any:
    """Change something somewhere inside, or double, drop, rename or exchange a key."""
    holder, key = dice.choice(list(_places(whole)) or [({"": whole}, "")])
    alike = [one for one in VALUES if type(one) is type(holder[key])]
    if isinstance(holder[key], int | float):
        alike = [one for one in VALUES if isinstance(one, int | float)]
    if alike and dice.random() < 0.5:
        holder[key] = dice.choice(alike)
        return whole
    match dice.randrange(8):
        case 0 | 1 | 2:
            holder[key] = dice.choice(VALUES)
        case 3 if isinstance(holder[key], int | float):
            holder[key] = holder[key] * dice.choice([-1, 0, 1e-6, 10, 1e3, 1e6, 1e12])
        case 4:
            del holder[key]
        case 5 if isinstance(holder, dict):
            holder[dice.choice(WORDS)] = holder.pop(key)
        case 6 if isinstance(holder, list):
            holder *= dice.choice([2, 3, 100])
        case _:
            other, there = dice.choice(list(_places(whole)))
            holder[key] = json.loads(json.dumps(other[there], default=str))
    return whole


def _places(value: Any, depth: int = 0) -> Any:
    inside = enumerate(value) if isinstance(value, list) else getattr(value, "items", tuple)()
    for key, one in list(inside):
        yield value, key
        if depth < 8:
            yield from _places(one, depth + 1)


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder."""
    yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
