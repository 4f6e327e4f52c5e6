"""The start page, sign-in, sign-out and preferences."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from coding_ops.web.views import home, preferences, session

urlpatterns = [
    path("", home.home, name="home"),
    path(
        "accounts/login/",
        LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/session/", session.session, name="session"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/theme/", preferences.theme, name="theme"),
]
