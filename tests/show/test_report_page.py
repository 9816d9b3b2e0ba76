"""The written report: structure, self-containment, hostile names, unusual contests."""

import base64
import csv
import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from hostile_names import NASTY
from page_reader import Page
from PIL import Image
from synthetic import make_contest, make_dataset, make_run

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.show import write_report

SECTIONS = [
    "ranking",
    "verdicts",
    "size-and-speed",
    "curves",
    "confusions",
    "mistakes",
    "classes",
    "models",
    "findings",
]
SECTIONS += ["methods", "looks"]


@pytest.fixture(scope="module")
def page(report) -> Page:
    return Page(report / "report.html")


@pytest.fixture(scope="module")
def nasty_report(nasty, tmp_path_factory):
    return write_report(*nasty, tmp_path_factory.mktemp("nasty-report")).parent


def written(contest: Contest, folder) -> Page:
    return Page(write_report(contest, judge(contest), folder))


def assert_alone(page: Page) -> None:
    """Nothing on the page points outside it, and every reference inside it resolves."""
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for name, attributes in page.tags:
        assert name not in ("link", "img", "iframe", "object", "embed", "base", "form", "image", "use")
        assert "src" not in attributes
        assert not any(key.startswith("on") for key in attributes)
        if "href" in attributes:
            assert attributes["href"].startswith("#")
            assert attributes["href"][1:] in ids
    for style in page.styles:
        assert "@import" not in style
        assert set(re.findall(r"url\((.{0,10})", style)) == {"data:image"}
    assert not page.open


def test_page_stands_alone(page):
    assert_alone(page)


def test_sections_are_in_order_and_in_the_contents(page):
    assert [a["id"] for a in page.all("section")] == SECTIONS
    assert [a["href"][1:] for a in page.all("a") if a["href"][1:] in SECTIONS] == SECTIONS


def test_question_and_answer_come_first(page, judged):
    results = judged[1].results
    assert 0 < page.text.index(results.question) < page.text.index(results.answer) < page.text.index("Ranking\n")


