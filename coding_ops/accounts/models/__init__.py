"""People who sign in, what they are certified for, and which specialties they code."""

from coding_ops.accounts.models.credential import CoderCredential, CredentialBody, CredentialName
from coding_ops.accounts.models.specialty import CoderSpecialty, Specialty
from coding_ops.accounts.models.user import User

__all__ = ["CoderCredential", "CoderSpecialty", "CredentialBody", "CredentialName", "Specialty", "User"]
