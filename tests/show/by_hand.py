"""A judgement computed the short way, so that the report can be tested without the judge: plain NumPy."""

from __future__ import annotations

import math

import numpy as np

from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.judge.results import (
    Checkpoints,
    ClaimResult,
    ClassResult,
    DatasetResult,
    EntryResult,
    Estimate,
    Finding,
    Interval,
    Landmarks,
    Look,
    PairResult,
    Recipes,
    Results,
    Target,
)


def judge_by_hand(contest: Contest, claims: list[ClaimResult] | None = None) -> Judgement:
    """Results with the right accuracies, confusions and classes; intervals are normal, verdicts by overlap."""
    labels = contest.dataset.test.labels.numpy()
    logits = {r.key: np.load(f"{r.path}/test.sealed.npz")["logits"] for e in contest.entries for r in e.runs}
    done = sorted((e for e in contest.entries if e.runs), key=lambda e: -_accuracies(e, logits, labels).mean())
    entries = [_entry(e, rank, contest, logits, labels) for rank, e in enumerate(done, 1)]
    best = entries[0].test_accuracy.interval
    entries = [e.model_copy(update={"best_group": e.test_accuracy.interval.high >= best.low}) for e in entries]
    pairs = [_pair(a, b, contest.margin) for i, a in enumerate(entries) for b in entries[i + 1 :]]
    looks = [
        Look(run=k, test_fingerprint=contest.dataset.test_fingerprint, when="2025-01-02T03:04:05+00:00") for k in logits
    ]
    results = Results(
        study=contest.study,
        question=contest.question,
        quick=contest.quick,
        margin=contest.margin,
        answer=f"{entries[0].name} leads at {100 * entries[0].test_accuracy.mean:.2f}%.",
        dataset=_dataset(contest),
        entries=entries,
        pairs=pairs,
        claims=claims or [],
        findings=_findings(entries),
        looks=looks,
        environment=dict(done[0].runs[0].environment),
        methods=["Trained with made-up logits.", "Judged by hand."],
    )
    return Judgement(results, logits)


def _accuracies(e: Contestant, logits: dict, labels: np.ndarray) -> np.ndarray:
    return np.array([(logits[r.key].argmax(1) == labels).mean() for r in e.runs])


def _estimate(values, n: int | None = None, kind: str = "normal, by hand") -> Estimate:
    values = np.asarray(values, float)
    mean, sd = float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None
    interval = None
    if n:
        half = 1.96 * math.sqrt(mean * (1 - mean) / n + (sd or 0) ** 2 / len(values))
        interval = Interval(low=max(0.0, mean - half), high=min(1.0, mean + half), kind=kind)
    return Estimate(mean=mean, sd=sd, values=values.tolist(), interval=interval)


def _entry(e: Contestant, rank: int, contest: Contest, logits: dict, labels: np.ndarray) -> EntryResult:
    k, n = len(contest.dataset.classes), len(labels)
    confusion = np.zeros((k, k), int)
    nll = []
    for r in e.runs:
        z = logits[r.key].astype(float)
        np.add.at(confusion, (labels, z.argmax(1)), 1)
        z -= z.max(1, keepdims=True)
        nll.append(float(-(z[np.arange(n), labels] - np.log(np.exp(z).sum(1))).mean()))
    classes = [_class(contest.dataset.classes, confusion, i, len(e.runs)) for i in range(k)]
    s = e.runs[0].summary
    accuracy = _accuracies(e, logits, labels)
    last = [r.curves[-1] for r in e.runs]
    recall = np.diag(confusion) / np.maximum(confusion.sum(1), 1)
    worst = min(classes, key=lambda c: c.recall)
    validation = np.stack([r.curve("validation_loss") for r in e.runs]).mean(0) if _same_length(e) else None
    best = float(np.argmin(validation) + 1) if validation is not None else None
    return EntryResult(
        name=e.name,
        rank=rank,
        model=e.runs[0].job.model,
        recipe=e.runs[0].job.recipe.model_dump(mode="json"),
        device="cpu",
        seeds=[r.job.seed for r in e.runs],
        run_keys=[r.key for r in e.runs],
        failures=list(e.failures),
        test_examples=n,
        validation_examples=n,
        test_accuracy=_estimate(accuracy, n),
        test_loss=_estimate(nll),
        validation_accuracy=_estimate([x["validation_accuracy"] for x in last]),
        validation_loss=_estimate([x["validation_loss"] for x in last]),
        train_accuracy=_estimate([r.summary["train_accuracy"] for r in e.runs]),
        gap=_estimate([r.summary["train_accuracy"] for r in e.runs] - accuracy),
        macro_f1=_estimate([float(np.mean([c.f1 for c in classes]))]),
        balanced_accuracy=_estimate([recall.mean()]),
        nll=_estimate(nll),
        brier=_estimate([0.2]),
        ece=_estimate([0.02]),
        confusion=confusion.tolist(),
        classes=classes,
        parameters=s["parameters"],
        trainable=s["trainable"],
        buffers=s["buffers"],
        flops_forward=s["flops_forward"],
        seconds=_estimate([r.summary["seconds"] for r in e.runs]),
        epochs=_estimate([len(r.curves) for r in e.runs]),
        targets=[Target(accuracy=0.5, epochs=2.0, seconds=1.0, reached_by=len(e.runs))],
        landmarks=Landmarks(
            best_epoch=best,
            flattens_at=best and max(1.0, best - 2),
            overfits_from=best + 1 if best and best < len(e.runs[0].curves) else None,
        ),
        selected=False,
        best_group=False,
        sentence=f"Hardest is {worst.name}, {worst.recall:.3f}, taken for {worst.taken_for or 'nothing'}.",
    )


