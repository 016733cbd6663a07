# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The batch: from its allocation to its submission, on a machine where three tables fill it."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import FaultKind

from traces.alphabet import Case, K, T, U, V, call_rcu, fault, free, give, given, got, users

LAZILY: Final = "batch.allocated-for-its-first-table"
EMPTY: Final = "batch.starts-empty"
FITS: Final = "batch.fits-a-page"
FULL: Final = "batch.submitted-when-full"
UNTOUCHED: Final = "batch.untouched-after-submit"
MAY_FAIL: Final = "batch.allocation-may-fail"

MAY_SLEEP: Final = 0x10

CASES: Final = (
    Case(LAZILY, "the page is had for the first table", (give(T), got(K), given(), call_rcu(T))),
    Case(LAZILY, "an early page comes back and is had again", (got(K), free(K), give(T), got(K), call_rcu(T))),
    Case(
        LAZILY,
        "the page is had before any table",
        (got(K), give(T), given(), call_rcu(T)),
        "a batch was allocated before there was a table for it",
    ),
    Case(
        LAZILY,
        "the page is had by the call that gave another table",
        (give(T), got(K), free(T), given(), give(U), given(), call_rcu(U)),
        "a batch was allocated before there was a table for it",
    ),
    Case(EMPTY, "the batch holds what was given", (give(T), give(U), call_rcu(T, U))),
    Case(
        EMPTY,
        "the batch holds more",
        (give(T), call_rcu(T, U)),
        "a batch holds something that nobody put there",
    ),
    Case(FITS, "three tables go", (call_rcu(T, U, V),)),
    Case(FITS, "four tables go", (call_rcu(T, U, V, K),), "a batch of 4 tables where 3 fit"),
    Case(FITS, "a store misses the page", (fault(FaultKind.OUT_OF_PAGE),), "an access outside any page"),
    Case(
        FULL,
        "the third table takes them along",
        (give(T), given(), give(U), given(), give(V), call_rcu(T, U, V), given()),
    ),
    Case(FULL, "one of three is free already", (give(T), free(T), given(), give(U), given(), give(V), given())),
    Case(
        FULL,
        "two gathers hold two tables each",
        (
            give(T),
            given(),
            give(U),
            given(),
            give(V, agent="b"),
            given(agent="b"),
            give(K, agent="b"),
            given(agent="b"),
        ),
    ),
    Case(
        FULL,
        "the third table stays",
        (give(T), given(), give(U), given(), give(V), given()),
        "the gather still holds 3 tables, a full batch, when the call returns",
    ),
    Case(UNTOUCHED, "nobody touches it", (call_rcu(T), free(K))),
    Case(UNTOUCHED, "a fault of another kind: another rule's affair", (fault(FaultKind.OUT_OF_PAGE),)),
    *(
        Case(UNTOUCHED, f"there is {kind.value}", (call_rcu(T), fault(kind)), kind.value)
        for kind in (FaultKind.AFTER_SUBMIT, FaultKind.AFTER_FREE, FaultKind.DOUBLE_CALL_RCU)
    ),
    Case(
        MAY_FAIL,
        "each table tries",
        (give(T), users(2), got(None), free(T), given(), give(U), users(2), got(None), free(U), given()),
    ),
    Case(
        MAY_FAIL,
        "below two users nobody has to try",
        (give(T), users(2), got(None), free(T), given(), give(U), users(1), free(U), given()),
    ),
    Case(
        MAY_FAIL,
        "the second table does not try",
        (give(T), users(2), got(None), free(T), given(), give(U), users(2), free(U)),
        "after one failed allocation no other was tried",
    ),
    Case(
        MAY_FAIL,
        "the allocation may sleep",
        (give(T), got(K, MAY_SLEEP)),
        "an allocation that may sleep, inside a gather",
    ),
)
