"""The gateway: from a client's request to a booked answer.

The order is fixed: who asks, what for, may it, where to; then the attempt is committed to the ledger; only then do
bytes go upstream. A failure before the first byte is tried again elsewhere, as a further attempt of the same request.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote

import orjson

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.canon.loss import Untranslatable
from supercycle.gateway.config.config import Config
from supercycle.gateway.door.background import retrieve
from supercycle.gateway.door.cache import ResponseCache
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange, Message, Receive, Send, read_body
from supercycle.gateway.door.lookups import COUNTED, count_tokens, hello, models
from supercycle.gateway.door.media.routes import MEDIA, answer_media
from supercycle.gateway.door.memory import BodyMemory, Held
from supercycle.gateway.door.prepared import LOSSY, Prepared, prepared
from supercycle.gateway.door.problem import Problem, of_refusal, of_replay
from supercycle.gateway.door.relay import Relay
from supercycle.gateway.door.responses import FailedAttempt
from supercycle.gateway.door.stored.batches import answer_batches
from supercycle.gateway.door.stored.files import answer_files
from supercycle.gateway.door.upstream import Upstream
from supercycle.gateway.ledger.entries import Admitted, Ask, Attempt, Begin, Refused, Replayed, new_request_id
from supercycle.gateway.prices.bounds import Bound, Capacity, reserve_of
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.reports.metrics import Metrics
from supercycle.gateway.reports.telemetry import Spans
from supercycle.gateway.routes.limits import Limits
from supercycle.gateway.routes.providers import ModelEntry, Target
from supercycle.gateway.routes.route import Decision, Router
from supercycle.gateway.speech.bounds import asks_mcp
from supercycle.gateway.speech.dialects import ROUTES, Call, read_call

__all__ = ["Gateway"]

_LOG = logging.getLogger("supercycle.gateway")
_KEY_CHARS: Final = 200
# Answers kept for a repeated Idempotency-Key, for a day (as is usual), in memory only.
_REPLIES: Final = (10_000, 64 * 2**20, 86_400.0)
_BACKOFF_S: Final = 0.2  # before a target is asked a second time; doubles


class Gateway:
    """The public application (ASGI). ``ledger`` is an open `supercycle.gateway.ledger.ledger.Ledger`."""

    def __init__(self, config: Config, ledger: Any, book: PriceBook, upstream: Upstream) -> None:
        spans = config.telemetry.spans
        self.context = Context(
            config,
            ledger,
            book,
            upstream,
            Router(book, config.policy, monotonic),
            Limits(monotonic),
            Metrics(config.telemetry.gen_ai),
            Spans(spans, config.telemetry.gen_ai) if spans else None,
            BodyMemory(config.bounds.body_memory_bytes, config.bounds.body_bytes),
        )
        cache = config.cache
        self.cache = (
            ResponseCache(cache.entries, cache.size, cache.ttl_s, monotonic) if cache.entries else None
        )
        self.replies = ResponseCache(*_REPLIES, monotonic)
        self.in_flight = 0
        self.closing = asyncio.Event()  # set when the server stops: pages that stream end

    @property
    def config(self) -> Config:
        """The configuration in force; a reload replaces it."""
        return self.context.config

    @property
    def ledger(self) -> Any:
        """The open ledger."""
        return self.context.ledger

    @property
    def book(self) -> PriceBook:
        """The prices in force; a reload replaces them."""
        return self.context.book

    @property
    def upstream(self) -> Upstream:
        """The way out."""
        return self.context.upstream

    @property
    def router(self) -> Router:
        """Which target serves a call, and how the targets have been doing."""
        return self.context.router

    @property
    def metrics(self) -> Metrics:
        """Counters for /metrics."""
        return self.context.metrics

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        # The path as it was sent: what is not exactly a route, however encoded, is not found.
        path: bytes = scope["raw_path"]
        dialect = ROUTES.get(path) or COUNTED.get(path) or MEDIA.get(path) or "openai.chat"
        x = Exchange(new_request_id(), path.decode("latin-1"), dialect, scope, receive, send)
        self.in_flight += 1
        try:
            if path in ROUTES and scope["method"] == "POST":
                await self._call(x)
            elif path == b"/v1/models" and scope["method"] == "GET":
                await self._models(x, "")
            elif path.startswith(b"/v1/models/") and b"/.." not in path and scope["method"] == "GET":
                await self._models(x, unquote(x.route.removeprefix("/v1/models/")))
            elif path in COUNTED and scope["method"] == "POST":
                await self._count(x)
            elif path in MEDIA and scope["method"] == "POST":
                await self._principal(x)
                assert self.context.shelf is not None
                await answer_media(self.context, self.context.shelf, x, lambda model: self._entry(x, model))
            elif await hello(x, path, scope["method"]):
                pass
            elif path in ROUTES or path in COUNTED or path in MEDIA:
                raise Problem(405, f"{x.route} is asked with POST", "method_not_allowed")
            elif path.startswith((b"/v1/responses/", b"/v1/files", b"/v1/batches")):
                await self._principal(x)
                if not await self._stored(x, scope["method"]):
                    raise Problem(404, "no such path; see /v1/models and the documentation", "not_found")
            else:
                raise Problem(404, "no such path; see /v1/models and the documentation", "not_found")
        except Problem as problem:
            await self._refuse(x, problem)
        except InputError as error:
            await self._refuse(x, Problem(400, str(error), "invalid_request"))
        except EnvironmentProblem as error:
            # The books cannot be written: nothing may go upstream.
            _LOG.error("request %s: %s", x.id, error)
            await self._refuse(
                x, Problem(503, "the ledger cannot be written at the moment", "ledger_unavailable")
            )
        except asyncio.CancelledError:
            # The server stops and its patience is over; the attempt is booked.
            await self._refuse(x, Problem(503, "the gateway is stopping", "stopping", retry_after_s=5.0))
        except Exception:
            _LOG.exception("request %s failed", x.id)
            await self._refuse(
                x, Problem(500, f"an error inside the gateway (request {x.id})", "internal_error")
            )
        finally:
            self.in_flight -= 1
            if x.memory is not None:
                x.memory.release()
            route = x.route if path in ROUTES or path in MEDIA else ""
            names = ("route", "model", "status")
            self.metrics.count("supercycle_requests_total", names, (route, x.model, str(x.status)))

    async def _refuse(self, x: Exchange, problem: Problem) -> None:
        if problem.status in (400, 422, 429):
            self.metrics.count("supercycle_refused_total", ("reason",), (problem.code,))
        if not x.started:
            await x.refuse(problem)

    # --- who and what

    async def _principal(self, x: Exchange) -> None:
        secret = x.secret
        if not secret:
            raise Problem(401, "no key: send Authorization: Bearer <key>, or x-api-key", "missing_key")
        found = None
        if len(secret) <= _KEY_CHARS:
            found = self.ledger.peek_principal(secret) or await self.ledger.principal(secret)
        if found is None:
            raise Problem(401, "this key is not known, has expired or was revoked", "invalid_key")
        if "call" not in found.scopes:
            raise Problem(403, "this key may not make calls", "forbidden")
        x.principal = found

    def _may(self, patterns: tuple[str, ...], model: str) -> bool:
        """Whether a key may ask for a model: by its own patterns, else any that the configuration lists."""
        if not patterns:
            return model in self.config.models
        return any(fnmatchcase(model, pattern) for pattern in patterns)

    def _entry(self, x: Exchange, model: str) -> ModelEntry | None:
        """What serves a name, for a key that may ask for it."""
        return self.config.entry(model) if self._may(x.principal.models, model) else None

    async def _models(self, x: Exchange, wanted: str) -> None:
        await self._principal(x)
        names = [name for name in self.config.models if self._may(x.principal.models, name)]
        await models(x, names, wanted)

    async def _read(self, x: Exchange) -> None:
        """The body of a request, and the call in it. Raises Problem, InputError."""
        if b"content-encoding" in x.headers:
            raise Problem(415, "a compressed body is not read", "unsupported_encoding")
        x.read_head()
        x.memory = Held(self.context.bodies, x.principal.key_id)
        most = self.config.bounds.body_bytes
        x.body = await read_body(x.receive, most, x.headers.get(b"content-length"), x.memory)
        x.call = read_call(x.dialect, x.body, self.config.bounds.known_fields)
        if not self.config.bounds.mcp and asks_mcp(x.call.fields):
            raise Problem(403, "MCP servers are not allowed here (bounds.mcp)", "mcp_refused")

    async def _stored(self, x: Exchange, method: str) -> bool:
        """Answer what was kept for a key: Responses, files, batches; False when the path is none of these."""
        shelf = self.context.shelf
        if shelf is None or x.route.startswith("/v1/responses/"):
            return await retrieve(self.context, x, x.route, method)
        x.read_head()
        return await answer_files(shelf, x, method) or await answer_batches(
            self.context, shelf, x, method, lambda model: self._entry(x, model)
        )

    async def _count(self, x: Exchange) -> None:
        await self._principal(x)
        await self._read(x)
        await count_tokens(self.context, x, x.call, lambda model: self._entry(x, model))

    async def _call(self, x: Exchange) -> None:
        """The hot path."""
        await self._principal(x)
        await self._read(x)
        who, call = x.principal, x.call
        entry = self._entry(x, call.model)
        if entry is None:
            raise Problem(
                404, f"no model {call.model!r} for this key; /v1/models lists them", "model_not_found"
            )
        x.model = entry.name if entry.name in self.config.models else ""
        x.several = len(entry.targets) > 1
        cached = self._cached(x)
        if cached is not None:
            await self._from_cache(x, cached)
            return
        at = datetime.now(UTC)
        decision = self.router.decide(call, entry, who.key_id, at, self.config.providers)
        if not decision.targets:
            raise _nowhere(entry, decision)
        if x.several:
            x.decision = (decision.record, entry.targets)
        tokens = call.input_expected + int(self.router.lengths.expected(entry.name, self.context.clock()))
        over = self.context.limits.enter(who, tokens)
        if over is not None:
            raise Problem(
                429,
                f"this key may have {over.limit} {over.what}",
                "rate_limit_exceeded",
                kind="rate_limit_error",
                retry_after_s=over.retry_after_s,
            )
        try:
            await self._attempts(x, decision, at)
        finally:
            self.context.limits.leave(who, tokens, call.used_tokens)
        self._keep(x)

    # --- attempts

    async def _attempts(self, x: Exchange, decision: Decision, at: datetime) -> None:
        ask = Ask(
            x.id,
            x.principal,
            x.route,
            x.call.model,
            x.fingerprinted() if x.idempotency_key else "",
            x.idempotency_key,
            x.tags,
            orjson.dumps(decision.record).decode(),
            x.received_us,
        )
        x.keep = x.idempotency_key is not None or self.cache is not None
        failed: FailedAttempt | None = None
        plan = self._plan(x, decision.targets)
        for n, (target, sent) in enumerate(plan, 1):
            if n > len(decision.targets):
                await asyncio.sleep(_BACKOFF_S * 2 ** (n - 2))
            if n > 1:
                at = datetime.now(UTC)
            begin = self._begin(x.call, target, sent, at)
            if n == 1:
                got = await self.ledger.admit_and_begin(ask, begin)
            else:
                got = await self.ledger.begin(ask, n, begin)
            if not isinstance(got, Attempt):
                if failed is not None:
                    break
                await self._not_admitted(x, got)
                return
            relay = Relay(self.context, x, target, sent, got, at)
            failure = await relay.run()
            if failure is None:
                return
            # A target that asks for time does not get the same call again at once.
            again = failure.retryable and n < len(plan) and self._worth_it(failure, target, plan[n][0])
            relay.booking.failed(failure, final=not again)
            _LOG.warning("request %s, attempt %d: %s", x.id, n, failure.reason)
            failed = failure
            if not again:
                break
        assert failed is not None
        await x.whole(failed.status, failed.headers, failed.body)

    def _worth_it(self, failure: FailedAttempt, target: Target, following: Target) -> bool:
        """Whether to go on: at another target always, at the same one if it did not refuse, or has another key."""
        if following != target or not (failure.hung or failure.status in (429, 500)):
            return True
        return failure.status == 429 and self.context.upstream.has_another_key(target.provider)

    def _plan(self, x: Exchange, targets: tuple[Target, ...]) -> list[tuple[Target, Prepared]]:
        """Whom to ask with what, in order: each target once, then again from the first, until attempts are used up."""
        able: list[tuple[Target, Prepared]] = []
        refused: Untranslatable | None = None
        for target in targets:
            try:
                able.append((target, prepared(x, target, self._longest(target))))
            except Untranslatable as error:
                refused = error
            except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError) as error:
                # The JSON is another's; what a dialect does not allow is the caller's to mend, not an error in here.
                raise InputError(
                    "the body",
                    expected=f"the types of {x.dialect}",
                    got=f"a field of another type ({error})"[:200],
                ) from None
        if refused is not None and not able:
            raise refused
        return [able[n % len(able)] for n in range(self.config.policy.attempts)]

    def _longest(self, target: Target) -> int | None:
        model = self.book.find(target.provider.prices, target.model)
        return model.max_output if model else None

    def _practical(self, sent: Prepared, target: Target) -> int | None:
        """A bound of the text by what was seen of this model, where the configuration does not want a proof."""
        if self.config.bounds.text == "strict":
            return None
        return self.router.ratios.most(target.model, sent.bound.text_bytes)

    def _begin(self, call: Call, target: Target, sent: Prepared, at: datetime) -> Begin:
        """The attempt with the most it can cost; the reason when it has no bound."""
        bound = reserve_of(
            self.book,
            target.provider.prices,
            target.model,
            sent.bound,
            sent.max_output,
            Capacity(target.context_tokens, target.max_output_tokens),
            at,
            tier=sent.tier,
            cache_writes=sent.writes_cache,
            text_tokens=self._practical(sent, target),
        )
        if not isinstance(bound, Bound):
            return Begin(target.provider.name, target.model, None, unbounded=bound.reason)
        expected = self.router.input_tokens(call, target) * bound.input_pico
        return Begin(target.provider.name, target.model, bound.pico, bound.price_ids, expected_pico=expected)

    async def _not_admitted(self, x: Exchange, got: Refused | Replayed) -> None:
        if isinstance(got, Refused):
            raise of_refusal(got)
        kept = self.replies.get(_reply_key(x))
        if kept is not None and got.fingerprint_matches:
            await x.again(kept, how=b"idempotent")
            return
        raise of_replay(got)

    # --- what is kept

    def _cached(self, x: Exchange) -> str | None:
        """The key of the exact cache when this request may be answered from it, and there is an answer."""
        if self.cache is None or b"no-cache" in x.headers.get(b"cache-control", b""):
            return None
        key = _cache_key(x)
        return key if self.cache.get(key) is not None else None

    async def _from_cache(self, x: Exchange, key: str) -> None:
        assert self.cache is not None
        over = self.context.limits.enter(x.principal, 0)
        if over is not None:
            raise Problem(429, f"this key may have {over.limit} {over.what}", "rate_limit_exceeded")
        try:
            kept = self.cache.get(key)
            fingerprint = x.fingerprinted() if x.idempotency_key else ""
            ask = Ask(
                x.id,
                x.principal,
                x.route,
                x.call.model,
                fingerprint,
                x.idempotency_key,
                x.tags,
                '{"cache":"exact"}',
                x.received_us,
            )
            got = await self.ledger.admit(ask)
            if not isinstance(got, Admitted):
                await self._not_admitted(x, got)
                return
            assert kept is not None
            self.metrics.count("supercycle_cache_hits_total", (), ())
            await x.again(kept, how=b"hit")
        finally:
            self.context.limits.leave(x.principal, 0, 0)

    def _keep(self, x: Exchange) -> None:
        if not x.keep or not x.ended or x.gone or not x.kept:
            return
        kept = x.kept_answer()
        if x.idempotency_key is not None:
            # An error too: who repeats the key asks what became of that call.
            self.replies.put(_reply_key(x), kept)
        if (
            self.cache is not None
            and x.status == 200
            and b"no-store" not in x.headers.get(b"cache-control", b"")
        ):
            self.cache.put(_cache_key(x), kept)


def _nowhere(entry: ModelEntry, decision: Decision) -> Problem:
    """No target is left: why, target by target."""
    rows: list[Mapping[str, Any]] = decision.record["candidates"]
    reasons = "; ".join(f"{row['target']}: {row['out']}" for row in rows)
    return Problem(400, f"no provider can serve this request for {entry.name}: {reasons}", "no_provider")


def _reply_key(x: Exchange) -> str:
    return f"{x.principal.key_id}\n{x.idempotency_key}"


def _cache_key(x: Exchange) -> str:
    """Answers are shared within the widest account of a key (its organisation, project, or itself), by equal bytes."""
    policy = LOSSY if LOSSY in x.principal.scopes else ""
    return f"{x.principal.accounts[-1]}\n{x.fingerprinted()}\n{policy}"
