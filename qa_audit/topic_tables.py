"""The training topics of the house, read once a process."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

from qa_audit.rules.topics import TopicMap, read_topics

TABLES = Path(__file__).with_name("data") / "topics.toml"


@lru_cache(maxsize=1)
def topic_map() -> TopicMap:
    """Topics, families, rules and numbers of the edition in force."""
    return read_topics(tomllib.loads(TABLES.read_text("utf-8")))
