"""``python -m coding_ops.dev run|stop|test|clean``: what the Makefile calls."""

from __future__ import annotations

import argparse
import sys

from coding_ops.dev import checks, run, terminal
from coding_ops.dev.places import Trouble


def main() -> int:
    """Entry point; trouble is told in plain words, without a traceback."""
    parser = argparse.ArgumentParser(prog="python -m coding_ops.dev")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("run", "stop", "test"):
        commands.add_parser(name)
    commands.add_parser("clean").add_argument("--everything", action="store_true")
    chosen = parser.parse_args()
    try:
        if chosen.command == "clean":
            return checks.clean(everything=chosen.everything)
        return {"run": run.run, "stop": run.stop, "test": checks.test}[chosen.command]()
    except Trouble as trouble:
        terminal.complain(str(trouble))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
