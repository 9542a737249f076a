"""A web image installs requirements/web.txt alone: everything it runs must import with nothing else there."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

from packaging.utils import canonicalize_name

from tests.architecture.source import ROOT, our_modules
from tests.architecture.test_requirements import pinned

# The worker image adds workers.analysis and the jobs that use it; everything else runs in both.
WORKER_ONLY = ("workers", "samples")

PROGRAM = """
import importlib, sys

absent, names = (set(argument.split(",")) for argument in sys.argv[1:3])

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not in requirements/web.txt", name=name)

sys.meta_path.insert(0, Absent())
failed = []
for name in sorted(names):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        failed.append(f"{name}: {error}")
print("\\n".join(failed))
sys.exit(bool(failed))
"""


def top_level_names_outside_the_web() -> set[str]:
    """Importable names that are installed here and would be missing from a web image."""
    web = set(pinned("web"))
    return {
        name
        for name, owners in metadata.packages_distributions().items()
        if not web & {canonicalize_name(owner) for owner in owners} and name not in sys.stdlib_module_names
    }


def run(names: set[str]) -> subprocess.CompletedProcess[str]:
    """Import the modules in a process that has only the web's packages."""
    absent = top_level_names_outside_the_web()
    command = [sys.executable, "-c", PROGRAM, ",".join(sorted(absent)), ",".join(sorted(names))]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_every_module_outside_the_workers_imports_with_the_webs_packages_alone() -> None:
    names = {
        module.name
        for module in our_modules()
        if not module.name.startswith(WORKER_ONLY)
        and module.name != "wsgi"
        and not module.name.endswith("__main__")
    }
    done = run(names)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_missing_library_would_be_seen() -> None:
    done = run({"numpy", "funasr", "flask"})
    assert done.returncode == 1
    assert done.stdout.count("is not in requirements/web.txt") == 2
