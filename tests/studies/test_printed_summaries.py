"""Layer by layer against what the reports print: output shapes and weights, as Keras counts them."""

from __future__ import annotations

from bakeoff.api import ModelSheet

Row = tuple[tuple[int, ...], int]


def keras_rows(sheet: ModelSheet) -> list[Row]:
    """(output shape, channels last; weights, running statistics included) of every layer that has any."""
    rows = []
    for layer in sheet.layers:
        c, *sides = layer.output_shape
        weights = layer.parameters * (2 if layer.kind == "batch norm" else 1)
        if weights:
            rows.append(((*sides, c), weights))
    return rows


def flat(*rows: tuple[int, int]) -> list[Row]:
    return [((width,), weights) for width, weights in rows]


def test_report_a_table_7(systems):
    assert keras_rows(systems["A1"]) == flat((300, 235500), (300, 90300), (200, 60200), (100, 20100), (10, 1010))


def test_report_a_table_8(systems):
    assert keras_rows(systems["A2"]) == flat(
        (784, 3136), (300, 235500), (300, 1200), (250, 75250), (250, 1000), (150, 37650), (150, 600), (100, 15100),
        (100, 400), (10, 1010),
    )  # fmt: skip
    kinds = [layer.kind for layer in systems["A2"].layers if layer.kind not in ("flatten", "relu")]
    assert kinds == ["batch norm", "dropout 0.2", *["dense", "batch norm", "dropout 0.2"] * 4, "dense"]


def test_report_a_table_9(systems):
    assert keras_rows(systems["A3"]) == flat(
        (300, 235500), (250, 75250), (150, 37650), (50, 7550), (50, 200), (300, 15300), (300, 1200), (250, 75250),
        (250, 1000), (100, 25100), (100, 400), (100, 10100), (10, 1010),
    )  # fmt: skip


def test_report_a_figure_3(systems):
    rows = keras_rows(systems["A5"])
    unit = [weights for _, weights in rows[2:-2]]
    assert [weights for _, weights in rows[:2]] == [9408, 256]
    assert (len(unit), sum(unit)) == (4, 74240)
    assert rows[-2:] == flat((1000, 65000), (100, 100100))
    sizes = [layer.output_shape for layer in systems["A5"].layers if layer.kind.startswith(("conv", "max pool"))]
    assert sizes == [[64, 16, 16], [64, 8, 8], [64, 8, 8], [64, 8, 8]]


def test_report_a_figure_4(systems):
    """Frozen Xception: 2,048 features behind a picture of 224 x 224 pixels."""
    (backbone, dropout, dense) = systems["A6"].layers
    assert backbone.output_shape == [2048]
    assert dropout.kind == "dropout 0.5"
    assert (dense.output_shape, dense.parameters) == ([100], 204900)
    assert systems["A6"].keras_total - systems["A6"].trainable == 20_861_480


def test_report_a_figure_5(systems):
    assert keras_rows(systems["A8"]) == [
        ((30, 30, 32), 896), ((30, 30, 32), 128), ((13, 13, 64), 18496), ((13, 13, 64), 256), ((4, 4, 128), 73856),
        ((4, 4, 128), 512), ((100,), 12900),
    ]  # fmt: skip
    pools = [layer.output_shape for layer in systems["A8"].layers if layer.kind.startswith("max pool")]
    assert pools == [[32, 15, 15], [64, 6, 6], [128, 1, 1]]


def test_report_b_section_421(systems):
    """Its list, word for word, between the activations."""
    kinds = [layer.kind for layer in systems["B4"].layers if layer.kind not in ("relu", "flatten")]
    convolution = ["conv 3x3", "batch norm"]
    pooled = ["max pool 2x2", "dropout 0.25"]
    hidden = ["dense", "batch norm", "dropout 0.5", "dense"]
    assert kinds == [*convolution, *pooled, *convolution * 2, *pooled, *convolution * 2, *pooled, *hidden]
    channels = [layer.output_shape[0] for layer in systems["B4"].layers if layer.kind in ("conv 3x3", "dense")]
    assert channels == [32, 64, 64, 128, 128, 1024, 100]


def test_report_b_section_43(systems):
    kinds = [layer.kind for layer in systems["B5"].layers]
    blocks = [layer.output_shape for layer in systems["B5"].layers if layer.kind == "sum with shortcut"]
    assert (kinds[0], kinds.count("max pool 3x3 stride 2")) == ("conv 7x7", 1)
    assert blocks == [[64, 16, 16]] * 3 + [[128, 8, 8]] * 4 + [[256, 4, 4]] * 6 + [[512, 2, 2]] * 3
    assert kinds[-2:] == ["global average pool", "dense"]


def test_report_c_kernels(systems):
    """Its quotation of the AlexNet paper: kernels of 11 x 11 x 3, 5 x 5 x 48, 3 x 3 x 256, 3 x 3 x 192, 3 x 3 x 192."""
    formulas = [layer.formula.split(" = ")[0] for layer in systems["C1"].layers if layer.parameters]
    assert formulas == [
        "[3 x (11 x 11) + 1] x 96",
        "[48 x (5 x 5) + 1] x 256",
        "[256 x (3 x 3) + 1] x 384",
        "[192 x (3 x 3) + 1] x 384",
        "[192 x (3 x 3) + 1] x 256",
        "[9216 + 1] x 4096",
        "[4096 + 1] x 4096",
        "[4096 + 1] x 100",
    ]
    assert [layer.kind for layer in systems["C1"].layers].count("local response norm over 5 channels") == 2


def test_report_e_table_1(systems):
    for system in ("E4", "E4-sigmoid"):
        assert [weights for _, weights in keras_rows(systems[system])] == [896, 18496, 36928, 65600, 650]
    kinds = [layer.kind for layer in systems["E4"].layers]
    assert kinds == ["conv 3x3", "max pool 2x2"] * 3 + ["flatten", "dense", "sigmoid", "dense"]
    assert [layer.kind for layer in systems["E4-sigmoid"].layers].count("sigmoid") == 4
