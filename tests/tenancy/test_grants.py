"""A role opens a client only while its group holds a grant on it."""

from __future__ import annotations

import pytest
from guardian.shortcuts import get_perms, remove_perm

from coding_ops.administration.clients import role_group
from coding_ops.tenancy.access import reach_of
from coding_ops.tenancy.models import Role
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.CODER, Role.MANAGER, Role.PROVIDER, Role.EXTERNAL_AUDITOR])
def test_a_group_that_lost_its_grants_reaches_nothing_and_others_keep_theirs(role: Role) -> None:
    here, there = cast.cypress(), cast.harbor()
    user = cast.person("Marcus Bell", (here, role), (there, role))
    assert {client.slug for client in reach_of(user).clients} == {"cypress-ridge", "harbor-light"}
    group = role_group(here.client, role)
    for permission in get_perms(group, here.client):
        remove_perm(permission, group, here.client)
    assert [client.slug for client in reach_of(user).clients] == ["harbor-light"]
