"""BK022: labels that the runs contradict on pictures that they did not learn from."""

from dataclasses import replace

import numpy as np
import pytest

from bakeoff.judge import judge
from bakeoff.judge.audit import audit_data
from bakeoff.judge.findings.bk022_suspect_labels import suspect_labels
from bakeoff.judge.suspects import FEWEST, out_of_sample, suspects

WRONG = np.array([3, 40, 77, 120, 300])


def runs_that_know(contest, wrong=WRONG, sure=6.0):
    """The contest's entries with runs that answer validation pictures rightly, where the labels at `wrong` are not."""
    entries = []
    for entry in contest.entries:
        runs = []
        for run in entry.runs:
            labels = run.validation_labels.copy()
            logits = np.random.default_rng(run.job.seed).normal(0, 0.5, run.validation_logits.shape)
            logits[np.arange(len(labels)), labels] += sure
            labels[wrong] = (labels[wrong] + 1) % 4
            runs.append(replace(run, validation_logits=logits.astype(np.float32), validation_labels=labels))
        entries.append(replace(entry, runs=tuple(runs)))
    labels = contest.dataset.train.labels.clone()
    labels[wrong] = (labels[wrong] + 1) % 4
    train = replace(contest.dataset.train, labels=labels)
    dataset = replace(contest.dataset, train=train)
    n = len(entries[0].runs[0].validation_labels)
    return replace(contest, entries=tuple(entries), dataset=dataset, validation_index=np.arange(n))


def test_planted_labels_are_found_and_no_other(contest):
    results = judge(runs_that_know(contest)).results
    (finding,) = [f for f in results.findings if f.code == "BK022"]
    assert (finding.status, finding.severity) == ("found", "info")
    assert {s.picture.row for s in results.audit.suspects} == set(WRONG.tolist())
    assert results.audit.predicted == 400
    for suspect in results.audit.suspects:
        label = int(suspect.picture.label.split()[1])
        assert suspect.suggested == f"class {(label - 1) % 4}"
        assert suspect.agreement == 1
        assert suspect.confidence > 0.8 > suspect.own


def test_sure_runs_with_right_labels_pass(contest):
    results = judge(runs_that_know(contest, wrong=np.array([], int))).results
    assert next(f.status for f in results.findings if f.code == "BK022") == "passed"


def test_unsure_runs_accuse_nobody(contest):
    said = runs_that_know(contest, sure=1.5)
    labels = said.entries[0].runs[0].validation_labels
    found = out_of_sample([entry.runs for entry in said.entries], np.arange(len(labels)), labels)
    assert len(suspects(found, labels)) == 0


def test_the_rule_against_plain_loops(contest):
    """Of random probabilities: a picture is suspect exactly where the definition, written out, says so."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 200)
    template = contest.entries[0].runs[0]
    hidden = np.where(rng.random(200) < 0.2, (labels + 1) % 3, labels)
    runs = [
        [
            replace(
                template, validation_labels=labels,
                validation_logits=(8 * np.eye(3)[hidden] + rng.normal(0, 3, (200, 3))).astype(np.float32),
            )
            for _ in range(3)
        ]
        for _ in range(2)
    ]  # fmt: skip
    found = suspects(out_of_sample(runs, np.arange(200), labels), labels)
    softmaxes = [
        [np.exp(r.validation_logits) / np.exp(r.validation_logits).sum(1, keepdims=True) for r in of_entry]
        for of_entry in runs
    ]
    mean = sum(sum(p) / 3 for p in softmaxes) / 2
    expected = set()
    for i in range(200):
        votes = [[int(p[i].argmax()) for p in of_entry] for of_entry in softmaxes]
        for c in range(3):
            share = sum(v.count(c) / 3 for v in votes) / 2
            usual = np.mean([mean[j, c] for j in range(200) if labels[j] == c])
            if c != labels[i] and share >= 0.8 and mean[i, c] >= max(usual, 0.8):
                expected.add(i)
    assert set(found.tolist()) == expected
    assert len(expected) > 5


def test_runs_validated_elsewhere_do_not_vote(contest):
    labels = contest.entries[0].runs[0].validation_labels
    assert out_of_sample([entry.runs for entry in contest.entries], np.arange(len(labels)), 1 - labels % 2) is None


@pytest.mark.parametrize(("runs", "predicted"), [(9, 0), (FEWEST - 1, 400)])
def test_not_applicable(contest, runs, predicted):
    audit = audit_data(contest.dataset).model_copy(update={"predicted": predicted})
    assert suspect_labels(audit, runs).status == "not applicable"
