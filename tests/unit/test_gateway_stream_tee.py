"""The tee, without a network: what a client sees of a stream, whatever the reads look like."""

from __future__ import annotations

import gzip
import zlib
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.gateway.door.mock_answers import answer_of, events_of
from supercycle.gateway.speech.sse import MAX_EVENT_BYTES, Splitter, data_of, split, without_member
from supercycle.gateway.speech.stream import Inflate, Tee
from supercycle.gateway.speech.usage import UsageTally

ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
USAGE = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def chat(*, usage: bool) -> bytes:
    return b"".join(events_of("openai.chat", answer_of("openai.chat", ASKED, tokens=5), usage=usage))


def cut(data: bytes, places: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(p % (len(data) + 1) for p in places)})
    return [data[a:b] for a, b in pairwise(at)]


def through(data: list[bytes], *, hide: bool, dialect: str = "openai.chat") -> tuple[bytes, Any, Tee]:
    tally = UsageTally(dialect)
    tee = Tee(tally, hide_usage=hide)
    out = b"".join([tee.feed(chunk) for chunk in data]) + tee.end()
    return out, tally.usage(), tee


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=12), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_hidden_usage_leaves_the_bytes_of_a_plain_stream(places: list[int], end: bytes) -> None:
    asked_for = chat(usage=True).replace(b"\n", end)
    out, usage, tee = through(cut(asked_for, places), hide=True)
    assert out == chat(usage=False).replace(b"\n", end)
    assert usage is not None
    assert usage.of("output") == 5
    assert tee.finished


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 10_000), max_size=12),
    st.sampled_from(["openai.chat", "anthropic.messages", "openai.responses"]),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_what_is_not_hidden_passes_read_by_read(places: list[int], dialect: str, end: bytes) -> None:
    answer = answer_of(dialect, ASKED, tokens=5)
    data = b"".join(events_of(dialect, answer, usage=True)).replace(b"\n", end)
    tally = UsageTally(dialect)
    tee = Tee(tally)
    for chunk in cut(data, places):
        assert tee.feed(chunk) == chunk
    assert tee.end() == b""
    usage = tally.usage()
    assert usage is not None
    assert (usage.of("output"), usage.prompt, tee.finished) == (5, answer.input_tokens, True)


def member(event: bytes, *, hide: bool = True) -> bytes:
    return through([event], hide=hide)[0]


@pytest.mark.parametrize(
    ("came", "seen"),
    [
        # a comment passes
        (b": keep-alive\n\n", b": keep-alive\n\n"),
        # usage beside choices is cut out of its event, whatever the spacing
        (b'data: {"choices":[{}], "usage": {"total_tokens": 1}}\n\n', b'data: {"choices":[{}]}\n\n'),
        (b'data: {"usage":null,"choices":[{}]}\n\n', b'data: {"choices":[{}]}\n\n'),
        # the word in text, escaped or alone, is text
        (
            b'data: {"choices":[{"d":"\\"usage\\":null"}]}\n\n',
            b'data: {"choices":[{"d":"\\"usage\\":null"}]}\n\n',
        ),
        (b'data: {"choices":["usage"],"usage":null}\n\n', b'data: {"choices":["usage"]}\n\n'),
        # only the member of the top level goes
        (b'data: {"x":{"a":1,"usage":null},"usage":null}\n\n', b'data: {"x":{"a":1,"usage":null}}\n\n'),
        # no usage in it: nothing is dropped even without choices
        (
            b'data: {"choices":[],"prompt_filter_results":[]}\n\n',
            b'data: {"choices":[],"prompt_filter_results":[]}\n\n',
        ),
        (b'data: {"choices":[],"p":1,"usage":null}\n\n', b'data: {"choices":[],"p":1}\n\n'),
        # not JSON, or not an object
        (b'data: usage "usage"\n\n', b'data: usage "usage"\n\n'),
        # two lines of data
        (b'data: {"a":1,\ndata: "usage":null}\n\n', b'data: {"a":1}\n\n'),
        (b"data: [DONE]\n\n", b"data: [DONE]\n\n"),
    ],
)
def test_what_is_cut_out(came: bytes, seen: bytes) -> None:
    assert member(came) == seen
    assert member(came, hide=False) == came


def test_the_last_of_several_usage_chunks_counts() -> None:
    events = [
        b"data: " + orjson.dumps({"choices": [{}], "usage": {**USAGE, "completion_tokens": n}}) + b"\n\n"
        for n in (1, 2, 9)
    ]
    out, usage, _ = through(events, hide=True)
    assert usage.of("output") == 9
    assert out == b'data: {"choices":[{}]}\n\n' * 3


