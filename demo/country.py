"""The statements by which a database grows, in their order: stage everything, then insert it.

Ids come from the tables' own sequences, so that rows of others may be written at the same time. Chance is a
hash of a row's number: the same arguments give the same country, apart from ids and times.
"""

from __future__ import annotations

from demo.roster import BRANCHES, ESTATES, FIRST, SECOND, SURNAMES

DISTRICTS_PER_CITY = 8
PLACE_NAMES = "东湖西山南岭北塘金桥银杏翠苑玉泉新华和平光明胜利团结友谊青松红旗春晖秋实"


def chance(number: str, salt: int) -> str:
    """Return SQL for a number from 0 up to 1 that looks random."""
    return f"((hashint8extended({number}, {salt}) & 1048575)::float8 / 1048576)"


def pick(letters: str, number: str, salt: int, length: int = 1) -> str:
    """Return SQL for one of the pieces of `letters`, each `length` characters long."""
    piece = f"floor({chance(number, salt)} * {len(letters) // length})::int"
    return f"substr('{letters}', {piece} * {length} + 1, {length})"


def name(number: str) -> str:
    """Return SQL for a person's name."""
    return " || ".join(
        (pick(SURNAMES, number, 1), pick(FIRST, number, 2), pick(SECOND, number, 3)),
    )


def _one_of(choices: tuple[str, ...], number: str, salt: int) -> str:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return f"(ARRAY[{listed}])[1 + floor({chance(number, salt)} * {len(choices)})::int]"


SIDES = ("", "东", "南", "西", "北", "第一", "第二", "第三")

PLACES = f"""
CREATE TEMP TABLE grown_place ON COMMIT DROP AS
SELECT 'city' AS level, n, id, NULL::bigint AS parent_id, 0::bigint AS street_id, 0::bigint AS district_id
FROM (SELECT n, nextval('tenants_tenant_id_seq') AS id FROM generate_series(1, %(cities)s) n) new;
INSERT INTO grown_place
SELECT 'district', new.n, new.id, above.id, 0, new.id
FROM (SELECT n, nextval('tenants_tenant_id_seq') AS id FROM generate_series(1, %(districts)s) n) new
JOIN grown_place above ON above.level = 'city' AND above.n = (new.n - 1) / {DISTRICTS_PER_CITY} + 1;
INSERT INTO grown_place
SELECT 'street', new.n, new.id, above.id, new.id, above.id
FROM (SELECT n, nextval('tenants_tenant_id_seq') AS id FROM generate_series(1, %(streets)s) n) new
JOIN grown_place above ON above.level = 'district' AND above.n = (new.n - 1) / %(per_district)s + 1;
ANALYZE grown_place;
INSERT INTO grown_place
SELECT 'community', new.n, new.id, above.id, above.id, above.district_id
FROM (SELECT n, nextval('tenants_tenant_id_seq') AS id FROM generate_series(1, %(communities)s) n) new
JOIN grown_place above ON above.level = 'street' AND above.n = (new.n - 1) / %(per_street)s + 1;
ANALYZE grown_place;
INSERT INTO tenants_tenant (id, slug, name, level, parent_id, street_id, district_id)
SELECT id, level || '-' || id,
       {pick(PLACE_NAMES, "id", 4, 2)} || {_one_of(SIDES, "id", 5)} || CASE level
         WHEN 'city' THEN '市' WHEN 'district' THEN '区' WHEN 'street' THEN '街道' ELSE '社区' END,
       level, parent_id, street_id, district_id
FROM grown_place ORDER BY id
"""  # noqa: S608  # made of the constants of this module

