"""Static files: hashed names, precompressed, module imports rewritten to the hashed names."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Without the rewriting, ``import "./net.js"`` would fetch the unhashed, uncached file."""

    support_js_module_import_aggregation = True
