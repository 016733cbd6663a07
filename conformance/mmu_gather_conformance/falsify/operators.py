# SPDX-License-Identifier: GPL-2.0-only
"""Mutation operators: each changes one place of a function's syntax tree, in a way that people get wrong.

A change is named after its operator and the line that it is in, `drop-2` is the second statement gone, so that the
name says where to look.  What a docstring or an `assert` says is for readers and type checkers, and is left alone.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

#: Comparisons that have a bound.
BOUNDED: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
#: What an operator is taken for.
TAKEN_FOR: Final[dict[type[ast.operator], ast.operator]] = {
    ast.BitAnd: ast.BitOr(),
    ast.BitOr: ast.BitAnd(),
    ast.LShift: ast.RShift(),
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.FloorDiv: ast.Mult(),
    ast.Mult: ast.FloorDiv(),
}


class Change(NamedTuple):
    """One change: what it is called, and the function as it is afterwards."""

    name: str
    function: ast.FunctionDef


#: Changes one node in place.
Edit = Callable[[ast.AST], None]


def changes(function: ast.FunctionDef, /) -> Iterator[Change]:
    """Every change of a function, in the order of its text; each is of a copy."""
    seen: dict[str, int] = {}
    for at, node in enumerate(ast.walk(function)):
        for operator, edit in _edits(node):
            changed = copy.deepcopy(function)
            edit(list(ast.walk(changed))[at])
            number = seen[operator] = seen.get(operator, 0) + 1
            yield Change(f"{operator}-{number}", ast.fix_missing_locations(changed))


def _edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, ast.FunctionDef):
        yield from _arguments(node)
    for block in ("body", "orelse"):
        statements = getattr(node, block, None)
        if isinstance(statements, list):
            yield from _statements(block, statements)
    if isinstance(node, ast.If | ast.IfExp):
        yield "negate", _negate_test
    elif isinstance(node, ast.Compare):
        yield from _comparison(node)
    elif isinstance(node, ast.BoolOp):
        yield "and-or", _other_word
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in TAKEN_FOR:
        yield "operator", _other_operator
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield "complement", _no_complement
    elif isinstance(node, ast.Call):
        yield from _call(node)
    elif isinstance(node, ast.Assign) and _is_number(node.value):
        yield "constant", _other_value


# --- statements ---------------------------------------------------------------------


def _statements(block: str, statements: list[ast.stmt]) -> Iterator[tuple[str, Edit]]:
    """A statement is left out, or two change places."""
    for at, statement in enumerate(statements):
        if not _does_something(statement):
            continue
        yield "drop", _dropping(block, at)
        if at + 1 < len(statements) and _does_something(statements[at + 1]) and not _leaves(statement):
            yield "swap", _swapping(block, at)


def _does_something(statement: ast.stmt) -> bool:
    """Neither a docstring nor an assertion."""
    text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return not text and not isinstance(statement, ast.Assert | ast.Pass)


def _leaves(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Return)


def _dropping(block: str, at: int) -> Edit:
    def edit(node: ast.AST) -> None:
        getattr(node, block)[at] = ast.Pass()

    return edit


def _swapping(block: str, at: int) -> Edit:
    def edit(node: ast.AST) -> None:
        statements = getattr(node, block)
        statements[at : at + 2] = reversed(statements[at : at + 2])

    return edit


# --- tests and bounds ---------------------------------------------------------------


def _negate_test(node: ast.AST) -> None:
    assert isinstance(node, ast.If | ast.IfExp)
    node.test = ast.UnaryOp(ast.Not(), node.test)


def _other_word(node: ast.AST) -> None:
    assert isinstance(node, ast.BoolOp)
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


def _comparison(node: ast.Compare) -> Iterator[tuple[str, Edit]]:
    """Its last bound is one more, or one less."""
    if isinstance(node.ops[-1], BOUNDED) and _may_be_counted(node.comparators[-1]):
        yield "bound-up", _moving(1)
        yield "bound-down", _moving(-1)


def _may_be_counted(bound: ast.expr) -> bool:
    """Whether a bound is a number, and not an object that is compared for being the same."""
    return not isinstance(bound, ast.Set | ast.Constant) or _is_number(bound)


def _moving(by: int) -> Edit:
    def edit(node: ast.AST) -> None:
        assert isinstance(node, ast.Compare)
        node.comparators[-1] = ast.BinOp(node.comparators[-1], ast.Add(), ast.Constant(by))

    return edit


# --- calculations and calls ---------------------------------------------------------


def _other_operator(node: ast.AST) -> None:
    assert isinstance(node, ast.BinOp | ast.AugAssign)
    node.op = TAKEN_FOR[type(node.op)]


def _no_complement(node: ast.AST) -> None:
    """`~x` becomes `x`, by being complemented once more."""
    assert isinstance(node, ast.UnaryOp)
    node.operand = ast.UnaryOp(ast.Invert(), node.operand)


def _other_value(node: ast.AST) -> None:
    assert isinstance(node, ast.Assign)
    assert isinstance(node.value, ast.Constant)
    node.value = ast.Constant(0 if node.value.value else 1)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _call(node: ast.Call) -> Iterator[tuple[str, Edit]]:
    """A constant argument is another; a loop turns once more, or once less."""
    for at, argument in enumerate(node.args):
        if _is_number(argument):
            yield "argument", _replacing(at)
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        yield "range-up", _turning(1)
        yield "range-down", _turning(-1)


def _replacing(at: int) -> Edit:
    def edit(node: ast.AST) -> None:
        assert isinstance(node, ast.Call)
        argument = node.args[at]
        assert isinstance(argument, ast.Constant)
        node.args[at] = ast.Constant(0 if argument.value else 1)

    return edit


def _turning(by: int) -> Edit:
    def edit(node: ast.AST) -> None:
        assert isinstance(node, ast.Call)
        node.args[-1] = ast.BinOp(node.args[-1], ast.Add(), ast.Constant(by))

    return edit


def _arguments(function: ast.FunctionDef) -> Iterator[tuple[str, Edit]]:
    """A number that is passed has no effect: it is taken for zero."""
    for argument in (*function.args.posonlyargs, *function.args.args):
        kind = argument.annotation
        if isinstance(kind, ast.Name) and kind.id in ("int", "shift_t"):
            yield "ignore", _ignoring(argument.arg, kind.id)


def _ignoring(name: str, kind: str) -> Edit:
    def edit(node: ast.AST) -> None:
        assert isinstance(node, ast.FunctionDef)
        zero = ast.parse(f"{name} = {kind}(0)").body[0]
        node.body.insert(0, zero)

    return edit
