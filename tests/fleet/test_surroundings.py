"""What a process inherits that starts as a worker: Ctrl-C, which the whole group hears, does not end it half loaded."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from bakeoff.fleet.surroundings import starting_worker

SIGNALLED = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('loaded')"


def test_a_worker_that_still_loads_does_not_hear_ctrl_c():
    with starting_worker():
        worker = subprocess.run([sys.executable, "-c", SIGNALLED], capture_output=True, text=True, check=False)
    assert (worker.returncode, worker.stdout, worker.stderr) == (0, "loaded\n", "")


@pytest.fixture
def listening():
    """Ctrl-C is heard, also where whoever started the tests has it ignored, as shells do for jobs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("listening")
def test_the_parent_hears_of_it_afterwards():
    with pytest.raises(KeyboardInterrupt), starting_worker():  # noqa: PT012
        signal.raise_signal(signal.SIGINT)
        started = True
    assert started
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, set())
