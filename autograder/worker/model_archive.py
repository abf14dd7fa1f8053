"""Opens the zip archive that a ``.keras`` file is, and refuses everything that no honest one holds."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

MAX_FILE = 1 << 30
MAX_CONFIG = 4_000_000
MAX_MEMBERS = 64
MAX_DIRECTORY = 1 << 20
MAX_RATIO = 100
RATIO_FROM = 1 << 20

CONFIG, WEIGHTS, ABOUT = "config.json", "model.weights.h5", "metadata.json"

_SAVE = "Guarda el modelo con `model.save('{path}')`, sin abrir ni volver a comprimir el archivo."
# What zipfile raises over damaged bytes; RuntimeError includes NotImplementedError, ValueError an impossible offset.
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
_END, _END_SIZE, _ZIP64_LOCATOR, _ZIP64_SIZE = b"PK\x05\x06", 22, b"PK\x06\x07", 20


class Refusal(Exception):
    """A model file that is not read; ``kind`` is one word for programs, the text is Spanish."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Archive:
    """The members of a ``.keras`` file that describe the model.

    Parameters
    ----------
    path : Path
        The file.
    shown : str
        How messages call it: ``models/cnn.keras``.

    Raises
    ------
    Refusal
        ``missing``, ``format`` or ``too-large``.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self._shown = shown
        self._file = _open_regular(path, shown)
        try:
            self._check_kind()
            self._check_directory()
            self._zip = zipfile.ZipFile(self._file)
            self._members = self._check_members()
        except _DAMAGED as error:
            self._file.close()
            raise self._refuse("El archivo está cortado o dañado.") from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exception: object) -> None:
        self._zip.close()
        self._file.close()

    def config(self) -> str:
        """Return the JSON text that decides the structure of the model."""
        try:
            return self._read(CONFIG).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._refuse("Su configuración no es texto.") from error

    def about(self) -> bytes:
        """Return the JSON text that says when and by which Keras the file was written; empty if there is none."""
        return self._read(ABOUT) if ABOUT in self._members else b""

    def weights(self) -> IO[bytes]:
        """Return the HDF5 file with the weights, seekable; Keras stores it uncompressed, so it is read in place."""
        member = self._members[WEIGHTS]
        if member.compress_type == zipfile.ZIP_STORED:
            try:
                return self._zip.open(member)
            except _DAMAGED as error:
                raise self._refuse("El archivo está cortado o dañado.") from error
        return io.BytesIO(self._read(WEIGHTS))

    def _read(self, name: str) -> bytes:
        try:
            return self._zip.read(self._members[name])
        except _DAMAGED as error:
            raise self._refuse("El archivo está cortado o dañado.") from error

    def _refuse(self, what: str, kind: str = "format") -> Refusal:
        return Refusal(kind, f"`{self._shown}` no es un modelo `.keras` que pueda leer. {what} {_save(self._shown)}")

    def _check_kind(self) -> None:
        start = self._file.read(8)
        if start == _HDF5:
            raise self._refuse("Es un archivo HDF5 (el formato antiguo `.h5`), aunque termine en `.keras`.")
        if not start:
            raise self._refuse("Está vacío.")
        if not start.startswith(_ZIP):
            raise self._refuse("Un archivo `.keras` es un zip, y este no lo es.")

    def _check_directory(self) -> None:
        """Bound the list of members before `zipfile` reads all of it into memory."""
        size = self._file.seek(0, os.SEEK_END)
        # The longest comment behind the end record, and in front of that what says that there is a larger one.
        self._file.seek(max(0, size - (1 << 16) - _END_SIZE - _ZIP64_SIZE))
        tail = self._file.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) < at + _END_SIZE:
            raise zipfile.BadZipFile("no end of central directory")
        count = int.from_bytes(tail[at + 10 : at + 12], "little")
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
        zip64 = at >= _ZIP64_SIZE and tail[at - _ZIP64_SIZE :].startswith(_ZIP64_LOCATOR)
        if count > MAX_MEMBERS or directory > MAX_DIRECTORY or zip64:
            raise self._refuse(f"Contiene más de {MAX_MEMBERS} archivos o es enorme.", "too-large")

    def _check_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        if len(self._zip.infolist()) > MAX_MEMBERS:
            raise self._refuse(f"Contiene más de {MAX_MEMBERS} archivos.", "too-large")
        for member in self._zip.infolist():
            name = member.filename
            shown = "".join(letter if letter.isprintable() else " " for letter in name[:60])
            if name in members:
                raise self._refuse(f"Contiene dos veces «{shown}».")
            members[name] = member
            if name.startswith(("/", "\\")) or ":" in name or "\\" in name or ".." in name.split("/"):
                raise self._refuse(f"Contiene un archivo que apunta fuera de él: «{shown}».")
            if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise self._refuse(f"«{shown}» es un enlace y no un archivo.")
            if member.flag_bits & 1:
                raise self._refuse("Está cifrado.")
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._refuse("Usa una compresión que Keras no usa.")
            limit = MAX_CONFIG if name.endswith(".json") else MAX_FILE
            if member.file_size > limit:
                raise self._refuse(f"«{shown}» ocuparía {member.file_size / 1e6:,.0f} MB.", "too-large")
            if member.file_size > RATIO_FROM and member.file_size > MAX_RATIO * member.compress_size:
                raise self._refuse(f"«{shown}» se descomprime a más de {MAX_RATIO} veces su tamaño.", "too-large")
        if sum(member.file_size for member in members.values()) > MAX_FILE:
            raise self._refuse(f"Contiene más de {MAX_FILE >> 20} MB.", "too-large")
        if WEIGHTS not in members or CONFIG not in members:
            if any(name.endswith("saved_model.pb") for name in members):
                raise self._refuse("Es un zip con un SavedModel, el formato antiguo de TensorFlow.")
            raise self._refuse(f"Le falta `{CONFIG if CONFIG not in members else WEIGHTS}`.")
        return members


def _open_regular(path: Path, shown: str) -> IO[bytes]:
    """Open a regular file; a pipe would block for ever, a link may lead anywhere."""
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        raise Refusal("missing", _missing(path, shown)) from error
    if stat.S_ISDIR(mode):
        what = (
            "un SavedModel, el formato antiguo de TensorFlow" if (path / "saved_model.pb").exists() else "una carpeta"
        )
        raise Refusal("format", f"`{shown}` es {what}, y debe ser un archivo `.keras`. {_save(shown)}")
    if not stat.S_ISREG(mode):
        what = "un enlace" if stat.S_ISLNK(mode) else "un archivo especial"
        raise Refusal("format", f"`{shown}` es {what}, y debe ser un archivo normal. {_save(shown)}")
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise Refusal("missing", f"No puedo abrir `{shown}`. {_save(shown)}") from error
    file = os.fdopen(descriptor, "rb")
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE:
        file.close()
        raise Refusal(
            "too-large",
            f"`{shown}` ocupa {status.st_size / 1e6:,.0f} MB, y el máximo es {MAX_FILE >> 20} MB. Usa una red más "
            "pequeña; si guardas el optimizador con el modelo, compílalo de nuevo antes de guardarlo.",
        )
    return file


def _missing(path: Path, shown: str) -> str:
    message = (
        f"No encuentro `{shown}`. Al corregir no se ejecutan las celdas de entrenamiento (salvo con `--train`): "
        f"entrena el modelo en tu cuaderno, guárdalo con `model.save('{shown}')` y entrega el archivo junto con el "
        "cuaderno, en esa misma carpeta."
    )
    for ending in (".h5", ".hdf5", ""):
        other = path.with_suffix(ending)
        if other != path and os.path.lexists(other):
            return message + f" Sí encuentro `{other.name}`, que es un formato antiguo: guárdalo como `.keras`."
    return message


def _save(shown: str) -> str:
    return _SAVE.format(path=shown)
