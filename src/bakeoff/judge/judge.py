"""From the runs of a study to its results: the only code that opens sealed test sets."""

from __future__ import annotations

from collections import Counter

from bakeoff.errors import StoreError
from bakeoff.judge.audit import judge_audit
from bakeoff.judge.claims import check_claims, conclusions
from bakeoff.judge.contest import COMPARISON, Contest, Judgement
from bakeoff.judge.entry import judge_entry
from bakeoff.judge.evidence import Evidence, gather, opened_logits
from bakeoff.judge.fairness import judge_fairness
from bakeoff.judge.findings import Case, all_findings, imported_sentence, seen_sentence
from bakeoff.judge.pairs import judge_pairs
from bakeoff.judge.results import DatasetResult, EntryResult, Look, PairResult, Results
from bakeoff.judge.search import judge_search
from bakeoff.judge.seeds import with_test_looks
from bakeoff.judge.speed import with_speeds
from bakeoff.judge.words import answer, listed, points
from bakeoff.recipe import NUMERICS
from bakeoff.runs.ledger import looks


def judge(contest: Contest) -> Judgement:
    """Judge every entry, every pair and every claim. Opens the sealed test logits of all runs and writes the first
    opening of each to the ledger. Raises StoreError if no entry has a run that did not diverge."""
    opened = {entry.name: gather(contest, entry) for entry in contest.entries}
    sound = {name: evidence for name, evidence in opened.items() if evidence is not None}
    if not sound:
        raise StoreError(f"{contest.study}: every training diverged or failed; there is nothing to judge")
    everyone = [run for evidence in sound.values() for run in evidence.runs]
    ranked = sorted(sound.values(), key=lambda e: -e.correct.mean())
    pairs = judge_pairs(ranked, contest.margin, contest.level)
    best = _best_group(ranked, pairs)
    aliases = {entry.name: list(entry.aliases) for entry in contest.entries}
    entries = [
        judge_entry(evidence, contest.dataset, everyone).model_copy(
            update={"rank": rank, "best_group": evidence.name in best, "aliases": aliases[evidence.name]}
        )
        for rank, evidence in enumerate(ranked, 1)
    ]
    pairs = with_speeds(pairs, entries, {e.name: e.runs for e in ranked}, any_two=contest.study == COMPARISON)
    fairness = judge_fairness(contest, entries, pairs, sound)
    audit = judge_audit(contest, ranked, pairs)
    findings = all_findings(Case(contest, entries, sound, pairs, fairness, audit))
    seeds = contest.seeds and with_test_looks(
        contest.seeds,
        {e.name: [run.key for run in e.runs] for e in ranked},
        [look["run"] for look in looks(contest.ledger)],
    )
    dataset = _dataset(contest, entries)
    results = Results(
        study=contest.study,
        question=contest.question,
        answer=answer(entries, pairs, contest.dataset.name, contest.quick)
        + seen_sentence([entry for entry in entries if entry.best_group], findings)
        + imported_sentence([entry for entry in entries if entry.best_group])
        + (" The test set had been opened before the last seeds were added." if seeds and seeds.test_seen else ""),
        quick=contest.quick,
        margin=contest.margin,
        dataset=dataset,
        entries=entries,
        pairs=pairs,
        claims=check_claims(
            contest.claims,
            counts=contest.counts,
            entries=entries,
            pairs=pairs,
            classes=contest.dataset.classes,
            margin=contest.margin,
        ),
        conclusions=conclusions(contest.claims, entries, pairs, contest.margin),
        findings=findings,
        fairness=fairness,
        audit=audit,
        searches=[judge_search(search, entries, dataset.train_examples) for search in contest.searches],
        untried=list(contest.untried),
        seeds=seeds,
        looks=_looks(contest, {run.key for run in everyone}),
        environment=everyone[0].environment,
        methods=methods(contest, entries) + (seeds.sentences if seeds else []),
    )
    return Judgement(results, opened_logits(sound))


def _looks(contest: Contest, judged: set[str]) -> list[Look]:
    """The ledger of the study; of entries from several studies the lines about what is judged here."""
    own = [Look(**look) for look in looks(contest.ledger)]
    others = {entry.ledger for entry in contest.entries if entry.ledger}
    if not others:
        return own
    lines = {Look(**look) for ledger in others for look in looks(ledger) if look["run"] in judged}
    return sorted(lines, key=lambda look: (look.when, look.run))


def _best_group(ranked: list[Evidence], pairs: list[PairResult]) -> set[str]:
    """The highest mean and every entry that it is not judged better than."""
    top = ranked[0].name
    return {top} | {pair.b for pair in pairs if pair.a == top and pair.verdict != "better"}


