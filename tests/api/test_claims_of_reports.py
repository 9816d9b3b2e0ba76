"""What does not add up in the five reports: `bakeoff claims` states each by itself, with nothing trained."""

from __future__ import annotations

import pytest

from bakeoff.api import study_claims

WRONG = [
    # study, words of the claim, verdict, words of the evidence
    ("a-grid", "different networks and trainings", "does not follow", "= 29,700"),
    ("a-grid", "the four initialisers that it names", "does not follow", "= 151,200"),
    ("a-grid", "in more than six hours", "does not follow", "26 a second"),
    ("a-grid", "dropout rate of 1.0", "does not follow", "nothing can be learned"),
    ("a-grid", "winner: validation accuracy", "does not follow", "the set that the choice was made on"),
    ("a-searches", "more than six hours for the grid search", "contradicts itself", "0.04 s each"),
    ("a-refine", "carried has 407,110 weights", "does not follow", "356,460"),
    ("b-shapes", "across each of the 10 labels", "contradicts itself", "46%"),
    ("b-shapes", "rectangle is better than hexagon in width", "contradicts itself", "hexagon the same"),
    ("b-shapes", "rectangle: validation accuracy 88.20%", "contradicts itself", "one interval"),
    ("b-cifar100", "b5 is faster than b4", "contradicts itself", "the opposite"),
    ("b-cifar100", "b4: validation accuracy 53.50%", "contradicts itself", "52.52%"),
    ("b-cifar100", "645,412", "does not follow", "2,484,196"),
    ("b-cifar100", "pictures a class", "does not follow", "= 600"),
    ("c-alexnet", "training time 26 min", "contradicts itself", "2,054.2 s"),
    ("c-alexnet", "validation accuracy 71.92%", "contradicts itself", "test accuracy"),
    ("d-fcn-vs-cnn", "fcn-100k: test accuracy 88.35%", "does not follow", "the set that the choice was made on"),
    ("e-cifar10", "a rate of 0.017", "does not follow", "0.0014"),
    ("e-cifar10", "decay of the rate by 5%", "contradicts itself", "0.92"),
    ("e-cifar10", "convolutions with a sigmoid", "contradicts itself", "listing 9"),
    ("e-cifar10", "test accuracy 36,928", "does not follow", "number of weights of layer"),
    ("e-cifar10", "two-layer has fewer weights than cnn", "does not follow", "616,610 against 122,570"),
    ("e-cifar10", "by the sum of W", "contradicts itself", "the gradient"),
    ("e-cifar10", "subtracts reg x W", "contradicts itself", "without the rate"),
    ("e-cifar10", "gradients of W1 and W2", "contradicts itself", "listing 7"),
    ("e-cifar10", "shuffling in each epoch", "does not follow", "one step an epoch"),
    ("e-cifar10", "training loss of the CNN", "does not follow", "losses of two kinds"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, str, str]]]:
    """(claim, verdict, evidence) of all that is wrong, by study."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("nothing trained"))
        reports = {name: study_claims(name).claims for name in dict.fromkeys(name for name, *_ in WRONG)}
    return {
        name: [(c.claim, said.verdict, said.evidence) for c in claims for said in (c, *c.problems)]
        for name, claims in reports.items()
    }


@pytest.mark.parametrize(("study", "claim", "verdict", "evidence"), WRONG)
def test_it_is_stated(told, study: str, claim: str, verdict: str, evidence: str) -> None:
    about = [(found, why) for what, found, why in told[study] if claim in what]
    assert any(found == verdict and evidence in why for found, why in about), about
