"""The one place that writes: operations queue up while a group is being committed, and share the next commit.

When the database cannot be written, new calls are refused at once; what must not be lost (settlements, and the
undoing of admissions whose commit was never confirmed) is kept in memory and tried again until it is booked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.ledger.books import Group
from supercycle.gateway.ledger.entries import Alert, Attempt, Settlement, now_us
from supercycle.gateway.ledger.operations import Admit, Close, Operation, Progress, Retry, Sent, Settle
from supercycle.gateway.ledger.store import Conflict, Store, StoreUnavailable
from supercycle.gateway.prices.pricebook import Price

__all__ = ["Writer"]

_GROUP = 256  # operations that share a commit at most
_LINGER_S = (
    0.005  # how long a settlement waits for a call to share its commit with; a crash meanwhile orphans it
)
_PAUSE_S = 0.2  # between two tries while the database cannot be written
_TRIES = 20  # at a group that another writer keeps overtaking

Job = tuple[Operation, "asyncio.Future[Any]"]


class Writer:
    """Books operations in the order they come, a group at a time."""

    def __init__(
        self,
        store: Store,
        tell: Callable[[Sequence[Settlement | Alert]], None],
        price: Callable[[str], Price | None] | None,
    ) -> None:
        self._store = store
        self._tell = tell
        self._price = price
        self._queue: list[Job] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._given_up = False
        self._lingering: asyncio.TimerHandle | None = None
        self.trouble: StoreUnavailable | None = None

    def submit(self, operation: Operation) -> asyncio.Future[Any]:
        """Queue an operation; the future has its answer once it is durable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if self._closed:
            future.set_exception(EnvironmentProblem("the ledger is closed"))
        elif self.trouble is not None and isinstance(operation, Admit | Retry):
            future.set_exception(self.trouble)
        else:
            self._queue.append((operation, future))
            if self._task is None:
                if not isinstance(operation, Settle | Sent | Progress):
                    self._start()
                elif self._lingering is None:
                    self._lingering = loop.call_later(_LINGER_S, self._start)
        return future

    def _start(self) -> None:
        """Begin in the next turn of the loop, so that all that arrives in this one shares its commit."""
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self, patience_s: float) -> int:
        """Book what is queued; returns how many operations could not be booked in that time."""
        self._closed = True
        if self._queue:
            self._start()
        if self._task is not None:
            task = self._task
            await asyncio.wait([task], timeout=patience_s)
            self._given_up = True  # a group that is being committed is let finish
            await asyncio.wait([task])
        left, self._queue = self._queue, []
        for _, future in left:
            if not future.done():
                future.set_exception(self.trouble or EnvironmentProblem("the ledger was closed"))
                future.exception()  # nobody may be waiting
        return len(left)

    async def _run(self) -> None:
        try:
            while self._queue and not self._given_up:
                batch, self._queue = self._queue[:_GROUP], self._queue[_GROUP:]
                # A client that left before its call was booked: nothing happened yet.
                batch = [j for j in batch if not (isinstance(j[0], Admit | Retry) and j[1].cancelled())]
                if batch:
                    await self._book(batch)
        finally:
            self._task = None

    async def _book(self, batch: list[Job]) -> None:
        operations = [operation for operation, _ in batch]
        error: Exception = Conflict()
        for _ in range(_TRIES):
            group = Group(operations, self._store.run_id, now_us(), self._price)
            try:
                answers = await self._store.book(group)
            except Conflict as overtaken:
                error = overtaken
                continue
            except StoreUnavailable as problem:
                await self._hold(batch, problem)
                return
            except Exception as refused:
                error = refused
                break
            self.trouble = None
            for job, answer in zip(batch, answers, strict=True):
                self._answer(job, answer)
            if group.events:
                self._tell(group.events)
            return
        await self._alone(batch, error)

    def _answer(self, job: Job, answer: object) -> None:
        _, future = job
        if not future.cancelled():
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        elif isinstance(answer, Attempt):
            # The client left while its call was being booked: nobody will send it or settle it.
            self._queue.append(_undo((answer.request_id, answer.n)))

    async def _hold(self, batch: Sequence[Job], problem: StoreUnavailable) -> None:
        """Refuse the calls, keep the rest for the next try."""
        kept: list[Job] = []
        for operation, future in batch:
            if not isinstance(operation, Admit | Retry):
                kept.append((operation, future))
                continue
            if not future.done():
                future.set_exception(problem)
            if operation.begin is not None:
                # The commit may have come through although its confirmation did not.
                kept.append(
                    _undo((operation.ask.request_id, operation.n if isinstance(operation, Retry) else 1))
                )
        if kept:
            self.trouble = problem
            self._queue[:0] = kept
            await asyncio.sleep(_PAUSE_S)

    async def _alone(self, batch: list[Job], error: Exception) -> None:
        """One operation of the group cannot be written; each is tried by itself, so that only that one fails."""
        if len(batch) > 1:
            for job in batch:
                await self._book([job])
            return
        operation, future = batch[0]
        if not future.done():
            what = type(operation).__name__.lower()
            problem = InputError(
                f"the ledger cannot hold this {what}", got=f"{type(error).__name__}: {error}"
            )
            problem.__cause__ = error
            future.set_exception(problem)


def _undo(key: tuple[str, int]) -> Job:
    return Close(key, "void"), asyncio.get_running_loop().create_future()
