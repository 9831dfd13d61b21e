"""What flows change: members of record and the awards they hold."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.rows import TenantForeignKey, TenantModel


class Standing(models.TextChoices):
    FULL = "full", _("Full member")
    PROBATIONARY = "probationary", _("Probationary member")


class Gender(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class Member(TenantModel):
    """A member on the community's list: its own, or one who lives here and belongs elsewhere.

    The identity number itself is not kept: a keyed hash finds a person again, the mask is for reading.
    """

    name = models.CharField(_("Name"), max_length=100)
    gender = models.CharField(_("Gender"), max_length=10, choices=Gender.choices)
    ethnicity = models.CharField(_("Ethnicity"), max_length=30)
    birth_date = models.DateField(_("Date of birth"))
    education = models.CharField(_("Education"), max_length=50, blank=True)
    standing = models.CharField(_("Standing"), max_length=20, choices=Standing.choices)
    branch = models.CharField(_("Branch"), max_length=100, blank=True)
    home_organisation = models.CharField(_("Home organisation elsewhere"), max_length=200, blank=True)
    joined_on = models.DateField(_("Joined on"))
    full_since = models.DateField(_("Full member since"), null=True)
    occupation = models.CharField(_("Occupation"), max_length=100, blank=True)
    residence = models.CharField(_("Residence"), max_length=200, blank=True)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    is_mobile = models.BooleanField(_("Mobile member"), default=False)
    is_out_of_contact = models.BooleanField(_("Lost contact"), default=False)
    id_number_hash = models.CharField(max_length=64)
    id_number_mask = models.CharField(_("Identity number"), max_length=18)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "id_number_hash"], name="member_once"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "standing"], name="member_standing"),
            models.Index(fields=["tenant_id", "name"], name="member_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def belongs_here(self) -> bool:
        """Tell whether the formal affiliation is with this community."""
        return not self.home_organisation


class AwardKind(models.TextChoices):
    OUTSTANDING_MEMBER = "award.outstanding_member", _("Outstanding community member")


class Award(TenantModel):
    """An honour that was decided, with its certificate."""

    member = TenantForeignKey(Member, models.PROTECT, related_name="awards")
    kind = models.CharField(max_length=50, choices=AwardKind.choices)
    year = models.PositiveSmallIntegerField()
    case_id = models.BigIntegerField()
    certificate_number = models.CharField(max_length=50)
    document_number = models.CharField(max_length=50)
    decided_on = models.DateField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "certificate_number"], name="award_certificate"),
            models.UniqueConstraint(fields=["tenant_id", "member", "kind", "year"], name="award_once_a_year"),
        ]
