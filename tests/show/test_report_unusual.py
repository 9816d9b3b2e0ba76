"""Contests that are not the usual case: one seed, one entry, failures, a hundred classes, a second report."""

from dataclasses import replace

from page_reader import Page, assert_alone
from synthetic import make_contest, make_dataset, make_run

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.show import write_report


def written(contest: Contest, folder) -> Page:
    return Page(write_report(contest, judge(contest), folder))


def test_one_seed(tmp_path):
    page = written(make_contest(tmp_path, {"cnn": 0.9, "mlp": 0.8}, seeds=1), tmp_path / "out")
    assert_alone(page)
    assert "With one seed the noise of training is unknown" in page.text
    assert "1 seed each" in " ".join(word.strip() for word in (tmp_path / "out" / "report.md").read_text().split())


def test_one_entry_has_no_verdicts(tmp_path):
    page = written(make_contest(tmp_path, {"cnn": 0.9}), tmp_path / "out")
    assert_alone(page)
    assert "verdicts" not in page.ids()


def test_entry_that_never_finished_is_told_and_not_ranked(judged, tmp_path):
    contest, judgement = judged
    contest = replace(contest, entries=(*contest.entries, Contestant("doomed", (), ("seed 0 ran out of memory",))))
    page = Page(write_report(contest, judgement, tmp_path))
    assert "seed 0 ran out of memory" in page.text
    assert [e["name"] for e in page.data["entries"]] == [e.name for e in judgement.results.entries]


def test_no_validation_split_and_seeds_of_different_length(tmp_path):
    dataset = make_dataset()
    runs = [make_run(tmp_path, dataset, seed=s, epochs=3 + 4 * s) for s in range(3)]
    blind = replace(
        runs[0], curves=tuple({**row, "validation_loss": None, "validation_accuracy": None} for row in runs[0].curves)
    )
    contest = Contest(
        "s", "q?", dataset, (Contestant("early", tuple(runs)), Contestant("blind", (blind,))), tmp_path / "l"
    )
    judgement = judge(replace(contest, entries=contest.entries[:1]))
    assert_alone(Page(write_report(contest, judgement, tmp_path / "out")))


def test_long_trainings_say_how_many_epochs_are_drawn(tmp_path):
    said = "Of a training with more than 80 epochs 80 are drawn"
    assert said in written(make_contest(tmp_path / "a", {"e": 0.8}, n=100, epochs=81), tmp_path / "long").text
    assert said not in written(make_contest(tmp_path / "b", {"e": 0.8}, n=100, epochs=80), tmp_path / "short").text


def test_diverged_losses_do_not_flatten_the_others(tmp_path):
    from bakeoff.show.scales import shared_scales

    dataset = make_dataset()
    good, bad = (make_run(tmp_path, dataset, seed=s) for s in range(2))
    rows = [
        {**row, "running_loss": 1e9, "train_loss": float("inf"), "validation_loss": float("nan")} for row in bad.curves
    ]
    runs = (good, replace(bad, curves=tuple(rows)))
    contest = Contest("s", "q?", dataset, (Contestant("e", runs),), tmp_path / "l")
    results = judge(make_contest(tmp_path / "other", {"e": 0.8})).results
    low, high = shared_scales(results, {"e": runs})["cross_entropy"]
    assert 0 <= low < high < 10
    write_report(contest, judge(replace(contest, entries=(Contestant("e", (good,)),))), tmp_path / "out")


def test_an_entry_without_errors(tmp_path):
    contest = make_contest(tmp_path, {"perfect": 1.0, "mlp": 0.8})
    page = written(contest, tmp_path / "out")
    assert_alone(page)
    assert page.text.count("None.") == 1


def test_a_hundred_classes_stay_small_and_whole(tmp_path):
    dataset = make_dataset(2000, classes=100, shape=(3, 16, 16))
    entries = tuple(
        Contestant(
            f"entry {i}",
            tuple(make_run(tmp_path, dataset, seed=s, accuracy=0.6 + 0.05 * i, parameters=100 + i) for s in (0, 1)),
        )
        for i in range(3)
    )
    contest = Contest("hundred", "Many?", dataset, entries, tmp_path / "ledger.jsonl")
    page = written(contest, tmp_path / "out")
    assert_alone(page)
    assert len(page.source) < 3_000_000
    assert all(p.stat().st_size < 300_000 for p in (tmp_path / "out" / "figures").glob("*.svg"))


def test_seven_entries_give_twenty_one_cells_that_lead_to_their_rows(tmp_path):
    page = written(make_contest(tmp_path, {f"e{i}": 0.6 + 0.05 * i for i in range(7)}, n=100), tmp_path / "out")
    cells = [a["href"] for a in page.all("a") if a["href"].startswith("#pair-")]
    assert len(cells) == len(set(cells)) == 21
    assert len([i for i in page.ids() if i.startswith("pair-") and i.endswith("-recipes")]) == 21


def test_a_second_report_removes_what_the_first_drew_and_is_the_same_bytes(tmp_path):
    two = make_contest(tmp_path, {"cnn": 0.9, "mlp": 0.8})
    first = write_report(two, judge(two), tmp_path / "out").read_bytes()
    one = replace(two, entries=two.entries[:1])
    write_report(one, judge(one), tmp_path / "out")
    assert not list((tmp_path / "out" / "figures").glob("*mlp*"))
    assert write_report(two, judge(two), tmp_path / "out").read_bytes() == first
    assert not list((tmp_path / "out").rglob(".tmp-*"))


def test_unknown_architecture_says_why_there_is_no_layer_table(judged, tmp_path):
    contest, judgement = judged
    entries = [e.model_copy(update={"model": {"mpl": {"hidden": [3]}}}) for e in judgement.results.entries]
    page = Page(
        write_report(
            contest,
            Judgement(judgement.results.model_copy(update={"entries": entries}), judgement.test_logits),
            tmp_path,
        )
    )
    assert "cannot be listed" in page.text


def test_results_alone_without_logits_give_a_report_without_pictures(judged, tmp_path):
    contest, judgement = judged
    page = Page(write_report(contest, Judgement(judgement.results), tmp_path))
    assert "No test predictions were handed to the report" in page.text
    assert "mistakes" not in page.ids()
