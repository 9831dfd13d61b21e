# ruff: noqa: E501
"""Who gets what: the one place to read it, and to add a row for a new page or a new field of the API.

Everything asked for is Shicheng's: its pages, its case, its case's open step. Who asks:

own             the clerk of Shicheng, who started the case and is to decide its open step
colleague       the secretary of Shicheng
sibling         the clerk of the next community in the same street
street          the officer of Shicheng's street, who reads all its communities
district        the reviewer of Shicheng's district
other_street    the officer of another street in the same district
other_district  the reviewer of another district
no_post         a person who holds no post at all
anonymous       nobody has signed in
token           a program with the own clerk's machine token, at a page that is for people
session         the own clerk's browser, at the API that is for programs
elsewhere       a clerk of both communities, with a token for the sibling

A cell is the status of the answer; `login` is the way to sign in. In the API a cell is `ok`, `null`, `empty`
(a list without entries), the code of the refusal, or an HTTP status.
A refused caller learns nothing and changes nothing: no row of any tenant, no entry in any log.
"""

PAGES = """
endpoint                                                        verb  own  colleague  sibling  street  district  other_street  other_district  no_post  anonymous  token
/                                                               GET   302  302        302      302     302       302           302             302      login      login
/                                                               POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/cases/<int:case_id>                                GET   200  200        404      200     200       404           404             404      login      login
/<slug:slug>/cases/<int:case_id>                                POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/cases/<int:case_id>/print/<slug:code>              GET   200  200        404      200     200       404           404             404      login      login
/<slug:slug>/cases/<int:case_id>/print/<slug:code>              POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/claim      GET   303  303        303      303     303       303           303             303      303        303
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/claim      POST  303  403        404      403     403       404           404             404      login      login
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/decide     GET   303  303        303      303     303       303           303             303      303        303
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/decide     POST  303  403        404      403     403       404           404             404      login      login
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/release    GET   303  303        303      303     303       303           303             303      303        303
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/release    POST  303  403        404      403     403       404           404             404      login      login
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/send-back  GET   303  303        303      303     303       303           303             303      303        303
/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/send-back  POST  303  403        404      403     403       404           404             404      login      login
/<slug:slug>/cases/<int:case_id>/withdraw                       GET   303  303        303      303     303       303           303             303      303        303
/<slug:slug>/cases/<int:case_id>/withdraw                       POST  303  403        404      403     403       404           404             404      login      login
/<slug:slug>/inbox/done                                         GET   200  200        404      200     200       404           404             404      login      login
/<slug:slug>/inbox/done                                         POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/inbox/mine                                         GET   200  200        404      200     200       404           404             404      login      login
/<slug:slug>/inbox/mine                                         POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/inbox/todo                                         GET   200  200        404      200     200       404           404             404      login      login
/<slug:slug>/inbox/todo                                         POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/members/                                           GET   200  200        404      403     403       404           404             404      login      login
/<slug:slug>/members/                                           POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/members/empty-list.xlsx                            GET   200  200        404      403     403       404           404             404      login      login
/<slug:slug>/members/empty-list.xlsx                            POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/members/import                                     GET   200  200        404      403     403       404           404             404      login      login
/<slug:slug>/members/import                                     POST  303  303        404      403     403       404           404             404      login      login
/<slug:slug>/start/                                             GET   200  200        404      200     200       404           404             404      login      login
/<slug:slug>/start/                                             POST  405  405        405      405     405       405           405             405      405        405
/<slug:slug>/start/<slug:code>                                  GET   200  403        404      403     403       404           404             404      login      login
/<slug:slug>/start/<slug:code>                                  POST  303  403        404      403     403       404           404             404      login      login
/accounts/confirm/                                              GET   200  200        200      200     200       200           200             200      login      login
/accounts/confirm/                                              POST  200  200        200      200     200       200           200             200      login      login
/accounts/password/                                             GET   200  200        200      200     200       200           200             200      login      login
/accounts/password/                                             POST  200  200        200      200     200       200           200             200      login      login
/accounts/provider/                                             GET   404  404        404      404     404       404           404             404      404        404
/accounts/provider/                                             POST  404  404        404      404     404       404           404             404      404        404
/accounts/provider/back/                                        GET   404  404        404      404     404       404           404             404      404        404
/accounts/provider/back/                                        POST  404  404        404      404     404       404           404             404      404        404
/accounts/recovery-codes/                                       GET   404  404        404      404     404       404           404             404      login      login
/accounts/recovery-codes/                                       POST  405  405        405      405     405       405           405             405      login      login
/accounts/recovery-codes/new/                                   GET   302  302        302      302     302       302           302             302      login      login
/accounts/recovery-codes/new/                                   POST  302  302        302      302     302       302           302             302      login      login
/accounts/second-factor/                                        GET   200  200        200      200     200       200           200             200      login      login
/accounts/second-factor/                                        POST  405  405        405      405     405       405           405             405      login      login
/accounts/second-factor/activate/                               GET   302  302        302      302     302       302           302             302      login      login
/accounts/second-factor/activate/                               POST  302  302        302      302     302       302           302             302      login      login
/accounts/second-factor/code/                                   GET   302  302        302      302     302       302           302             302      302        302
/accounts/second-factor/code/                                   POST  302  302        302      302     302       302           302             302      302        302
/accounts/second-factor/confirm/                                GET   302  302        302      302     302       302           302             302      login      login
/accounts/second-factor/confirm/                                POST  302  302        302      302     302       302           302             302      login      login
/accounts/second-factor/deactivate/                             GET   404  404        404      404     404       404           404             404      login      login
/accounts/second-factor/deactivate/                             POST  404  404        404      404     404       404           404             404      login      login
/graphql                                                        GET   405  405        405      405     405       405           405             405      405        405
/graphql                                                        POST  401  401        401      401     401       401           401             401      401        415
/healthz                                                        GET   200  200        200      200     200       200           200             200      200        200
/healthz                                                        POST  405  405        405      405     405       405           405             405      405        405
/language/setlang/                                              GET   302  302        302      302     302       302           302             302      302        302
/language/setlang/                                              POST  302  302        302      302     302       302           302             302      302        302
/login/                                                         GET   302  302        302      302     302       302           302             302      200        200
/login/                                                         POST  302  302        302      302     302       302           302             302      302        302
/logout/                                                        GET   405  405        405      405     405       405           405             405      405        405
/logout/                                                        POST  302  302        302      302     302       302           302             302      302        302
/places/                                                        GET   200  200        200      200     200       200           200             200      login      login
/places/                                                        POST  405  405        405      405     405       405           405             405      405        405
/readyz                                                         GET   200  200        200      200     200       200           200             200      200        200
/readyz                                                         POST  405  405        405      405     405       405           405             405      405        405
"""

