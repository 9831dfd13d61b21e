"""What the steps of the outstanding-member award ask for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from registry.models import Award, AwardKind, Member, Standing
from workflows.engine.inputs import MemberField, StepInput
from workflows.models import Outcome, Process, Task
from workflows.rules import award as rules
from workflows.rules.award import Problem, Problems, Wrong

FLOW = "workflows/flows.outstanding_member.OutstandingMemberAward"

WORDS: dict[Wrong, Any] = {
    Wrong.NOT_FULL_MEMBER: _("Only a full member can be nominated; this is a probationary member."),
    Wrong.NOT_OF_THIS_COMMUNITY: _("This member's formal affiliation is elsewhere; nominate them there."),
    Wrong.ALREADY_NOMINATED: _("This member has already been nominated this year."),
    Wrong.SHARE_EXCEEDED: _(
        "At most %(share)s %% of the community's %(full_members)s full members can be nominated in a year:"
        " %(limit)s. The limit has been reached."
    ),
    Wrong.PRESENT_ABOVE_DUE: _("More are present than the %(due)s due to attend."),
    Wrong.VOTES_ABOVE_PRESENT: _("There are more votes than the %(present)s members present."),
    Wrong.NO_MAJORITY_OF_DUE: _(
        "A nomination needs more than half of the %(due)s members due to attend: at least %(needed)s votes."
    ),
    Wrong.BALLOTS_DO_NOT_ADD_UP: _("Votes for, against and abstentions do not add up to those present."),
    Wrong.IN_THE_FUTURE: _("The date is in the future."),
    Wrong.BEFORE_NOTICE_ENDS: _(
        "The public notice runs until %(ends_on)s; nothing is decided before it ends."
    ),
    Wrong.BEFORE_MEETING: _("The date is before the street working committee's meeting on %(held_on)s."),
}


def in_words(problem: Problem) -> str:
    """Return a rule's problem as a sentence in the reader's language."""
    details = {
        name: date_format(value, "DATE_FORMAT") if isinstance(value, date) else value
        for name, value in problem.details.items()
    }
    return str(WORDS[problem.wrong]) % details if details else str(WORDS[problem.wrong])


class _Ruled(StepInput):
    """A form whose fields are also checked by a pure rule."""

    def problems(self, cleaned: dict[str, Any]) -> Problems:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for name, problem in self.problems(cleaned).items():
                self.add_error(name, in_words(problem))
        return cleaned


class Nomination(_Ruled):
    """The branch assembly's nomination, with its vote."""

    key = "nomination"

    member = MemberField(label=_("Member"), min_value=1)
    held_on = forms.DateField(
        label=_("Date of the branch assembly"), widget=forms.DateInput(attrs={"type": "date"})
    )
    due = forms.IntegerField(label=_("Members due to attend"), min_value=1, max_value=10_000)
    present = forms.IntegerField(label=_("Members present"), min_value=1, max_value=10_000)
    votes_for = forms.IntegerField(label=_("Votes for"), min_value=0, max_value=10_000)
    summary = forms.CharField(
        label=_("Summary for the public notice"), widget=forms.Textarea(attrs={"rows": 3})
    )
    deeds = forms.CharField(label=_("Main deeds"), widget=forms.Textarea(attrs={"rows": 8}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, parameter in (
            ("summary", "award.summary_characters"),
            ("deeds", "award.deeds_characters"),
        ):
            field = self.fields[name]
            limit = self.case.parameters[parameter]
            field.widget.attrs["maxlength"] = limit
            field.validators.append(MaxLengthValidator(limit))

    def clean_member(self) -> int:
        member_id: int = self.cleaned_data["member"]
        self.nominee = Member.objects.filter(pk=member_id).first()
        if self.nominee is None:
            raise forms.ValidationError(_("There is no such member in this community."))
        return member_id

    def problems(self, cleaned: dict[str, Any]) -> Problems:
        problems = rules.check_nomination(self._facts(cleaned))
        if cleaned["held_on"] > self.today:
            problems["held_on"] = Problem(Wrong.IN_THE_FUTURE)
        return problems

    def _facts(self, cleaned: dict[str, Any]) -> rules.Nomination:
        member = self.nominee
        assert member is not None
        others = nominations_of(self.today.year).exclude(pk=self.case.pk)
        subjects = list(others.values_list("subject_id", flat=True))
        own_full = Member.objects.filter(standing=Standing.FULL, home_organisation="")
        values = self.case.parameters
        return rules.Nomination(
            due=cleaned["due"],
            present=cleaned["present"],
            votes_for=cleaned["votes_for"],
            member_is_full=member.standing == Standing.FULL,
            member_belongs_here=member.belongs_here,
            member_already_nominated=member.pk in subjects or _awarded(member, self.today.year),
            full_members=own_full.count(),
            nominated=len(subjects),
            max_share=values["award.max_share_member"],
            pass_percent=values["resolution.pass_percent"],
        )


def nominations_of(year: int) -> Any:
    """Return the year's cases that count towards the share: all but withdrawn and refused ones."""
    cases = Process.objects.filter(flow_class=FLOW, created__year=year)
    return cases.exclude(outcome__in=[Outcome.WITHDRAWN, Outcome.REJECTED])


def _awarded(member: Member, year: int) -> bool:
    awards = Award.objects.filter(member=member, kind=AwardKind.OUTSTANDING_MEMBER, year=year)
    return bool(awards.exists())


class Eligibility(StepInput):
    """What the files say of the nominee."""

    dues_paid_to = forms.DateField(
        label=_("Membership dues paid up to"), widget=forms.DateInput(attrs={"type": "date"})
    )
    last_appraisal = forms.ChoiceField(
        label=_("Last yearly appraisal"),
        choices=[
            ("excellent", _("Excellent")),
            ("qualified", _("Qualified")),
            ("basic", _("Basically qualified")),
            ("unqualified", _("Not qualified")),
        ],
    )
    discipline = forms.ChoiceField(
        label=_("Under discipline or investigation"), choices=[("no", _("No")), ("yes", _("Yes"))]
    )
    remarks = forms.CharField(label=_("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def outcome(self) -> Outcome:
        cleaned = self.cleaned_data
        sound = cleaned["last_appraisal"] in ("excellent", "qualified") and cleaned["discipline"] == "no"
        return Outcome.AGREED if sound else Outcome.DISAGREED


class StreetMeeting(_Ruled):
    """The street working committee's vote after the community's notice."""

    held_on = forms.DateField(label=_("Date of the meeting"), widget=forms.DateInput(attrs={"type": "date"}))
    present = forms.IntegerField(label=_("Members present"), min_value=1, max_value=1000)
    votes_for = forms.IntegerField(label=_("Votes for"), min_value=0, max_value=1000)
    votes_against = forms.IntegerField(label=_("Votes against"), min_value=0, max_value=1000)
    abstained = forms.IntegerField(label=_("Abstentions"), min_value=0, max_value=1000)
    minutes_number = forms.CharField(label=_("Number of the minutes"), max_length=50)
    document_number = forms.CharField(label=_("Document number"), max_length=50)

    def problems(self, cleaned: dict[str, Any]) -> Problems:
        return rules.check_meeting(
            self._record(cleaned),
            today=self.today,
            notice_ends_on=notice_end(self.case, "community_notice"),
        )

    def outcome(self) -> Outcome:
        percent = self.case.parameters["resolution.pass_percent"]
        passes = rules.meeting_passes(self._record(self.cleaned_data), percent)
        return Outcome.AGREED if passes else Outcome.DISAGREED

    @staticmethod
    def _record(cleaned: dict[str, Any]) -> rules.MeetingRecord:
        names = ("held_on", "present", "votes_for", "votes_against", "abstained")
        return rules.MeetingRecord(**{name: cleaned[name] for name in names})


class Decision(_Ruled):
    """The street's decision after its own notice."""

    document_number = forms.CharField(label=_("Document number of the decision"), max_length=50)
    decided_on = forms.DateField(
        label=_("Date of the decision"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def problems(self, cleaned: dict[str, Any]) -> Problems:
        found = rules.check_decision_date(
            cleaned["decided_on"],
            today=self.today,
            notice_ends_on=notice_end(self.case, "street_notice"),
        )
        return {"decided_on": found} if found else {}


def notice_end(case: Process, step: str) -> date:
    """Return the last day of the case's latest notice of that step."""
    notice = Task.objects.filter(process=case, flow_task=f"{FLOW}.{step}", status="DONE").latest("id")
    return date.fromisoformat(notice.data["ends_on"])
