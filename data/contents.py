"""The digest of what a data set holds, the same on every machine, whatever its files' times are."""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache

from data.files import replacing
from data.registry import cache_folder, find

__all__ = ["contents_digest"]


@cache
def contents_digest(name: str) -> str:
    """Return a SHA-256 of the names and contents of a data set's files.

    Files are read once; as long as `data.registry.Dataset.stamp` stays, the digest is remembered below
    `data.cache_folder`.

    Raises
    ------
    UnknownDataset, DataMissing
        There is none of that name, or it is not on this machine.
    """
    dataset = find(name)
    if dataset.made_from:
        return hashlib.sha256("\n".join(map(contents_digest, dataset.made_from)).encode()).hexdigest()
    if dataset.embedded:
        return dataset.stamp()
    remembered = cache_folder() / "derived" / f"{name}.contents.json"
    stamp = dataset.stamp()
    try:
        known = json.loads(remembered.read_text(encoding="utf-8"))
        if known["stamp"] == stamp:
            return str(known["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    total = hashlib.sha256()
    for file in dataset.files:
        root = dataset.path(file)
        for path in sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]:
            relative = os.fsencode(path.relative_to(root)) if path != root else os.fsencode(file)
            total.update(relative + b"\0" + str(path.stat().st_size).encode() + b"\0")
            with path.open("rb") as stream:
                while chunk := stream.read(1 << 20):
                    total.update(chunk)
    digest = total.hexdigest()
    remembered.parent.mkdir(parents=True, exist_ok=True)
    with replacing(remembered) as stream:
        stream.write(json.dumps({"stamp": stamp, "digest": digest}).encode())
    return digest