def test_only_the_script_of_known_hash_may_run(page):
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(page.scripts[-1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_every_drawing_has_words(page, judged):
    drawings = [a for a in page.all("svg") if a.get("role") == "img"]
    assert len(drawings) == len(page.all("svg")) == 2 * (4 + 2 * 3)
    best = judged[1].results.entries[0]
    assert f"{best.name} {100 * best.test_accuracy.mean:.2f}%" in drawings[0]["aria-label"]
    assert all(len(a["aria-label"]) > 40 for a in drawings)


def test_numbers_are_the_judges(page, judged):
    results = judged[1].results
    for e in results.entries:
        assert page.text.count(f"{100 * e.test_accuracy.mean:.2f}%") >= 3
        interval = e.test_accuracy.interval
        assert f"[{100 * interval.low:.2f}, {100 * interval.high:.2f}]" in page.text
        assert e.sentence in page.text
        assert any(e.run_keys[0][:8] in a.get("title", "") for a in page.all("td"))
    for pair in results.pairs:
        assert pair.sentence in page.text
        assert f"{100 * pair.recipes.difference:+.2f}".replace("-", "−") in page.text
    for finding in results.findings:
        assert finding.code in page.text
        assert finding.evidence in page.text


def test_failed_seed_is_told(page):
    assert "seed 7 diverged at step 123" in page.text


def test_layers_and_recipe_are_shown(page):
    assert "[64 + 1] x 1000 = 65,000" in page.text
    assert "Adam at 0.001, constant rate, 5 epochs, batches of 64" in page.text


def test_files_beside_the_page(report, judged):
    tables = {p.name for p in (report / "tables").iterdir()}
    assert tables == {f"{t}.{e}" for t in ("ranking", "pairs", "classes", "confusions", "cost") for e in ("csv", "tex")}
    figures = {p.stem for p in (report / "figures").iterdir()}
    names = [f"{e.rank}-{e.name}" for e in judged[1].results.entries]
    assert figures == {"ranking", "parameters", "seconds", "curves"} | {
        stem for n in names for stem in (f"curves-{n}", f"curves-{n}-seconds", f"confusion-{n}")
    }
    assert all((p.stat().st_mode & 0o777) == 0o644 for p in report.rglob("*.*") if p.is_file())


def test_figure_files_are_light_and_well_formed(report):
    for path in (report / "figures").glob("*.svg"):
        root = ET.parse(path).getroot()
        assert root.get("role") == "img"
        assert "var(--" not in path.read_text()
        assert len(list(root.iter())) < 400
        title, desc = root[0], root[1]
        assert title.text
        assert len(desc.text) > 40
        picture = Image.open(path.with_suffix(".png"))
        assert picture.width == round(2 * float(root.get("width")))
        assert picture.text["Description"] == desc.text.encode("latin-1", "replace").decode("latin-1")
        assert picture.convert("RGB").getpixel((1, picture.height - 1)) == (255, 255, 255)
        assert np.array(picture.convert("L")).std() > 1


def test_csv_tables_hold_raw_figures(report, judged):
    results = judged[1].results
    rows = list(csv.DictReader((report / "tables" / "ranking.csv").open()))
    assert [float(r["test_accuracy"]) for r in rows] == [e.test_accuracy.mean for e in results.entries]
    assert [float(r["interval_low"]) for r in rows] == [e.test_accuracy.interval.low for e in results.entries]
    pairs = list(csv.DictReader((report / "tables" / "pairs.csv").open()))
    assert [r["claim"] for r in pairs] == ["these checkpoints", "these recipes"] * len(results.pairs)
    confusions = list(csv.DictReader((report / "tables" / "confusions.csv").open()))
    errors = sum(int(r["count"]) for r in confusions)
    assert errors == sum(np.sum(e.confusion) - np.trace(e.confusion) for e in results.entries)


def test_markdown_links_only_what_is_there(report):
    text = (report / "report.md").read_text()
    links = re.findall(r"(?<!\\)\]\(([^)]+)\)", text)
    assert len(links) == 4 + 3 + 3 + 1
    assert all((report / link).is_file() for link in links)


def test_embedded_predictions_are_the_runs(page, judged):
    contest, judgement = judged
    data = page.data
    assert [e["name"] for e in data["entries"]] == [e.name for e in judgement.results.entries]
    labels = np.frombuffer(base64.b64decode(data["labels"]), np.uint8)
    assert (labels == contest.dataset.test.labels.numpy()).all()
    for entry, told in zip(judgement.results.entries, data["entries"], strict=True):
        for key, run in zip(entry.run_keys, told["runs"], strict=True):
            said = np.frombuffer(base64.b64decode(run["predicted"]), np.uint8)
            assert (said == judgement.test_logits[key].argmax(1)).all()


def test_hostile_names_stay_text(nasty_report):
    page = Page(nasty_report / "report.html")
    assert_alone(page)
    assert len(page.scripts) == 2
    assert len(page.all("script")) == 2
    assert "boom()" not in page.scripts[1]
    assert page.data["classes"][:3] == list(NASTY[:3])
    assert NASTY[0] in page.text
    assert "\u202e" not in page.source
    for path in (nasty_report / "figures").glob("*.svg"):
        root = ET.parse(path).getroot()
        assert {t.tag.split("}")[1] for t in root.iter()} <= {"svg", "title", "desc", "rect", "path", "circle", "text"}
    for path in nasty_report.rglob("*"):
        assert re.fullmatch(r"[a-z0-9.-]+", path.name)


def test_hostile_names_in_tables_and_markdown(nasty_report):
    for path in (nasty_report / "tables").glob("*.csv"):
        for row in csv.reader(path.open()):
            assert not any(re.match(r"[=@+]|-[^0-9]", cell) for cell in row)
    claims = list(csv.DictReader((nasty_report / "tables" / "claims.csv").open()))
    assert len(claims) == 4
    text = (nasty_report / "report.md").read_text()
    assert "<script" not in text
    assert "](javascript" not in text.replace("\\](javascript", "")
    assert "evil.example" in text
    assert "://evil.example" not in text


def test_quick_runs_say_so(judged, tmp_path):
    contest, judgement = judged
    quick = Judgement(judgement.results.model_copy(update={"quick": True}), judgement.test_logits)
    page = Page(write_report(contest, quick, tmp_path))
    assert page.text.index("A shortened run.") < page.text.index(contest.question)
    assert "A shortened run." in (tmp_path / "report.md").read_text()


def test_full_runs_do_not_say_quick(page):
    assert "shortened run" not in page.text


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


def test_diverged_losses_do_not_flatten_the_others(tmp_path):
    from bakeoff.show.plot_curves import shared_scales

    dataset = make_dataset()
    good, bad = (make_run(tmp_path, dataset, seed=s) for s in range(2))
    rows = [
        {**row, "running_loss": 1e9, "train_loss": float("inf"), "validation_loss": float("nan")} for row in bad.curves
    ]
    runs = (good, replace(bad, curves=tuple(rows)))
    contest = Contest("s", "q?", dataset, (Contestant("e", runs),), tmp_path / "l")
    results = judge(make_contest(tmp_path / "other", {"e": 0.8})).results
    low, high = shared_scales(results, {"e": runs})["loss"]
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
