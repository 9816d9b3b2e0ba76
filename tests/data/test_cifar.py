"""CIFAR in both official layouts, whole and broken."""

import numpy as np
import pytest
from cifar_copies import COARSE, FINE, NAMES10, archive, cifar10, cifar100, dump

from bakeoff.data import cifar_files as files_module
from bakeoff.data import describe, load_dataset
from bakeoff.data.cifar import TAKEN
from bakeoff.errors import DataError, UsageError

LAYOUTS = ["binary", "python"]
FOLDER = {"binary": "cifar-10-batches-bin", "python": "cifar-10-batches-py"}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_cifar10_is_what_was_written(tmp_path, layout):
    told = cifar10(tmp_path / FOLDER[layout], layout)
    dataset = load_dataset("cifar10", data_dir=tmp_path, called="copy10")
    assert (dataset.name, dataset.classes, dataset.shape) == ("copy10", tuple(NAMES10), (3, 32, 32))
    batches = [told[f"data_batch_{i}"] for i in range(1, 6)]
    assert np.array_equal(dataset.train.images.numpy(), np.concatenate([images for images, _ in batches]))
    assert np.array_equal(dataset.train.labels.numpy(), np.concatenate([labels for _, labels in batches]))
    assert np.array_equal(dataset.test.images.numpy(), told["test_batch"][0])
    assert np.array_equal(dataset.test.labels.numpy(), told["test_batch"][1])


def test_layouts_folder_and_archive_hold_the_same(tmp_path):
    found = []
    for layout in LAYOUTS:
        folder = tmp_path / layout / FOLDER[layout]
        cifar10(folder, layout)
        named = tmp_path / f"{layout}.tar.gz"
        found += [load_dataset("cifar10", data_dir=place) for place in (folder, folder.parent, archive(named, folder))]
    assert len({dataset.fingerprint for dataset in found}) == 1
    assert {dataset.name for dataset in found} == {"cifar10-unverified"}


def test_an_archive_lying_in_the_folder_is_found(tmp_path):
    cifar10(tmp_path / "made", "python")
    archive(tmp_path / "cifar-10-python.tar.gz", tmp_path / "made")
    assert len(load_dataset("cifar10", data_dir=tmp_path).train) == 100


@pytest.mark.parametrize("layout", LAYOUTS)
def test_cifar100_keeps_fine_and_coarse_labels(tmp_path, layout):
    above = cifar100(tmp_path, layout)
    fine = load_dataset("cifar100", data_dir=tmp_path, called="tiny100")
    coarse = load_dataset("cifar100-coarse", data_dir=tmp_path, called="tiny100")
    assert (fine.classes, coarse.classes) == (tuple(FINE), tuple(COARSE))
    assert fine.superclasses == tuple(COARSE[i] for i in above)
    assert np.array_equal(coarse.train.labels.numpy(), above[fine.train.labels.numpy()])
    assert (fine.name, coarse.name, coarse.superclasses) == ("tiny100", "tiny100-coarse", ())


