"""One tenant is exported, wiped and imported: it is as before, and nobody else noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from audit.models import Event
from audit.verify import verify
from registry.models import Award
from tenants.models import Role
from tenants.owner import as_owner
from tenants.scope import tenant_scope
from tests.cast import Cast, appoint, make_member
from tests.tenants.archives import (
    manifest_rows,
    members_of,
    rows_by_tenant,
    shared_rows,
    superuser,
    tenant,
    wipe,
)
from tests.workflows.steps import Walk
from workflows.models import Process, Task

LOG = {"audit_event", "audit_head"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shicheng.zip"


def test_after_wipe_and_import_every_row_is_back_and_no_other_tenant_has_changed(
    cast: Cast, file: Path
) -> None:
    Walk(cast).to_decision()
    make_member(cast.dongshanbei, "李四")
    make_member(cast.yuntai_first, "王五")
    tenant("export", "dongshanbei", file.with_name("other.zip"))
    tenant("export", "shicheng", file)
    before, shared = rows_by_tenant(), shared_rows()
    exported = members_of(file)

    wipe("shicheng")
    wiped = rows_by_tenant()
    assert wiped.pop(cast.shicheng.pk) == {}
    own = before.pop(cast.shicheng.pk)
    assert wiped == before

    said = tenant("import", file)
    after = rows_by_tenant()
    returned = after.pop(cast.shicheng.pk)
    assert after == before
    assert shared_rows() == shared
    assert {name: returned[name] for name in own.keys() - LOG} == {
        name: own[name] for name in own.keys() - LOG
    }
    assert {"workflows_process", "workflows_task", "workflows_tasklink", "workflows_decision"} < own.keys()
    assert "the log is intact" in said

    tenant("export", "shicheng", file.with_name("again.zip"))
    again = members_of(file.with_name("again.zip"))
    tables = exported.keys() - {"manifest.json", *(f"tables/{name}.jsonl" for name in LOG)}
    assert {name: again[name] for name in tables} == {name: exported[name] for name in tables}
    assert again["tables/audit_event.jsonl"].startswith(exported["tables/audit_event.jsonl"])


def test_the_log_goes_on_after_the_entry_with_which_the_files_own_log_ends(cast: Cast, file: Path) -> None:
    Walk(cast)
    tenant("export", "shicheng", file)
    wipe("shicheng")
    tenant("import", file)

    with tenant_scope(cast.shicheng):
        events = list(Event.objects.of(cast.shicheng.pk).order_by("seq").values("verb", "changes"))
        verdict = verify(cast.shicheng.pk)
    assert verdict.intact
    assert verdict.checked == len(events)
    assert [event["verb"] for event in events][-2:] == ["tenant.export_started", "tenant.imported"]
    assert events[-1]["changes"]["file"] == "shicheng.zip"
    assert events[-1]["changes"]["rows"] == manifest_rows(file)
    assert events[-1]["changes"]["rows"]["audit_event"] == len(events) - 1


def test_a_case_goes_on_where_it_was_to_its_certificate(cast: Cast, file: Path) -> None:
    walk = Walk(cast).to_meeting()
    tenant("export", "shicheng", file)
    wipe("shicheng")
    tenant("import", file)

    walk.meet().pass_notice().award()
    assert walk.waiting_at() == []
    with tenant_scope(cast.shicheng):
        assert Award.objects.get(member_id=walk.member.pk).case_id == walk.case_id
        assert verify(cast.shicheng.pk).intact


def test_a_waiting_timer_fires_once_after_its_return(cast: Cast, file: Path) -> None:
    walk = Walk(cast).check().review()
    tenant("export", "shicheng", file)
    wipe("shicheng")
    tenant("import", file)

    walk.pass_notice()
    assert walk.waiting_at() == ["street_meeting"]
    with tenant_scope(cast.shicheng):
        assert not Task.objects.filter(status="SCHEDULED").exists()


def test_new_rows_get_ids_that_nobody_had(cast: Cast, file: Path) -> None:
    old = Walk(cast).check(discipline="yes")
    tenant("export", "shicheng", file)
    wipe("shicheng")
    tenant("import", file)

    new = Walk(cast, make_member(cast.shicheng, "李四"))
    assert new.case_id > old.case_id
    assert new.member.pk > old.member.pk
    with tenant_scope(cast.shicheng):
        assert Process.objects.count() == 2


def test_sequences_that_fell_behind_are_moved_on_and_others_are_left_alone(cast: Cast, file: Path) -> None:
    walk = Walk(cast).check(discipline="yes")
    for _ in range(3):
        make_member(cast.dongshanbei, "李四")
    tenant("export", "shicheng", file)
    wipe("shicheng")
    with superuser() as admin:  # as in a database that was made anew
        admin.execute("SELECT setval('workflows_process_id_seq', 1, false)")
        ahead = admin.execute("SELECT last_value, is_called FROM registry_member_id_seq").fetchone()
    tenant("import", file)

    with superuser() as admin:
        assert admin.execute("SELECT last_value, is_called FROM registry_member_id_seq").fetchone() == ahead
    new = Walk(cast, make_member(cast.shicheng, "王五"))
    assert new.case_id == walk.case_id + 1


@pytest.mark.parametrize("place", ["city", "district", "shishan"])
def test_tenants_of_every_level_can_be_exported_and_brought_back(cast: Cast, file: Path, place: str) -> None:
    subject = getattr(cast, place)
    appoint(subject, cast.sun_li, Role.TENANT_ADMIN)
    tenant("export", subject.slug, file)
    own = rows_by_tenant()
    wipe(subject.slug)
    tenant("import", file)
    for name in own[subject.pk].keys() - LOG:
        assert rows_by_tenant()[subject.pk][name] == own[subject.pk][name]


def test_a_tenant_without_rows_gives_a_file_as_well(cast: Cast, file: Path) -> None:
    tenant("export", "yuntai-first", file)
    wipe("yuntai-first")
    tenant("import", file)
    with tenant_scope(cast.yuntai_first):
        verbs = [e["verb"] for e in Event.objects.of(cast.yuntai_first.pk).order_by("seq").values("verb")]
    assert verbs == ["tenant.export_started", "tenant.imported"]


MESSAGES = """
CREATE TABLE stray_message (
  id bigint GENERATED ALWAYS AS IDENTITY, tenant_id bigint NOT NULL, street_id bigint NOT NULL,
  district_id bigint NOT NULL, message_id uuid NOT NULL, answers bigint, body jsonb, raw bytea,
  weight double precision, amount numeric(12, 4), tags text[], wait interval, span tstzrange,
  code char(4), note varchar(3), twice bigint GENERATED ALWAYS AS (id * 2) STORED,
  PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, message_id),
  FOREIGN KEY (tenant_id, answers) REFERENCES stray_message (tenant_id, id) DEFERRABLE,
  FOREIGN KEY (tenant_id, street_id, district_id) REFERENCES tenants_tenant (id, street_id, district_id)
);
ALTER TABLE stray_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE stray_message FORCE ROW LEVEL SECURITY;
CREATE POLICY o ON stray_message TO lianxi_owner, lianxi_member
  USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint);
