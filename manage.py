#!/usr/bin/env python
"""Django's command line; see ``coding_ops/dev/manage.py`` for how it finds its database."""

import sys

from coding_ops.dev.manage import main

if __name__ == "__main__":
    main(sys.argv)
