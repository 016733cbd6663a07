# SPDX-License-Identifier: GPL-2.0-only
"""The laws of recording, one by one, on small wrong ports and on the kernel's parts by themselves.

`test_recording` shows what a recording of the reference is; here is what would go unnoticed without
each law.  The ports are written next to the test that needs them: the reference's own text in one
module, with one thing changed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from mmu_gather_conformance import ports, recorder
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.check import check
from mmu_gather_conformance.config import CONFIGS, SMALL_BATCH, small
from mmu_gather_conformance.python_port import PythonGather
from mmu_gather_conformance.recorder import FILLS, Outcome, Recorder, Recording, Run
from mmu_gather_conformance.scenario import Answers
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.script import Script, siblings
from mmu_gather_conformance.scripted_kernel import ScriptedKernel
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec import events as ev
from mmu_gather_spec import kernel as services
from mmu_gather_spec.words import page_p, pgf_p, rcu_head_p

ROOT: Final = Path(__file__).resolve().parents[2]
SEED: Final = tuple(
    ROOT / "reference/mmu_gather_reference/rfc_2010" / f"{name}.py"
    for name in ("mmu_table_batch", "asm_generic_tlb", "memory")
)
HASH64: Final = tuple(ROOT / "arch/mmu_gather_arch" / f"{name}.py" for name in ("hash64", "pgalloc_64", "pgalloc"))


def one_module(folder: Path, files: tuple[Path, ...], old: str = "", new: str = "", *, first: str = "") -> str:
    """A port whose one module holds these files, with `old` replaced; its name as it is typed.

    first: what stands at the module's top.  The name has the folder's in it, since one process loads a
    module of one name once.
    """
    trees = [ast.parse(path.read_text("utf-8")) for path in files]
    own = {name for tree in trees for node in tree.body for name in _defines(node)}
    source = "\n".join([first, *(_without_imports_of(own, tree) for tree in trees)])
    source = source.replace("MAX_PGTABLE_INDEX_SIZE()", "MAX_PGTABLE_INDEX_SIZE")
    assert old in source, f"nothing to replace: {old}"
    path = folder / f"port_{folder.name}.py"
    path.write_text(source.replace(old, new), "utf-8")
    return f"py:{path}"


def _defines(node: ast.stmt) -> tuple[str, ...]:
    """The name that a statement defines, if it does."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return (node.name,)
    return (node.target.id,) if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ()


def _without_imports_of(own: set[str], tree: ast.Module) -> str:
    """A source that imports neither what is in the module anyway nor anything from the future."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            node.names = [name for name in node.names if name.name not in own and node.module != "__future__"]
    tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom) or node.names]
    return ast.unparse(tree)


def image_of(case_id: str, port: str) -> Recorder:
    """A recorder for one case of a port."""
    case = find(case_id)
    assert case is not None
    return Recorder(ports.open_port(port).image(case.config), case.scenario, case.config)


def first_run(case_id: str, port: str = "ref") -> Run:
    """The run with the ordinary answers."""
    return image_of(case_id, port).run(())[0]


def overridden(case_id: str, **functions: Callable[..., object]) -> Recording:
    """The recording of a case by the reference with some functions replaced."""
    case = find(case_id)
    assert case is not None
    image = ports.reference("rfc-2010", "overridden", dict(functions)).image(case.config)
    return Recorder(image, case.scenario, case.config).record()


# --- law 2: every call between the halves is seen -------------------------------------------


def test_one_module_with_both_halves_makes_the_same_trace_as_two(tmp_path: Path) -> None:
    """Its calls from half to half cross the link table, though they are calls inside one file."""
    port = one_module(tmp_path, SEED + HASH64)
    alone, linked = first_run("pages-then-tables/hash64", port), first_run("pages-then-tables/hash64")
    assert alone.trace[1:] == linked.trace[1:]
    crossed = {event.fn for event in alone.trace if isinstance(event, ev.Enter)}
    assert crossed >= {
        "tlb_flush",
        "tlb_remove_table",
        "__tlb_remove_table",
        "__pte_free_tlb",
        "__tlb_remove_tlb_entry",
    }


def test_every_call_that_is_entered_is_left_in_the_order_of_a_stack() -> None:
    """So that a monitor knows what it is inside of."""
    for run in image_of("flush-between/hash64/small", "ref").record().runs:
        stack: list[str] = []
        for event in run.trace:
            if isinstance(event, ev.Enter):
                stack.append(event.fn)
            if isinstance(event, ev.Leave):
                assert stack.pop() == event.fn
        assert stack == []


# --- law 3: the gather agent is caller plus port --------------------------------------------


def test_the_caller_unmaps_a_page_as_zap_pte_range_does() -> None:
    """Lock, lazy mode, clear, the arch's note, the entry, the page; and back out again."""
    trace = first_run("one-page/hash64").trace
    begin = next(i for i, event in enumerate(trace) if isinstance(event, ev.Preempt) and event.depth == 1)
    end = next(i for i, event in enumerate(trace) if isinstance(event, ev.Preempt) and event.depth == 0)
    depth, steps = 0, []
    for event in trace[begin : end + 1]:
        depth -= isinstance(event, ev.Leave)
        if depth == 0 and not isinstance(event, ev.Leave):
            steps.append(event.fn if isinstance(event, ev.Enter) else type(event).__name__)
        depth += isinstance(event, ev.Enter)
    assert steps == [
        "Preempt", "arch_enter_lazy_mmu_mode", "ClearPte", "hpte_need_flush", "tlb_remove_tlb_entry",
        "tlb_remove_page", "arch_leave_lazy_mmu_mode", "Preempt",
    ]  # fmt: skip


