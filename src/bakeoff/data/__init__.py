"""Datasets, splits, augmentation and normalisation: everything between a file and a batch."""

from bakeoff.data.arrays import as_pictures, from_arrays
from bakeoff.data.augment import augment
from bakeoff.data.catalog import Description, describe, load_dataset
from bakeoff.data.dataset import Dataset, Examples
from bakeoff.data.export import export_pictures
from bakeoff.data.home import data_home
from bakeoff.data.normalise import Normaliser, normaliser
from bakeoff.data.splits import Split, folds, load_split, make_split, save_split, take_subset

__all__ = [
    "Dataset",
    "Description",
    "Examples",
    "Normaliser",
    "Split",
    "as_pictures",
    "augment",
    "data_home",
    "describe",
    "export_pictures",
    "folds",
    "from_arrays",
    "load_dataset",
    "load_split",
    "make_split",
    "normaliser",
    "save_split",
    "take_subset",
]