PEOPLE = f"""
CREATE TEMP TABLE grown_person ON COMMIT DROP AS
SELECT nextval('tenants_user_id_seq') AS id, post.word || '-' || place.id AS username,
       {name("place.id * 8 + post.n")} AS full_name, place.id AS tenant_id, place.street_id,
       place.district_id, post.role
FROM grown_place place JOIN (VALUES
  (1, 'community', 'community_clerk', 'clerk'), (2, 'community', 'community_secretary', 'secretary'),
  (3, 'street', 'street_officer', 'officer'), (4, 'street', 'street_leader', 'leader'),
  (5, 'district', 'district_reviewer', 'reviewer')
) post (n, level, role, word) ON post.level = place.level;
ANALYZE grown_person;
INSERT INTO tenants_user (id, username, full_name, password, is_active)
SELECT id, username, full_name, %(password)s, true FROM grown_person;
INSERT INTO tenants_appointment (tenant_id, street_id, district_id, user_id, role, starts_on)
SELECT tenant_id, street_id, district_id, id, role, date '2025-01-01' FROM grown_person
"""  # noqa: S608  # made of the constants of this module

CASES = f"""
CREATE TEMP TABLE grown_case ON COMMIT DROP AS
WITH drawn AS (
  SELECT k, width_bucket({chance("k", 6)}, %(shares)s::float8[]) AS course
  FROM generate_series(1, %(steps)s / 2 + 1) k
), counted AS (
  SELECT k, c.*, sum(c.steps) OVER (ORDER BY k) - c.steps AS steps_before
  FROM drawn JOIN grown_course c ON c.course = drawn.course
), placed AS (
  SELECT k, course, outcome, is_open,
         now() - lasts - recent * {chance("k", 7)} AS created,
         -- Squaring the chance makes a few communities busy and most of them quiet.
         (floor({chance("k", 8)} ^ 2 * %(communities)s)::bigint * %(stride)s) %% %(communities)s + 1 AS n
  FROM counted WHERE steps_before < %(steps)s
)
SELECT nextval('workflows_process_id_seq') AS id, nextval('registry_member_id_seq') AS member_id, in_time.*
FROM (
  SELECT placed.k, placed.course, placed.outcome, placed.is_open, placed.created, place.id AS tenant_id,
         place.street_id, place.district_id, {name("k")} AS member_name,
         {_one_of(BRANCHES, "k", 9)} AS branch, extract(year FROM created AT TIME ZONE %(zone)s)::int AS year
  FROM placed JOIN grown_place place ON place.level = 'community' AND place.n = placed.n
  ORDER BY created
) in_time;
ANALYZE grown_case
"""  # noqa: S608  # made of the constants of this module

STEPS = """
CREATE TEMP TABLE grown_step ON COMMIT DROP AS
SELECT nextval('workflows_task_id_seq') AS id, in_time.*
FROM (
  SELECT c.id AS case_id, c.tenant_id, c.street_id, c.district_id, c.member_id, s.flow_task, s.kind, s.role,
         s.key, s.outcome, c.created + s.opens AS created, c.created + s.closes AS finished,
         CASE WHEN s.status = 'NEW' AND s.role <> 'applicant' AND c.k %% 8 = 0 THEN 'ASSIGNED'
           ELSE s.status END AS status,
         CASE s.role WHEN 'street_officer' THEN c.street_id WHEN '' THEN NULL WHEN 'applicant' THEN NULL
           ELSE c.tenant_id END AS post_tenant_id
  FROM grown_case c JOIN grown_course_step s ON s.course = c.course
  ORDER BY c.created + s.opens
) in_time;
ANALYZE grown_step
"""

CONTENT = {
    "nomination": """jsonb_build_object('member', s.member_id, 'held_on', (day - 1)::text, 'due', 20,
      'present', 18, 'votes_for', 16, 'summary', '热心社区服务，带头参加志愿活动。',
      'deeds', '担任楼长多年，调解邻里纠纷，照看独居老人。')""",
    "eligibility": """jsonb_build_object('dues_paid_to', (date_trunc('month', day))::date::text,
      'last_appraisal', 'excellent', 'remarks', '',
      'discipline', CASE s.outcome WHEN 'agreed' THEN 'no' ELSE 'yes' END)""",
    "street_meeting": """jsonb_build_object('held_on', day::text, 'present', 7, 'votes_for', 6,
      'votes_against', 0, 'abstained', 1, 'minutes_number', '纪要' || s.case_id,
      'document_number', '街工委' || s.id)""",
    "decision": """jsonb_build_object('document_number', '街工委' || s.id, 'decided_on', day::text)""",
}