def test_the_caller_detaches_the_vma_and_unhooks_each_table_before_it_gives_it() -> None:
    """What a port is given is the port's to free, and nobody else's to find."""
    trace = first_run("mixed-levels/hash64").trace
    steps = [
        event.fn if isinstance(event, ev.Enter) else type(event).__name__
        for event in trace
        if isinstance(event, ev.Unlink | ev.DetachVma)
        or (isinstance(event, ev.Enter) and event.fn in ("tlb_gather_mmu", "pte_free_tlb", "pmd_free_tlb"))
    ]
    assert steps == [
        "tlb_gather_mmu", "DetachVma", "Unlink", "pte_free_tlb", "Unlink", "pmd_free_tlb",
        "Unlink", "pte_free_tlb", "Unlink", "pmd_free_tlb",
    ]  # fmt: skip


# --- law 4: callbacks are agents, and a submitted page is RCU's ------------------------------


def machine(*choices: int, answers: Answers = Answers(), fill: int = 0) -> ScriptedKernel:  # noqa: B008 - frozen
    """A hash64 machine with tiny pages, answering with these choices."""
    return ScriptedKernel(small(CONFIGS["hash64"][0]), answers, Script(choices), fill)


def happened(kernel: ScriptedKernel, *kinds: type[ev.Event]) -> list[ev.AnyEvent]:
    """The events of some kinds, in their order."""
    return [event for event in kernel.trace if isinstance(event, kinds)]


def faults(kernel: ScriptedKernel) -> list[tuple[ev.FaultKind, int]]:
    """What went wrong, and where."""
    return [(event.kind, event.addr) for event in kernel.trace if isinstance(event, ev.Fault)]


def page_of(kernel: ScriptedKernel) -> int:
    """A page that was just handed out."""
    page = kernel.get_free_pages(0, 0)
    assert page is not None
    return page.value


def nothing(head: rcu_head_p) -> None:
    """A callback that does nothing."""


def test_a_store_after_call_rcu_is_found_before_the_next_effect() -> None:
    """The page is compared with what it was when it was handed over."""
    kernel = machine(answers=Answers(grace=("late",)))
    page = page_of(kernel)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.store(page + 16, 4, 7)
    kernel.free_pages(0x1000, 0)
    assert faults(kernel) == [(ev.FaultKind.AFTER_SUBMIT, page)]
    assert isinstance(kernel.trace[-2], ev.Fault)


def test_a_store_after_call_rcu_is_found_at_the_end_where_no_effect_follows() -> None:
    """Quiescence is a boundary, too."""
    kernel = machine(answers=Answers(grace=("late",)))
    page = page_of(kernel)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.store(page + 16, 4, 7)
    kernel.quiesce()
    assert faults(kernel) == [(ev.FaultKind.AFTER_SUBMIT, page)]


