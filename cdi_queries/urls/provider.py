"""What providers see: their list, the question, links and codes; how they are reached."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.provider import asked, contacts, link

ASKED = "c/<slug:client_slug>/asked/"
ONE = f"{ASKED}<uuid:query_id>/"
LINK = "q/<str:token>/"
CONTACTS = "c/<slug:client_slug>/queries/setup/providers/"

urlpatterns: list[URLPattern] = [
    path(ASKED, asked.asked, name="asked"),
    path(ONE, asked.question, name="asked_question"),
    path(f"{ONE}complete/", asked.complete, name="asked_complete"),
    path(f"{ONE}pass/", asked.pass_on, name="asked_pass"),
    path(LINK, link.link, name="link"),
    path(f"{LINK}code/", link.send_code, name="link_code"),
    path(f"{LINK}open/", link.open_with_code, name="link_open"),
    path(f"{LINK}answer/", link.answer, name="link_answer"),
    path(f"{LINK}complete/", link.complete, name="link_complete"),
    path(f"{LINK}pass/", link.pass_on, name="link_pass"),
    path(f"{LINK}renew/", link.renew, name="link_renew"),
    path(CONTACTS, contacts.contacts, name="provider_contacts"),
    path(f"{CONTACTS}<uuid:provider_id>/", contacts.contact, name="provider_contact"),
]