_CONTENT = "\n".join(f"    WHEN '{key}' THEN {sql}" for key, sql in CONTENT.items())

DECISIONS = f"""
CREATE TEMP TABLE grown_decision ON COMMIT DROP AS
SELECT s.id AS task_id, s.case_id, s.tenant_id, s.street_id, s.district_id, s.key, s.outcome, s.role,
       s.post_tenant_id, s.finished, person.id AS actor_id, person.full_name AS actor_name, s.member_id,
       CASE WHEN s.outcome = 'returned' THEN '{{}}'::jsonb ELSE CASE s.key
{_CONTENT}
       ELSE '{{}}'::jsonb END END AS content
FROM (SELECT *, (finished AT TIME ZONE %(zone)s)::date AS day FROM grown_step WHERE outcome <> '') s
JOIN grown_person person
  ON person.tenant_id = coalesce(s.post_tenant_id, s.tenant_id)
 AND person.role = CASE s.role WHEN 'applicant' THEN 'community_clerk' ELSE s.role END;
ANALYZE grown_decision
"""  # noqa: S608  # made of the constants of this module

MEMBERS = f"""
INSERT INTO registry_member (id, tenant_id, street_id, district_id, name, gender, ethnicity, birth_date,
  education, standing, branch, home_organisation, joined_on, full_since, occupation, residence, phone,
  is_mobile, is_out_of_contact, id_number_hash, id_number_mask)
SELECT id, tenant_id, street_id, district_id, name,
       CASE WHEN id %% 5 < 3 THEN 'male' ELSE 'female' END, '汉族',
       date '1950-01-01' + floor({chance("id", 10)} * 14000)::int, '', 'full', branch, '',
       date '2008-07-01', date '2009-07-01', '', {_one_of(ESTATES, "id", 11)}, '', false, false,
       encode(sha256(('grown-' || id)::bytea), 'hex'), '000***********0000'
FROM (
  SELECT member_id AS id, tenant_id, street_id, district_id, member_name AS name, branch FROM grown_case
  UNION ALL
  SELECT id, tenant_id, street_id, district_id, {name("id")}, {_one_of(BRANCHES, "id", 9)}
  FROM (SELECT nextval('registry_member_id_seq') AS id, tenant_id, street_id, district_id
        FROM grown_case, generate_series(2, %(members_per_case)s)
        WHERE year = extract(year FROM now() AT TIME ZONE %(zone)s)) others
) members
"""  # noqa: S608  # made of the constants of this module

WRITE_CASES = """
INSERT INTO workflows_process (id, tenant_id, street_id, district_id, flow_class, created, finished, status,
  number, title, applicant_id, applicant_name, subject_id, outcome, data, parameters)
SELECT c.id, c.tenant_id, c.street_id, c.district_id, %(flow_class)s, c.created, ended.finished,
       CASE WHEN c.is_open THEN 'NEW' ELSE 'DONE' END,
       %(prefix)s || '-' || c.year || '-' || CASE WHEN c.place < 1000 THEN lpad(c.place::text, 4, '0')
         ELSE c.place::text END,
       c.member_name || ' · ' || c.branch, person.id, person.full_name, c.member_id, c.outcome, entered.data,
       %(parameters)s::jsonb
FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id, year ORDER BY id) AS place FROM grown_case) c
JOIN grown_person person ON person.tenant_id = c.tenant_id AND person.role = 'community_clerk'
JOIN (
  SELECT case_id, jsonb_object_agg(
           key, CASE key WHEN 'nomination' THEN content
             ELSE content || jsonb_build_object('outcome', outcome) END
           ORDER BY task_id) AS data
  FROM grown_decision WHERE outcome <> 'returned' GROUP BY case_id
) entered ON entered.case_id = c.id
LEFT JOIN (
  SELECT case_id, max(finished) AS finished FROM grown_step GROUP BY case_id HAVING count(*) = count(finished)
) ended ON ended.case_id = c.id
ORDER BY c.id;
INSERT INTO workflows_casecounter (tenant_id, street_id, district_id, flow, year, last)
SELECT tenant_id, street_id, district_id, %(flow_code)s, year, count(*) FROM grown_case GROUP BY 1, 2, 3, 5
"""