def _same_length(e: Contestant) -> bool:
    return len({len(r.curves) for r in e.runs}) == 1


def _class(names, confusion: np.ndarray, i: int, seeds: int) -> ClassResult:
    row, column, right = confusion[i].sum(), confusion[:, i].sum(), confusion[i, i]
    recall, precision = right / max(row, 1), right / column if column else None
    wrong = confusion[i].copy()
    wrong[i] = 0
    f1 = 2 * right / max(row + column, 1)
    half = 1.96 * math.sqrt(recall * (1 - recall) / max(row, 1))
    interval = Interval(low=max(0, recall - half), high=min(1, recall + half), kind="normal")
    taken = int(wrong.argmax())
    return ClassResult(
        name=names[i],
        support=int(row // seeds),
        precision=precision,
        recall=recall,
        recall_interval=interval,
        f1=f1,
        taken_for=names[taken] if wrong.any() else None,
        taken_for_share=wrong[taken] / max(row, 1),
    )


def _pair(a: EntryResult, b: EntryResult, margin: float) -> PairResult:
    d = a.test_accuracy.mean - b.test_accuracy.mean
    ia, ib = a.test_accuracy.interval, b.test_accuracy.interval
    half = math.hypot(ia.high - ia.low, ib.high - ib.low) / 2
    p = math.erfc(abs(d) / half * 1.96 / math.sqrt(2))
    verdict = "equivalent" if abs(d) + half < margin else "better" if d > half and p < 0.05 else "undecided"
    recipes = None
    if len(a.seeds) > 1 and len(b.seeds) > 1:
        recipes = Recipes(
            difference=d,
            interval=Interval(low=d - half, high=d + half, kind="by hand"),
            p=p,
            degrees_of_freedom=9.5,
            p_holm=min(1, 2 * p),
            variance_images=1e-6,
            variance_seeds=1e-6,
            variance_residual=1e-7,
        )
    small = Interval(low=d - half / 2, high=d + half / 2, kind="by hand")
    checkpoints = Checkpoints(difference=d, interval=small, only_a=40, only_b=30, p=p / 2, seed=0)
    return PairResult(
        a=a.name,
        b=b.name,
        checkpoints=checkpoints,
        recipes=recipes,
        verdict=verdict if recipes else "undecided",
        detectable=2 * half,
        sentence=f"{a.name} against {b.name}: {verdict} by {100 * d:+.2f} points.",
    )


def _dataset(contest: Contest) -> DatasetResult:
    d = contest.dataset
    return DatasetResult(
        name=d.name,
        source=d.source,
        licence=d.licence,
        fingerprint=d.fingerprint,
        test_fingerprint=d.test_fingerprint,
        classes=list(d.classes),
        shape=list(d.shape),
        train_examples=len(d.train) - 100,
        validation_examples=100,
        test_examples=len(d.test),
    )


def _findings(entries: list[EntryResult]) -> list[Finding]:
    worst = entries[-1].name
    return [
        Finding(
            code="BK001",
            title="overfitting",
            severity="warning",
            entry=worst,
            evidence="Validation loss rises.",
            advice="Stop earlier.",
            epoch=3.0,
        ),
        Finding(code="BK006", title="too few seeds to tell", severity="info", evidence="3 seeds.", advice="Add seeds."),
        Finding(
            code="BK002",
            title="underfitting",
            severity="warning",
            entry=worst,
            evidence="Fits the training data.",
            advice="–",
            status="passed",
        ),
    ]
