"""Work of several tabs in one thread: a moving lever first, then each tab in turn; long work steps aside for a lever.

Four tabs that ask at once are answered one question each, in the order they came, whatever one of them asks besides.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

__all__ = ["Turns"]


class Turns:
    """One thread that takes work from tabs in turn.

    >>> order: list[str] = []
    >>> turns = Turns("doc")
    >>> work = [turns.submit(tab, lambda one=tab: order.append(one), urgent=False) for tab in ("a", "b")]
    >>> _ = [one.result() for one in work]
    >>> sorted(order)
    ['a', 'b']
    >>> turns.shutdown()
    """

    def __init__(self, name: str) -> None:
        self._tabs: OrderedDict[str, deque[tuple[Future[Any], Callable[[], Any]]]] = OrderedDict()
        self._urgent: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._aside = False  # urgent work runs inside of long work
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def submit(self, tab: str, work: Callable[[], Any], *, urgent: bool) -> Future[Any]:
        """Work of a tab. Errors: RuntimeError after ``shutdown``."""
        made: Future[Any] = Future()
        with self._changed:
            if self._ended:
                raise RuntimeError("no work is taken any more")
            if urgent:
                self._urgent.append((made, work))
            else:
                self._tabs.setdefault(tab, deque()).append((made, work))
            self._changed.notify()
        return made

    def step_aside(self) -> None:
        """Called by long work between two pieces: what a hand on a lever waits for is done first."""
        if self._aside or threading.current_thread() is not self._thread:
            return
        self._aside = True
        try:
            while (found := self._next(urgent_only=True)) is not None:
                _done(*found)
        finally:
            self._aside = False

    def shutdown(self) -> None:
        """Take no more; what waits is cancelled, what runs ends by itself."""
        with self._changed:
            self._ended = True
            left = [*self._urgent, *(one for line in self._tabs.values() for one in line)]
            self._urgent.clear()
            self._tabs.clear()
            self._changed.notify()
        for made, _ in left:
            made.cancel()

    def _next(self, *, urgent_only: bool = False) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._changed:
            if self._urgent:
                return self._urgent.popleft()
            if urgent_only or not self._tabs:
                return None
            tab, line = next(iter(self._tabs.items()))
            found = line.popleft()
            del self._tabs[tab]
            if line:
                self._tabs[tab] = line  # its next question stands behind those of the others
            return found

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not (self._urgent or self._tabs or self._ended):
                    self._changed.wait()
                if self._ended:
                    return
            found = self._next()
            if found is not None:
                _done(*found)


def _done(made: Future[Any], work: Callable[[], Any]) -> None:
    if not made.set_running_or_notify_cancel():
        return
    try:
        made.set_result(work())
    except BaseException as problem:
        made.set_exception(problem)
