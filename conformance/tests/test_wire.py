# SPDX-License-Identifier: GPL-2.0-only
"""The wire: what goes out comes in as it was, and nonsense is told from an answer."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import msgspec
import pytest
from mmu_gather_conformance import ports, wire
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.recorder import Outcome, Recorder, Recording, Run
from mmu_gather_spec import events as ev

EVERY_KIND = (
    ev.Booted(0, "a", "hash64", "rfc-2010", True, 64, 4096, True, False, 509, 15, frozenset({"tlb_flush"}), 0xA5),
    ev.Built(0, "a", "PPC32 SMP", "select", "link failure", "tlb_remove_table"),
    ev.Enter(0, "a", "tlb_flush_mmu", ("tlb", 0xC000000010000007, -1)),
    ev.Leave(0, "a", "tlb_flush_mmu"), ev.DetachVma(0, "a"), ev.Unlink(0, "a", 0xC000000010000000, 7),
    ev.ClearPte(0, "a", 1, 2, 1, frozenset({0, 1}), True), ev.Migrate(0, "a", 1),
    ev.GetFreePage(0, "a", None, 0x20), ev.GetFreePage(0, "a", 4096, 0x20), ev.FreePage(0, "a", 4096),
    ev.KmemCacheFree(0, "a", 7, 8192), ev.FreePages(0, "a", (1, 2)), ev.Fault(0, "a", ev.FaultKind.AFTER_SUBMIT, 1),
    ev.CallRcu(0, "a", 4096, "sched", (1, 2)), ev.GracePeriod(1, "softirq", 4096, "sched"),
    ev.CallbackBegin(1, "softirq", 4096), ev.CallbackEnd(1, "softirq", 4096),
    ev.SmpCallFunction(0, "a", frozenset({1}), frozenset({0, 1}), True, True), ev.IpiAck(1, "ipi"),
    ev.NumOnlineCpus(0, "a", 2), ev.AtomicRead(0, "a", "mm_users", 2), ev.Preempt(0, "a", 1), ev.Irqs(0, "a", False),
    ev.Dtor(0, "a", 1), ev.Bug(0, "a", "shift"),
    ev.Invalidate(0, "a", "_tlbia", -1, None, frozenset({0}), False),
    ev.Invalidate(0, "a", "flush_hash_page", 1, (1, 2), frozenset(), True),
    ev.Invalidate(0, "a", "flush_tlb_range_bcast", 1, None, frozenset({0}), True, (4096, 8192)),
    ev.TlbFlushPending(0, "a", True), ev.RemoveRmap(0, "a", (1, 2)), ev.ContextLock(0, "a", True),
    ev.FlushMm(0, "a", True, 1, frozenset({0, 1})),
    ev.FlushRange(0, "a", 0x1000, 0x2000, 0, 0, 1, 1, 0, 0, 0),
    ev.GetCpuVar(0, "a", 1, 2), ev.PutCpuVar(0, "a", 0), ev.WalkBegin(1, "w", False), ev.WalkLoad(1, "w", 1, True),
    ev.WalkPin(1, "w", 1, True), ev.WalkEnd(1, "w"), ev.WalkEntry(1, "w", 1, True), ev.WalkPte(1, "w", 1, False),
    ev.CacheEntry(1, "m", 1), ev.CacheMiss(1, "m", 1), ev.HardwareLoad(1, "m", 1), ev.TlbFill(1, "t", 1),
    ev.HashFill(1, "f", 1, True), ev.Access(1, "t", 1), ev.AccessFault(1, "t", 1), ev.MmGet(1, "t"), ev.MmPut(1, "t"),
    ev.UnsharePmd(0, "a", 1, 1, (4096, 8192), frozenset({0, 1}), frozenset(), 1), ev.ShareCount(0, "a", 1, 0),
    ev.UnlockMapping(0, "a"), ev.ReusePmd(2, "o", 1),
    ev.WalkLock(1, "w", 1), ev.FindMapping(1, "d", 1, False),
    ev.CpuOnline(1, "c"), ev.SkipPte(0, "a", 1, 2), ev.Diverged(0, "a", 0xFF, "Enter", True),
    ev.Shared(0, "a", "CallRcu"), ev.Leaked(0, "a", 4096), ev.Quiescent(0, "a"),
)  # fmt: skip


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The two ends of a pipe: from, to."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def over(pipe: tuple[int, int], answer: wire.Answer) -> wire.Answer:
    """An answer as it arrives."""
    wire.write(pipe[1], answer)
    return msgspec.msgpack.decode(wire.read(pipe[0]), type=wire.Answer)


def test_every_kind_of_event_arrives_as_it_was(pipe: tuple[int, int]) -> None:
    """Tuples stay tuples, sets stay sets, a word of 64 bits stays one."""
    runs = [
        Run((0, 2), 0xA5, EVERY_KIND, Outcome.UNSTABLE, "why", 3),
        Run((), 0, (*reversed(EVERY_KIND), EVERY_KIND[0])),
    ]
    sent = Recording(runs, closed=False, effects=99)
    assert wire.unpack(over(pipe, wire.pack(sent))) == sent
    assert {type(event) for event in EVERY_KIND} == set(wire._EVENTS.values())


def test_a_whole_recording_arrives_as_it_was() -> None:
    """And each different event is sent once."""
    case = find("users-come-and-go/hash64/small")
    assert case is not None
    recording = Recorder(ports.open_port("ref").image(case.config), case.scenario, case.config).record()
    packed = wire.pack(recording)
    assert wire.unpack(msgspec.msgpack.decode(msgspec.msgpack.encode(packed), type=wire.Answer)) == recording
    assert len(packed.events) == len({event for run in recording.runs for event in run.trace})


def test_a_frame_is_read_whole_however_it_comes(pipe: tuple[int, int]) -> None:
    """Two frames written at once are two documents."""
    for error in ("one", "another"):
        wire.write(pipe[1], wire.Answer(error=error))
    read = [msgspec.msgpack.decode(wire.read(pipe[0]), type=wire.Answer).error for _ in range(2)]
    assert read == ["one", "another"]


@pytest.mark.parametrize("sent", [b"", b"\x07\x00", struct.pack("<I", 7) + b"abc"])
def test_a_side_that_goes_away_in_the_middle_is_noticed(pipe: tuple[int, int], sent: bytes) -> None:
    """Before the length, inside it, or inside the document."""
    os.write(pipe[1], sent)
    os.close(pipe[1])
    with pytest.raises(EOFError):
        wire.read(pipe[0])


def test_a_length_that_no_frame_has_is_not_waited_for(pipe: tuple[int, int]) -> None:
    """It is somebody's text, not a length."""
    os.write(pipe[1], b"oops")
    with pytest.raises(ValueError, match="a frame of"):
        wire.read(pipe[0])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (wire.Answer([("Nonsense", {})]), KeyError),
        (wire.Answer([("Migrate", {"cpu": 0, "agent": "a", "to": "x"})]), msgspec.ValidationError),
        (wire.Answer([], [wire.WireRun((), 0, "ended", "", 0, b"\1\0\0\0")]), IndexError),
        (wire.Answer([], [wire.WireRun((), 0, "ended", "", 0, b"\1\0")]), ValueError),
        (wire.Answer([], [wire.WireRun((), 0, "amazed", "", 0, b"")]), ValueError),
    ],
)
def test_an_answer_that_is_no_recording_is_refused(answer: wire.Answer, error: type[Exception]) -> None:
    """An unknown event, a wrong type, a number without its event, half a number, an unknown outcome."""
    with pytest.raises(error):
        wire.unpack(answer)
