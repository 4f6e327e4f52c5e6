"""Migration steps that put a table behind the walls.

``SecureTenantTables`` reads the models of the app as they are at that point of the history, so a later
migration that adds a table names just that table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger import compiler

from coding_ops.tenancy.models.base import TenantForeignKey

IN_SCOPE = (
    "{column} = ANY ("
    "(SELECT string_to_array(current_setting('app.client_ids', true), ',')::bigint[])::bigint[])"
)


def row_security_sql(table: str, column: str = "client_id") -> list[str]:
    """Statements that hide every row of clients that are not open, from the table's owner too."""
    condition = IN_SCOPE.format(column=f'"{column}"')
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS only_open_clients ON "{table}"',
        f'CREATE POLICY only_open_clients ON "{table}" USING ({condition}) WITH CHECK ({condition})',
    ]


def composite_key_sql(table: str, column: str, target: str) -> list[str]:
    """A foreign key on the pair with the client: row-level security alone lets a row point abroad."""
    name = f"{table}_{column}_same_client"[:63]
    return [
        f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
        (
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (client_id, "{column}") '
            f'REFERENCES "{target}" (client_id, id) DEFERRABLE INITIALLY DEFERRED'
        ),
    ]


def append_only_sql(table: str, role: str) -> list[str]:
    """History is never rewritten: the application may add and read rows, nothing else."""
    return [f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {role}']


class SecureTenantTables(Operation):
    """Row-level security and composite foreign keys for tables that carry ``client``.

    Args:
        names: model names of this app; each must have a ``client`` foreign key.
        append_only: those of them that the application may only add to.
        history: row-history tables, which keep rows whatever happens to what they point at.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(
        self, names: Sequence[str], append_only: Sequence[str] = (), history: Sequence[str] = ()
    ) -> None:
        self.names = list(names)
        self.append_only = list(append_only)
        self.history = list(history)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (
            type(self).__name__,
            [],
            {
                "names": self.names,
                "append_only": self.append_only,
                "history": self.history,
            },
        )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing of the models changes."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        from coding_ops.tenancy.roles import app_role_name

        role = schema_editor.quote_name(app_role_name())
        for name in self.names + self.history:
            model = to_state.apps.get_model(app_label, name)
            table = model._meta.db_table
            statements = row_security_sql(table)
            if name in self.names:
                for column, target in tenant_references(model):
                    statements += composite_key_sql(table, column, target)
            if name in self.append_only + self.history:
                statements += append_only_sql(table, role)
            for statement in statements:
                schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for name in self.names + self.history:
            table = from_state.apps.get_model(app_label, name)._meta.db_table
            schema_editor.execute(f'DROP POLICY IF EXISTS only_open_clients ON "{table}"')
            schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
            schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def describe(self) -> str:
        return f"Wall off {', '.join(self.names)} by client"


class CreateModels(Operation):
    """Makes many tables in one step, each whole: with its keys, constraints and indexes.

    After each ``CreateModel`` Django renders every model that is related to the new one, and here all are; in
    one step they are rendered once.

    Args:
        models: in an order in which none refers to a later one.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, models: Sequence[CreateModel]) -> None:
        self.models = list(models)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """A state without rendered classes takes a model in no time; they are made anew when asked for."""
        state.__dict__.pop("apps", None)
        for one in self.models:
            one.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for one in self.models:
            one.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for one in reversed(self.models):
            one.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {', '.join(one.name for one in self.models)}"


class AddTriggers(Operation):
    """Installs many triggers in one step.

    A step for each trigger, as pgtrigger writes them, renders the whole state of the models anew each time:
    that was more than a third of the time that a new database takes.

    Args:
        triggers: model name of this app and its compiled trigger, in the order of their making.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, triggers: Sequence[tuple[str, compiler.Trigger]]) -> None:
        self.triggers = list(triggers)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [], {"triggers": self.triggers}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models know of their triggers; no rendered class changes by them."""
        for name, trigger in self.triggers:
            options = state.models[app_label, name.lower()].options
            options["triggers"] = [*options.get("triggers", []), trigger]

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for _, trigger in self.triggers:
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for _, trigger in reversed(self.triggers):
            schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        return f"Create {len(self.triggers)} triggers"


def tenant_references(model: type[models.Model]) -> list[tuple[str, str]]:
    """(column, target table) of each reference from this table to another table of the same client."""
    return [
        (field.column, field.remote_field.model._meta.db_table)
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey)
    ]


class GrantApplicationRole(Operation):
    """Lets the plain role read and write rows of what exists and of what the owner will make.

    It gets no DDL, no TRUNCATE and owns nothing; ``SecureTenantTables`` takes more away where a table
    is history.
    """

    reversible = True
    reduces_to_sql = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing of the models changes."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        from coding_ops.tenancy.roles import app_role_name

        role = schema_editor.quote_name(app_role_name())
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
            (
                "ALTER DEFAULT PRIVILEGES IN SCHEMA public "
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
            ),
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        ):
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """The role keeps its rights: taking them away would stop the release that still runs."""

    def describe(self) -> str:
        return "Grant the application role its rows"
