"""Requests that are no HTTP as the server reads it: refused as all else is, in a document with a code and an id.

The server answers these before any application is asked, as plain text: an address with a letter that is not encoded,
or a header's name with one, and what is longer than it reads.
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from services.earn.api.problems import MEDIA, body
from shared.logs import log

CODE: Final = "not_http"
_SAID: Final = (
    "this is no HTTP request as we read it: write addresses in ASCII (spaces and other letters in percents, é as "
    "%C3%A9), names of headers too, a method that HTTP has, and less than 64 KiB of either"
)


class Wire(HttpToolsProtocol):
    """One connection."""

    def send_400_response(self, msg: str) -> None:
        """The answer; the connection is closed, as nobody knows where the next request would begin. Behind a request
        that is whole this is no answer to it: that one is answered, as what it asked for is done."""
        if self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body:
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        request = uuid4().hex
        document = body(400, CODE, _SAID, request)
        log.warning("request refused", request=request, status=400, code=CODE, why=msg)
        head = [
            b"HTTP/1.1 400 Bad Request",
            *(b"%b: %b" % each for each in self.server_state.default_headers),
            b"content-type: " + MEDIA.encode(),
            b"content-length: %d" % len(document),
            b"x-request-id: " + request.encode(),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join([*head, b"", document]))
        self.transport.close()
