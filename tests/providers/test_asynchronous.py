"""The bridge from async adapters to synchronous readers."""

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import threading
import time
from itertools import islice

import pytest

from wagtail_llm_actions.exceptions import ProviderRequestError, ProviderTimeoutError
from wagtail_llm_actions.providers.asynchronous import MAX_UNREAD_CHUNKS, AsyncProvider
from wagtail_llm_actions.values import Chunk


class Scripted(AsyncProvider):
    """Plays a script of texts, waits (seconds) and errors."""

    def __init__(self, *script, **options):
        super().__init__(alias="scripted", **options)
        self.script = script
        self.produced = 0
        self.cleaned_up = threading.Event()

    async def answer(self, request):
        try:
            for step in self.script:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, (int, float)):
                    await asyncio.sleep(step)
                else:
                    self.produced += 1
                    yield Chunk(text=step)
        finally:
            self.cleaned_up.set()


def texts(chunks):
    return [chunk.text for chunk in chunks if chunk.text]


def test_chunks_come_as_they_are_produced(ask):
    provider = Scripted("a", 0.15, "b")
    chunks = ((chunk.text, time.monotonic()) for chunk in provider.stream(ask()))
    moments = [(text, moment) for text, moment in chunks if text]
    assert [text for text, _ in moments] == ["a", "b"]
    assert moments[1][1] - moments[0][1] >= 0.14


def test_a_waiting_reader_gets_empty_chunks_about_four_times_a_second(ask):
    provider = Scripted(0.9, "late")
    *waiting, last = [chunk.text for chunk in provider.stream(ask())]
    assert (set(waiting), last) == ({""}, "late")
    assert 2 <= len(waiting) <= 4


@pytest.mark.parametrize("script", [(60,), ("a", 60)], ids=["before the first chunk", "after it"])
def test_closing_the_iterator_cancels_the_answer(ask, script):
    provider = Scripted(*script)
    chunks = provider.stream(ask())
    next(chunks)
    chunks.close()
    assert provider.cleaned_up.wait(10)


def test_an_iterator_that_is_dropped_cancels_the_answer(ask):
    provider = Scripted("a", 60)
    chunks = provider.stream(ask())
    next(chunks)
    del chunks
    gc.collect()
    assert provider.cleaned_up.wait(10)


@pytest.mark.parametrize(
    ("script", "options", "message"),
    [
        ((60,), {"first_token_timeout": 0.2}, "no first token within 0.2 s"),
        (("", 60), {"first_token_timeout": 0.1, "total_timeout": 0.3}, "no complete answer"),
        (("a", 0.1) * 50, {"total_timeout": 0.3}, "no complete answer within 0.3 s"),
    ],
    ids=["silence", "a model that thinks for ever", "dripping"],
)
def test_timeouts_end_the_answer(ask, script, options, message):
    provider = Scripted(*script, **options)
    started = time.monotonic()
    with pytest.raises(ProviderTimeoutError, match=message) as caught:
        list(provider.stream(ask()))
    assert time.monotonic() - started < 1
    assert caught.value.provider == "scripted"
    assert provider.cleaned_up.is_set()


def test_errors_of_the_answer_reach_the_reader_after_its_chunks(ask):
    seen = []
    with pytest.raises(ProviderRequestError, match="broken"):
        for chunk in Scripted("a", ProviderRequestError("broken")).stream(ask()):
            seen.append(chunk.text)
    assert seen == ["a"]


def test_a_slow_reader_holds_the_answer_back(ask):
    provider = Scripted(*["x"] * 10 * MAX_UNREAD_CHUNKS)
    chunks = provider.stream(ask())
    next(chunks)
    time.sleep(0.2)
    assert provider.produced <= MAX_UNREAD_CHUNKS + 2
    assert len(texts(chunks)) == 10 * MAX_UNREAD_CHUNKS - 1


def test_parameters_that_are_not_allowed_are_refused_before_any_call(ask):
    provider = Scripted("a")
    with pytest.raises(ProviderRequestError, match="'num_gpu' is not allowed"):
        next(provider.stream(ask(extra_parameters={"num_gpu": 1})))
    assert provider.produced == 0


@pytest.mark.parametrize("value", [0, -1, "5", None, True, float("nan"), float("inf")])
@pytest.mark.parametrize("option", ["connect_timeout", "first_token_timeout", "total_timeout"])
def test_a_wrong_timeout_is_named(option, value):
    with pytest.raises(ValueError, match=f"{option} must be a number of seconds"):
        Scripted(**{option: value})


def test_many_readers_share_one_loop(ask):
    providers = [Scripted("a", 0.3, "b") for _ in range(20)]
    results = []
    threads = [
        threading.Thread(target=lambda p=p: results.append(texts(p.stream(ask()))))
        for p in providers
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [["a", "b"]] * 20
    assert time.monotonic() - started < 2
    assert sum("providers" in thread.name for thread in threading.enumerate()) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_has_a_loop_of_its_own():
    program = """
        import os, warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside a thread: on purpose
        import django
        django.setup()
        from tests.providers.test_asynchronous import Scripted
        from wagtail_llm_actions.values import CompletionRequest

        def ask():
            request = CompletionRequest(model_name="m", messages=())
            return [chunk.text for chunk in Scripted("a", 0.1, "b").stream(request)]

        assert ask() == ["a", "b"]
        child = os.fork()
        assert ask() == ["a", "b"]
        if child:
            _, status = os.waitpid(child, 0)
            raise SystemExit(os.waitstatus_to_exitcode(status))
        os._exit(7)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
        timeout=30,
        check=False,
    )
    assert result.returncode == 7


def test_the_first_chunk_can_be_taken_alone(ask):
    provider = Scripted("a", "b", "c")
    assert texts(islice(provider.stream(ask()), 1)) == ["a"]
