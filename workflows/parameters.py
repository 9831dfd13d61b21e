"""Parameters as the levels of the tree set them: what is in force, who decided it, setting one.

A level tightens what comes from above and never loosens it. If a level above tightens later, what was set
below and is looser now has no effect any more; it is not rewritten and counts again when the level above
loosens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.administration.authority import PARAMETER_KEEPERS, require_post
from tenants.errors import InvalidEntry, NotPossible
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from workflows.engine.flow import CaseFlow
from workflows.flows import FLOWS
from workflows.models import ParameterSetting
from workflows.rules.parameters import Bounds, Parameter, bounds, in_force

_LINE = """
WITH RECURSIVE line AS (
  SELECT t.id, t.parent_id, t.name, 0 AS up FROM tenants_tenant t WHERE t.id = %s
  UNION ALL
  SELECT t.id, t.parent_id, t.name, line.up + 1 FROM tenants_tenant t JOIN line ON t.id = line.parent_id
)
SELECT line.id, line.name, s.parameter, s.value, s.effective_from
FROM line LEFT JOIN LATERAL (
  SELECT DISTINCT ON (parameter) parameter, value, effective_from FROM workflows_parametersetting
  WHERE tenant_id = line.id AND parameter = ANY (%s) AND effective_from <= %s
  ORDER BY parameter, effective_from DESC, id DESC
) s ON true
ORDER BY line.up DESC
"""


@dataclass(frozen=True)
class Level:
    """What one tenant on the way from the top sets a parameter to, if anything, and since when."""

    tenant_id: int
    name: str
    value: int | None = None
    since: date | None = None


@dataclass(frozen=True)
class Explanation:
    """What is in force, which level decided it (None: the default), and what this tenant may set."""

    parameter: Parameter
    value: int
    decided_by: Level | None
    levels: tuple[Level, ...]
    bounds: Bounds


def declared() -> dict[str, Parameter]:
    """Return every parameter of every flow by its id."""
    return {parameter.id: parameter for flow in FLOWS.values() for parameter in flow.parameters}


def effective_parameters(flow: type[CaseFlow], tenant_id: int, on: date) -> dict[str, int]:
    """Return the values that a case accepted by the tenant on a day keeps; one statement."""
    lines = _lines(tenant_id, flow.parameters, on)
    return {
        parameter.id: in_force(parameter, [level.value for level in lines[parameter.id]]).value
        for parameter in flow.parameters
    }


def explain(parameter_id: str, tenant: Tenant, on: date) -> Explanation:
    """Return what is in force for a tenant on a day and why. Raises InvalidEntry for an unknown parameter."""
    parameter = _known(parameter_id)
    levels = _lines(tenant.pk, [parameter], on)[parameter.id]
    values = [level.value for level in levels]
    found = in_force(parameter, values)
    return Explanation(
        parameter,
        found.value,
        None if found.level is None else levels[found.level],
        tuple(levels),
        bounds(parameter, values[:-1], is_top=len(levels) == 1),
    )


def set_parameter(
    tenant: Tenant,
    parameter_id: str,
    *,
    value: int | None,
    effective_from: date | None = None,
    actor: Actor | None,
) -> ParameterSetting:
    """Set a parameter for a tenant and all below it from a day (today) on; None: inherit it again.

    Running cases keep the values they were accepted under. Raises NotAllowed, InvalidEntry naming what is
    wrong, NotPossible for a closed tenant or a parameter that nobody can set.
    """
    today = timezone.localdate()
    starts = effective_from or today
    post = require_post(actor, tenant, PARAMETER_KEEPERS, own=(Role.TENANT_ADMIN,))
    if not tenant.is_open:
        raise NotPossible(_("%(tenant)s is closed.") % {"tenant": tenant.name})
    if starts < today:
        raise InvalidEntry("effective_from", _("A setting cannot begin in the past."))
    with tenant_scope(tenant):
        now = explain(parameter_id, tenant, starts)
        before = now.levels[-1].value
        _require_settable(now, value, before)
        setting = ParameterSetting.objects.create(
            tenant=tenant,
            parameter=parameter_id,
            value=value,
            effective_from=starts,
            set_by_id=actor.user_id if actor else None,
            set_by_name=actor.name if actor else "",
        )
        changes = {
            "parameter": parameter_id,
            "value": [before, value],
            "effective_from": starts.isoformat(),
        }
        trail.record("parameter.set", actor=actor, post=post, changes=changes)
    return setting


def _require_settable(now: Explanation, value: int | None, before: int | None) -> None:
    if now.parameter.is_fixed:
        raise NotPossible(_("%(parameter)s is the same everywhere.") % {"parameter": now.parameter.id})
    if value == before:
        raise InvalidEntry("value", _("This is set already."))
    if value is not None and not now.bounds.allow(value):
        details = {"minimum": now.bounds.minimum, "maximum": now.bounds.maximum}
        raise InvalidEntry(
            "value",
            _("A lower level may only tighten: from %(minimum)s to %(maximum)s is possible here.") % details,
        )


def _known(parameter_id: str) -> Parameter:
    parameter = declared().get(parameter_id)
    if parameter is None:
        raise InvalidEntry("parameter", _("There is no parameter “%(id)s”.") % {"id": parameter_id[:100]})
    return parameter


def _lines(tenant_id: int, parameters: Iterable[Parameter], on: date) -> dict[str, list[Level]]:
    """Return for each parameter what every level sets it to, the topmost level first."""
    ids = [parameter.id for parameter in parameters]
    with connection.cursor() as cursor:
        cursor.execute(_LINE, [tenant_id, ids, on])
        rows = cursor.fetchall()
    names = {level_id: name for level_id, name, *_rest in rows}
    found = {(level_id, parameter): (value, since) for level_id, _name, parameter, value, since in rows}
    return {
        parameter: [Level(pk, name, *found.get((pk, parameter), (None, None))) for pk, name in names.items()]
        for parameter in ids
    }
