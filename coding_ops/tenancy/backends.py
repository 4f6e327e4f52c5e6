"""Signing in by e-mail and password, and finding the account again at each request."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.access import user_with_reach


class ReachBackend(ModelBackend):
    """Reads the account together with what it reaches: every request needs both, and each query is a
    round trip."""

    def get_user(self, user_id: Any) -> User | None:
        user = user_with_reach(user_id, timezone.localdate())
        return user if user is not None and self.user_can_authenticate(user) else None
