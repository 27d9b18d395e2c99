"""How a command ends, as schedulers read it."""

import signal

FAILED = 1
NOTHING_COULD_RUN = 2
STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143}
