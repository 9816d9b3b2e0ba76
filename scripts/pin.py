"""Prints constraints.txt: the version in this environment of all that bakeoff and its extras bring.

    .venv/bin/python scripts/pin.py > constraints.txt

torch is pinned without the local part of its version (2.13.0, not 2.13.0+cpu): pip then prefers a CPU build of that
version where one is at hand and takes the plain build elsewhere.
"""

from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("", "dev", "soak", "bench", "onnx", "pretrained", "tensorflow")


def closure(name: str, extras: tuple[str, ...], seen: set[tuple[str, tuple[str, ...]]]) -> None:
    """Adds (name, extras) and all it needs on this platform to `seen`."""
    if (name, extras) in seen:
        return
    seen.add((name, extras))
    for text in distribution(name).requires or []:
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in (extras or ("",))):
            closure(canonicalize_name(needed.name), tuple(sorted(needed.extras)), seen)


def main() -> None:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    closure("bakeoff", EXTRAS, seen)
    names = sorted({name for name, _ in seen} - {"bakeoff"})
    print("# Versions that a set-up installs. Written by scripts/pin.py.")
    for name in names:
        print(f"{name}=={distribution(name).version.partition('+')[0]}")


if __name__ == "__main__":
    main()