WRITE_STEPS = """
INSERT INTO workflows_task (id, tenant_id, street_id, district_id, process_id, flow_task, flow_task_type,
  token, status, created, assigned, started, finished, scheduled, owner_id, owner_name, post_tenant_id,
  post_role, offered_to_id, data)
SELECT s.id, s.tenant_id, s.street_id, s.district_id, s.case_id, s.flow_task, s.kind, 'start', s.status,
       s.created, CASE s.status WHEN 'ASSIGNED' THEN s.created + interval '1 hour' END,
       CASE WHEN s.status <> 'NEW' THEN coalesce(s.finished, s.created) END, s.finished,
       CASE s.kind WHEN 'TIMER' THEN (s.day + 8)::timestamp AT TIME ZONE %(zone)s END,
       owner.id, coalesce(owner.full_name, ''), s.post_tenant_id,
       CASE s.role WHEN 'applicant' THEN '' ELSE s.role END,
       CASE s.role WHEN 'applicant' THEN clerk.id END,
       CASE s.kind WHEN 'TIMER' THEN
         jsonb_build_object('starts_on', s.day::text, 'ends_on', (s.day + 7)::text) ELSE '{}'::jsonb END
FROM (SELECT *, (created AT TIME ZONE %(zone)s)::date AS day FROM grown_step) s
LEFT JOIN grown_person owner ON owner.tenant_id = s.post_tenant_id AND owner.role = s.role
                            AND s.status IN ('DONE', 'CANCELED', 'ASSIGNED')
LEFT JOIN grown_person clerk ON clerk.tenant_id = s.tenant_id AND clerk.role = 'community_clerk'
                            AND s.role = 'applicant'
ORDER BY s.id;
INSERT INTO workflows_tasklink (tenant_id, street_id, district_id, from_task_id, to_task_id)
SELECT tenant_id, street_id, district_id, id, before
FROM (SELECT *, lag(id) OVER (PARTITION BY case_id ORDER BY id) AS before FROM grown_step) s
WHERE before IS NOT NULL ORDER BY id
"""

WRITE_DECISIONS = """
INSERT INTO workflows_decision (tenant_id, street_id, district_id, process_id, task_id, actor_id, actor_name,
  post_tenant_id, post_role, outcome, comment, data, decided_at)
SELECT tenant_id, street_id, district_id, case_id, task_id, actor_id, actor_name, post_tenant_id,
       CASE role WHEN 'applicant' THEN '' ELSE role END, outcome,
       CASE outcome WHEN 'returned' THEN '请补充事迹材料。' WHEN 'disagreed' THEN '不符合条件。' ELSE '' END,
       content, finished
FROM grown_decision ORDER BY task_id;
INSERT INTO registry_award (tenant_id, street_id, district_id, member_id, kind, year, case_id,
  certificate_number, document_number, decided_on)
SELECT d.tenant_id, d.street_id, d.district_id, d.member_id, %(award)s,
       left(d.content->>'decided_on', 4)::int, d.case_id, '证' || p.number,
       d.content->>'document_number', (d.content->>'decided_on')::date
FROM grown_decision d JOIN workflows_process p ON p.tenant_id = d.tenant_id AND p.id = d.case_id
WHERE d.key = 'decision'
"""

STAGES = (
    ("places", PLACES),
    ("people and their posts", PEOPLE),
    ("cases, as they are drawn", CASES),
    ("their steps", STEPS),
    ("their decisions", DECISIONS),
    ("members written", MEMBERS),
    ("cases written", WRITE_CASES),
    ("steps and links written", WRITE_STEPS),
    ("decisions and awards written", WRITE_DECISIONS),
)

TABLES = (
    *("tenants_tenant", "tenants_user", "tenants_appointment", "registry_member", "registry_award"),
    *(
        "workflows_process",
        "workflows_task",
        "workflows_tasklink",
        "workflows_decision",
        "workflows_casecounter",
    ),
)
