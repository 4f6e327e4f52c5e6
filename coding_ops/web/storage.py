"""Static files: hashed names, precompressed, module imports rewritten to the hashed names."""

from __future__ import annotations

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Without the rewriting, ``import "./net.js"`` would fetch the unhashed, uncached file.

    Only our own modules are rewritten: a package's file may name what it does not ship.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        HashedFilesMixin._js_module_import_aggregation_patterns[1],  # type: ignore[attr-defined]
    )
