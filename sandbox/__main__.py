"""``python -m sandbox``: starts the blog and a language model for it."""

import sys

from sandbox.start import main

sys.exit(main())
