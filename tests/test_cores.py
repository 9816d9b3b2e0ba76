"""How many processors there are for us."""

import os
import subprocess
import sys


def test_a_process_that_is_held_to_one_processor_has_one() -> None:
    ask = "import os; os.sched_setaffinity(0, {%d}); from bakeoff.cores import cores; print(cores())"
    some = next(iter(os.sched_getaffinity(0)))
    said = subprocess.run([sys.executable, "-c", ask % some], capture_output=True, text=True, check=True).stdout
    assert said == "1\n"


def test_otherwise_all_that_are_allowed() -> None:
    ask = "from bakeoff.cores import cores; print(cores())"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert int(said) == len(os.sched_getaffinity(0))
