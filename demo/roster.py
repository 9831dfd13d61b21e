"""Made-up member lists, the same for the same seed: `python -m demo.roster OUT_DIR`.

Nobody in them exists, and nobody can be hit by chance: their identity numbers begin with a region code from
`00` on, where real ones begin with 11 to 91, and their telephone numbers with `120`, which no network has.
The check characters are right, so the lists pass the same checks as real ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from openpyxl import Workbook

from registry import roster_columns as columns
from registry.identity import check_character

DEMO_COMMUNITIES = (
    ("shicheng", 153, 701),
    ("dongshanbei", 128, 642),
    ("hubin", 106, 551),
)
"""Slug, own members and residing members: 387 and 1,894 in all, as in one real street."""

TAKEN_ON = date(2026, 6, 30)
"""The day of which the lists tell; a clock would make them differ from day to day."""

PROBATIONARY_EVERY = 14
BIRTHS = (date(1936, 1, 1), date(2004, 12, 31))
ADULT = timedelta(days=365 * 19)
LONGEST_WAIT = 365 * 22
PROBATION = timedelta(days=366)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
FIRST = "建国志文明海春秋晓永玉秀淑桂凤丽雅思子俊浩家宏光世德庆瑞若静美红金新立长"
SECOND = "华强军平民芳英兰梅珍霞燕娟琴云莲敏洁涛斌鹏磊超勇刚辉波宁峰杰涵轩怡琳"
ETHNICITIES = ("汉族",) * 30 + ("回族", "满族", "土家族", "苗族", "壮族")
EDUCATION = ("初中", "高中", "中等专科", "大学专科", "大学专科", "大学本科", "大学本科", "硕士研究生")
WORK = (
    "退休人员",
    "退休人员",
    "社区工作者",
    "教师",
    "医务人员",
    "企业职工",
    "个体工商户",
    "公务员",
)
BRANCHES = ("第一党支部", "第二党支部", "第三党支部", "离退休党支部", "楼宇党支部")
ESTATES = ("桂花苑", "翠湖里", "望江里", "文化新村", "向阳里")
ELSEWHERE = (
    "江城市第九中学党总支",
    "江城市城东医院党委",
    "江城机床厂离退休党委",
    "东城区税务所党支部",
    "江城师范学校党委",
    "江城公交集团第三车队党支部",
    "东城区供水公司党支部",
    "江城纺织厂党委",
)


@dataclass(frozen=True)
class Dates:
    """The days of a life that a member list shows."""

    born: date
    joined: date
    full_since: date | None


def write_roster(path: Path, *, own: int, residing: int, seed: int) -> None:
    """Write a member list: own members, about 7 % of them probationary, and residents who belong elsewhere.

    The cells depend on the arguments alone. Lists of different seeds (up to 9,999) share no identity number.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("党员名册")
    sheet.append(list(columns.ALL))
    for person in people(own=own, residing=residing, seed=seed):
        sheet.append([person.get(name) for name in columns.ALL])
    book.save(path)


def people(*, own: int, residing: int, seed: int) -> Iterator[dict[str, object]]:
    """Return the rows of a list: column name → cell."""
    if not 0 <= seed <= 9_999:
        raise ValueError("The seed is the region code of the identity numbers: 0 to 9999.")
    random = Random(seed)
    taken: set[str] = set()
    for index in range(own + residing):
        belongs_here = index < own
        probationary = belongs_here and index % PROBATIONARY_EVERY == PROBATIONARY_EVERY - 1
        person = _person(random, _dates(random, probationary=probationary), taken, seed)
        person[columns.PHONE] = f"120{seed:04d}{index % 10_000:04d}"
        person[columns.STANDING] = columns.PROBATIONARY if probationary else columns.FULL
        if belongs_here:
            person[columns.BRANCH] = random.choice(BRANCHES)
        else:
            person[columns.HOME_ORGANISATION] = random.choice(ELSEWHERE)
        yield person


def _person(random: Random, dates: Dates, taken: set[str], seed: int) -> dict[str, object]:
    is_male = random.random() < 0.6
    number = _identity_number(random, dates.born, taken, is_male=is_male, seed=seed)
    return {
        columns.NAME: _name(random),
        columns.GENDER: columns.MALE if is_male else columns.FEMALE,
        columns.IDENTITY_NUMBER: number,
        columns.ETHNICITY: random.choice(ETHNICITIES),
        columns.BIRTH_DATE: dates.born,
        columns.EDUCATION: random.choice(EDUCATION),
        columns.JOINED_ON: dates.joined,
        columns.FULL_SINCE: dates.full_since,
        columns.OCCUPATION: random.choice(WORK),
        columns.RESIDENCE: f"{random.choice(ESTATES)}{random.randint(1, 18)}栋{random.randint(1, 32)}02室",
        columns.OUT_OF_CONTACT: _yes(random, 0.004),
        columns.MOBILE: _yes(random, 0.03),
    }


def _dates(random: Random, *, probationary: bool) -> Dates:
    if probationary:
        joined = TAKEN_ON - timedelta(days=random.randint(1, 360))
        born = joined - ADULT - timedelta(days=random.randint(0, LONGEST_WAIT))
        return Dates(born, joined, None)
    latest_joining = TAKEN_ON - PROBATION
    born = BIRTHS[0] + timedelta(days=random.randint(0, (BIRTHS[1] - BIRTHS[0]).days))
    wait = min(LONGEST_WAIT, (latest_joining - born - ADULT).days)
    joined = born + ADULT + timedelta(days=random.randint(0, wait))
    return Dates(born, joined, joined + PROBATION)


def _identity_number(random: Random, born: date, taken: set[str], *, is_male: bool, seed: int) -> str:
    while True:
        sequence = random.randrange(1 if is_male else 0, 1000, 2)
        digits = f"00{seed:04d}{born:%Y%m%d}{sequence:03d}"
        if digits not in taken:
            taken.add(digits)
            return digits + check_character(digits)


def _name(random: Random) -> str:
    given = random.choice(SECOND) if random.random() < 0.2 else random.choice(FIRST) + random.choice(SECOND)
    return random.choice(SURNAMES) + given


def _yes(random: Random, share: float) -> str:
    return columns.YES if random.random() < share else columns.NO


def main() -> None:
    """Write the list of each demo community into the folder that the command line names."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m demo.roster OUT_DIR")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for seed, (slug, own, residing) in enumerate(DEMO_COMMUNITIES, start=1):
        write_roster(folder / f"{slug}.xlsx", own=own, residing=residing, seed=seed)


if __name__ == "__main__":
    main()