def test_a_head_may_be_submitted_again_only_after_its_callback() -> None:
    """Between the two it is on RCU's list."""
    kernel = machine(answers=Answers(grace=("late",)))
    page = page_of(kernel)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.quiesce()
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    assert faults(kernel) == []
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    assert faults(kernel) == [(ev.FaultKind.DOUBLE_CALL_RCU, page)]


def test_a_page_that_was_given_back_is_nobodys() -> None:
    """Reading it, writing to it and submitting it are faults, and what is read is poison."""
    kernel = machine()
    page = page_of(kernel)
    kernel.store(page, 4, 7)
    kernel.free_pages(page, 0)
    assert kernel.load(page, 4) == 0xA5A5A5A5
    kernel.store(page, 4, 8)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    assert faults(kernel) == [(ev.FaultKind.AFTER_FREE, page)] * 3


def reads(tlb: mmu_gather) -> None:
    """A callback that looks into a gather."""
    _ = tlb.fullmm


def writes(tlb: mmu_gather) -> None:
    """A callback that changes one."""
    tlb.fullmm = 1


@pytest.mark.parametrize("touch", [reads, writes])
def test_a_callback_runs_with_its_gather_out_of_reach(touch: Callable[[mmu_gather], None]) -> None:
    """Reading a field shows, and so does writing one; afterwards the gather is as it was."""
    kernel = machine(answers=Answers(grace=("late",)))
    gather = PythonGather(mmu_gather, 0)
    kernel.gathers.append(gather)
    tlb = gather.handle
    assert isinstance(tlb, mmu_gather)
    kernel.call_rcu(rcu_head_p(page_of(kernel)), lambda head: touch(tlb), "sched")
    kernel.quiesce()
    assert [kind for kind, _ in faults(kernel)] == [ev.FaultKind.GATHER_GONE]
    assert tlb.fullmm == 0


def test_a_callback_runs_on_the_other_cpu_and_with_the_mm_gone() -> None:
    """It is softirq that runs it, and mm_users is no longer there to read."""
    kernel = machine(answers=Answers(grace=("late",)))

    def asks(head: rcu_head_p) -> None:
        kernel.atomic_read(kernel.mm.mm.mm_users)

    kernel.call_rcu(rcu_head_p(page_of(kernel)), asks, "sched")
    kernel.quiesce()
    begin = kernel.trace[3]
    assert (type(begin), begin.cpu, begin.agent) == (ev.CallbackBegin, 1, "softirq")
    assert faults(kernel) == [(ev.FaultKind.GATHER_GONE, 0)]


def test_an_ipi_that_nobody_waits_for_is_answered_at_the_end() -> None:
    """By each target, as an agent of its own."""
    heard: list[int] = []
    kernel = machine()
    kernel.smp_call_function(None, lambda info: heard.append(kernel.cpu), None, 0)
    kernel.free_pages(0x1000, 0)
    assert heard == []
    kernel.quiesce()
    assert (heard, happened(kernel, ev.IpiAck, ev.FreePage)) == (
        [1],
        [ev.FreePage(0, "a", 0x1000), ev.IpiAck(1, "ipi")],
    )


# --- law 5: closure -------------------------------------------------------------------------


def patterns(most: int | None) -> list[tuple[int, ...]]:
    """Every run of a caller that asks twice, and a third time if the first answer was 1."""
    runs: list[tuple[int, ...]] = []
    pending: list[tuple[int, ...]] = [()]
    while pending:
        prefix = pending.pop()
        script = Script(prefix)
        asked_more = script.choose("first", (0, 1)) == 1
        script.choose("second", (0, 1, 2))
        if asked_more:
            script.choose("third", (0, 1))
        runs.append(script.taken())
        pending.extend(siblings(script, len(prefix), most))
    return runs


def test_every_pattern_of_answers_is_taken_once() -> None:
    """Also the answers to questions that only some other answer brings up."""
    runs = patterns(None)
    without, with_third = {(0, b) for b in range(3)}, {(1, b, c) for b in range(3) for c in range(2)}
    assert (len(runs), set(runs)) == (9, without | with_third)


def test_a_bound_counts_deviations_from_the_ordinary_answers() -> None:
    """At one deviation at most, the patterns with two are left out."""
    assert set(patterns(1)) == {(0, 0), (0, 1), (0, 2), (1, 0, 0)}
    assert patterns(0) == [(0, 0)]


