"""The addresses of the pages. A tenant's name comes first; fixed words come before it."""

from __future__ import annotations

from django.urls import include, path

from web import cases, documents, entry, health, inbox, members, start

tenant_urls = [
    path("inbox/todo", inbox.todo, name="todo"),
    path("inbox/done", inbox.done, name="done"),
    path("inbox/mine", inbox.mine, name="mine"),
    path("start/", start.choose, name="start"),
    path("start/<slug:code>", start.begin, name="begin"),
    path("members/", members.members, name="members"),
    path("members/import", members.import_members, name="import_members"),
    path("members/empty-list.xlsx", members.empty_list, name="member_template"),
    path("cases/<int:case_id>", cases.show, name="case"),
    path("cases/<int:case_id>/withdraw", cases.withdraw_case, name="withdraw"),
    path("cases/<int:case_id>/steps/<int:step_id>/decide", cases.decide_step, name="decide"),
    path("cases/<int:case_id>/steps/<int:step_id>/claim", cases.claim_step, name="claim"),
    path("cases/<int:case_id>/steps/<int:step_id>/release", cases.release_step, name="release"),
    path("cases/<int:case_id>/steps/<int:step_id>/send-back", cases.send_case_back, name="send_back"),
    path("cases/<int:case_id>/print/<slug:code>", documents.print_document, name="print"),
]

urlpatterns = [
    path("", entry.home, name="home"),
    path("", include("web.signin.urls")),
    path("places/", entry.places, name="places"),
    path("language/", include("django.conf.urls.i18n")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("<slug:slug>/", include(tenant_urls)),
]
