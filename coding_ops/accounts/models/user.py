"""The person who signs in: one account, whatever number of clients they work for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    """Accounts are found by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, full_name: str, password: str | None = None, **extra: Any) -> User:
        """A new account; without a password nobody can sign in to it."""
        user = self.model(email=self.normalize_email(email).lower(), full_name=full_name, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A vendor's or a client's person.  What they may do follows from memberships, not from here."""

    email = models.EmailField(max_length=254, unique=True, help_text="Kept in small letters.")
    full_name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    preferences = models.JSONField(
        default=dict, blank=True, help_text="Theme, keyboard map; no patient data."
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="email_is_in_small_letters"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        """Up to two letters for the badge in the top bar."""
        words = [word for word in self.full_name.replace(",", " ").split() if word[0].isalpha()]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