FIELDS = """
field         operation  own  colleague    sibling        elsewhere      street       district     other_street  other_district  no_post      session  anonymous
claim         mutation   ok   NOT_ALLOWED  NOT_FOUND      NOT_FOUND      NOT_ALLOWED  NOT_ALLOWED  NOT_FOUND     NOT_FOUND       NOT_FOUND    401      401
decide        mutation   ok   NOT_ALLOWED  NOT_FOUND      NOT_FOUND      NOT_ALLOWED  NOT_ALLOWED  NOT_FOUND     NOT_FOUND       NOT_FOUND    401      401
me            query      ok   ok           ok             ok             ok           ok           ok            ok              ok           401      401
process       query      ok   ok           null           null           ok           ok           null          null            null         401      401
release       mutation   ok   NOT_ALLOWED  NOT_FOUND      NOT_FOUND      NOT_ALLOWED  NOT_ALLOWED  NOT_FOUND     NOT_FOUND       NOT_FOUND    401      401
sendBack      mutation   ok   NOT_ALLOWED  NOT_FOUND      NOT_FOUND      NOT_ALLOWED  NOT_ALLOWED  NOT_FOUND     NOT_FOUND       NOT_FOUND    401      401
startProcess  mutation   ok   NOT_ALLOWED  INVALID_INPUT  INVALID_INPUT  NOT_ALLOWED  NOT_ALLOWED  NOT_ALLOWED   NOT_ALLOWED     NOT_ALLOWED  401      401
tasks         query      ok   empty        ok             ok             empty        empty        empty         empty           empty        401      401
withdraw      mutation   ok   NOT_ALLOWED  NOT_FOUND      NOT_FOUND      NOT_ALLOWED  NOT_ALLOWED  NOT_FOUND     NOT_FOUND       NOT_FOUND    401      401
"""

REFUSALS = frozenset(
    {
        "login",
        "401",
        "403",
        "404",
        "405",
        "415",
        "422",
        "null",
        "empty",
        "NOT_FOUND",
        "NOT_ALLOWED",
        "INVALID_INPUT",
    }
)
"""After one of these answers nothing has changed."""

SHOWS = frozenset(
    {
        ("/<slug:slug>/inbox/todo", "GET"),
        ("/<slug:slug>/inbox/done", "GET"),
        ("/<slug:slug>/inbox/mine", "GET"),
        ("/<slug:slug>/members/", "GET"),
        ("/<slug:slug>/start/<slug:code>", "GET"),
        ("/<slug:slug>/cases/<int:case_id>", "GET"),
        ("/<slug:slug>/cases/<int:case_id>/print/<slug:code>", "GET"),
        ("tasks", "query"),
        ("process", "query"),
    }
)
"""Where the own clerk reads a member's name, which nobody who is refused may see."""