@pytest.mark.parametrize(
    ("case_id", "runs"), [("one-table/hash64", 112), ("one-table/hash32/small", 112), ("hash-batch-waits/hash64", 12)]
)
def test_the_closure_of_a_case_has_an_exact_number_of_runs(case_id: str, runs: int) -> None:
    """One run more or less is a question more or less, and that is news."""
    plain = [run for run in image_of(case_id, "ref").record().runs if run.fill == FILLS[0] and not run.nested_at]
    assert (len(plain), len({run.choices for run in plain})) == (runs, runs)


def test_a_recording_that_meets_its_bound_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It never passes for every pattern of answers."""
    assert image_of("every-allocation-may-fail/hash64/small", "ref").record().closed
    monkeypatch.setattr(recorder, "RUN_BOUND", 5)
    assert not image_of("every-allocation-may-fail/hash64/small", "ref").record().closed


# --- law 6: no hidden sharing ---------------------------------------------------------------


def test_what_a_module_keeps_between_two_gathers_is_found(tmp_path: Path) -> None:
    """A batch in the module's globals: begun by the first gather, it is filled and submitted by the second."""
    port = one_module(tmp_path, SEED, "tlb.batch", "SHARED.batch", first="class SHARED:\n    batch = None")
    report = check(port, archs=["hash64"], keyword="gather-within-a-gather/hash64/small", in_process=True)
    assert [case.rules["batch.one-per-gather"] for case in report.cases] == [Verdict.VIOLATED]


def test_a_port_that_counts_its_runs_is_unstable(tmp_path: Path) -> None:
    """The same answers gave other effects, and a verdict on either would be worth nothing."""
    counting = "RUNS.append(1)\n    if len(RUNS) % 3 == 0:\n        num_online_cpus()\n    if tlb.batch is not None:"
    port = one_module(tmp_path, SEED, "if tlb.batch is not None:", counting, first="RUNS = []")
    report = check(port, archs=["hash64"], keyword="batch-full/hash64/small", in_process=True)
    assert [(case.verdict, case.detail) for case in report.cases] == [
        (Verdict.UNSTABLE, "the same answers, other effects")
    ]


def test_nothing_that_a_port_keeps_in_its_globals_survives_a_case(tmp_path: Path) -> None:
    """Each case begins with a module that is as fresh as at its import."""
    port = ports.open_port(one_module(tmp_path, SEED, first="RUNS = []"))
    case = find("batch-full/hash64/small")
    assert case is not None
    one, other = (port.image(case.config).symbols["tlb_gather_mmu"] for _ in range(2))
    assert one.__globals__["RUNS"] is not other.__globals__["RUNS"]


# --- law 7: when a grace period ends ----------------------------------------------------------

EARLY: Final = Answers(grace=("early",))


def test_a_grace_period_ends_at_the_very_next_boundary_where_nothing_holds_it_back() -> None:
    """The guarantee allows it, so an adversary takes it."""
    kernel = machine(answers=EARLY)
    kernel.call_rcu(rcu_head_p(page_of(kernel)), nothing, "sched")
    kernel.free_pages(0x1000, 0)
    assert [type(event) for event in kernel.trace[-4:]] == [
        ev.GracePeriod,
        ev.CallbackBegin,
        ev.CallbackEnd,
        ev.FreePage,
    ]


@pytest.mark.parametrize("close", ["irqs", "preemption", "per-CPU variable"])
def test_a_sched_grace_period_waits_for_the_region_that_was_open(close: str) -> None:
    """No sooner than its end, and then at once."""
    kernel = machine(answers=EARLY)
    page = page_of(kernel)
    if close == "irqs":
        kernel.local_irq(False)
    elif close == "preemption":
        kernel.preempt(+1)
    else:
        kernel.get_cpu_var()
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.free_pages(0x1000, 0)
    assert happened(kernel, ev.GracePeriod) == []
    if close == "irqs":
        kernel.local_irq(True)
    elif close == "preemption":
        kernel.preempt(-1)
    else:
        kernel.put_cpu_var()
    kernel.free_pages(0x2000, 0)
    assert happened(kernel, ev.GracePeriod) == [ev.GracePeriod(1, "softirq", page, "sched")]


