"""BK024: equal pictures under different labels."""

from dataclasses import replace

from bakeoff.data import Examples
from bakeoff.judge.audit import audit_data
from bakeoff.judge.findings.bk024_conflicts import conflicts


def test_conflicts_are_counted_over_both_parts(contest):
    dataset = contest.dataset
    assert conflicts(audit_data(dataset)).status == "passed"
    train, test = dataset.train.images.clone(), dataset.test.images.clone()
    train[5] = train[4]  # class 1 as class 0
    test[10] = train[7]  # class 2 as class 3
    test[11] = train[7]  # and once rightly
    train[8] = train[12]  # both of class 0
    changed = replace(dataset, train=Examples(train, dataset.train.labels), test=Examples(test, dataset.test.labels))
    audit = audit_data(changed)
    assert audit.conflicts == 2
    assert [[(p.part, p.row, p.label) for p in group] for group in audit.conflicting] == [
        [("train", 4, "class 0"), ("train", 5, "class 1")],
        [("train", 7, "class 3"), ("test", 10, "class 2"), ("test", 11, "class 3")],
    ]
    assert conflicts(audit).evidence == (
        "2 pictures stand there more than once, under different labels; the first as class 0 and class 1 "
        "(train 4, train 5)"
    )
