"""The written report: structure, self-containment, hostile names, unusual contests."""

import base64
import csv
import hashlib
import re
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
import torch
from hostile_names import NASTY
from page_reader import Page, assert_alone
from PIL import Image

from bakeoff.judge.contest import Judgement
from bakeoff.show import write_report

SECTIONS = [
    "ranking",
    "verdicts",
    "size-and-speed",
    "fairness",
    "curves",
    "confusions",
    "mistakes",
    "classes",
    "calibration",
    "models",
    "data",
    "findings",
]
SECTIONS += ["methods", "looks", "runs"]


@pytest.fixture(scope="module")
def page(report) -> Page:
    return Page(report / "report.html")


@pytest.fixture(scope="module")
def nasty_report(nasty, tmp_path_factory):
    return write_report(*nasty, tmp_path_factory.mktemp("nasty-report")).parent


def test_page_stands_alone(page):
    assert_alone(page)


def test_sections_are_in_order_and_in_the_contents(page):
    assert [a["id"] for a in page.all("section")] == SECTIONS
    linked = [a["href"][1:] for a in page.all("a") if a["href"][1:] in SECTIONS]
    assert list(dict.fromkeys(linked)) == SECTIONS


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
    once, timed = 4, 2 + 3  # ranking, parameters, seconds, calibration; all entries, steps, each entry
    assert len(drawings) == len(page.all("svg")) == 2 * (once + 2 * timed)
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
        assert all(key in page.text for key in e.run_keys)
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
    named = ("ranking", "pairs", "classes", "confusions", "cost", "calibration", "received", "sizes", "equal-seconds")
    assert tables == {f"{t}.{e}" for t in named for e in ("csv", "tex")}
    figures = {p.stem for p in (report / "figures").iterdir()}
    names = [f"{e.rank}-{e.name}" for e in judged[1].results.entries]
    whole = {"ranking", "parameters", "seconds", "calibration", "curves", "curves-seconds", "steps", "steps-seconds"}
    assert figures == whole | {stem for n in names for stem in (f"curves-{n}", f"curves-{n}-seconds", f"confusion-{n}")}
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
    assert len(links) == 4 + 2 + 2 + 3 + 3 + 1
    assert all((report / link).is_file() for link in links)


def test_embedded_predictions_are_the_runs(page, judged):
    contest, judgement = judged
    data = page.data
    assert [e["name"] for e in data["entries"]] == [e.name for e in judgement.results.entries]
    assert [e["seeds"] for e in data["entries"]] == [e.seeds for e in judgement.results.entries]
    raw = np.frombuffer(zlib.decompress(base64.b64decode(data["packed"])), np.uint8).reshape(-1, data["examples"])
    labels, answers, sure = raw[0].astype(int), raw[1:10], raw[10:]
    assert (labels == contest.dataset.test.labels.numpy()).all()
    keys = [(entry.name, key) for entry in judgement.results.entries for key in entry.run_keys]
    assert len(answers) == len(sure) == len(keys) == 9
    for key, code, certain in zip(keys, answers, sure, strict=True):
        logits = torch.from_numpy(judgement.test_logits[key]).double()
        assert ((labels + code) % 4 == logits.argmax(1).numpy()).all()
        assert np.abs(certain / 255 - torch.softmax(logits, 1).max(1).values.numpy()).max() <= 0.5 / 255 + 1e-9


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
    assert {claim["verdict"] for claim in claims} == {"not reached; contradicts itself"}
    assert all(claim["problems"].startswith("contradicts itself: ") for claim in claims)
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