def test_no_superclasses_where_a_class_has_two(tmp_path):
    cifar100(tmp_path, "binary", superclass_of=np.arange(200) // 100)
    assert load_dataset("cifar100", data_dir=tmp_path).superclasses == ()


def test_only_published_sums_make_the_name(tmp_path, monkeypatch):
    cifar10(tmp_path, "python")
    with pytest.raises(UsageError, match="has other sums than the official CIFAR-10; it cannot be called 'cifar10'"):
        load_dataset("cifar10", data_dir=tmp_path, called="cifar10")
    copy = load_dataset("cifar10", data_dir=tmp_path, called="mine")
    assert copy.source.endswith("has other sums than the official CIFAR-10")
    assert (copy.official, copy.licence) == (False, "unknown")
    sums = {p.name: files_module.hashlib.md5(p.read_bytes()).hexdigest() for p in tmp_path.iterdir()}
    monkeypatch.setattr(files_module, "MD5", sums)
    (tmp_path / "another file").touch()  # so that it is read again
    official = load_dataset("cifar10", data_dir=tmp_path)
    assert official.name == "cifar10"
    assert "sums as published" in official.source
    assert official.official
    assert "Krizhevsky 2009" in official.licence


@pytest.mark.parametrize(
    "name",
    ["fashion-mnist", "cifar10", "CIFAR10", "cifar10 ", "CIFAR-10", "cifar_100", "cifar100-coarse", "cifar100-fine",
     "\uff43ifar10"],
)  # fmt: skip
@pytest.mark.parametrize("dataset", ["cifar100", "cifar100-coarse"])
def test_a_copy_takes_no_official_name(tmp_path, dataset, name):
    cifar100(tmp_path, "binary")
    with pytest.raises(UsageError, match="which is the name of an official dataset"):
        load_dataset(dataset, data_dir=tmp_path, called=name)


def test_every_official_name_is_taken():
    assert {"".join(filter(str.isalnum, known.name)) for known in describe()} <= TAKEN


@pytest.mark.parametrize("name", ["", " ", "--"])
def test_a_copys_name_is_not_empty(tmp_path, name):
    cifar10(tmp_path, "binary")
    with pytest.raises(UsageError, match="no letter or digit"):
        load_dataset("cifar10", data_dir=tmp_path, called=name)


def test_nobody_knows_whether_unpacked_binary_files_are_official(tmp_path):
    """No sums of single ones are published, so nothing is said against them."""
    cifar10(tmp_path / "folder", "binary")
    found = load_dataset("cifar10", data_dir=tmp_path / "folder")
    assert not found.official
    assert "could not be verified" in found.source
    assert "other sums" not in found.source
    packed = load_dataset("cifar10", data_dir=archive(tmp_path / "a.tar.gz", tmp_path / "folder"))
    assert packed.source.endswith("has other sums than the official CIFAR-10")


def test_an_official_copy_goes_before_one_that_nobody_can_verify(tmp_path, monkeypatch):
    for layout in LAYOUTS:
        cifar10(tmp_path / FOLDER[layout], layout)
    assert load_dataset("cifar10", data_dir=tmp_path).source.count(FOLDER["binary"])
    python = tmp_path / FOLDER["python"]
    sums = {path.name: files_module.hashlib.md5(path.read_bytes()).hexdigest() for path in python.iterdir()}
    monkeypatch.setattr(files_module, "MD5", sums)
    (tmp_path / "elsewhere").touch()  # another signature
    assert load_dataset("cifar10", data_dir=tmp_path).name == "cifar10"


def test_a_damaged_archive_beside_a_whole_copy_is_no_matter(tmp_path):
    cifar10(tmp_path / FOLDER["binary"], "binary")
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(b"half a download")
    assert load_dataset("cifar10", data_dir=tmp_path).name == "cifar10-unverified"


def test_an_official_archive_is_known_by_its_sum(tmp_path, monkeypatch):
    cifar10(tmp_path / "made", "binary")
    path = archive(tmp_path / "renamed.tgz", tmp_path / "made")
    assert load_dataset("cifar10", data_dir=path).name == "cifar10-unverified"
    digest = files_module.hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(files_module.ARCHIVES["cifar10"], "cifar-10-binary.tar.gz", digest)
    path.touch()
    assert load_dataset("cifar10", data_dir=path).name == "cifar10"


@pytest.mark.parametrize(
    ("layout", "spoil", "words"),
    [
        ("binary", lambda f: (f / "test_batch.bin").unlink(), "test_batch.bin is missing"),
        ("binary", lambda f: (f / "data_batch_3.bin").write_bytes(b"x" * 100), "data_batch_3.bin: 100 bytes are not"),
        ("binary", lambda f: (f / "test_batch.bin").write_bytes(b""), "test_batch.bin: 0 bytes are not"),
        ("binary", lambda f: (f / "data_batch_1.bin").write_bytes(b"\x0b" + bytes(3072)), "labels run from 0 to 11"),
        ("binary", lambda f: (f / "batches.meta.txt").write_text("one\none\n"), "two or more different class names"),
        ("python", lambda f: dump(f / "data_batch_2", {b"data": 1}), "data_batch_2: expected data"),
        ("python", lambda f: dump(f / "data_batch_2", [1]), "data_batch_2: refused"),
        ("python", lambda f: dump(f / "test_batch", {b"data": np.zeros((2, 3072), np.uint8)}), "expected labels"),
        ("python", lambda f: (f / "batches.meta").write_bytes(b"\x80\x02}."), "label_names: expected a list"),
    ],
)
def test_a_bad_file_is_named(tmp_path, layout, spoil, words):
    cifar10(tmp_path, layout)
    spoil(tmp_path)
    with pytest.raises(DataError) as caught:
        load_dataset("cifar10", data_dir=tmp_path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [0, 1, 10, 100, 1000, 100_000])
def test_a_cut_archive_is_one_line(tmp_path, cut):
    cifar10(tmp_path / "made", "binary")
    path = archive(tmp_path / "a.tar.gz", tmp_path / "made")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"a\.tar\.gz"):
        load_dataset("cifar10", data_dir=path)


def test_an_archive_that_holds_a_file_twice_or_a_link_is_refused(tmp_path):
    import tarfile

    cifar10(tmp_path / "made", "binary")
    path = archive(tmp_path / "a.tar", tmp_path / "made")
    with tarfile.open(path, "w") as tar:
        link = tarfile.TarInfo("cifar/test_batch.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        for _ in range(2):
            tar.add(tmp_path / "made" / "data_batch_1.bin", "x/data_batch_1.bin")
    with pytest.raises(DataError, match=r"data_batch_1\.bin comes twice"):
        load_dataset("cifar10", data_dir=path)


def test_without_files_it_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    with pytest.raises(DataError, match="bakeoff data fetch cifar100; or name the folder or archive"):
        load_dataset("cifar100-coarse")
    with pytest.raises(DataError, match="no cifar10 here; expected cifar-10-batches-bin"):
        load_dataset("cifar10", data_dir=tmp_path)
    with pytest.raises(DataError, match="no such folder or archive"):
        load_dataset("cifar10", data_dir=tmp_path / "nowhere")


def test_files_below_the_data_home_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path))
    cifar10(tmp_path / FOLDER["binary"], "binary")
    assert len(load_dataset("cifar10").test) == 20


def test_another_name_is_for_copies_only(tmp_path):
    with pytest.raises(UsageError, match="needs no other name"):
        load_dataset("fashion-mnist", called="mine")
    np.savez(tmp_path / "a.npz", train_images=np.zeros((4, 4, 4), np.uint8), train_labels=[0, 1, 0, 1])
    with pytest.raises(UsageError, match="a name for a copy of a known dataset"):
        load_dataset(str(tmp_path / "a.npz"), called="mine")
