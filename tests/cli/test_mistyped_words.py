"""A mistake on the command line: exit code 2, one line on stderr with the nearest choice, nothing on stdout."""

from __future__ import annotations

import pytest
from squares import write_study

from bakeoff.errors import UsageError

MISTAKES = [
    # (words, what is said)
    ("pln", "No such command 'pln'. Did you mean 'plan'?; see `bakeoff --help`"),
    ("models lst", "No such command 'lst'. Did you mean 'list'?; see `bakeoff models --help`"),
    ("plan", "Missing argument 'study'; see `bakeoff plan --help`"),
    ("plan quickstart --seedz 2", "No such option: --seedz (Possible options: --seeds, --set); see `bakeoff plan"),
    ("run quickstart --quik", "No such option: --quik (Possible options: --quick); see `bakeoff run --help`"),
    ("run quickstart --seeds 0", "--seeds 0: expected a number from 1 to 1,000, or 3..20 to add"),
    ("run quickstart --seeds 9..3", "--seeds 9..3: expected more than min, which is 9, not 3"),
    ("plan quickstart --difference 0", "Invalid value for '--difference': "),
    ("run quickstart --workers many", "Invalid value for '--workers': "),
    ("run quickstart --workers 0", "Invalid value for '--workers': "),
    ("run quickstart --device cdua", "--device cdua: unknown device; did you mean 'cuda'?"),
    ("run quikstart", "quikstart: no such study file or packaged study; did you mean 'quickstart'?"),
    ("plan nowhere.yaml", "nowhere.yaml: no such study file or packaged study"),
    ("plan quickstart --entry cnn20", "--entry cnn20: study quickstart has no such entry; did you mean 'cnn-20k'?"),
    ("plan quickstart --set recipes.fst.lr=1", "--set recipes.fst.lr=1: recipes.fst: unknown key; did you mean"),
    ("plan quickstart --set epochs", "--set epochs: expected key.key=value"),
    ("models show cnn20k", "no study or entry 'cnn20k'; did you mean 'cnn-20k'?"),
    ("models show quikstart", "no study or entry 'quikstart'; did you mean 'quickstart'?"),
    ("models show quickstart:mlp46", "quickstart has no entry 'mlp46'; did you mean 'mlp-64'?"),
    ("models show nowhere.yaml", "nowhere.yaml: no such study file or packaged study"),
    ("models --json show quickstart", "write --json after the command: bakeoff models show ... --json"),
    ("data --json show fashion-mnist", "write --json after the command: bakeoff data show ... --json"),
    ("data show fashion-mnist --size 28", "fashion-mnist: size applies to folders of pictures only"),
    ("data show fashion-mnist --on-error skipp", "on_error: 'skipp' is unknown; did you mean 'skip'?"),
    ("compare a/b c/d --margin 2", "Invalid value for '--margin': Input should be less than or equal to 0.5; see"),
]


@pytest.mark.parametrize(("words", "said"), MISTAKES, ids=[words for words, _ in MISTAKES])
def test_one_line_says_what_is_wrong_and_the_nearest_choice(bakeoff, words, said):
    answer = bakeoff(*words.split())
    assert answer.err.startswith(f"error: {said}"), answer.err
    assert answer.err.count("\n") == 1
    assert (answer.code, answer.out) == (2, "")


def test_a_mistyped_architecture_in_a_study_is_named_with_file_and_line(bakeoff, data, tmp_path):
    file = write_study(tmp_path / "s.yaml", data, {"small": "{model: {mpl: {hidden: [12]}}, recipe: plain}"})
    answer = bakeoff("run", file, "--out", tmp_path / "out")
    assert answer.err == (
        f"error: {file}:9: entries.small.model.mpl: unknown architecture 'mpl'; did you mean 'mlp'?\n"
    )
    assert (answer.code, answer.out) == (2, "")
    assert not (tmp_path / "out").exists(), "a study that cannot be read leaves nothing behind"


def test_an_option_that_a_study_cannot_take_is_named_as_it_was_typed(bakeoff, study_file):
    answer = bakeoff("plan", study_file, "--set", "recipes.plain.epochs=many")
    assert answer.err == (
        "error: --set recipes.plain.epochs=many: recipes.plain.epochs: expected a whole number, not 'many'\n"
    )
    assert (answer.code, answer.out) == (2, "")


def test_a_mistyped_dataset_is_wrong_usage(bakeoff):
    answer = bakeoff("data", "show", "fashion-mnst")
    assert answer.err.startswith("error: unknown dataset 'fashion-mnst'; did you mean 'fashion-mnist'?")
    assert answer.out == ""
    assert answer.code == 2


def test_mistyped_entry_in_compare(bakeoff, trained):
    answer = bakeoff("compare", trained / "mpl", trained / "cnn")
    assert answer.err == f"error: {trained} has no finished entry 'mpl'; did you mean 'mlp'?\n"
    assert (answer.code, answer.out) == (2, "")


def test_no_words_at_all_print_the_help(bakeoff):
    answer = bakeoff()
    assert "Usage: bakeoff" in answer.out
    assert (answer.code, answer.err) == (2, "")


def test_debug_shows_where_an_error_came_from(bakeoff, monkeypatch):
    """The exception passes through `main`, so that Python prints its traceback."""
    monkeypatch.setenv("BAKEOFF_DEBUG", "1")
    with pytest.raises(UsageError, match="quikstart"):
        bakeoff("plan", "quikstart")
