"""Where a data set comes from: its files, and all else that determines its pixels."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from PIL import features

from ddnnsim.errors import DataError
from ddnnsim.inputs import digest
from ddnnsim.scenario import AnyData, Cifar10, Idx, JpegEncoding, Mvmc, Npz, cameras_used

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
CIFAR10 = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


def data_files(data: AnyData) -> list[Path]:
    """Return the files that *data* is read from, of several in the order of `IDX` or `CIFAR10`; none if it is made.

    Raise DataError where one of them is missing.
    """
    if isinstance(data, Mvmc | Npz):
        return [_file(Path(data.path), "data.path names an npz file")]
    if isinstance(data, Idx):
        return [_idx_file(_folder(data.path), name) for name in IDX]
    if isinstance(data, Cifar10):
        return [_cifar10_file(_folder(data.path), name) for name in CIFAR10]
    return []


def origin_of(data: AnyData) -> dict[str, object]:
    """Return, ready for JSON, all that determines the pixels of *data* but this package's code.

    Where a file lies does not matter, but what it holds; nor does an encoding that loses nothing.
    """
    said = data.model_dump(mode="json", exclude={"path", "encoding"}) | {"cameras": cameras_used(data)}
    lossy = isinstance(data.encoding, JpegEncoding)
    codec = {"encoding": data.encoding.model_dump(), "codecs": codecs()} if lossy else {}
    return said | codec | {"files": [digest(path) for path in data_files(data)]}


def codecs() -> dict[str, str | None]:
    """Return the versions of what encodes and decodes pictures: Pillow and the libraries that it was built with."""
    libraries = ("jpg", "libjpeg_turbo", "zlib", "zlib_ng")
    return {"pillow": version("pillow")} | {name: features.version(name) for name in libraries}


def _folder(path: str) -> Path:
    folder = Path(path)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; data.path names the folder of the files")
    return folder


def _file(path: Path, instead: str) -> Path:
    if not path.is_file():
        raise DataError(f"{path}: no such file; {instead}")
    return path


def _idx_file(folder: Path, name: str) -> Path:
    """Return the file *name*, plain or compressed; some copies have a dot for its last hyphen but one."""
    names = [name, name.replace("-idx", ".idx")]
    found = [folder / f"{stem}{ending}" for stem in names for ending in ("", ".gz")]
    return next(filter(Path.is_file, found), None) or _file(found[0], f"nor {name}.gz")


def _cifar10_file(folder: Path, name: str) -> Path:
    if not (folder / name).exists() and (folder / Path(name).stem).exists():
        raise DataError(
            f"{folder}: the Python version of CIFAR-10, which is pickled: reading it could run any code; "
            "take the binary version, cifar-10-binary.tar.gz"
        )
    return _file(
        folder / name, "the binary version of CIFAR-10 has data_batch_1.bin to data_batch_5.bin, test_batch.bin"
    )
