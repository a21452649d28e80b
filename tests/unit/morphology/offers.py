"""A catalogue of one cell, for the tests of what becomes of it."""

import hashlib

from workbench.morphology.catalogue.entries import CatalogueEntry, KnownFile, SdistSource, WebSource

CONTENT = b"a cell\nin two lines\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SDIST = SdistSource("a-package", "1.0", "0" * 64, "data/a.swc")


def web(url: str) -> WebSource:
    return WebSource("An archive", "https://example.org/1", "morphologies/a.swc", url)


WEB = web("https://example.org/raw/a.swc")


def cell(*sources, more=()):
    known = KnownFile("a.swc", SHA256, sources)
    return CatalogueEntry("a", "a cell", "nobody", "none", (known, *more))
