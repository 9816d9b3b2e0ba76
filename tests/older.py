"""A study folder as an earlier version would have left it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from bakeoff.recipe import Job
from bakeoff.runs import Store
from bakeoff.runs.files import MANIFEST, to_json


def make_older(folder: Path, numerics: int = 1) -> dict[str, str]:
    """The runs and the plan of a study folder become those of earlier numerics. Returns their keys by those before."""
    store = Store(folder)
    jobs = {key: store.load(key).job for key in store}
    keys = {key: _older(job, jobs, numerics).key for key, job in jobs.items()}
    for key, job in jobs.items():
        older, path = _older(job, jobs, numerics), store.paths.run(key)
        told = json.loads((path / "job.json").read_text())
        text = to_json(told | {"key": older.key, "job": older.model_dump(mode="json")}).encode()
        (path / "job.json").write_bytes(text)
        manifest = json.loads((path / MANIFEST).read_text())
        manifest["job.json"] = {"size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        (path / MANIFEST).write_text(to_json(manifest))
        path.rename(store.paths.run(older.key))
    plan = json.loads(store.paths.plan.read_text())
    for pack in plan["packs"]:
        pack["jobs"] = [job | {"numerics": numerics, "start": keys.get(job["start"])} for job in pack["jobs"]]
    store.paths.plan.write_text(to_json(plan))
    return keys


def _older(job: Job, jobs: dict[str, Job], numerics: int) -> Job:
    start = _older(jobs[job.start], jobs, numerics).key if job.start else None
    return Job.model_validate(job.model_dump() | {"numerics": numerics, "start": start})
