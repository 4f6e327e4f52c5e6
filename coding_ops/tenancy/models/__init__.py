"""Clients (the tenants), who works for them, their keys, and the base of every table that is theirs."""

from coding_ops.tenancy.models.base import TenantForeignKey, TenantModel
from coding_ops.tenancy.models.client import Client, ClientGroupPermission, ClientKey, Facility
from coding_ops.tenancy.models.history import TenantHistory, keep_history
from coding_ops.tenancy.models.membership import CLIENT_ROLES, VENDOR_ROLES, Membership, Role

__all__ = [
    "CLIENT_ROLES",
    "VENDOR_ROLES",
    "Client",
    "ClientGroupPermission",
    "ClientKey",
    "Facility",
    "Membership",
    "Role",
    "TenantForeignKey",
    "TenantHistory",
    "TenantModel",
    "keep_history",
]
