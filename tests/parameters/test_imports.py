"""Parameters are read on every start of the command line, so nothing slow may come with them."""

import subprocess
import sys

SLOW = {"pandas", "numpy", "ibis", "nbformat", "papermill", "pymc", "matplotlib", "pyarrow", "duckdb"}


def test_nothing_slow_is_imported():
    code = (
        "import sys, workbench.parameters.sets, workbench.parameters.notebook_cell;"
        f"print(sorted({SLOW!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
