"""See what the senses make of a file: one JSON line per modality, for an operator checking a machine.

    python -m workers.analysis FILE [--question TEXT] [--face] [--written]

``FILE`` is a recording, or with ``--written`` a text. Settings come from the environment as in every process (PROFILE,
SPEECH_MODEL, EXPRESSION_WEIGHTS, DECODE_MEMORY_BYTES, ...). Faces are looked at only with ``--face``. The exit code is 0
when the recording could be used, 1 when it could not, 2 when a model is missing; times go to stderr.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from app.core.catalogue import text
from app.core.errors import OutsideError
from app.ports import TakeSource
from config.settings import load_settings
from workers.analysis.analyser import build_analyser
from workers.analysis.media import read_file_segment


def main(arguments: list[str]) -> int:
    """Analyse one file and print the results."""
    parser = argparse.ArgumentParser(
        prog="python -m workers.analysis", description="Print the signals of a file."
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--question", default="", help="the question that was asked")
    parser.add_argument("--face", action="store_true", help="look at faces too")
    parser.add_argument("--written", action="store_true", help="the file is a typed answer")
    given = parser.parse_args(arguments)
    settings = load_settings()
    if settings.sample_models_active:
        print(text("en", "analysis.sample_model_notice"), file=sys.stderr)
    analyser = build_analyser(settings)
    take = TakeSource(
        segments=[] if given.written else [read_file_segment(given.file)],
        medium="text" if given.written else "video",
        question_text=given.question,
        wanted=frozenset(
            {"media", "speech", "delivery", "text", "integrity"} | ({"face"} if given.face else set())
        ),
        written_text=given.file.read_text(encoding="utf-8") if given.written else None,
    )
    try:
        began = time.monotonic()
        if not given.written:
            analyser.warm_up()
        print(f"models ready after {time.monotonic() - began:.2f} s", file=sys.stderr)
        began = time.monotonic()
        results = list(analyser.analyse(take))
        print(f"analysed in {time.monotonic() - began:.2f} s", file=sys.stderr)
    except OutsideError as error:
        print(error, file=sys.stderr)
        return 2
    for result in results:
        print(result.model_dump_json())
    return 1 if any(result.status == "failed" for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
