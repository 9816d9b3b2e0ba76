"""Many real seeds of one small net, as a table of right and wrong answers: what `make simulate` deals out.

    .venv/bin/python -m scripts.real_seeds [--seeds 112] [--workers 1] [--out build/real-seeds]

Trains the quickstart's mlp-64 on Fashion-MNIST through bakeoff's own code and writes scripts/real_seeds.npz:
`right`, uint8 [R, N / 8], the bits of a bool table of R seeds and N = 10,000 test pictures; `facts`, where it is from.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from threading import Event

import numpy as np

from bakeoff.api.bench import Bench, keep_split, set_up
from bakeoff.atomic import write_bytes
from bakeoff.fleet import choose_executor, launch, save_plan
from bakeoff.recipe import NUMERICS
from bakeoff.runs.sealed import open_test
from bakeoff.study import Study

TABLE = Path(__file__).with_name("real_seeds.npz")
STUDY, ENTRY = "quickstart", "mlp-64"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=112)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--out", type=Path, default=Path("build/real-seeds"))
    arguments = parser.parse_args()
    study = Study.load(STUDY, entries=[ENTRY], seeds=arguments.seeds)
    bench = set_up(study, out=arguments.out, device="cpu")
    train(bench, arguments.workers)
    runs = [bench.store.load(job.key) for job in bench.all_jobs]
    opened = [open_test(run, bench.dataset.test_fingerprint, bench.store.paths.ledger) for run in runs]
    right = np.stack([logits.argmax(1) == labels for logits, labels in opened])
    facts = {
        "study": STUDY, "entry": ENTRY, "seeds": len(right), "images": right.shape[1], "numerics": NUMERICS,
        "torch": runs[0].environment["torch"], "test_fingerprint": bench.dataset.test_fingerprint,
    }  # fmt: skip
    save(right, facts)
    print(f"{TABLE}: {len(right)} seeds, mean accuracy {right.mean():.4f}, sd {right.mean(1).std(ddof=1):.4f}")


def train(bench: Bench, workers: int | None) -> None:
    """What is missing; no report, which would hold more than a hundred curves."""
    keep_split(bench)
    save_plan(bench.plan, bench.store.paths.plan)
    executor = choose_executor(bench.data, workers, "cpu")
    packs = bench.plan.needed(bench.done, bench.wanted)
    launch(packs, executor, bench.store.paths.root, bench.names(), lambda event: print(event.text), Event())


def save(right: np.ndarray, facts: dict[str, object]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, right=np.packbits(right, axis=1), facts=np.array(json.dumps(facts)))
    write_bytes(TABLE, buffer.getvalue())


def load() -> tuple[np.ndarray, dict[str, object]]:
    """The table bool [R, N] and its facts."""
    with np.load(TABLE, allow_pickle=False) as arrays:
        facts = json.loads(str(arrays["facts"]))
        return np.unpackbits(arrays["right"], axis=1, count=facts["images"]).astype(bool), facts


if __name__ == "__main__":
    main()
