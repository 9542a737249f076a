"""Build the corpus of recordings that go wrong into a folder, with a table of what has to become of each.

    python -m samples.build_corpus FOLDER [NAME ...]

Nothing is fetched: everything is made of the committed samples, numpy and PyAV's encoders, with fixed seeds. A take of
several segments becomes several files. ``index.json`` in the folder says for each case what it is, its segments, and
the expected end state of the take and of every modality.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from samples.corpus import broken, pictures, sounds
from samples.corpus.case import Case

CASES: list[Case] = [*broken.CASES, *sounds.CASES, *pictures.CASES]


def build(case: Case, folder: Path) -> list[tuple[int, Path]]:
    """Write one case: where each of its segments starts (ms), and its file."""
    parts = case.parts()
    name = Path(case.name)
    made = []
    for number, (starts_at_ms, data) in enumerate(parts):
        path = folder / (case.name if len(parts) == 1 else f"{name.stem}.{number}{name.suffix}")
        path.write_bytes(data)
        made.append((starts_at_ms, path))
    return made


def main(arguments: list[str]) -> None:
    """Build every case, or those named."""
    folder, wanted = Path(arguments[0]), arguments[1:]
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for case in CASES:
        if wanted and case.name not in wanted:
            continue
        index[case.name] = {
            "about": case.about,
            "segments": [{"starts_at_ms": at, "file": path.name} for at, path in build(case, folder)],
            "take": case.take,
            "modalities": case.expected(),
        }
    (folder / "index.json").write_text(
        json.dumps(index, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
