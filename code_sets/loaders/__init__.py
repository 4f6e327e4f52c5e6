"""Loaders of official files: of code systems, and of tables of edits; named here by system."""

from __future__ import annotations

from collections.abc import Callable

from code_sets.loaders import (
    alphabetic,
    diagnosis_lists,
    drg_weights,
    fee_schedule,
    hcc_mappings,
    hcpcs,
    hhs_hcc,
    icd10cm,
    icd10pcs,
    lists,
    ncci,
    pcs_index,
    pcs_tables,
    plain_lists,
    rxhcc,
)
from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.ptp_parts import PTP_KINDS
from code_sets.loaders.tables import TableLoader, of_one_file

Loader = Callable[[SourceFile, str | None, Progress], ParsedRelease]

LOADERS: dict[str, Loader] = {
    icd10cm.SYSTEM: icd10cm.load,
    icd10pcs.SYSTEM: icd10pcs.load,
    hcpcs.SYSTEM: hcpcs.load_codes,
    "CPT": plain_lists.load_cpt,
    "REVENUE": plain_lists.load_revenue,
}
TABLE_LOADERS: dict[str, TableLoader] = {
    **{system: ncci.ptp_loader(system) for system in PTP_KINDS},
    **{system: ncci.mue_loader(system) for system in ncci.MUE_NAMES},
    ncci.ADDON: of_one_file(ncci.load_addon),
    hcpcs.SYSTEM: hcpcs.load_table,
    "MODIFIERS": of_one_file(lists.load_modifiers),
    "POS": of_one_file(lists.load_places),
    "POA-EXEMPT": of_one_file(diagnosis_lists.load_poa_exempt),
    "MCE": of_one_file(diagnosis_lists.load_mce),
    fee_schedule.SYSTEM: fee_schedule.load_global_days,
    **{system: hcc_mappings.mapping_loader(system) for system in (hcc_mappings.ANY, *hcc_mappings.MODELS)},
    rxhcc.SYSTEM: rxhcc.load_rxhcc,
    hhs_hcc.SYSTEM: hhs_hcc.load_hhs,
    pcs_tables.SYSTEM: pcs_tables.load,
    drg_weights.SYSTEM: of_one_file(drg_weights.load),
    pcs_index.SYSTEM: pcs_index.load,
    **{system: alphabetic.index_loader(system) for system in alphabetic.TITLES},
}


def loader_of(system: str) -> Loader:
    """The loader of a code system. Raises LoadError, naming those there are."""
    try:
        return LOADERS[system]
    except KeyError as error:
        known = ", ".join(sorted(LOADERS.keys() | TABLE_LOADERS.keys()))
        raise LoadError(system, 0, f"there is no loader for it; there are: {known}") from error
