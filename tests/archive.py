"""An archive on the loopback, for the tests of what is fetched."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import NamedTuple


class Archive(NamedTuple):
    """What is served: its address, content (or the number of an error) by path, and who asked."""

    address: str
    pages: dict[str, bytes | int]
    asked: list[str]

    def url(self, path: str) -> str:
        """Return the address of a page."""
        return self.address + path


@contextmanager
def serving(lengths: Mapping[bytes, int] = MappingProxyType({})) -> Iterator[Archive]:
    """Serve pages; `lengths` tells of contents whose length is said otherwise than it is."""
    pages: dict[str, bytes | int] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            page = pages.get(self.path, 404)
            if isinstance(page, int):
                self.send_error(page)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(lengths.get(page, len(page))))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Archive(f"http://127.0.0.1:{server.server_port}", pages, asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
