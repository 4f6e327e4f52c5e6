"""Pages of numbers.  Mounted at the root: ``/c/<client>/…`` is one client's, ``/work/…`` across clients."""

from __future__ import annotations

from django.urls import path

from reporting.views import dashboard, rows

app_name = "reporting"
CLIENT = "c/<slug:client_slug>/"

urlpatterns = [
    path(CLIENT, dashboard.overview, name="overview"),
    path(CLIENT + "dashboard/", dashboard.client_dashboard, name="dashboard"),
    path(CLIENT + "dashboard/drill/", dashboard.drill, name="drill"),
    path(CLIENT + "dashboard/rows/", rows.client_rows, name="rows"),
    path("work/dashboard/", dashboard.work_dashboard, name="work_dashboard"),
    path("work/dashboard/rows/", rows.work_rows, name="work_rows"),
]
