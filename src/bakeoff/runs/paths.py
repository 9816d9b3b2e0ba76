"""Every path of a study folder, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StudyPaths:
    root: Path

    @property
    def study(self) -> Path:
        return self.root / "study.yaml"

    @property
    def plan(self) -> Path:
        return self.root / "plan.json"

    @property
    def results(self) -> Path:
        return self.root / "results.json"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.jsonl"

    @property
    def index(self) -> Path:
        return self.root / "index.sqlite"

    @property
    def lock(self) -> Path:
        """Shared by those who run the study, held alone by who tidies up."""
        return self.root / ".lock"

    @property
    def plan_lock(self) -> Path:
        """Held while the plan is read and written again."""
        return self.root / ".plan.lock"

    @property
    def broken(self) -> Path:
        """Where `doctor --repair` puts what is damaged."""
        return self.root / "broken"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    def run(self, key: str) -> Path:
        return self.runs / key

    def split(self, digest: str) -> Path:
        return self.root / "splits" / f"{digest}.npz"

    def trials(self, search: str) -> Path:
        return self.root / "trials" / search

    def pack(self, pack_id: str) -> Path:
        return self.root / "packs" / pack_id

    def lease(self, pack_id: str) -> Path:
        """Held by the process that trains the pack; goes with the pack's folder."""
        return self.pack(pack_id) / "lease"

    def checkpoint(self, pack_id: str) -> Path:
        return self.pack(pack_id) / "checkpoint.safetensors"
