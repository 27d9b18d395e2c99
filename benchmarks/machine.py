"""The machine and the day, told beside every measured table."""

import os
import platform
from datetime import UTC, datetime


def told() -> str:
    """Such as "Measured on 2026-11-23, 2 cores, Linux x86_64, Python 3.13.0."."""
    day = datetime.now(UTC).date().isoformat()
    machine = f"{platform.system()} {platform.machine()}"
    return f"Measured on {day}, {os.cpu_count()} cores, {machine}, Python {platform.python_version()}."
