"""plan, status, report, compare and doctor in words."""

from __future__ import annotations

import json
import re
import shutil
import sys

import pytest

from bakeoff.errors import DataError


@pytest.mark.usefixtures("a_minute_a_pack")
def test_plan_of_a_fresh_study(bakeoff, study_file, tmp_path):
    answer = bakeoff("plan", study_file, "--out", tmp_path / "out", "--workers", "1")
    lines = answer.out.splitlines()
    assert (answer.code, answer.err) == (0, "")
    packs = int(re.fullmatch(r"squares: 6 trainings in (\d) packs; 0 done already", lines[0])[1])
    assert lines[1] == f"about {packs}.0 minutes on 1 worker, measured on a few steps of each kind"
    differences = {int(n): float(d) for n, d in re.findall(r"^ +(\d+) seeds: ([\d.]+) points$", answer.out, re.M)}
    assert list(differences) == [2, 3, 5, 10]
    assert list(differences.values()) == sorted(differences.values(), reverse=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("a_minute_a_pack")
def test_plan_takes_what_run_takes(bakeoff, study_file, tmp_path):
    words = ("--out", tmp_path / "out", "--entry", "mlp", "--entry", "cnn", "--seeds", "3", "--json")
    plan = json.loads(bakeoff("plan", study_file, *words).out)
    assert (plan["trainings"], set(plan["detectable"])) == (6, {"3", "5", "10"})
    short = json.loads(bakeoff("plan", study_file, *words, "--set", "recipes.plain.epochs=1").out)
    assert 0 < short["disk_mb"] < plan["disk_mb"], "fewer steps leave fewer losses"


@pytest.mark.usefixtures("a_minute_a_pack")
def test_plan_says_what_searches_would_train(bakeoff, study_file, tmp_path):
    file = tmp_path / "searched.yaml"
    search = "{entry: mlp, strategy: grid, folds: 3, over: {lr: [0.1, 0.01], dropout: [0.0, 0.5, 1.0]}}"
    file.write_text(study_file.read_text() + f"searches: {{it: {search}}}\n")
    lines = bakeoff("plan", file, "--out", tmp_path / "out").out.splitlines()
    start = lines.index("search it (grid): 6 points declared, 6 different trainings, 2 of them hopeless")
    assert lines[start + 1].endswith("pictures a fold  epochs  trainings  epochs in all  minutes")
    assert lines[start + 2].split() == ["4", "3", "all", "3", "12", "36", "1.0"]
    assert lines[start + 3] == "12 trainings of 36 epochs in all; about 1.0 minutes; 0.1 MB of disk"
    (search,) = json.loads(bakeoff("plan", file, "--out", tmp_path / "out", "--json").out)["searches"]
    assert (search["name"], search["declared"], search["different"], search["hopeless"]) == ("it", 6, 6, 2)
    assert search["stages"][0]["trainings"] == search["trainings"] == 12


def test_plan_of_a_finished_study_has_nothing_to_time(bakeoff, study_file, trained):
    answer = bakeoff("plan", study_file, "--out", trained)
    assert answer.out.startswith("squares: 0 trainings in 0 packs; 6 done already\n")
    assert "minutes" not in answer.out


@pytest.mark.usefixtures("undrawn")
def test_status_before_between_and_after(bakeoff, study_file, tmp_path):
    folder = tmp_path / "out"
    assert bakeoff("status", folder).code == 1
    bakeoff("run", study_file, "--out", folder, "--entry", "linear", "--seeds", "1")
    (folder / "study.yaml").write_text(study_file.read_text())
    (folder / "report.html").unlink()
    answer = bakeoff("status", folder)
    assert (answer.code, answer.err) == (0, "")
    header, *rows, last = [line.split() for line in answer.out.splitlines()]
    assert header == ["entry", "done", "missing", "begun"]
    assert rows == [["linear", "1", "1", "0"], ["mlp", "0", "2", "0"], ["cnn", "0", "2", "0"]]
    assert last == ["no", "report", "yet"]
    bakeoff("run", study_file, "--out", folder)
    lines = bakeoff("status", folder).out.splitlines()
    assert [line.split() for line in lines[1:4]] == [[name, "2", "0", "0"] for name in ("linear", "mlp", "cnn")]
    assert lines[-1] == f"report: {folder / 'report.html'}"


def test_report_draws_again_and_prints_the_path_alone(bakeoff, copied):
    (copied / "report.html").unlink()
    answer = bakeoff("report", copied)
    assert (answer.code, answer.out, answer.err) == (0, f"{copied / 'report.html'}\n", "")
    assert (copied / "report.html").exists()


def test_report_of_a_study_without_runs_says_what_to_type(bakeoff, copied):
    shutil.rmtree(copied / "runs")
    answer = bakeoff("report", copied)
    assert answer.err == f"error: {copied}: no finished run yet; run its study first\n"
    assert (answer.code, answer.out) == (1, "")


def test_compare_says_the_verdict_and_both_kinds_of_evidence(bakeoff, copied):
    answer = bakeoff("compare", copied / "mlp", copied / "linear", "--margin", "0.5")
    sentence, checkpoints, recipes = answer.out.splitlines()
    assert (answer.code, answer.err) == (0, "")
    assert "equivalent" in sentence
    assert checkpoints.startswith("these checkpoints (seed 0): ")
    assert recipes.startswith("these recipes: ")
    found = json.loads(bakeoff("compare", copied / "mlp", copied / "linear", "--margin", "0.5", "--json").out)
    assert [(pair["verdict"], pair["sentence"]) for pair in found["pairs"]] == [("equivalent", sentence)]
    assert found["report"] is None


def test_compare_of_the_same_runs_is_wrong_usage(bakeoff, trained):
    answer = bakeoff("compare", trained / "mlp", trained / "mlp")
    assert answer.err == f"error: {trained / 'mlp'} and {trained / 'mlp'} are the same runs\n"
    assert (answer.code, answer.out) == (2, "")


def test_doctor_checks_the_machine_and_a_study(bakeoff, trained):
    checks = [line.split(maxsplit=2) for line in bakeoff("doctor").out.splitlines()]
    assert [name for _, name, _ in checks] == ["versions:", "devices:", "workers:", "disk:", "data:"]
    assert {status for status, *_ in checks} <= {"ok", "warning"}
    last = bakeoff("doctor", trained).out.splitlines()[-1]
    assert last == f"ok      runs: 6 runs in {trained}, all as their manifests say"


def test_doctor_is_1_when_the_carried_data_is_damaged(bakeoff, monkeypatch):
    def damaged(_name):
        raise DataError("t10k-images: SHA-256 differs")

    monkeypatch.setattr(sys.modules["bakeoff.api.doctor"], "load_dataset", damaged)
    answer = bakeoff("doctor")
    assert answer.code == 1
    assert "failed  data: t10k-images: SHA-256 differs\n" in answer.out


def test_doctor_warns_of_a_study_without_runs(bakeoff, copied):
    shutil.rmtree(copied / "runs")
    answer = bakeoff("doctor", copied, "--json")
    assert answer.code == 0
    assert json.loads(answer.out)[-1] == {"name": "runs", "status": "warning", "said": f"{copied} holds no runs"}
