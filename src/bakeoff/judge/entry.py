"""Everything that is said about one entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bakeoff.data import Dataset
from bakeoff.judge import metrics, superclasses
from bakeoff.judge.calibration import judge_calibration
from bakeoff.judge.compare import crossed_mean
from bakeoff.judge.estimates import Estimate, estimate
from bakeoff.judge.evidence import Evidence
from bakeoff.judge.intervals import bootstrap_confusion, bootstrap_mean, newcombe_independent, wilson
from bakeoff.judge.landmarks import courses, landmarks, targets
from bakeoff.judge.passes import pass_seconds, with_pass
from bakeoff.judge.results import ClassResult, EntryResult, Imported
from bakeoff.judge.timing import timing
from bakeoff.judge.words import entry_sentence
from bakeoff.runs.run import Run


def judge_entry(evidence: Evidence, dataset: Dataset, everyone: Sequence[Run]) -> EntryResult:
    """`everyone`: all runs of the study, for a common ladder of targets. Rank and best group are filled in later."""
    runs, labels, k = evidence.runs, evidence.labels, len(dataset.classes)
    first = runs[0]
    confusions = np.stack([metrics.confusion(logits, labels, k) for logits in evidence.logits])
    classes = class_results(confusions, dataset.classes)
    test = estimate(evidence.correct.mean(1), crossed_mean(evidence.correct)[1])
    losses = np.stack([metrics.per_image_nll(logits, labels) for logits in evidence.logits])
    briers = np.stack([metrics.per_image_brier(logits, labels) for logits in evidence.logits])
    over_classes = (metrics.macro_f1, metrics.balanced_accuracy)
    intervals = bootstrap_confusion(labels, evidence.predicted, over_classes)
    macro, balanced = (
        estimate([figure(c) for c in confusions], interval)
        for figure, interval in zip(over_classes, intervals, strict=True)
    )
    train = estimate([run.summary["train_accuracy"] for run in runs])
    gaps = [t - a for t, a in zip(train.values, test.values, strict=True)]
    n_train = first.summary["train_examples"]
    ece = estimate([metrics.ece(logits, labels) for logits in evidence.logits])
    gap = newcombe_independent(train.mean * n_train, n_train, test.mean * len(labels), len(labels))
    return EntryResult(
        name=evidence.name,
        rank=1,
        model=first.job.model,
        recipe=first.job.recipe.model_dump(mode="json"),
        device=first.summary["device"],
        framework=first.job.framework,
        imported=Imported(**first.summary["imported"]) if "imported" in first.summary else None,
        seeds=[run.job.seed for run in runs],
        run_keys=[run.key for run in runs],
        failures=list(evidence.failures),
        test_examples=len(labels),
        validation_examples=len(first.validation_labels),
        test_accuracy=test,
        test_loss=estimate([_loss(run, logits, labels) for run, logits in zip(runs, evidence.logits, strict=True)]),
        validation_accuracy=_validation(runs, accuracy=True),
        validation_loss=_validation(runs, accuracy=False),
        train_accuracy=train,
        train_loss=estimate([run.summary["train_loss"] for run in runs]),
        gap=estimate(gaps, gap),
        macro_f1=macro,
        balanced_accuracy=balanced,
        nll=estimate(losses.mean(1), bootstrap_mean(losses)),
        brier=estimate(briers.mean(1), bootstrap_mean(briers)),
        ece=ece,
        calibration=judge_calibration(evidence, ece),
        confusion=confusions.sum(0).tolist(),
        classes=classes,
        validation_confusion=_validation_confusion(runs, k),
        **_superclasses(evidence, confusions, dataset.superclasses),
        parameters=first.summary["parameters"],
        trainable=first.summary["trainable"],
        buffers=first.summary["buffers"],
        flops_forward=first.summary["flops_forward"],
        seconds=timing(runs),
        features_seconds=pass_seconds(runs),
        epochs=estimate([run.summary["epochs"] for run in runs]),
        targets=targets([with_pass(run) for run in runs], everyone),
        landmarks=landmarks(runs),
        courses=courses(runs),
        selected=first.summary["selected"],
        sentence=entry_sentence(classes),
        best_group=False,
    )


def class_results(confusions: np.ndarray, names: Sequence[str]) -> list[ClassResult]:
    """`confusions`: [S, K, K] counts. Rates are means over seeds; the recall interval is Wilson at the class's
    number of pictures."""
    total = confusions.sum(0)
    rates = [metrics.per_class(c) for c in confusions]
    support = confusions[0].sum(1)
    results = []
    for i, name in enumerate(names):
        recall = float(np.mean([r["recall"][i] for r in rates]))
        precisions = np.array([r["precision"][i] for r in rates], float)
        mistaken = total[i].copy()
        mistaken[i] = 0
        other = int(mistaken.argmax())
        results.append(
            ClassResult(
                name=name,
                support=int(support[i]),
                precision=float(np.nanmean(precisions)) if np.isfinite(precisions).any() else None,
                recall=recall,
                recall_interval=wilson(recall * int(support[i]), int(support[i])),
                f1=float(np.mean([r["f1"][i] for r in rates])),
                taken_for=names[other] if mistaken[other] else None,
                taken_for_share=float(mistaken[other] / total[i].sum()),
            )
        )
    return results


def _superclasses(evidence: Evidence, confusions: np.ndarray, of: Sequence[str]) -> dict[str, Any]:
    """The two fields of an EntryResult on superclasses; none for a dataset without them."""
    if not of:
        return {}
    names, numbers = superclasses.group(of)
    found = superclasses.inside(evidence.predicted, evidence.labels, numbers)
    return {
        "superclass_accuracy": estimate(found.mean(1), crossed_mean(found)[1]),
        "superclasses": class_results(superclasses.merge(confusions, numbers), names),
    }


def _loss(run: Run, logits: np.ndarray, labels: np.ndarray) -> float:
    """The recipe's own loss, without label smoothing."""
    if run.job.recipe.loss == "cross_entropy":
        return float(metrics.per_image_nll(logits, labels).mean())
    target = np.eye(logits.shape[1])[labels]
    return float(((logits - target) ** 2).sum(1).mean())


def _validation(runs: Sequence[Run], *, accuracy: bool) -> Estimate:
    """Of the stored weights, an accuracy for new seeds and new validation pictures; zeros without a validation split
    (`validation_examples` then says 0)."""
    labels = runs[0].validation_labels
    if not len(labels):
        return estimate([0.0] * len(runs))
    if not accuracy:
        return estimate([_loss(run, run.validation_logits, run.validation_labels) for run in runs])
    correct = [run.validation_logits.argmax(-1) == run.validation_labels for run in runs]
    same = len(labels) > 1 and all(np.array_equal(run.validation_labels, labels) for run in runs)
    return estimate([table.mean() for table in correct], crossed_mean(np.stack(correct))[1] if same else None)


def _validation_confusion(runs: Sequence[Run], k: int) -> list[list[int]]:
    """[K][K] counts summed over seeds; empty without a validation split."""
    if not len(runs[0].validation_labels):
        return []
    counts = [metrics.confusion(run.validation_logits, run.validation_labels, k) for run in runs]
    return np.stack(counts).sum(0).tolist()
