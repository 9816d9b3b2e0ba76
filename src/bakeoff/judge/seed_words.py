"""What is said about seeds that the runs decided on."""

from __future__ import annotations

from bakeoff.judge.seed_results import SeedLook, SeedsResult
from bakeoff.judge.words import counted, listed, points, probability


def sentences(record: SeedsResult) -> list[str]:
    """How the number of seeds came about: the rule, each look, why it ended, what is left for the test set."""
    rule = record.rule
    done = [str(look.seeds) for look in record.looks]
    told = [
        f"Seeds were added until decided, from {rule.min} to at most {rule.max} an entry: {counted(len(done), 'look')} "
        f"at the validation set" + (f", with {listed(done)} seeds." if done else ".")
    ]
    told += [_look(look) for look in record.looks]
    told.append(
        f"No more seeds: {record.stopped}." if record.stopped else "Trainings are missing: seeds are not settled."
    )
    seen = (
        "which had been opened before the last seeds were decided on, so that its figures are not those of one look."
        if record.test_seen
        else "which had no part in it and is opened once, at the end."
    )
    told.append(
        f"All looks together may err in 5% of studies ({record.spending}). They leave {record.level:.3f} of that 0.05 "
        f"for the verdicts and intervals on the test set, {seen}"
    )
    return told


def _look(look: SeedLook) -> str:
    by: dict[str, list[str]] = {}
    for pair in look.pairs:
        figures = ""
        if pair.decision in ("better", "equivalent") and pair.difference is not None and pair.p is not None:
            figures = f" ({points(abs(pair.difference))}, {probability(pair.p)})"
        by.setdefault(pair.decision, []).append(f"{pair.a} and {pair.b}{figures}")
    words = {
        "better": "told apart",
        "equivalent": "equivalent",
        "out of reach": "given up, because more seeds would not decide them",
        "not compared": "not compared, for want of sound trainings or validation pictures",
        "open": "open",
    }
    found = "; ".join(f"{words[state]}: {', '.join(by[state])}" for state in words if state in by)
    return f"Look at {look.seeds} seeds of {listed(look.entries)}: {found or 'no pair to compare'}."