def test_a_stream_without_a_closing_empty_line_is_read_to_its_end() -> None:
    data = b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}\n'
    for hide, seen in ((True, b""), (False, data)):
        out, usage, _ = through([data], hide=hide)
        assert (out, usage.of("output")) == (seen, 2)


def test_an_event_too_large_to_hold_passes_and_the_stream_goes_on() -> None:
    huge = b'data: {"choices":["' + b"x" * (MAX_EVENT_BYTES + 10) + b'"]}\n\n'
    data = huge + chat(usage=True)
    for hide in (True, False):
        tally = UsageTally("openai.chat")
        tee = Tee(tally, hide_usage=hide)
        out = b"".join([tee.feed(data[i : i + 65536]) for i in range(0, len(data), 65536)]) + tee.end()
        assert out == (huge + chat(usage=False) if hide else data)
        assert tally.usage() is not None


def test_an_error_event_is_noticed() -> None:
    _, _, tee = through([b'data: {"error":{"message":"overloaded"}}\n\n'], hide=False)
    assert tee.error is not None
    assert not tee.finished
    _, _, tee = through(
        [b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'], hide=False
    )
    assert tee.error is not None


def test_an_estimate_counts_text_four_bytes_a_token_and_never_the_envelope() -> None:
    tee = Tee(UsageTally("openai.chat"))
    tee.feed(b'data: {"id":"chatcmpl-with-a-long-name","choices":[{"delta":{"role":"assistant"}}]}\n\n' * 10)
    assert tee.output_tokens_seen == 0
    # Ten pieces of one byte are ten tokens; then 400 bytes in one piece, 410 / 4 in all.
    tee.feed(b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n' * 10)
    assert tee.output_tokens_seen == 10
    tee.feed(b'data: {"choices":[{"delta":{"content":"' + b"y" * 400 + b'"}}]}\n\n')
    assert tee.output_tokens_seen == -(-410 // 4)
    # A Responses stream repeats its text when it closes a part; only the deltas count.
    said = Tee(UsageTally("openai.responses"), dialect="openai.responses")
    said.feed(b'data: {"type":"response.output_text.delta","delta":"four tokens here"}\n\n')
    said.feed(b'data: {"type":"response.output_text.done","text":"four tokens here"}\n\n')
    assert said.output_tokens_seen == 4


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress])
def test_compressed_reads_are_opened_for_the_tee(packed: Any) -> None:
    data = chat(usage=True)
    squeezed = packed(data)
    inflate = Inflate()
    out = b"".join([b"".join(inflate(squeezed[i : i + 7])) for i in range(0, len(squeezed), 7)])
    assert out == data
    with pytest.raises(zlib.error):
        list(Inflate()(b"plain text"))


def test_a_bomb_is_opened_in_pieces() -> None:
    bomb = zlib.compress(b"\0" * 2**24)
    assert max(map(len, Inflate()(bomb))) <= 2**20


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "usage", "b", "choices", 'q"uote', "\\"]),
        st.recursive(
            st.none()
            | st.integers(-9, 9)
            | st.text(max_size=6)
            | st.sampled_from(['"usage":null', "},{", "\\"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["usage", "x"]), inner, max_size=2)
            ),
            max_leaves=6,
        ),
    ),
    st.sampled_from([0, orjson.OPT_INDENT_2]),
)
def test_cutting_a_member_leaves_the_rest_as_it_was(value: dict[str, Any], option: int) -> None:
    text = orjson.dumps(value, option=option)
    left = without_member(text, "usage")
    assert orjson.loads(left) == {k: v for k, v in value.items() if k != "usage"}
    if "usage" not in value:
        assert left == text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b"data: 1", b"event: e", b": c", b"\r", b"\n", b"\r\n", b"x"]), max_size=20),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_events_do_not_depend_on_the_reads(parts: list[bytes], places: list[int]) -> None:
    data = b"".join(parts)
    at_once = Splitter()
    events = at_once.feed(data)
    assert b"".join(events) + at_once.rest == data
    reads = Splitter()
    found = [event for chunk in cut(data, places) for event in reads.feed(chunk)]
    assert b"".join(found) + reads.rest == data
    assert found == events


def test_data_of_an_event() -> None:
    assert split(b"a\n\nb\r\n\r\n") == [b"a\n\n", b"b\r\n\r\n"]
    assert data_of(b"event: x\ndata:1\ndata: 2\n\n") == b"1\n2"
