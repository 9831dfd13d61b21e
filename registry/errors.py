"""Why a change of the records was refused. Each class is one cause."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants.refusals import Refused

__all__ = ["ImportConflict", "ImportNotAllowed", "Refused"]


class ImportNotAllowed(Refused):
    """Only the community's clerk and its secretary import its member list."""

    code = "IMPORT_NOT_ALLOWED"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Only the clerk or the secretary of this community may import its member list."))


class ImportConflict(Refused):
    """Somebody else wrote the same members at the same time."""

    code = "IMPORT_CONFLICT"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("Somebody else is importing the same members right now. Nothing was written; please try again.")
        )
