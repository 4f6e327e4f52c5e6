"""Dated, immutable releases of public code systems and of the edits over them."""

from code_sets.models.edit_tables import EditTableRelease
from code_sets.models.releases import Code, CodeSetRelease, CodeSystem
from code_sets.models.uploads import ReleaseUpload, UploadStatus

__all__ = ["Code", "CodeSetRelease", "CodeSystem", "EditTableRelease", "ReleaseUpload", "UploadStatus"]
