"""The flows: one module each, reading like its chart."""

from __future__ import annotations

from workflows.engine.flow import CaseFlow
from workflows.flows.outstanding_member import OutstandingMemberAward

FLOWS: dict[str, type[CaseFlow]] = {flow.code: flow for flow in (OutstandingMemberAward,)}