def test_another_flavour_does_not_wait_for_irqs() -> None:
    """That is what makes it the wrong one."""
    kernel = machine(answers=EARLY)
    page = page_of(kernel)
    kernel.local_irq(False)
    kernel.call_rcu(rcu_head_p(page), nothing, "rcu")
    kernel.free_pages(0x1000, 0)
    assert happened(kernel, ev.GracePeriod) == [ev.GracePeriod(1, "softirq", page, "rcu")]


def test_a_late_grace_period_ends_when_all_is_done() -> None:
    """No callback is forgotten."""
    kernel = machine(answers=Answers(grace=("late",)))
    kernel.call_rcu(rcu_head_p(page_of(kernel)), nothing, "sched")
    kernel.free_pages(0x1000, 0)
    assert happened(kernel, ev.GracePeriod) == []
    kernel.quiesce()
    assert len(happened(kernel, ev.GracePeriod, ev.CallbackBegin, ev.CallbackEnd)) == 3


# --- law 8: finite answers --------------------------------------------------------------------


def test_the_answers_of_all_scenarios_are_the_services_domains() -> None:
    """Each value that a service may answer is answered somewhere, and no other."""
    answers = [scenario.answers for scenario in SCENARIOS.values()]
    assert {
        "mm_users": {value for each in answers for value in each.mm_users},
        "online": {value for each in answers for value in each.online},
        "alloc": {value for each in answers for value in each.alloc},
        "hash_batch": {value for each in answers for value in each.hash_batch},
        "cpumask": {value for each in answers for value in each.cpumask},
        "attached": {value for each in answers for value in each.attached},
        "context": {value for each in answers for value in each.context},
        "grace": {value for each in answers for value in each.grace},
    } == {
        "mm_users": {0, 1, 2, 3},
        "online": {1, 2},
        "alloc": {True, False},
        "hash_batch": {"empty", "this mm", "another mm"},
        "cpumask": {"everywhere", "here"},
        "attached": {"everywhere", "here"},
        "context": {0, 1},
        "grace": {"late", "early"},
    }


def test_a_port_that_never_ends_is_timed_out() -> None:
    """Over the bound of effects there is no verdict on any rule."""

    def spins(tlb: mmu_gather, /) -> None:
        while True:
            services.num_online_cpus()

    recording = overridden("batch-full/hash64/small", tlb_table_flush=spins)
    assert [run.outcome for run in recording.runs] == [Outcome.TIMED_OUT]


@pytest.mark.parametrize("error", [SystemExit(0), RecursionError("too deep"), MemoryError()], ids=repr)
def test_whatever_a_port_raises_is_a_crash_and_never_a_pass(error: BaseException) -> None:
    """sys.exit(0) included: it ends the run, not the suite."""

    def raises(tlb: mmu_gather, /) -> None:
        raise error

    (run,) = overridden("batch-full/hash64/small", tlb_table_flush=raises).runs
    assert (run.outcome, run.detail.split(": ")[0]) == (Outcome.CRASHED, type(error).__name__)


# --- law 9: BUG ends its agent ----------------------------------------------------------------


def test_a_port_that_catches_every_exception_does_not_catch_bug() -> None:
    """What comes after BUG() is not reached."""

    def swallows(tlb: mmu_gather, table: pgf_p, /) -> None:
        try:
            services.BUG_ON(True, "swallowed")
        except Exception:  # noqa: BLE001 - that is the point
            services.num_online_cpus()
        services.num_online_cpus()

    recording = overridden("batch-one-short/hash64/small", tlb_remove_table=swallows)
    (run,) = (run for run in recording.runs if not run.fill)
    at = next(i for i, event in enumerate(run.trace) if isinstance(event, ev.Bug))
    assert {type(event) for event in run.trace[at + 1 :]} == {ev.Leaked, ev.Quiescent}


def test_bug_in_a_callback_ends_the_machine() -> None:
    """A softirq that dies takes the CPU along: nothing comes after, not even quiescence."""

    def bugs(_table: pgf_p, /) -> None:
        services.BUG_ON(True, "in softirq")

    recording = overridden("batch-one-short/hash64/small", __tlb_remove_table=bugs)
    assert {(type(run.trace[-1]), run.trace[-1].agent, run.outcome) for run in recording.runs if not run.fill} == {
        (ev.Bug, "softirq", Outcome.ENDED)
    }


