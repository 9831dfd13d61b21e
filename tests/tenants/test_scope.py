"""The active scope: what can be reached in it, and what cannot without it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from registry.models import Award, AwardKind, Member
from tenants.errors import ForeignRow, ScopeMissing, ScopeNested, ScopeReadOnly
from tenants.models import Appointment
from tenants.scope import district_scope, street_scope, tenant_scope
from tests.cast import Cast, make_member


def test_a_query_without_a_scope_is_an_error_not_an_empty_list(cast: Cast) -> None:
    with pytest.raises(ScopeMissing):
        Member.objects.count()
    with tenant_scope(cast.shicheng):
        assert Member.objects.count() == 0


def test_sql_without_a_scope_is_denied_by_the_database(cast: Cast) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_member")


def test_a_community_sees_its_own_members_and_not_its_siblings(cast: Cast) -> None:
    make_member(cast.shicheng, "张三")
    make_member(cast.dongshanbei, "李四")
    with tenant_scope(cast.shicheng):
        assert [m.name for m in Member.objects.all()] == ["张三"]
    with tenant_scope(cast.dongshanbei):
        assert [m.name for m in Member.objects.all()] == ["李四"]


def test_sql_without_a_predicate_sees_the_own_tenant_only(cast: Cast) -> None:
    make_member(cast.shicheng)
    make_member(cast.dongshanbei)
    with tenant_scope(cast.shicheng), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tenant_id FROM registry_member")
        assert cursor.fetchall() == [(cast.shicheng.pk,)]


def test_a_street_reads_its_communities_and_no_other_street(cast: Cast) -> None:
    make_member(cast.shicheng)
    make_member(cast.dongshanbei)
    make_member(cast.yuntai_first)
    with street_scope(cast.shishan.pk):
        assert {m.tenant_id for m in Member.objects.all()} == {cast.shicheng.pk, cast.dongshanbei.pk}


def test_a_district_reads_all_its_streets(cast: Cast) -> None:
    make_member(cast.shicheng)
    make_member(cast.yuntai_first)
    with district_scope(cast.district.pk):
        assert Member.objects.count() == 2


def test_a_reader_can_neither_write_nor_lock_and_is_told_so(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    with street_scope(cast.shishan.pk):
        with pytest.raises(ScopeReadOnly):
            Member.objects.select_for_update().get(pk=member.pk)
        with pytest.raises(ScopeReadOnly):
            Member.objects.update(name="王五")
        with pytest.raises(ScopeReadOnly):
            Member.objects.filter(pk=member.pk).delete()
        with pytest.raises(ScopeReadOnly):
            Member.objects.get(pk=member.pk).save()
        with pytest.raises(ScopeReadOnly):
            Member(name="王五", birth_date="1980-01-01", joined_on="2000-01-01").save()
    with tenant_scope(cast.shicheng):
        assert Member.objects.select_for_update().get(pk=member.pk).name == member.name


def test_the_database_denies_a_readers_write_even_past_the_orm(cast: Cast) -> None:
    make_member(cast.shicheng)
    with pytest.raises(DatabaseError, match="permission denied"):
        with street_scope(cast.shishan.pk), connection.cursor() as cursor:
            cursor.execute("UPDATE registry_member SET name = 'x'")


def test_scopes_do_not_nest(cast: Cast) -> None:
    with tenant_scope(cast.shicheng):
        with pytest.raises(ScopeNested), tenant_scope(cast.dongshanbei):
            pytest.fail("entered a second scope")
        with pytest.raises(ScopeNested), street_scope(cast.shishan.pk):
            pytest.fail("entered a second scope")
        assert Appointment.objects.count() == 2


def test_a_scope_needs_a_transaction_of_its_own(cast: Cast) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), tenant_scope(cast.shicheng):
        pytest.fail("entered a scope inside a transaction")


def test_nothing_of_a_scope_is_left_on_the_connection(cast: Cast) -> None:
    with tenant_scope(cast.shicheng):
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_setting('app.tenant_id', true)")
        assert cursor.fetchone() == ("lianxi_app", "")


def test_nothing_of_a_failed_scope_is_left_or_written(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), tenant_scope(cast.shicheng):
        Appointment.objects.create(user=cast.sun_li, role="street_officer", starts_on="2026-01-01")
        raise ZeroDivisionError
    with tenant_scope(cast.shicheng):
        assert Appointment.objects.count() == 2


def test_a_row_takes_its_place_from_the_scope(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    assert (member.tenant_id, member.street_id, member.district_id) == (
        cast.shicheng.pk,
        cast.shishan.pk,
        cast.district.pk,
    )


def test_a_row_cannot_be_written_into_another_tenant(cast: Cast) -> None:
    stray = make_member(cast.shicheng)
    stray.pk, stray._state.adding = None, True
    stray.tenant_id = cast.dongshanbei.pk
    with pytest.raises(ForeignRow), tenant_scope(cast.shicheng):
        stray.save()
    with tenant_scope(cast.dongshanbei):
        assert not Member.objects.exists()


def test_a_wrong_street_is_refused_by_the_database(cast: Cast) -> None:
    make_member(cast.shicheng)
    with pytest.raises(DatabaseError, match="place"), tenant_scope(cast.shicheng):
        Member.objects.update(street_id=cast.yuntai.pk)


def test_a_reference_into_another_tenant_is_refused_by_the_database(cast: Cast) -> None:
    foreign = make_member(cast.dongshanbei)
    with pytest.raises(DatabaseError, match="registry_award_member_id_tenant"):
        with tenant_scope(cast.shicheng):
            _award(foreign.pk)
    own = make_member(cast.shicheng)
    with tenant_scope(cast.shicheng):
        assert _award(own.pk).member.name == own.name


def test_saving_a_row_of_another_tenant_changes_nothing(cast: Cast) -> None:
    foreign = make_member(cast.dongshanbei, "李四")
    foreign.name = "改名"
    with pytest.raises(DatabaseError), tenant_scope(cast.shicheng):
        foreign.save(force_update=True)
    with tenant_scope(cast.dongshanbei):
        assert Member.objects.get(pk=foreign.pk).name == "李四"


def test_a_row_of_another_tenant_cannot_be_refreshed_or_deleted(cast: Cast) -> None:
    foreign = make_member(cast.dongshanbei)
    with tenant_scope(cast.shicheng):
        with pytest.raises(Member.DoesNotExist):
            foreign.refresh_from_db()
    with pytest.raises(DatabaseError, match="permission denied"), tenant_scope(cast.shicheng):
        foreign.delete()
    with tenant_scope(cast.dongshanbei):
        assert Member.objects.filter(pk=foreign.pk).exists()


def _award(member_id: int) -> Award:
    award: Award = Award.objects.create(
        member_id=member_id,
        kind=AwardKind.OUTSTANDING_MEMBER,
        year=2026,
        case_id=1,
        certificate_number=f"证{member_id}",
        document_number="文1",
        decided_on="2026-06-01",
    )
    return award
