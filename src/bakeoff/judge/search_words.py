"""A search in words: the one home of how its score is written, and of its sentence."""

from __future__ import annotations

from bakeoff.judge.search_results import Comparison, Finalist, Metric, SearchResult
from bakeoff.judge.words import bracket, counted, percent, points


def score_words(score: float, metric: Metric) -> str:
    """ "89.40%" of an accuracy, "0.3021" of a loss."""
    if metric == "validation_accuracy":
        return percent(score)
    return f"{score:.4f}".replace("-0.0000", "0.0000")  # a turned sign, or a rounding, below zero


def metric_words(metric: Metric) -> str:
    return metric.replace("_", " ")


def place_words(at: Comparison) -> str:
    """ "9 epochs on 6,000 pictures, 3 folds": what a comparison rests on."""
    data = f" on {at.examples:,} pictures" if at.examples else ""
    folds = f", {counted(at.folds, 'fold')}" if at.folds > 1 else ""
    return f"{counted(at.epochs, 'epoch')}{data}{folds}"


def search_sentence(search: SearchResult) -> str:
    """How much was tried, the selected score by its label, the fresh one, the shrinkage, the baseline."""
    metric = search.metric
    lost = f" ({search.diverged:,} diverged)" if search.diverged else ""
    tried = f"{counted(search.candidates, 'candidate')}{lost} in {counted(search.trials, 'training')}"
    lead = f"{search.name} ({search.strategy}) tried {tried}"
    if search.failed:
        lead += (
            f"; {counted(len(search.failed), 'pack')} failed, of which nothing counts ({search.failed[0].rstrip('.')})"
        )
    lead += _ended_words(search)
    best = search.winner or search.warm_winner
    if best is None:
        return f"{lead}; none of them has a score."
    said = f"{lead}. Best {metric_words(metric)}: {score_words(best.score, metric)} ({best.label})"
    first = next((f for f in search.finalists if f.candidate == best.candidate and f.test_accuracy), None)
    if first is None:
        return f"{said}; it was not trained again on fresh seeds."
    return f"{said}; {_fresh_words(first, metric)}.{unlike_words(search)}{_baseline_words(search)}"


def _ended_words(search: SearchResult) -> str:
    """What a budget left untried, as far as that can be counted."""
    if search.ended not in ("budget", "stopped"):
        return ""
    why = "its budget was used up" if search.ended == "budget" else "it was stopped"
    space, done = search.space, len(search.stages)
    worth = (space.different or 0) - (space.hopeless or 0)
    if search.strategy == "grid" and worth > search.candidates:
        why += f" with {worth - search.candidates:,} of {worth:,} candidates not tried"
    elif done < search.planned_stages:
        why += f" in stage {done} of {search.planned_stages}"
    return f"; {why}"


def unlike_words(search: SearchResult) -> str:
    """What a stated shrinkage is made of beside luck: a sentence after a space, or nothing."""
    found = search.unlike
    if found is None or all(f.shrinkage is None for f in search.finalists):
        return ""
    folds = "one fold" if found.folds == 1 else f"the mean of {found.folds} folds, each"
    return (
        f" The two scores are not measured alike: the selected one is {folds} trained on {found.selected:.0%} of the "
        f"pictures; the fresh one is of trainings on {found.fresh:.0%}, validated on other pictures."
    )


def _fresh_words(f: Finalist, metric: Metric) -> str:
    test = f"; test accuracy {percent(f.test_accuracy.mean)}" if f.test_accuracy else ""
    if f.fresh is None:
        seeds = counted(len(f.test_accuracy.values), "fresh seed") if f.test_accuracy else "fresh seeds"
        return f"trained again on {seeds} with nothing left to validate on{test}"
    accuracy = metric == "validation_accuracy"
    seeds = counted(len(f.fresh.values), "fresh seed")
    said = f"on {seeds} {score_words(f.fresh.mean, metric)}"
    if f.best_epoch:
        return f"{said} in the best epoch, where trials are scored after their last{test}"
    if f.shrinkage is None:
        return f"{said} with all pictures, where the search trained on a part of them{test}"
    said += ", less by " if f.shrinkage >= 0 else ", more by "
    if not accuracy:
        said = said.replace("less by", "worse by").replace("more by", "better by")
    said += points(abs(f.shrinkage)) if accuracy else f"{abs(f.shrinkage):.4f}"
    if f.shrinkage_interval and accuracy:
        said += f" (95% interval of the shrinkage {bracket(f.shrinkage_interval)})"
    elif f.shrinkage_interval:
        said += f" (95% interval [{f.shrinkage_interval.low:.4f}, {f.shrinkage_interval.high:.4f}])"
    return said + test


def _baseline_words(search: SearchResult) -> str:
    base = search.baseline
    if base is None or (base.fresh is None and base.test_accuracy is None):
        return ""
    if base.same_as is not None:
        return (
            f" {base.same_as} is the same training as the baseline {base.entry}: the search found nothing better than "
            "the settings it set out from."
        )
    if base.fresh is None:
        return f" The baseline {base.entry} has {percent(base.test_accuracy.mean)}." if base.test_accuracy else ""
    said = f" The baseline {base.entry} has {score_words(base.fresh.mean, search.metric)}"
    return said + (f", on the test set {percent(base.test_accuracy.mean)}." if base.test_accuracy else ".")
