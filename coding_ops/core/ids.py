"""Public identifiers: UUID version 7 (RFC 9562, section 5.7).

Time-ordered, so that new rows land at the end of each index; made in the application, so that a value
can be encrypted for its row before the row is inserted; and not a sequence, so that nobody can read
another client's volume from the ids they are handed.
"""

from __future__ import annotations

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= ((random >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)
