"""Forward passes over many pictures, as many at a time as memory holds. N pictures."""

from __future__ import annotations

from collections.abc import Callable

import torch

from bakeoff.errors import TrainError


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an allocation failed, on the processor or a GPU: PyTorch has a type for one of the two only."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    said = ("not enough memory", "can't allocate memory")
    return isinstance(error, RuntimeError) and any(words in str(error) for words in said)


def passes(run: Callable[[torch.Tensor], torch.Tensor], images: torch.Tensor, size: int) -> list[torch.Tensor]:
    """What `run` gives for the images [N, ...], at most `size` of them at a time, half as many where memory does not
    hold that. Raises TrainError where it holds not one."""
    parts, start = list[torch.Tensor](), 0
    while start < len(images):
        try:
            parts.append(run(images[start : start + size]))
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            if size == 1:
                raise TrainError("out of memory where one picture is looked at; choose a smaller model") from None
            size = -(-min(size, len(images) - start) // 2)
        else:
            start += size
    return parts
