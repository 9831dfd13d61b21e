"""The columns of a member list, by the names that the national list gives them."""

from __future__ import annotations

NAME = "姓名"
GENDER = "性别"
IDENTITY_NUMBER = "公民身份号码"
ETHNICITY = "民族"
BIRTH_DATE = "出生日期"
EDUCATION = "学历"
STANDING = "人员类别"
BRANCH = "所在党支部"
PHONE = "手机号码"
JOINED_ON = "入党日期"
FULL_SINCE = "转正日期"
OCCUPATION = "工作岗位"
RESIDENCE = "现居住地"
OUT_OF_CONTACT = "是否失联党员"
MOBILE = "是否流动党员"
HOME_ORGANISATION = "组织关系所在单位"
"""Our own column: where a member belongs who lives here and belongs elsewhere."""

REQUIRED = (
    NAME,
    GENDER,
    IDENTITY_NUMBER,
    ETHNICITY,
    BIRTH_DATE,
    STANDING,
    BRANCH,
    JOINED_ON,
    FULL_SINCE,
)
ALL = (
    NAME,
    GENDER,
    IDENTITY_NUMBER,
    ETHNICITY,
    BIRTH_DATE,
    EDUCATION,
    STANDING,
    BRANCH,
    PHONE,
    JOINED_ON,
    FULL_SINCE,
    OCCUPATION,
    RESIDENCE,
    OUT_OF_CONTACT,
    MOBILE,
    HOME_ORGANISATION,
)

MALE, FEMALE = "男", "女"
FULL, PROBATIONARY = "正式党员", "预备党员"
YES, NO = "是", "否"
