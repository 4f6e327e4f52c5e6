"""Work in the background, one client at a time.

A tenant task names its client, runs with that client open and no other, and is handed ids only: what lies
in the broker may be read by whoever runs it, so no patient data goes there.

The broker is disposable.  ``enqueue`` sends after the commit, so a process that dies between the two, or a
broker that is emptied, loses the message.  That loses no work, because no message is the only trace of it:
the work to do is a state in the database (a file that is ``received``, a lease that has run out, a number
that is older than its schedule), and each task names in ``redriven_by`` the entry of the beat schedule that
looks for such states again.  ``enqueue`` only makes it start sooner.  Tasks are idempotent for that reason.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from celery import Celery, Task, shared_task
from celery.exceptions import TaskPredicate
from django.db import transaction
from django.utils.module_loading import import_string

from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import acting_as, client_transaction

# By name: the application object stands above everything that defines tasks.
APPLICATION = "coding_ops.celery.app"
# Ids, names of things in the code, ISO dates and times: nothing that a patient's name or a sentence fits.
PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}")


logger = logging.getLogger(__name__)


class TaskMisuse(TypeError):
    """A tenant task was called or sent in a way that could cross clients or carry patient data."""


class TaskFailed(RuntimeError):
    """A tenant task failed; the log line before it says of what kind and where, without any value."""


class TenantTask(Task):
    """Base of every task on a client's rows: ``@shared_task(base=TenantTask, redriven_by="…")``.

    Attributes:
        redriven_by: entry of the beat schedule that repairs a lost message of this task.
        opens_own_transaction: the task opens its client itself, e.g. once for each piece of a large file.
    """

    abstract = True
    redriven_by: str = ""
    opens_own_transaction: bool = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the task with its client open."""
        client_id = _checked_arguments(self.name, args, kwargs)
        try:
            with acting_as(task=self.name):
                if self.opens_own_transaction:
                    return self.run(**kwargs)
                with client_transaction([client_id]):
                    return self.run(**kwargs)
        except TaskPredicate:
            raise  # a retry or a rejection: Celery's own, it says nothing of ours
        except Exception as error:
            # The worker logs the text of what a task raises, and a database error's text holds row values.
            logger.exception("task failed", extra={"task": self.name, "client_id": client_id})
            raise TaskFailed(f"{type(error).__name__} in {self.name}") from None

    def apply_async(
        self, args: Any = None, kwargs: Mapping[str, Any] | None = None, *rest: Any, **options: Any
    ) -> Any:
        """Refuses at the sender what the worker would refuse."""
        sent = dict(kwargs or {})
        _checked_arguments(self.name, tuple(args or ()), sent)
        return super().apply_async((), sent, *rest, **options)


def _checked_arguments(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> int:
    if args:
        raise TaskMisuse(f"{name} takes its arguments by name.")
    client_id = kwargs.get("client_id")
    if not isinstance(client_id, int) or isinstance(client_id, bool):
        raise TaskMisuse(f"{name} needs the client it works for: client_id=<id>.")
    for key, value in kwargs.items():
        _refuse_text(name, key, value)
    return client_id


def _refuse_text(name: str, key: str, value: Any) -> None:
    """The value itself is not repeated: it may be what must not be told."""
    if value is None or isinstance(value, (bool, int, uuid.UUID)):
        return
    if isinstance(value, (list, tuple)):
        for one in value:
            _refuse_text(name, key, one)
        return
    if not isinstance(value, str) or not PLAIN_ID.fullmatch(value):
        raise TaskMisuse(f"{name}: {key} is not an id. Tasks are handed ids, and read the rest themselves.")


@lru_cache(maxsize=1)
def application() -> Celery:
    """The Celery application, with every app's tasks imported."""
    app: Celery = import_string(APPLICATION)
    app.autodiscover_tasks(force=True)
    return app


def tenant_task(name: str) -> TenantTask:
    """The registered tenant task of that name.

    Raises:
        LookupError: there is none, or it cannot be repaired when its message is lost.
    """
    found = application().tasks.get(name)
    task = found if isinstance(found, TenantTask) else None
    if task is None:
        raise LookupError(f"No tenant task is named {name!r}.")
    if task.redriven_by not in application().conf.beat_schedule:
        raise LookupError(f"{name}: redriven_by names no entry of the beat schedule.")
    return task


def enqueue(name: str, *, client_id: int, **ids: Any) -> None:
    """Sends a tenant task when the transaction commits; a wrong name or argument is refused at once.

    A broker that does not answer does not undo what was committed: it is logged, and the task's beat entry
    finds the work (see the module's text).

    Raises:
        LookupError: no such task.
        TaskMisuse: an argument is not an id.
    """
    task = tenant_task(name)
    kwargs = {"client_id": client_id, **ids}
    _checked_arguments(name, (), kwargs)
    transaction.on_commit(lambda: task.apply_async(kwargs=kwargs), robust=True)


@shared_task(name="tenancy.for_each_client")
def for_each_client(*, task_name: str, expires_seconds: int | None = None) -> int:
    """Sends a tenant task once for each active client; itself it sees no client's rows.

    ``expires_seconds``: a message nobody fetched by then is dropped, so that a long pause of the workers is
    not followed by a flood of the same sweep.  Returns how many were sent.
    """
    task = tenant_task(task_name)
    ids = list(Client.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True))
    for client_id in ids:
        task.apply_async(kwargs={"client_id": client_id}, expires=expires_seconds)
    return len(ids)
