"""Encrypted columns: plain on the instance, sealed in the database.

``patient.family_name`` is text; the column is ``bytea``.  It is decrypted when first read, so a list
that does not show a column does not pay for it.  ``QuerySet.update()`` and filters refuse plain values:
sealing needs the row's own id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from coding_ops.tenancy import crypto


class Ciphertext(bytes):
    """A sealed value as it lies in the database."""


class _Unsealing:
    """Decrypts on first read, and keeps the plain value on the instance."""

    def __init__(self, field: _EncryptedField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model] | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if isinstance(value, Ciphertext):
            # A row of history holds the bytes of the row it is a version of, bound to that row's id.
            row_id = getattr(instance, "pgh_obj_id", None) or instance.pk
            value = self.field.open(instance.client_id, row_id, value)  # type: ignore[attr-defined]
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class _EncryptedField(models.BinaryField):
    """What both kinds share.  Subclasses say how a plain value becomes bytes and back."""

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Unsealing(self))

    @property
    def column_label(self) -> str:
        return f"{self.model._meta.db_table.removesuffix('event')}.{self.column}"

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def to_plain(self, value: bytes) -> Any:
        raise NotImplementedError

    def open(self, client_id: int, row_id: Any, value: bytes) -> Any:
        """The plain value of a sealed one, e.g. of a row fetched with ``values_list``."""
        return self.to_plain(crypto.decrypt(client_id, self.column_label, row_id, value))

    def seal(self, client_id: int, row_id: Any, plain: Any) -> Ciphertext:
        """The sealed value for a row."""
        return Ciphertext(crypto.encrypt(client_id, self.column_label, row_id, self.to_bytes(plain)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Ciphertext):
            return value
        return self.seal(model_instance.client_id, model_instance.pk, value)  # type: ignore[attr-defined]

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, Ciphertext):
            raise TypeError(
                f"{self.name} is encrypted: save it through its row, do not filter or update by it."
            )
        return super().get_db_prep_value(value, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.name} is encrypted and is not serialized.")


class EncryptedTextField(_EncryptedField):
    """Text, sealed."""

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: Any) -> str:  # type: ignore[override]
            """What ``_Unsealing`` gives; ``None`` only for a column that may be null."""

        def __set__(self, instance: Any, value: str | None) -> None:  # type: ignore[override]
            """Plain text; it is sealed when the row is saved."""

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode("utf-8")

    def to_plain(self, value: bytes) -> str:
        return value.decode("utf-8")


class EncryptedBytesField(_EncryptedField):
    """Bytes, sealed: raw files."""

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: Any) -> bytes:  # type: ignore[override]
            """What ``_Unsealing`` gives."""

        def __set__(self, instance: Any, value: bytes | None) -> None:  # type: ignore[override]
            """Plain bytes; they are sealed when the row is saved."""

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def to_plain(self, value: bytes) -> bytes:
        return value
