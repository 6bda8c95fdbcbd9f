"""A shelf that is a folder of hand-made wheels, as ``folder/<project>/<file>``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fixtures.indexserver import metadata_of

from rdna_installer.detect.gpus import given
from rdna_installer.environments.choose import Asking, Here
from rdna_installer.environments.index import IndexFile, Metadata, named, read_metadata
from rdna_installer.record import replace


class FolderOf:
    def __init__(self, folder: Path, yanked: tuple[str, ...] = ()) -> None:
        self.folder, self.yanked = folder, yanked
        self.read: list[str] = []
        self.files, self.metadata = cache(self._files), cache(self._metadata)

    def _files(self, project: str) -> tuple[IndexFile, ...]:
        place = self.folder / project
        paths = sorted(place.iterdir()) if place.is_dir() else []
        found = [file for path in paths if (file := named(path.name, str(path)))]
        return tuple(replace(f, yanked="bad" if f.filename in self.yanked else None) for f in found)

    def _metadata(self, file: IndexFile) -> Metadata:
        self.read.append(file.filename)
        return read_metadata(metadata_of(Path(file.url)), file)


def wish(target: str, python: str = "cp311", **more: object) -> Asking:
    return Asking(given(target), Here(python), **more)  # type: ignore[arg-type]
