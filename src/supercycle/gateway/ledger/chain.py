"""The hash chain: each commit's rows are hashed together with the hash before, so that no row can change unseen.

Every process that writes has its own chain, because two instances must not wait for each other's hashes. A chain
begins with the heads of all the chains there were, so a chain cannot be taken out as a whole once another has begun.
What the chain alone cannot show is that the newest blocks are missing: note the heads elsewhere (``gateway check``
prints them).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import orjson

from supercycle.gateway.ledger.rows import CHAINED
from supercycle.gateway.ledger.store import Read, Store

__all__ = ["Chain", "begin_chain", "link", "verify_chain"]


_END = 2**63  # after every block


class Chain:
    """Where a process stands in its chain: the last block that is committed, and the next one."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        self.seq = 0
        self.head = ""
        self._next = (0, "")

    def start(self, heads: Sequence[tuple[int, int, str]]) -> str | None:
        """Take up this process's own chain if it is among the heads; else begin one, and return what its run keeps."""
        for run_id, seq, head in heads:
            if run_id == self.run_id:
                self.seq, self.head = seq, head
                return None
        text, self.head = begin_chain(self.run_id, heads)
        return text

    def forget(self) -> None:
        """A commit failed, perhaps after it was done: look up the head before the next block."""
        self.seq, self._next = 0, (0, "")

    def block(self, block: int, at_us: int, rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> tuple[Any, ...]:
        """The row of the next block: (block, run_id, seq, at_us, prev, hash)."""
        seq = self.seq + 1
        self._next = (seq, link(self.head, block, self.run_id, seq, at_us, rows))
        return block, self.run_id, seq, at_us, self.head, self._next[1]

    def committed(self) -> None:
        """The block that was made last is in the ledger."""
        if self._next[0]:
            self.seq, self.head = self._next


def begin_chain(run_id: int, heads: Sequence[tuple[int, int, str]]) -> tuple[str, str]:
    """The heads of all chains as text, and the hash that a new chain starts from.

    >>> begin_chain(7, [])[0]
    '[7,[]]'
    """
    text = orjson.dumps([run_id, sorted(heads)])
    return text.decode(), sha256(text).hexdigest()


def link(
    prev: str, block: int, run_id: int, seq: int, at_us: int, rows: Mapping[str, Sequence[tuple[Any, ...]]]
) -> str:
    """The hash of a block: SHA-256 over the hash before it and its rows, table by table, sorted by primary key.

    >>> link("", 1, 7, 1, 0, {}) == link("", 1, 7, 1, 0, {"request": []}) != link("", 1, 7, 2, 0, {})
    True
    """
    body = [
        prev,
        block,
        run_id,
        seq,
        at_us,
        [[name, sorted(rows[name])] for name in CHAINED if rows.get(name)],
    ]
    return sha256(orjson.dumps(body)).hexdigest()


async def verify_chain(store: Store) -> tuple[list[str], list[str]]:
    """Recompute every hash: (what is wrong, the head of each chain). Reads the whole ledger, a page at a time."""
    async with store.reading() as read:
        return await _verified(read)


async def _verified(read: Read) -> tuple[list[str], list[str]]:
    wrong: list[str] = []
    heads: dict[int, tuple[int, str]] = {}
    hashes: dict[tuple[int, int], str] = {}
    known: list[tuple[int, int, int, str]] = []  # a run, and a block of another that it began from
    async for run in read("SELECT run_id, heads FROM run ORDER BY started_us, run_id"):
        run_id, text = run["run_id"], run["heads"]
        earlier = [tuple(head) for head in orjson.loads(text)[1]]
        known += [(run_id, *head) for head in earlier]
        again, start = begin_chain(run_id, earlier)
        if again != text:
            wrong.append(f"run {run_id}: its list of earlier chains was changed")
        heads[run_id] = (0, start)
    readers = {name: _Ahead(_rows(read, name)) for name in CHAINED}
    async for block in read("SELECT block, run_id, seq, at_us, prev, hash FROM block ORDER BY block"):
        run_id, seq = block["run_id"], block["seq"]
        rows = {name: await reader.until(block["block"]) for name, reader in readers.items()}
        before, head = heads.get(run_id, (0, ""))
        if seq != before + 1 or block["prev"] != head:
            wrong.append(f"block {block['block']}: does not follow block {before} of run {run_id}")
        if link(block["prev"], block["block"], run_id, seq, block["at_us"], rows) != block["hash"]:
            wrong.append(f"block {block['block']}: its rows were changed, added or removed")
        heads[run_id] = (seq, block["hash"])
        hashes[run_id, seq] = block["hash"]
    wrong += [f"{n}: rows of a block that does not exist" for n, r in readers.items() if await r.until(_END)]
    for run_id, other, seq, head_known in known:
        if hashes.get((other, seq)) != head_known:
            wrong.append(
                f"run {other}: its block {seq}, from which run {run_id} began, is missing or changed"
            )
    return wrong, [f"run {run_id} block {seq} {head}" for run_id, (seq, head) in heads.items()]


async def _rows(read: Read, table: str) -> AsyncIterator[tuple[int, tuple[Any, ...]]]:
    columns = CHAINED[table]
    async for row in read(f"SELECT block, {', '.join(columns)} FROM {table} ORDER BY block"):
        yield row["block"], tuple(row[name] for name in columns)


class _Ahead:
    """Rows in order of block, taken up to a given block."""

    def __init__(self, rows: AsyncIterator[tuple[int, tuple[Any, ...]]]) -> None:
        self._rows = rows
        self._next: tuple[int, tuple[Any, ...]] | None = None
        self._over = False

    async def until(self, block: int) -> list[tuple[Any, ...]]:
        """The rows of this block; rows of blocks that were skipped come along, and so break the hash."""
        taken: list[tuple[Any, ...]] = []
        while not self._over:
            if self._next is None:
                self._next = await anext(self._rows, None)
                if self._next is None:
                    self._over = True
                    break
            if self._next[0] > block:
                break
            taken.append(self._next[1])
            self._next = None
        return taken
