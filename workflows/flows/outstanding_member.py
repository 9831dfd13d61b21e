"""Award nomination: outstanding community member (社区优秀党员)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from registry.models import Award, AwardKind, Member
from tenants.models import Role, Tenant
from workflows.engine.flow import CaseFlow, decided
from workflows.engine.lock import case_lock
from workflows.engine.nodes import Approval, Automatic, End, Form, If, Meeting, Notice, Start, this
from workflows.engine.offers import above, applicant, here
from workflows.flows import outstanding_member_inputs as inputs
from workflows.models import Outcome, Process
from workflows.rules.parameters import AWARD_PARAMETERS


class OutstandingMemberAward(CaseFlow):
    """Outstanding community member"""

    code = "outstanding-member"
    number_prefix = "优党"
    title = _("Award nomination: outstanding community member")
    lock_impl = staticmethod(case_lock)
    parameters = AWARD_PARAMETERS
    withdrawable_until = "street_meeting"
    documents = (
        ("nomination-form", _("Nomination form"), ""),
        ("community-notice", _("Community notice"), "community_review"),
        ("street-notice", _("Street notice"), "street_meeting"),
        ("certificate", _("Certificate"), "award"),
    )

    start = Start(
        inputs.Nomination,
        roles=(Role.COMMUNITY_CLERK, Role.COMMUNITY_SECRETARY),
        title=_("Nomination"),
    ).Next(this.eligibility)

    revise = Form(
        inputs.Nomination,
        offer=applicant(),
        title=_("Correct the nomination"),
    ).Next(this.eligibility)

    eligibility = Form(
        inputs.Eligibility,
        offer=here(Role.COMMUNITY_CLERK),
        title=_("Eligibility check"),
        may_send_back=True,
    ).Next(this.is_eligible)

    is_eligible = (
        If(
            decided("eligibility"),
            title=_("Eligible?"),
        )
        .Then(this.community_review)
        .Else(this.rejected)
    )

    community_review = Approval(
        offer=here(Role.COMMUNITY_SECRETARY),
        title=_("Community review"),
        may_send_back=True,
    ).Next(this.community_agrees)

    community_agrees = (
        If(
            decided("community_review"),
            title=_("Community agrees?"),
        )
        .Then(this.community_notice)
        .Else(this.rejected)
    )

    community_notice = Notice(
        days="notice.days_award",
        title=_("Community notice"),
    ).Next(this.street_meeting)

    street_meeting = Meeting(
        inputs.StreetMeeting,
        offer=above(Role.STREET_OFFICER),
        title=_("Street working committee meeting"),
        may_send_back=True,
    ).Next(this.meeting_agrees)

    meeting_agrees = (
        If(
            decided("street_meeting"),
            title=_("Meeting agrees?"),
        )
        .Then(this.street_notice)
        .Else(this.rejected)
    )

    street_notice = Notice(
        days="notice.days_award",
        title=_("Street notice"),
    ).Next(this.decision)

    decision = Form(
        inputs.Decision,
        offer=above(Role.STREET_OFFICER),
        title=_("Decision"),
    ).Next(this.award)

    award = Automatic(
        this.record_award,
        title=_("Award recorded"),
    ).Next(this.approved)

    approved = End(Outcome.APPROVED, title=_("Awarded"))
    rejected = End(Outcome.REJECTED, title=_("Not awarded"))

    @classmethod
    def summarise(cls, case: Process, content: dict[str, Any]) -> None:
        member = Member.objects.get(pk=content["member"])
        case.title = f"{member.name} · {member.branch}" if member.branch else member.name
        case.subject_id = member.pk

    def record_award(self, activation: Any) -> None:
        """Record the award; the certificate's number names the community, so it is unique in the street."""
        case = activation.process
        decision = case.data["decision"]
        Award.objects.create(
            member_id=case.subject_id,
            kind=AwardKind.OUTSTANDING_MEMBER,
            year=int(decision["decided_on"][:4]),
            case_id=case.pk,
            certificate_number=f"{Tenant.objects.get(pk=case.tenant_id).name}{case.number}",
            document_number=decision["document_number"],
            decided_on=decision["decided_on"],
        )
