"""How a training ends that was asked to stop."""


class Interrupted(Exception):  # noqa: N818 (not an error: somebody asked for it)
    """Training was asked to stop; what was committed so far is on disk."""
