"""The walls, asked of the database's own catalogue.  Each check returns what it found wrong, so that a
planted defect shows that it would have been found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django_scopes import ScopeError
from psycopg2.errors import RaiseException

from coding_ops.tenancy.models import Client, TenantModel

WITHOUT_A_CLIENT = {
    "pghistory_context": "pghistory's own; ours keeps the context in the row, so it stays empty",
    "accounts_user": "people; a vendor's person works for several clients",
    "accounts_user_groups": "which role groups a person is in, read before a client is open",
    "accounts_user_user_permissions": "Django's own; nothing is granted to single people",
    "accounts_codercredential": "a person's certificates count at every client",
    "accounts_specialty": "a shared list of specialties",
    "accounts_coderspecialty": "what a person is trained for, at every client",
    "auth_group": "names of role groups",
    "auth_group_permissions": "Django's own; grants on objects are guardian's",
    "auth_permission": "names of permissions",
    "code_sets_code": "public code sets",
    "code_sets_codesetrelease": "public code sets",
    "code_sets_edittablerelease": "public edit tables",
    "code_sets_releaseupload": "public files of code sets, sent by an administrator until they are read",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "django_session": "session keys and account ids; read before a client is open",
    "guardian_groupobjectpermission": "guardian's generic grants, which are not used",
    "guardian_userobjectpermission": "guardian's generic grants, which are not used",
    "encounters_workqueuegrouppermission": "grants by id on worklists, which are behind the wall",
    "tenancy_client": "the tenant itself: names and contract terms, read to find out what may be opened",
}
"""Tables without ``client_id``, and why they may be."""

CLIENT_ID_WITHOUT_WALLS = {
    "tenancy_membership": "read to decide which client to open; ids, a role and dates",
}
"""Tables that name a client and yet are not behind row-level security, and why."""

READ_ACROSS_BY_GROUP = {
    "tenancy_clientgrouppermission": "grants by id on clients, read before one is open",
}
"""Guardian's grants on the client itself: they point at it under another name."""

_TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
       a.attname IS NOT NULL AS has_client, coalesce(a.attnotnull, false) AS not_null,
       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'
               AND (k.conkey = ARRAY[a.attnum] AND k.confrelid = 'tenancy_client'::regclass
                    -- or on the pair with another row, whose client is one
                    OR k.conkey[1] = a.attnum AND cardinality(k.conkey) = 2)) AS key_to_client,
       ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid
             AND p.polcmd = '*' AND p.polpermissive AND p.polroles = '{0}'
             AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.client_ids%'
             AND pg_get_expr(p.polwithcheck, p.polrelid) LIKE '%app.client_ids%') AS good_policies,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'client_id' AND NOT a.attisdropped
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""


def tenant_tables(cursor: Any) -> list[str]:
    """Tables whose rows belong to a client, by the catalogue."""
    cursor.execute(_TABLES)
    return [row[0] for row in cursor.fetchall() if row[3] and row[0] not in CLIENT_ID_WITHOUT_WALLS]


def tables_without_walls(cursor: Any) -> list[str]:
    """Every table is behind the walls, or on a list with a reason; the lists may only shrink."""
    cursor.execute(_TABLES)
    found, seen = [], set()
    exempt = WITHOUT_A_CLIENT | READ_ACROSS_BY_GROUP
    for table, row_security, forced, has_client, not_null, key, good, policies in cursor.fetchall():
        seen.add(table)
        walled = has_client and row_security and forced and good and policies == 1
        if table in CLIENT_ID_WITHOUT_WALLS:
            if walled or not has_client:
                found.append(f"{table}: its exemption is no longer needed, take it off the list")
            continue
        if not has_client:
            if table not in exempt:
                found.append(f"{table}: has no client_id and is on no list of exemptions")
            continue
        if table in exempt:
            found.append(f"{table}: has a client_id now, take it off the list of exemptions")
        found += [
            f"{table}: {what}"
            for wrong, what in (
                (not not_null, "client_id may be null"),
                (not key and not is_history(table), "client_id is no foreign key to the client"),
                (not row_security, "row security is not enabled"),
                (not forced, "row security is not forced on its owner"),
                (policies != 1, f"has {policies} policies instead of one"),
                (not good, "no policy for all commands and all roles checks rows read and rows written"),
            )
            if wrong
        ]
    listed = set(exempt) | set(CLIENT_ID_WITHOUT_WALLS)
    return found + [f"{table}: is exempted but does not exist" for table in sorted(listed - seen)]


def is_history(table: str) -> bool:
    """Row history keeps a row whatever happens to what it points at, so it has no foreign keys."""
    return table.endswith("event") and table.removesuffix("event") in {
        model._meta.db_table for model in apps.get_models()
    }


