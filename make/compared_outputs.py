"""Run every notebook named and keep, of all outputs, those of cells tagged `compared`."""

import sys
from pathlib import Path

from workbench.authoring.compared_outputs import renew_compared_outputs

for name in sys.argv[1:]:
    renew_compared_outputs(Path(name))
