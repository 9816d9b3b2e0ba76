"""The text of a small valid study."""

GOOD = """\
study: small
question: Which one?
data: fashion-mnist
split: {validation: 0.1}
seeds: 2
recipes:
  plain:
    optimizer: adam
    lr: 1e-3
    epochs: 4
entries:
  dense:
    model:
      mlp:
        hidden: [12, 8]
    recipe: plain
  conv: {model: {cnn: {channels: [4], kernel: 3}}, recipe: {from: plain, lr: 0.01}}
claims:
  - {entry: dense, metric: test_accuracy, reported: 0.88, n: 10000, source: "somebody, Table 1"}
  - {better: conv, than: dense, metric: test_accuracy, source: "somebody, Table 1"}
"""