def references() -> Iterator[tuple[str, str, str]]:
    """(table, column, target) of each reference from a tenant table to a tenant table, by the models."""
    for model in apps.get_models():
        if not issubclass(model, TenantModel):
            continue
        for field in model._meta.local_fields:
            target = field.related_model
            if isinstance(target, type) and issubclass(target, TenantModel):
                yield model._meta.db_table, str(field.column), target._meta.db_table
        for many in model._meta.local_many_to_many:
            if isinstance(many.related_model, type) and issubclass(many.related_model, TenantModel):
                yield model._meta.db_table, many.name, "(many to many: make it a tenant model of its own)"


def references_without_the_client(cursor: Any) -> list[str]:
    """Each reference between tenant tables is a foreign key on the pair with the client, and only that."""
    cursor.execute(
        "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, c.convalidated,"
        " ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, i)"
        "       JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i),"
        " ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, i)"
        "       JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i)"
        " FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace"
    )
    keys = {
        (table, columns[-1], target)
        for table, target, valid, columns, target_columns in cursor.fetchall()
        if valid and columns[0] == "client_id" and len(columns) == 2 and target_columns == ["client_id", "id"]
    }
    return [
        f"{table}.{column}: no foreign key (client_id, {column}) to {target} (client_id, id)"
        for table, column, target in references()
        if (table, column, target) not in keys
    ]


def unique_across_clients(cursor: Any) -> list[str]:
    """A unique key that does not begin with the client tells one client of another's values."""
    cursor.execute(
        "SELECT t.relname, i.relname,"
        " (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = x.indkey[0])"
        " FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
        " JOIN pg_attribute c ON c.attrelid = t.oid AND c.attname = 'client_id'"
        " WHERE t.relnamespace = 'public'::regnamespace AND x.indisunique AND NOT x.indisprimary"
    )
    return [
        f"{table}: unique {index} begins with {column}"
        for table, index, column in cursor.fetchall()
        if column != "client_id" and table not in CLIENT_ID_WITHOUT_WALLS
    ]


def ways_around(cursor: Any) -> list[str]:
    """Views and functions that would read with their owner's rights."""
    cursor.execute(
        "SELECT 'view ' || c.relname || ' reads with its owner''s rights' FROM pg_class c"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v'"
        " AND NOT coalesce(c.reloptions, '{}') @> ARRAY['security_invoker=true']"
        " UNION ALL SELECT 'materialized view ' || c.relname || ' has no row security' FROM pg_class c"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'm'"
        " UNION ALL SELECT 'function ' || p.proname || ' runs with its owner''s rights' FROM pg_proc p"
        " WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
    )
    return [what for (what,) in cursor.fetchall()]


APPEND_ONLY = (
    "audit_auditevent",
    "edit_rules_editruleversion",
    "edit_rules_editoutcome",
    "encounters_documentversion",
    "encounters_coderevision",
    "encounters_skip",
    "encounters_rawchunk",
    "qa_audit_planversion",
    "qa_audit_draw",
    "qa_audit_linestep",
    "qa_audit_reviewscore",
    "qa_audit_rehearsalterms",
    "qa_audit_rehearsalunit",
    "qa_audit_clockstep",
    "tenancy_clientkey",
)


def rights_too_wide(cursor: Any, role: str) -> list[str]:
    """Of no table may the application truncate, reference or add triggers; of history only add and read."""
    cursor.execute(
        "SELECT c.relname, r, pg_get_userbyid(c.relowner) = %s FROM pg_class c,"
        " unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) r"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        " AND (has_table_privilege(%s, c.oid, r)"
        "      OR (r = 'UPDATE' AND has_any_column_privilege(%s, c.oid, r)))",
        [role, role, role],
    )
    return [
        f"{table}: the application may {right.lower()}"
        for table, right, owned in cursor.fetchall()
        if owned or right not in ("UPDATE", "DELETE") or table in APPEND_ONLY or is_history(table)
    ]


def visible_rows(cursor: Any) -> list[str]:
    """Tenant tables that show rows although no client is open."""
    found = []
    for table in tenant_tables(cursor):
        cursor.execute(f'SELECT count(*) FROM "{table}"')
        count = cursor.fetchone()[0]
        if count:
            found.append(f"{table}: {count} rows are visible")
    return found


def empty_tables(cursor: Any, client_id: int) -> list[str]:
    """Tenant tables in which the open client has no row: a check of nothing proves nothing."""
    found = []
    for table in tenant_tables(cursor):
        cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" WHERE client_id = %s)', [client_id])
        if not cursor.fetchone()[0]:
            found.append(f"{table}: no row; add one in tests/tenancy/full.py")
    return found


