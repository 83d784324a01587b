"""Ends an emulator, and everything it started, when its driver is gone.

The driver holds the other end of our standard input and never writes to it. However the driver ends, SIGKILL included, the
kernel closes that end; we then end our whole process group, which is where the Lambda bootstraps of MiniStack live too.
A stack that is meant to outlive its driver (`make up`) is started without the pipe and ended by its recorded process group.
"""

import os
import signal
import sys
import threading
import time

GRACE_SECONDS = 3


def hold():
    """Call once, at start, in a process that leads its own process group."""
    if os.environ.get("SUNSET_LIFELINE") == "stdin":
        threading.Thread(target=_end_with_the_driver, name="lifeline", daemon=True).start()


def _end_with_the_driver():
    while os.read(sys.stdin.fileno(), 4096):
        pass
    # The first signal reaches this process as well; its handlers clean up while this thread waits.
    os.killpg(os.getpgid(0), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(os.getpgid(0), signal.SIGKILL)
