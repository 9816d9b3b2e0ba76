"""Hostile names in all our pages, opened in headless Chromium: none may run, none may become markup."""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bakeoff.data import Dataset
from bakeoff.fleet import Event, Roster
from bakeoff.judge import judge
from bakeoff.judge.across import judge_across
from bakeoff.judge.audit import audit_data
from bakeoff.judge.claim_results import ClaimProblem, ClaimResult
from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.judge.findings.bk005_duplicates import duplicates
from bakeoff.judge.findings.bk023_left_out import left_out
from bakeoff.judge.findings.bk024_conflicts import conflicts
from bakeoff.judge.results import Results
from bakeoff.show import Heading, LivePage, write_report
from bakeoff.show.across_page import write_across
from bakeoff.show.audit_page import render_audit
from scripts.soak.hostile import Tried

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from synthetic import make_contest, make_dataset

RUN = "window.hit=1"
TEMPLATES = (
    "<script>{}</script>", "</script><script>{}</script>", "<img src=x onerror={}>", '"><img src=x onerror={}>',
    "'><svg onload={}>", "<svg><script>{}</script></svg>", "<iframe srcdoc='<script>parent.{}</script>'>",
    "</title><script>{}</script>", "</style><script>{}</script>", "</textarea><script>{}</script>",
    "<!--<script>{}</script>", "--><script>{}</script>", "]]><script>{}</script>", "<body onload={}>",
    "<details open ontoggle={}>x", "<input autofocus onfocus={}>", "<style onload={}>", "<a href=javascript:{}>x</a>",
    "javascript:{}", "{{{{{}}}}}", "{{% {} %}}", "${{{}}}", "`${{{}}}`", "';{};//", '";{};//', "\\';{};//",
    "\\u003cscript\\u003e{}", "&lt;script&gt;{}&lt;/script&gt;", "%3Cscript%3E{}", "\u2028{}//",
    "\0<script>{}</script>", "\u202e<script>{}</script>",
    "\x1b[31m\x1b]0;{}\x07", '=HYPERLINK("javascript:{}")', "=cmd|' /C {}'!A0", "@SUM({})",
    "![x](javascript:{})", "[x](javascript:{} 'y')", "<javascript:{}>", "\\input{{{}}}", "\\write18{{{}}}", "$${}$$",
    "../../{}", "__proto__ {}", "constructor", "toString", "<math><mtext></mtext><script>{}</script></math>",
    "<object data=javascript:{}>", "<embed src=javascript:{}>", "<form action=javascript:{}><button autofocus>",
)  # fmt: skip
A_PAGE, CLASSES, ENTRIES, CLAIMS = 50, 36, 4, 4


def names(count: int) -> list[str]:
    """Different hostile names."""
    turns = ("{}", "a{}", "{} b", "<b>{}", "{}\n", "{}'\"", "\t{}", "é{}", "{}&", "{}\\", "#{}", "-{}")
    made = (turn.replace("{}", template.format(RUN)) for turn, template in itertools.product(turns, TEMPLATES))
    return list(dict.fromkeys(made))[:count]


def hostile_pages(folder: Path, count: int) -> Tried:
    tried, given = Tried(), names(count)
    with _chromium(folder / "chromium") as browser:
        for start in range(0, len(given), A_PAGE):
            batch = given[start : start + A_PAGE]
            place = folder / f"page-{start}"
            place.mkdir()
            for page in _write(batch, place):
                _look(browser, page, tried)
            tried.count += len(batch)
    return tried


def _write(batch: list[str], folder: Path) -> list[Path]:
    """A report, a live page, one across datasets and one of an audit, with these names for classes, entries, claims,
    the study, datasets and files."""
    names = (batch * (A_PAGE // len(batch) + 1))[:A_PAGE]
    classes, entries, claims = names[:CLASSES], names[CLASSES : CLASSES + ENTRIES], names[CLASSES + ENTRIES :][:CLAIMS]
    name, question, source, licence, failure, evidence = names[-6:]
    made = make_contest(folder, {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6}, seeds=2, n=200)
    dataset = replace(make_dataset(200), classes=tuple(f"{i} {text}" for i, text in enumerate(classes[:4])))
    dataset = replace(dataset, name=name, source=source, licence=licence)
    contestants = tuple(
        Contestant(text, entry.runs, (failure,)) for text, entry in zip(entries, made.entries, strict=True)
    )
    contest = replace(made, study=name, question=question, dataset=dataset, entries=contestants)
    judgement = judge(contest)
    told = [
        ClaimResult(claim=text, source=text, reported=0.9, ours=0.8, verdict="not reached", evidence=evidence,
                    problems=[ClaimProblem(verdict="contradicts itself", evidence=text)])
        for text in (*claims, *classes)
    ]  # fmt: skip
    results = judgement.results.model_copy(update={"claims": told, "answer": question})
    report = write_report(contest, Judgement(results, judgement.test_logits), folder)
    live = _live(contest, [*entries, *classes], Heading(name, question, source, False), folder)
    return [report, live, _across(results, names, folder / "across"), _audit(dataset, names, folder)]


def _across(results: Results, names: list[str], folder: Path) -> Path:
    """The page over seven datasets, with their reports in folders of these names."""
    several = {}
    for i, name in enumerate(names[:7]):
        dataset = results.dataset.model_copy(update={"name": f"{i} {name}"})
        several[f"{i} {name}"] = results.model_copy(update={"dataset": dataset, "answer": name})
    return write_across(judge_across(several, names), folder)


def _audit(dataset: Dataset, names: list[str], folder: Path) -> Path:
    """The page of `data audit`: copies, one picture under two labels, files left out, all under these names."""
    train, test = dataset.train.images.clone(), dataset.test.images.clone()
    test[:4], train[5] = train[20:24], train[4]
    skipped = tuple(itertools.pairwise(names))
    changed = replace(
        dataset, train=replace(dataset.train, images=train), test=replace(dataset.test, images=test), skipped=skipped
    )
    told = audit_data(changed)
    findings = [left_out(told), duplicates(changed), conflicts(told)]
    page = folder / "audit.html"
    page.write_text(render_audit(told, findings, changed), encoding="utf-8", errors="replace")
    return page


def _live(contest: Contest, texts: list[str], heading: Heading, folder: Path) -> Path:
    jobs = [run.job for entry in contest.entries for run in entry.runs]
    with LivePage(folder, heading) as page:
        page.watch(Event("past", "", roster=Roster({text: [jobs[i % len(jobs)]] for i, text in enumerate(texts)}, [])))
        page.end("failed", texts[0])
    return folder / "live.html"


def _look(browser: Any, page: Path, tried: Tried) -> None:
    browser.get(page.as_uri())
    hit = browser.execute_async_script("setTimeout(() => arguments[0](window.hit || 0), 150)")
    handlers = browser.execute_script(
        "return [...document.querySelectorAll('*')].filter(e => [...e.attributes].some("
        "a => /^on/i.test(a.name) || /^\\s*javascript:/i.test(a.value) && /^(href|src|action|data|xlink:href)$/i"
        ".test(a.name))).length"
    )
    strange = browser.execute_script(
        "return document.querySelectorAll('iframe,object,embed,form,math,body body').length"
    )
    if hit or handlers or strange:
        tried.through.append(f"{page}: ran {hit}, handlers {handlers}, strange elements {strange}")


@contextmanager
def _chromium(profile: Path) -> Iterator[Any]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", f"--user-data-dir={profile}"):  # fmt: skip
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()