def unscoped_managers() -> list[str]:
    """Models of a client's rows whose ordinary manager answers although no scope is open."""
    found = []
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.local_fields}
        client = fields.get("client")
        if (
            client is None
            or client.related_model is not Client
            or model._meta.db_table in CLIENT_ID_WITHOUT_WALLS
        ):
            continue
        try:
            model._default_manager.all().exists()
        except ScopeError:
            continue
        found.append(f"{model._meta.label}: its manager answers without a scope")
    return found


def crossing_references(cursor: Any, mine: int, theirs: int) -> list[str]:
    """Points a row of one client at a row of another, column by column; returns where that was accepted.

    Both clients are open, as they are to a person who works for both.
    """
    found = []
    for table, column, target in references():
        cursor.execute("SAVEPOINT crossing")
        changed = _point_abroad(cursor, table, column, target, mine, theirs)
        try:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except Exception as error:  # noqa: BLE001 - whatever refuses, its name is looked at
            refused = f"{table}_{column}"[:50] in str(error) and "foreign key" in str(error)
        else:
            refused = False
        cursor.execute("ROLLBACK TO crossing")
        if changed != 1:
            found.append(f"{table}.{column}: no row to try it with")
        elif not refused:
            found.append(f"{table}.{column}: may point at another client's {target}")
    return found


def _point_abroad(cursor: Any, table: str, column: str, target: str, mine: int, theirs: int) -> int:
    """How many rows now point abroad: one, or none where there is none to try it with.

    A row that has the reference, where one does: another constraint may keep it from the others.  Rows that a
    guard keeps from any change (a query that was sent) say nothing of references; the next one is tried.
    """
    cursor.execute(
        f'SELECT id FROM "{table}" WHERE client_id = %s ORDER BY "{column}" IS NULL LIMIT 20', [mine]
    )
    for (key,) in cursor.fetchall():
        cursor.execute("SAVEPOINT pointing")
        try:
            cursor.execute(
                f'UPDATE "{table}" SET "{column}" = (SELECT id FROM "{target}" WHERE client_id = %s LIMIT 1)'
                " WHERE id = %s",
                [theirs, key],
            )
        except RaiseException:
            cursor.execute("ROLLBACK TO pointing")
            continue
        return int(cursor.rowcount)
    return 0


def sealed_columns(cursor: Any) -> list[tuple[str, str]]:
    """All (table, column) of the schema, to be searched as text."""
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " ORDER BY 1, 2"
    )
    return [(table, column) for table, column in cursor.fetchall()]


def plain_in_database(cursor: Any, words: list[str]) -> list[str]:
    """Where one of these words lies in the clear, in any column of any table; bytes are read as text too."""
    found = []
    by_table: dict[str, list[str]] = {}
    for table, column in sealed_columns(cursor):
        by_table.setdefault(table, []).append(column)
    pattern = "|".join(words)
    for table, columns in by_table.items():
        cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
        for (row,) in cursor.fetchall():
            text = row + "".join(_bytes_in(row))
            if any(word.lower() in text.lower() for word in words):
                found.append(f"{table} ({', '.join(columns)}): {pattern}")
                break
    return found


def _bytes_in(row: str) -> Iterator[str]:
    """bytea is shown as ``\\x…``; what it spells is looked at as well."""
    for part in row.split('"'):
        if part.startswith("\\\\x"):
            yield bytes.fromhex(part[3:]).decode("latin-1")


def wrong_client_accepted(cursor: Any, mine: int, theirs: int) -> list[str]:
    """With one client open, tries to write each table's rows for another; returns where that was accepted."""
    found = []
    for table in tenant_tables(cursor):
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attname NOT IN ('id', 'client_id', 'pgh_id')"
            " AND has_column_privilege(attrelid, attnum, 'INSERT')",
            [table],
        )
        others = "".join(f", {name}" for (name,) in cursor.fetchall())
        inserted = (
            f'INSERT INTO "{table}" (id, client_id{others})'
            f' SELECT uuidv7(), %s{others} FROM "{table}" WHERE client_id = %s LIMIT 1'
        )
        moved = f'UPDATE "{table}" SET client_id = %s WHERE client_id = %s'
        for statement, refusals in (
            (inserted, ("row-level security",)),
            (moved, ("row-level security", "permission denied")),
        ):
            cursor.execute("SAVEPOINT writing")
            try:
                cursor.execute(statement, [theirs, mine])
            except Exception as error:  # noqa: BLE001 - whatever refuses, its words are looked at
                if not any(words in str(error) for words in refusals):
                    found.append(f"{table}: {statement[:6]} was refused for another reason: {error}")
            else:
                found.append(f"{table}: {statement[:6]} for another client was accepted")
            cursor.execute("ROLLBACK TO writing")
    return found