def _dataset(contest: Contest, entries: list[EntryResult]) -> DatasetResult:
    dataset = contest.dataset
    validation = max(entry.validation_examples for entry in entries)  # one that trains on all has none of its own
    return DatasetResult(
        name=dataset.name,
        source=dataset.source,
        licence=dataset.licence,
        fingerprint=dataset.fingerprint,
        test_fingerprint=dataset.test_fingerprint,
        classes=list(dataset.classes),
        superclasses=list(dataset.superclasses),
        shape=list(dataset.shape),
        asked=contest.asked,
        train_examples=contest.train_examples or len(dataset.train) - validation,
        validation_examples=validation,
        test_examples=len(dataset.test),
        skipped=[list(pair) for pair in dataset.skipped],
    )


def methods(contest: Contest, entries: list[EntryResult]) -> list[str]:
    """How it was trained and judged, a sentence each."""
    seeds = sorted({len(entry.seeds) + len(entry.failures) for entry in entries})
    selected = [entry.name for entry in entries if entry.selected]
    learned = {(run.job.dataset, run.job.split) for entry in contest.entries for run in entry.runs}
    said = [
        f"Each entry was trained with {' or '.join(map(str, seeds))} {'seed' if seeds == [1] else 'seeds'}; a seed "
        "fixes the starting weights, the order of the pictures, augmentation and dropout.",
        "Accuracy of an entry is the mean over its seeds. Its interval covers new seeds and new test pictures at once "
        "(seeds x images, Obuchowski & Rockette 1995); with one seed it is Wilson's and covers new pictures only.",
        "Two claims a pair: “these checkpoints” compares the two trained networks of one seed picture by picture "
        "(mid-p McNemar; Newcombe's paired interval); “these recipes” compares what new seeds would give, with both "
        "sources of noise, Satterthwaite degrees of freedom and seed noise pooled over entries, unless one has clearly "
        "more or the two have different numbers of seeds.",
        f"Verdict on recipes, in this order: equivalent if the 95% interval lies within ±{points(contest.margin, 1)}; "
        "better if p < 0.05 after Holm's correction over all pairs and the interval leaves out 0; else undecided.",
        "Macro-F1, balanced accuracy, NLL and Brier score have percentile bootstrap intervals over test pictures.",
        "The train curve is the running mean of an epoch's batches, with dropout and augmentation on; the evaluated "
        "train points and the train-test gap come from passes in evaluation mode over a fixed sample.",
        "Test logits are sealed while models train; each first opening is in the ledger below. Redrawing opens nothing "
        "new.",
    ]
    if contest.study == COMPARISON and len(learned) > 1:
        said.append(
            "The entries come from studies that did not train on the same pictures or set the same ones aside. "
            "The test set is the same. A verdict here is about recipe and training pictures together."
        )
    as_they_are = [entry.name for entry in entries if entry.imported and entry.imported.as_it_is]
    if as_they_are:
        said.append(
            f"{listed(as_they_are)}: imported, and judged as it is: one model, in which no seed plays a part. A "
            "verdict on it is about that model, on new test pictures and new seeds of the other side."
        )
    if contest.dataset.superclasses:
        said.append(
            "Superclass accuracy counts a test picture as right if the predicted class lies in the superclass of the "
            "true one; its interval is made like that of the accuracy, those of single superclasses are Wilson's."
        )
    if contest.searches:
        said.append(
            "A search sees validation scores only; its best score is optimistic because it was selected. Its winner "
            "trains again from scratch on fresh seeds, as an entry; the difference between the two is the shrinkage."
        )
    said += _earlier(contest)
    pieces = [entry.name for entry in contest.entries if any("pieces" in run.environment for run in entry.runs)]
    if pieces:
        said.append(
            f"Memory did not hold a whole batch of {listed(pieces)}: it was taken in pieces whose gradients were added "
            "up, the same batch but for rounding."
        )
    if selected:
        said.append(f"The weights of {listed(selected)} are those of their best validation epoch (selected).")
    return said


def _earlier(contest: Contest) -> list[str]:
    """A sentence for each earlier version of our numerics whose runs are among those judged."""
    runs = [(entry, run) for entry in contest.entries for run in entry.runs]
    said = []
    for numerics in sorted({run.job.numerics for _, run in runs} - {NUMERICS}):
        count = Counter(entry.name for entry, run in runs if run.job.numerics == numerics)
        of = {entry.name: len(entry.runs) for entry in contest.entries}
        names = [name if n == of[name] else f"{name} ({n} of its {of[name]} runs)" for name, n in count.items()]
        said.append(
            f"{listed(names)}: trained by numerics {numerics} (an earlier version). Trained again, by numerics "
            f"{NUMERICS}, their weights would have other bits."
        )
    return said