GRANT SELECT, INSERT ON stray_message TO lianxi_member;
"""

ROWS = """
INSERT INTO stray_message (tenant_id, street_id, district_id, message_id, answers, body, raw, weight, amount,
                           tags, wait, span, code, note) VALUES
(%(t)s, %(s)s, %(d)s, 'a0000000-0000-0000-0000-000000000001', 2, 'null', '\\x00ff0a5c', 0.1 + 0.2, 1.5,
 ARRAY['一', NULL, 'NULL', '', E'a\\\\b"c,\\n\\t{}'], '1 year 2 mons -3 days 04:05:06.7',
 '(,2026-01-01)', 'ab', '长三字'),
(%(t)s, %(s)s, %(d)s, 'a0000000-0000-0000-0000-000000000002', 1, NULL, NULL, 'NaN', NULL, '{}', NULL, 'empty',
 NULL, ''),
(%(t)s, %(s)s, %(d)s, 'a0000000-0000-0000-0000-000000000003', NULL, '{"a": 1e400, "b": "\\\\u0041\\\\n"}', '',
 '-Infinity', 99999999.9999, NULL, NULL, NULL, '\\N', '\\N')
"""


# More than one batch, each row referring to a later one.
MANY = """
INSERT INTO stray_message (tenant_id, street_id, district_id, message_id, answers)
SELECT %(t)s, %(s)s, %(d)s, gen_random_uuid(), nullif(i + 1, 1505) FROM generate_series(4, 1504) i
"""


def test_rows_of_a_table_that_nobody_has_thought_of_yet_survive_as_they_are(cast: Cast, file: Path) -> None:
    """A future outbox, for one: message ids, its own references, and every awkward kind of value."""
    place = {"t": cast.shicheng.pk, "s": cast.shishan.pk, "d": cast.district.pk}
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(MESSAGES)
    try:
        with tenant_scope(cast.shicheng), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(ROWS, place)
            cursor.execute(MANY, place)
        before = rows_by_tenant()[cast.shicheng.pk]["stray_message"]
        assert before[0] == 1504
        tenant("export", "shicheng", file)
        wipe("shicheng")
        tenant("import", file)
        assert rows_by_tenant()[cast.shicheng.pk]["stray_message"] == before
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE stray_message")
