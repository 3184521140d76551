"""What a template says in every request alike is put in when it is compiled: sentences, icons, addresses of files."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from jinja2 import Environment, nodes
from jinja2.nodes import Impossible
from jinja2.visitor import NodeTransformer


class FoldingEnvironment(Environment):
    """An environment in which calls of ``constants`` (name → function) with constant arguments become text.

    The bytecode of its templates belongs to what those functions answered then.
    """

    constants: dict[str, Callable[..., Any]]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own names; a chain of maps would be compared name by name at every import of a macro."""
        return super().make_globals(d) if d else self.globals

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        return super()._generate(_Folding(self.constants).visit(source), *args, **options)


class _Folding(NodeTransformer):
    def __init__(self, constants: dict[str, Callable[..., Any]]) -> None:
        self._constants = constants

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 - the name jinja looks for
        """The call, or what it answers whenever it is made."""
        folded: nodes.Call = self.generic_visit(node)  # type: ignore[assignment]
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name not in self._constants or node.dyn_args or node.dyn_kwargs:
            return folded
        try:
            given = [each.as_const() for each in folded.args]
            named = {each.key: each.value.as_const() for each in folded.kwargs}
        except Impossible:
            return folded
        return nodes.Const(self._constants[name](*given, **named), lineno=node.lineno, environment=node.environment)
