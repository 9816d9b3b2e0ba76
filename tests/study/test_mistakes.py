"""Every mistake in a study file ends in one line: file, line, key, what was expected, the nearest choice."""

from __future__ import annotations

import pytest

MISTAKES = [
    # (what stands in the good file, what is written instead, what is said after "s.yaml:")
    ("optimizer: adam", "optimzer: adam", "8: recipes.plain.optimzer: unknown key; did you mean 'optimizer'?"),
    (
        "optimizer: adam",
        "optimizer: adamm",
        "8: recipes.plain.optimizer: expected 'adam', 'adamw', 'sgd' or 'rmsprop', not 'adamm'; did you mean 'adam'?",
    ),
    ("lr: 1e-3", "lr: fast", "9: recipes.plain.lr: expected a number, not 'fast'"),
    ("lr: 1e-3", "lr: -1", "9: recipes.plain.lr: expected greater than 0, not -1"),
    ("lr: 1e-3", "lr: yes", "9: recipes.plain.lr: expected a number, not true"),
    ("lr: 1e-3", "lr: .inf", "9: recipes.plain.lr: expected a finite number, not .inf"),
    ("lr: 1e-3", "lr: 'inf'", "9: recipes.plain.lr: expected a finite number, not 'inf'"),
    ("lr: 1e-3", "lr:", "9: recipes.plain.lr: expected a number, not None"),
    ("epochs: 4", "epochs: 4.5", "10: recipes.plain.epochs: expected a whole number, not 4.5"),
    ("epochs: 4", "epochs: -1", "10: recipes.plain.epochs: expected greater than or equal to 0, not -1"),
    ("epochs: 4", "momentum: 0.9", "10: recipes.plain.momentum: adam does not use it; it belongs to sgd, rmsprop"),
    (
        "recipe: {from: plain, lr: 0.01}",
        "recipe: {from: plain, alpha: 0.9}",
        "17: entries.conv.recipe.alpha: adam does not use it; it belongs to rmsprop",
    ),
    (
        "epochs: 4",
        "schedule: {cosine: {every: 4}}",
        "10: recipes.plain.schedule.cosine.every: cosine does not use it; it belongs to step",
    ),
    (
        "epochs: 4",
        "schedule: {kind: time, factor: 0.5}",
        "10: recipes.plain.schedule.factor: time does not use it; it belongs to step, exponential",
    ),
    (
        "model: {cnn: {channels: [4], kernel: 3}}",
        "model: {pretrained: {size: 32, weights: start}}",
        "17: entries.conv.model: weights: start goes with `start`; write imagenet or none",
    ),
    ("epochs: 4", "betas: [0.9, 1.0]", "10: recipes.plain.betas.1: expected less than 1, not 1.0"),
    ("epochs: 4", "betas: [-0.1, 0.9]", "10: recipes.plain.betas.0: expected greater than or equal to 0, not -0.1"),
    ("epochs: 4", "nesterov: true", "7: recipes.plain: nesterov needs momentum above 0"),
    ("epochs: 4", "from: plan", "10: recipes.plain.from: unknown recipe 'plan'; did you mean 'plain'?"),
    ("epochs: 4", "from: [plain]", "10: recipes.plain.from: unknown recipe ['plain']; did you mean 'plain'?"),
    ("epochs: 4", "from: plain", "10: recipes.plain.from: recipe 'plain' builds on itself"),
    (
        "epochs: 4",
        "stop: {patiense: 3}",
        "10: recipes.plain.stop.patiense: unknown key; did you mean 'patience'?",
    ),
    (
        "epochs: 4",
        "schedule: linear",
        "10: recipes.plain.schedule: expected 'constant', 'step', 'cosine', 'one_cycle', 'time' or "
        "'exponential', not 'linear'",
    ),
    (
        "recipe: plain\n",
        "recipe: plian\n",
        "16: entries.dense.recipe: unknown recipe 'plian'; did you mean 'plain'?",
    ),
    (
        "recipe: {from: plain, lr: 0.01}",
        "recipe: {from: plain, lr: 0}",
        "17: entries.conv.recipe.lr: expected greater than 0, not 0",
    ),
    (
        "    model:\n      mlp:\n        hidden: [12, 8]\n",
        "",
        "12: entries.dense.model: this key is needed",
    ),
    ("      mlp:", "      mpl:", "14: entries.dense.model.mpl: unknown architecture 'mpl'; did you mean 'mlp'?"),
    (
        "hidden: [12, 8]",
        "hiden: [12, 8]",
        "15: entries.dense.model.mlp.hiden: unknown key; did you mean 'hidden'?",
    ),
    (
        "hidden: [12, 8]",
        "hidden: [12, x]",
        "15: entries.dense.model.mlp.hidden.1: expected a whole number, not 'x'",
    ),
    ("hidden: [12, 8]", "hidden: [12, on]", "15: entries.dense.model.mlp.hidden.1: expected a number, not true"),
    (
        "hidden: [12, 8]",
        "budget: -5",
        "15: entries.dense.model.mlp.budget: expected greater than or equal to 1, not -5",
    ),
    ("hidden: [12, 8]", "activation: relu", "14: entries.dense.model.mlp: give either hidden or budget"),
    (
        "{cnn: {channels: [4], kernel: 3}}",
        "{cnn: {}, mlp: {}}",
        "17: entries.conv.model: expected one architecture",
    ),
    ("seeds: 2", "seeds: 0", "5: seeds: expected how many seeds, from 1, a list of them, or {min: 3, max: 20}, not 0"),
    (
        "seeds: 2",
        "seeds: -1",
        "5: seeds: expected how many seeds, from 1, a list of them, or {min: 3, max: 20}, not -1",
    ),
    (
        "seeds: 2",
        "seeds: []",
        "5: seeds: expected how many seeds, from 1, a list of them, or {min: 3, max: 20}, not []",
    ),
    (
        "seeds: 2",
        "seeds: yes",
        "5: seeds: expected how many seeds, from 1, a list of them, or {min: 3, max: 20}, not True",
    ),
    ("seeds: 2", "seeds: [4, 7, 4]", "5: seeds: seed 4 stands twice"),
    ("seeds: 2", "seeds: [4, -7]", "5: seeds.1: expected greater than or equal to 0, not -7"),
    ("seeds: 2", "seeds: {min: 3}", "5: seeds.max: this key is needed"),
    ("seeds: 2", "seeds: {min: 5, max: 5}", "5: seeds.max: expected more than min, which is 5, not 5"),
    ("seeds: 2", "seeds: {min: 1, max: 5}", "5: seeds.min: expected greater than or equal to 2, not 1"),
    ("seeds: 2", "seeds: {min: 3, max: 5, untl: decided}", "5: seeds.untl: unknown key; did you mean 'until'?"),
    ("seeds: 2", "seeds: {min: 3, max: 5, until: tired}", "5: seeds.until: expected 'decided', not 'tired'"),
    ("seeds: 2", "seeds: {min: 3, max: 5000}", "5: seeds.max: expected less than or equal to 1000, not 5000"),
    ("seeds: 2", "seeds: 1000000000000", "5: seeds: at most 1,000 seeds"),
    (
        "validation: 0.1",
        "validation: 1.5",
        "4: split: validation: expected a share below 1 or a whole number, not 1.5",
    ),
    ("validation: 0.1", "validation: lots", "4: split.validation: expected a whole number, not 'lots'"),
    ("validation: 0.1", "validaton: 0.1", "4: split.validaton: unknown key; did you mean 'validation'?"),
    (
        "data: fashion-mnist",
        "data: {size: 32}",
        "3: data: give one of name (of a known dataset), folder or path",
    ),
    ("data: fashion-mnist", "data: {folder: x, sice: 32}", "3: data.sice: unknown key; did you mean 'size'?"),
    ("data: fashion-mnist\n", "", "1: data: this key is needed"),
    ("data: fashion-mnist", "dota: fashion-mnist", "3: dota: unknown key; did you mean 'data'?"),
    ("data: fashion-mnist", "pictures: fashion-mnist", "1: data: this key is needed"),
    ("    model:\n      mlp:", "    modle:\n      mlp:", "13: entries.dense.modle: unknown key; did you mean 'model'?"),
    ("seeds: 2", "seeds: {min: 3, mx: 5}", "5: seeds.mx: unknown key; did you mean 'max'?"),
    ("study: small", "study: ../small", "1: study: a name is up to 80 letters"),
    ("study: small", "studdy: small\nstudy: small", "1: studdy: unknown key; did you mean 'study'?"),
    ("  dense:\n", "  a/b:\n", "12: entries.a/b: a name is up to 80 letters"),
    (
        "metric: test_accuracy, rep",
        "metric: accuracy, rep",
        "19: claims.0.metric: unknown metric 'accuracy'; did you",
    ),
    (
        "reported: 0.88",
        "reported: 88",
        "19: claims.0.reported: expected a share from 0 to 1, not 88.0; 88.0% is 0.88",
    ),
    ("{entry: dense", "{entry: dens", "19: claims.0.entry: unknown entry 'dens'; did you mean 'dense'?"),
    ("reported: 0.88, ", "", "19: claims.0: a claim about one entry needs reported"),
    ("n: 10000", "n: 0", "19: claims.0.n: expected how many images it was measured on, from 1, not 0"),
    ("than: dense", "then: dense", "20: claims.1.then: unknown key; did you mean 'than'?"),
    (", than: dense", "", "20: claims.1.better: better needs `than`: the entry it is compared with"),
    ("than: dense", "than: conv", "20: claims.1.than: 'conv' is compared with itself"),
    (
        "{better: conv",
        "{faster: dense, better: conv",
        "20: claims.1.faster: one claim cannot hold both better and faster",
    ),
    ("claims:", "weights: none\nclaims:", "18: weights: every run keeps its weights in this version"),
    (
        "claims:",
        "searches: {grid: {strategy: gird, entry: dense}}\nclaims:",
        "18: searches.grid.strategy: expected 'grid', 'random', 'list', 'halving', 'hyperband', 'tpe' or 'refine'",
    ),
    ("claims:", "margin: 2\nclaims:", "18: margin: expected less than 1, not 2"),
    ("claims:", "quick: {epoch: 1}\nclaims:", "18: quick.epoch: unknown key; did you mean 'epochs'?"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES, ids=[said[:60] for *_, said in MISTAKES])
def test_one_line_says_where_and_what(complaint_about, old, new, said):
    found = complaint_about(old, new)
    assert found.startswith(f"s.yaml:{said}"), found


def test_a_recipe_that_nothing_uses_is_checked_too(complaint):
    text = "study: s\ndata: d\nrecipes:\n  a: {lr: 0.1}\n  b: {lr: x}\nentries:\n  e: {model: linear, recipe: a}\n"
    assert complaint(text) == "s.yaml:5: recipes.b.lr: expected a number, not 'x'"


def test_a_mistake_inherited_from_another_recipe_is_named_where_it_stands(complaint):
    text = (
        "study: s\ndata: d\nrecipes:\n  z:\n    lr: 0.1\n    dropout: 7\n"
        "entries:\n  e: {model: linear, recipe: {from: z, epochs: 2}}\n"
    )
    assert complaint(text).startswith("s.yaml:6: recipes.z.dropout: ")


def test_recipe_in_a_study_without_recipes(complaint):
    text = "study: s\ndata: d\nentries:\n  e: {model: linear, recipe: fast}\n"
    assert complaint(text) == "s.yaml:4: entries.e.recipe: unknown recipe 'fast'; the study defines no recipes"


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- b\n", "just words\n"])
def test_a_file_that_is_no_mapping(complaint, text):
    assert complaint(text) == "s.yaml: a study file holds key: value pairs; `bakeoff init` writes one"
