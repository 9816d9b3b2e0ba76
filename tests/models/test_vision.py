"""Importing torchvision in a process of its own: what one import leaves behind must not help another."""

import subprocess
import sys
from importlib.util import find_spec

import pytest


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_torchvision_builds_models_and_transforms_beside_this_pytorch():
    if find_spec("torchvision") is None:
        done = python("from bakeoff.models.vision import import_torchvision; import_torchvision()")
        assert "ModuleNotFoundError: No module named 'torchvision'" in done.stderr
        return
    done = python(
        "from bakeoff.models.vision import import_torchvision\n"
        "assert import_torchvision() is import_torchvision()\n"
        "from torchvision import models, transforms\n"
        "print(sum(p.numel() for p in models.alexnet(weights=None, num_classes=100).parameters()))"
    )
    assert done.stdout == "57413540\n", done.stderr


@pytest.mark.parametrize(
    ("message", "told"), [("torchvision::nms does not exist", "loaded"), ("the disk burns", "the disk burns")]
)
def test_only_missing_operators_are_made_good(tmp_path, message, told):
    """A stand-in that fails as torchvision does when its operators are unknown, or in another way."""
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import torch\n"
        "try:\n    torch.ops.torchvision.nms\n"
        f"except AttributeError:\n    raise RuntimeError('{message}') from None\n"
    )
    done = python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from bakeoff.models.vision import import_torchvision\n"
        "print('loaded', import_torchvision().__name__)"
    )
    assert told in done.stdout + done.stderr
    assert ("loaded torchvision" in done.stdout) == (told == "loaded"), done.stderr
