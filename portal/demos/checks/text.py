"""Text and tables as text, told chunk by chunk, so that no file is ever held in memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from portal.demos.checks import Refused, signature_of

_UTF_16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class NotText(Refused):
    def __init__(self, reason: str) -> None:
        super().__init__("not_text", reason)


def checked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass the chunks on as long as they are UTF-8 text.

    Raises:
        NotText: another format, another encoding, a NUL or a broken byte (with its position), or nothing at all.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    position, blank = 0, True
    for chunk in chunks:
        if position == 0:
            _check_start(chunk)
        if (nul := chunk.find(b"\x00")) >= 0:
            raise NotText(
                _("Wanted plain text, got a NUL at byte %(position)d, as in binary files. Save it as plain text.")
                % {"position": position + nul + 1}
            )
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as problem:
            # The decoder counts from the bytes that it still held from the chunk before.
            held = len(problem.object) - len(chunk)
            raise _not_utf8(position - held + problem.start + 1) from problem
        blank = blank and not text.strip("\ufeff \t\r\n")
        position += len(chunk)
        yield chunk
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as problem:
        raise _not_utf8(position - len(problem.object) + problem.start + 1) from problem
    if blank:
        raise NotText(_("Wanted text, got an empty file."))


def _check_start(chunk: bytes) -> None:
    if name := signature_of(chunk):
        raise NotText(
            _("Wanted plain text, got a file of the kind %(kind)s. Save its text as .txt in UTF-8.") % {"kind": name}
        )
    if chunk.startswith(_UTF_16_OR_32):
        raise NotText(_("Wanted text in UTF-8, got UTF-16 or UTF-32. Save the file again with the encoding UTF-8."))


def _not_utf8(position: int) -> NotText:
    return NotText(
        _("Wanted text in UTF-8; byte %(position)d is not. Save the file again with the encoding UTF-8.")
        % {"position": position}
    )