def test_bug_with_interrupts_off_ends_the_machine() -> None:
    """No interrupt arrives on that CPU any more, so no callback and no quiescence comes."""

    def bugs(tlb: mmu_gather, /) -> None:
        services.local_irq_disable()
        services.BUG_ON(True, "with IRQs off")

    recording = overridden("batch-one-short/hash64/small", tlb_table_flush=bugs)
    assert {type(run.trace[-1]) for run in recording.runs} == {ev.Bug}


def test_after_bug_no_leak_is_blamed_on_the_gather() -> None:
    """It was stopped: its page of slots and its batch stay, and gather.nothing-kept holds all the same."""
    report = check("ref", archs=["hash64"], keyword="shift-too-large/hash64", rule="gather.nothing-kept")
    traces = [run.trace for run in image_of("shift-too-large/hash64", "ref").record().runs]
    assert any(isinstance(event, ev.Leaked) for trace in traces for event in trace)
    assert {case.verdict for case in report.cases} == {Verdict.PASSED}


# --- law 10: the suite owns the memory ----------------------------------------------------------


@pytest.mark.parametrize("fill", FILLS)
def test_gather_and_pages_come_filled_with_poison(fill: int) -> None:
    """With zeroes, with A5 and with FF in turn."""
    kernel = machine(fill=fill)
    assert kernel.load(page_of(kernel), 4) == fill * 0x01010101
    tlb = PythonGather(mmu_gather, fill).handle
    assert isinstance(tlb, mmu_gather)
    assert (tlb.nr, tlb.need_flush) == (fill * 0x01010101,) * 2
    assert FILLS == (0x00, 0xA5, 0xFF)


def test_what_a_new_page_holds_is_no_part_of_a_ports_behaviour(tmp_path: Path) -> None:
    """A port that trusts `nr` of a fresh batch to be zero is caught by the other fillings."""
    port = one_module(tmp_path, SEED, "tlb.batch.nr = 0", "pass")
    report = check(port, archs=["hash64"], keyword="batch-one-short/hash64/small", in_process=True)
    assert [case.verdict for case in report.cases] != [Verdict.PASSED]


def test_an_access_past_the_end_of_a_page_is_a_fault() -> None:
    """The last word is inside; the next one, and one that straddles the end, are not."""
    kernel = machine()
    page = page_of(kernel)
    kernel.store(page + 40, 8, 1)
    assert faults(kernel) == []
    kernel.store(page + 48, 8, 1)
    kernel.store(page + 44, 8, 1)
    assert faults(kernel) == [(ev.FaultKind.OUT_OF_PAGE, page + 48), (ev.FaultKind.OUT_OF_PAGE, page + 44)]


def test_a_table_is_not_memory_that_a_port_may_read() -> None:
    """It has an address and nothing behind it."""
    kernel = machine()
    table = kernel.mm.table(7)
    kernel.load(table, 8)
    assert faults(kernel) == [(ev.FaultKind.OUT_OF_PAGE, table)]


def test_the_size_of_a_page_is_a_fact_of_the_machine() -> None:
    """The same port fills its batch after three tables on a machine with tiny pages."""
    sizes = {config.suffix(): config.page_bytes() for config in (*CONFIGS["hash64"], small(CONFIGS["hash32"][0]))}
    assert sizes == {"hash64": 4096, "hash64/64k": 65536, "hash64/up": 4096, "hash32/small": 24}
    tables = [
        len(event.tables)
        for event in first_run("two-batches-and-one/hash64/small").trace
        if isinstance(event, ev.CallRcu)
    ]
    assert tables == [SMALL_BATCH, SMALL_BATCH, 1]


def test_each_gather_is_the_suites_own(tmp_path: Path) -> None:
    """Two gathers of one caller are two structs, filled alike."""
    one, other = PythonGather(mmu_gather, 0xA5), PythonGather(mmu_gather, 0xA5)
    assert one.handle is not other.handle
    assert one.owns(one.handle)
    assert not one.owns(other.handle)
    assert isinstance(one.handle, mmu_gather)
    one.handle.local = [page_p(1)]
    one.hide()
    assert not hasattr(one.handle, "local")
    assert not one.show()
    assert one.handle.local == [page_p(1)]
