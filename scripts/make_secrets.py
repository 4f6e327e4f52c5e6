"""Make the secrets of a production installation: ``python3 scripts/make_secrets.py secrets``.

Writes one file per secret, and the connection URLs that contain them.  Refuses to touch a folder that holds
any: a second master key would lock the first one's data.  The folder is for its owner alone (700); the files
inside are readable (444), because Compose mounts them into containers that run as other users.
"""

from __future__ import annotations

import base64
import secrets
import sys
from pathlib import Path


def contents() -> dict[str, str]:
    """File name to content."""
    owner, app, redis = (secrets.token_urlsafe(32) for _ in range(3))
    return {
        "postgres_password": secrets.token_urlsafe(32),
        "owner_password": owner,
        "app_password": app,
        "redis_password": redis,
        "database_url": f"postgresql://coding_ops_app:{app}@db:5432/coding_ops",
        "database_owner_url": f"postgresql://coding_ops_owner:{owner}@db:5432/coding_ops",
        "redis_url": f"redis://:{redis}@redis:6379/0",
        "secret_key": secrets.token_urlsafe(50),
        "master_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def main(folder: Path) -> int:
    """Write the files; 1 when the folder holds something already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.stderr.write(f"{folder} is not empty; nothing was written.\n")
        return 1
    for name, text in contents().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o444)
    sys.stdout.write(
        f"Wrote {len(contents())} secrets to {folder}. Keep a copy of master_key in a safe place.\n"
    )
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: make_secrets.py FOLDER")
    sys.exit(main(Path(sys.argv[1])))
