"""Which signals ask a process to stop: Ctrl-C, SIGTERM, and the hangup of a terminal that closes, or an ssh that is
lost."""

from __future__ import annotations

import os
import signal
import stat

HANGUP: int | None = getattr(signal, "SIGHUP", None)
"""None on Windows. A shell that goes and the terminal under it may both send it: a second one is not impatience."""


def asking() -> list[int]:
    """Those that ask to stop. A hangup does not where it is ignored, as `nohup` has it."""
    asked = [int(signal.SIGINT), int(signal.SIGTERM)]
    if HANGUP is not None and signal.getsignal(HANGUP) != signal.SIG_IGN:
        asked.append(HANGUP)
    return asked


def leave_terminal() -> None:
    """Where stdout or stderr was a terminal that is gone, let it lead nowhere: each line to it would be an error."""
    for number in (1, 2):
        try:
            gone = stat.S_ISCHR(os.fstat(number).st_mode) and not os.isatty(number)
        except OSError:
            continue  # closed
        if gone:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
