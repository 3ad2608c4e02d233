"""The routes of files: uploaded to disk, listed, read and deleted by the key that uploaded them."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.door.problem import Problem
from supercycle.gateway.door.shelf import FILE_BYTES, KEY_BYTES, Shelf
from supercycle.gateway.door.stored.upload import FormReader, boundary_of

__all__ = ["answer_files", "file_object", "found_file"]

_PATH: Final = re.compile(r"/v1/files(?:/([A-Za-z0-9_-]{1,128})(/content)?)?")
_JSON: Final = ((b"content-type", b"application/json"),)
_CHUNK: Final = 256 * 1024
_PURPOSES: Final = ("batch",)


async def answer_files(shelf: Shelf, x: Exchange, method: str) -> bool:
    """Answer a route of files; False when the path is none. Raises Problem."""
    match = _PATH.fullmatch(x.route)
    if match is None:
        return False
    file_id, content = match[1], bool(match[2])
    if file_id is None:
        if method == "POST":
            await _upload(shelf, x)
        elif method == "GET":
            listed = shelf.of(x.principal.key_id, "file")
            await _json(x, {"object": "list", "data": listed, "has_more": False})
        else:
            return False
        return True
    held = found_file(shelf, file_id, x.principal.key_id)
    if method == "DELETE" and not content:
        shelf.remove(file_id)
        await _json(x, {"id": file_id, "object": "file", "deleted": True})
    elif method == "GET" and content:
        await _content(shelf, x, file_id, int(held["bytes"]))
    elif method == "GET":
        await _json(x, held)
    else:
        return False
    return True


def found_file(shelf: Shelf, file_id: str, key_id: str) -> dict[str, Any]:
    """A file of a key. Raises Problem: not found, which another key's is too."""
    held = shelf.get(file_id, key_id)
    if held is None or held["object"]["object"] != "file":
        raise Problem(404, f"no file {file_id!r} of this key", "not_found")
    found: dict[str, Any] = held["object"]
    return found


def file_object(file_id: str, size: int, created: int, name: str, purpose: str) -> dict[str, Any]:
    """A file as its key sees it."""
    return {
        "id": file_id,
        "object": "file",
        "bytes": size,
        "created_at": created,
        "filename": name,
        "purpose": purpose,
        "status": "processed",
    }


async def _json(x: Exchange, body: dict[str, Any]) -> None:
    await x.whole(200, list(_JSON), orjson.dumps(body))


async def _upload(shelf: Shelf, x: Exchange) -> None:
    """The body goes to disk as it comes; nothing of a refused upload stays there."""
    room = KEY_BYTES - shelf.bytes_of(x.principal.key_id)
    if room <= 0:
        raise Problem(413, f"the files of this key hold {KEY_BYTES:,} bytes: delete some", "too_many_files")
    file_id = shelf.new_id("file")
    path = shelf.path(file_id)
    reader = FormReader(boundary_of(x.headers.get(b"content-type", b"")), path, min(FILE_BYTES, room))
    try:
        more = True
        while more:
            message = await x.receive()
            if message["type"] != "http.request":
                raise Problem(400, "the client left before its body was complete", "client_left")
            reader.feed(message["body"])
            more = bool(message.get("more_body"))
        form = reader.close()
        purpose = form.fields.get("purpose", "")
        if form.size is None:
            raise Problem(400, "the form has no part named file", "invalid_request")
        if purpose not in _PURPOSES:
            raise Problem(
                400, f"purpose: expected one of {', '.join(_PURPOSES)}, got {purpose!r}", "bad_purpose"
            )
    except BaseException:
        reader.abandon()
        path.unlink(missing_ok=True)
        raise
    shown = file_object(file_id, form.size, x.received_us // 10**6, form.filename, purpose)
    shelf.put(x.principal.key_id, shown)
    await _json(x, shown)


async def _content(shelf: Shelf, x: Exchange, file_id: str, size: int) -> None:
    headers = [(b"content-type", b"application/octet-stream"), (b"content-length", b"%d" % size)]
    await x.start(200, headers)
    with shelf.path(file_id).open("rb") as file:
        while chunk := file.read(_CHUNK):
            await x.send({"type": "http.response.body", "body": chunk, "more_body": True})
    await x.finish()
