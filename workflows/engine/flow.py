"""What every flow has: our tables, our lock, its number, its parameters and its forms."""

from __future__ import annotations

from typing import Any, ClassVar

from viewflow.workflow.base import Flow

from workflows.engine.lock import case_lock
from workflows.models import Process, Task
from workflows.rules.parameters import Parameter


class CaseFlow(Flow):
    """The base of the flows; a flow reads top to bottom like its chart."""

    process_class = Process
    task_class = Task
    lock_impl = staticmethod(case_lock)

    code: ClassVar[str] = ""
    """The flow's identifier in addresses and in the API."""
    number_prefix: ClassVar[str] = ""
    """What its case numbers begin with."""
    title: ClassVar[Any] = ""
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    revision: ClassVar[str] = "revise"
    """The step in which the applicant works on a case that was sent back."""
    withdrawable_until: ClassVar[str] = ""
    """The step after which the applicant can no longer withdraw."""
    documents: ClassVar[tuple[tuple[str, Any, str], ...]] = ()
    """What can be printed: `(code, title, the step whose end makes it available)`; empty: at once."""

    @classmethod
    def summarise(cls, case: Process, content: dict[str, Any]) -> None:
        """Set the case's title and subject from the content of its opening form."""
        raise NotImplementedError


def decided(step: str) -> Any:
    """Return the gateway question "did this step say yes?"."""

    def agreed(activation: Any) -> bool:
        return bool(activation.process.data[step]["outcome"] == "agreed")

    return agreed
