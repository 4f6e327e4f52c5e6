"""Puts every table of the app behind the walls, and keeps long sealed text out of compression."""

from django.db import migrations

from coding_ops.tenancy.operations import SecureTenantTables

# Sealed bytes do not compress: trying to is the largest cost of storing a note.
STORED_PLAIN = [
    ("encounters_documentversion", "text"),
    ("encounters_rawfile", "content"),
]


class Migration(migrations.Migration):
    dependencies = [("encounters", "0001_initial"), ("tenancy", "0001_initial")]
    operations = [
        SecureTenantTables(
            names=[
                "Patient", "Provider", "Coverage", "Encounter", "Document", "DocumentVersion", "CodeAssignment",
                "EvidenceLink", "CodingChange", "CodeRevision", "IntakeConnection", "RawFile", "IntakeMessage",
                "QuarantineItem", "WorkQueue", "WorkItem", "Skip", "Pend", "WorkSession",
            ],
            append_only=["DocumentVersion", "CodeRevision", "Skip"],
            history=["EncounterEvent", "CodeAssignmentEvent", "EvidenceLinkEvent"],
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL",
                f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTENDED",
            )
            for table, column in STORED_PLAIN
        ),
    ]
