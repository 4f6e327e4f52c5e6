"""Addresses of the API about claims and files of payers, below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from claims.api import views

app_name = "claims_api"
FILES = "clients/<slug:client_slug>/claim-files/"
CLAIMS = "clients/<slug:client_slug>/claims/"

urlpatterns = [
    path(FILES, views.FileList.as_view(), name="files"),
    path(FILES + "<uuid:file_id>/", views.FileDetail.as_view(), name="file"),
    path(CLAIMS, views.ClaimList.as_view(), name="claims"),
    path(CLAIMS + "<uuid:claim_id>/", views.ClaimDetail.as_view(), name="claim"),
]
