"""Weights from elsewhere: tensors are read, anything else is refused and nothing runs."""

from __future__ import annotations

import hashlib
import os
import pickle
import struct
import zipfile

import pytest
import torch

from bakeoff.data import torchfile
from bakeoff.data.torchfile import read_torch_file
from bakeoff.errors import DataError


@pytest.fixture
def saved(tmp_path):
    tensors = {"b.weight": torch.rand(2, 3), "a.bias": torch.arange(3)}
    torch.save(tensors, tmp_path / "w.pth")
    return tmp_path / "w.pth", tensors


def test_tensors_come_back_in_their_order(saved):
    path, tensors = saved
    found = read_torch_file(path)
    assert list(found) == ["b.weight", "a.bias"]
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


def test_the_sum_is_checked(saved):
    path, _ = saved
    assert read_torch_file(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(DataError, match=r"w.pth: damaged, or not the file it is named for"):
        read_torch_file(path, sha256="0" * 64)


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("how", ["torch", "pickle"])
def test_a_pickle_that_does_something_is_refused_and_nothing_runs(tmp_path, how):
    path, trace = tmp_path / "evil.pth", tmp_path / "trace"
    if how == "torch":
        torch.save({"w": Evil(trace)}, path)
    else:
        path.write_bytes(pickle.dumps({"w": Evil(trace)}))
    with pytest.raises(DataError, match=r"evil.pth: not a file of weights, or one that holds more than tensors"):
        read_torch_file(path)
    assert not trace.exists()


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_cut_file_is_refused(saved, keep):
    path, _ = saved
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError, match=r"w.pth: "):
        read_torch_file(path)


def test_what_is_no_state_dict_is_refused(tmp_path):
    torch.save([torch.rand(2)], tmp_path / "list.pth")
    torch.save({"epoch": 3}, tmp_path / "number.pth")
    torch.save({7: torch.ones(1)}, tmp_path / "nameless.pth")
    for name in ("list.pth", "number.pth", "nameless.pth"):
        with pytest.raises(DataError, match="expected names with a tensor each"):
            read_torch_file(tmp_path / name)


def test_missing_and_giant_files(tmp_path, saved, monkeypatch):
    with pytest.raises(DataError, match=r"gone.pth: no such file"):
        read_torch_file(tmp_path / "gone.pth")
    monkeypatch.setattr(torchfile, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="larger than"):
        read_torch_file(saved[0])


def test_sizes_that_lie_are_found_before_anything_is_made_for_them(saved):
    """PyTorch alone takes 20 GB and a minute and a half for such a file."""
    path, _ = saved
    content = bytearray(path.read_bytes())
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"w\.pth: .* announces 4,294,967,294 bytes; at most"):
        read_torch_file(path)


def test_members_that_share_their_bytes_are_refused(saved):
    """Each fits into the file; together they come to more than it is."""
    path, _ = saved
    with zipfile.ZipFile(path, "a") as archive:
        whole = max(archive.infolist(), key=lambda info: info.file_size)
        archive.writestr("archive/padding", b"x" * 2000)
        padding = archive.getinfo("archive/padding")
        for _ in range(3):
            again = zipfile.ZipInfo("archive/padding")
            again.header_offset, again.CRC = padding.header_offset, padding.CRC
            again.file_size = again.compress_size = 2000
            archive.filelist.append(again)
        assert whole.file_size < 2000
    with pytest.raises(DataError, match=r"announces 2,000 bytes; at most [\d,]+ are read"):
        read_torch_file(path)


def test_compressed_weights_are_refused(saved):
    path, _ = saved
    other = path.with_name("c.pth")
    with (
        zipfile.ZipFile(path) as archive,
        zipfile.ZipFile(path.with_name("c.pth"), "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for info in archive.infolist():
            packed.writestr(info.filename, archive.read(info))
    with pytest.raises(DataError, match=r"c\.pth: '.*' is compressed"):
        read_torch_file(other)


def test_files_of_older_pytorch_are_read(tmp_path):
    tensors = {"a": torch.rand(3), "b": torch.arange(2)}
    torch.save(tensors, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    found = read_torch_file(tmp_path / "old.pth")
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


def strange_tensors() -> dict[str, torch.Tensor]:
    return {
        "sparse": torch.sparse_coo_tensor([[0], [0]], [1.0], (200_000, 200_000)),
        "compressed rows": torch.eye(3).to_sparse_csr(),
        "without values": torch.zeros(200_000, 200_000, device="meta"),
        "quantized": torch.quantize_per_tensor(torch.ones(3), 1.0, 0, torch.qint8),
        "nested": torch.nested.nested_tensor([torch.ones(3), torch.ones(2)]),
        "conjugated": torch.ones(3, dtype=torch.complex64).conj(),
        "negated": torch.ones(3, dtype=torch.complex64).conj().imag,
    }


@pytest.mark.filterwarnings("ignore")
def test_tensors_that_are_no_plain_arrays_are_refused(tmp_path):
    for kind, tensor in strange_tensors().items():
        torch.save({"a": torch.ones(2), kind: tensor}, tmp_path / "w.pt")
        with pytest.raises(DataError, match=rf"w\.pt: {kind} is no plain tensor"):
            read_torch_file(tmp_path / "w.pt")


@pytest.mark.parametrize("zipped", [True, False])
def test_tensors_larger_than_what_is_stored_of_them_are_refused(tmp_path, zipped):
    """1.5 KB that come to 149 GiB once somebody asks for the numbers."""
    bomb = torch.zeros(1).as_strided((200_000, 200_000), (0, 0))
    torch.save({"a.weight": bomb}, tmp_path / "w.pt", _use_new_zipfile_serialization=zipped)
    with pytest.raises(DataError, match=r"w\.pt: a\.weight announces 160,000,000,000 bytes; the file has at most 4 "):
        read_torch_file(tmp_path / "w.pt")


def test_tensors_that_share_what_is_stored_are_refused(tmp_path):
    """Each fits into the file; together they come to far more than it is. Twice the same is what tied weights are."""
    one = torch.zeros(50_000)
    torch.save({f"{i}.weight": one.view(-1) for i in range(2)}, tmp_path / "w.pt")
    assert len(read_torch_file(tmp_path / "w.pt")) == 2
    torch.save({f"{i}.weight": one.view(-1) for i in range(10)}, tmp_path / "w.pt")
    with pytest.raises(DataError, match=r"w\.pt: 4\.weight announces 200,000 bytes; the file has at most"):
        read_torch_file(tmp_path / "w.pt")


def test_views_that_are_plain_are_read(tmp_path):
    whole = torch.rand(6, 4)
    tensors = {"a": whole[:2], "b": whole[2:].t(), "c": torch.nn.Parameter(torch.rand(2)), "d": torch.zeros(0, 3)}
    torch.save(tensors, tmp_path / "w.pt")
    found = read_torch_file(tmp_path / "w.pt")
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


def test_names_that_are_no_text_are_told(tmp_path):
    torch.save({"\ud800": torch.ones(1).expand(9)}, tmp_path / "w.pt")
    with pytest.raises(DataError, match=r"w\.pt: \\ud800 announces 36 bytes"):
        read_torch_file(tmp_path / "w.pt")
