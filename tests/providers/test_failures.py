"""Every exception that the libraries beneath the adapters can raise has one of our errors."""

import inspect
import ssl
import time
from email.utils import formatdate

import httpx
import httpx2
import openai
import pytest

from wagtail_llm_actions import exceptions
from wagtail_llm_actions.exceptions import ProviderError
from wagtail_llm_actions.providers.failures import (
    detail_of,
    sdk_failure,
    seconds_to_wait,
    status_failure,
    transport_failure,
)

EXPECTED_OF_TRANSPORT = {
    "CloseError": "ProviderUnavailableError",
    "ConnectError": "ProviderUnavailableError",
    "ConnectTimeout": "ProviderTimeoutError",
    "CookieConflict": "ProviderResponseError",
    "DecodingError": "ProviderResponseError",
    "HTTPError": "ProviderUnavailableError",
    "HTTPStatusError": "ProviderResponseError",
    "InvalidURL": "ProviderRequestError",
    "LocalProtocolError": "ProviderRequestError",
    "NetworkError": "ProviderUnavailableError",
    "PoolTimeout": "ProviderTimeoutError",
    "ProtocolError": "ProviderUnavailableError",
    "ProxyError": "ProviderUnavailableError",
    "ReadError": "ProviderUnavailableError",
    "ReadTimeout": "ProviderTimeoutError",
    "RemoteProtocolError": "ProviderResponseError",
    "RequestError": "ProviderUnavailableError",
    "RequestNotRead": "ProviderUnavailableError",
    "ResponseNotRead": "ProviderUnavailableError",
    "StreamClosed": "ProviderUnavailableError",
    "StreamConsumed": "ProviderUnavailableError",
    "StreamError": "ProviderUnavailableError",
    "TimeoutException": "ProviderTimeoutError",
    "TooManyRedirects": "ProviderResponseError",
    "TransportError": "ProviderUnavailableError",
    "UnsupportedProtocol": "ProviderRequestError",
    "WriteError": "ProviderUnavailableError",
    "WriteTimeout": "ProviderTimeoutError",
}
EXPECTED_OF_SDK = {
    "APIConnectionError": "ProviderUnavailableError",
    "APIError": "ProviderServerError",
    "APIResponseValidationError": "ProviderResponseError",
    "APIStatusError": "ProviderRequestError",
    "APITimeoutError": "ProviderTimeoutError",
    "AuthenticationError": "ProviderAuthenticationError",
    "BadRequestError": "ProviderRequestError",
    "ConflictError": "ProviderRequestError",
    "ContentFilterFinishReasonError": "ContentFilterError",
    "InternalServerError": "ProviderServerError",
    "InvalidWebhookSignatureError": "ProviderRequestError",
    "LengthFinishReasonError": "IncompleteResponseError",
    "NotFoundError": "ProviderRequestError",
    "OAuthError": "ProviderAuthenticationError",
    "OpenAIError": "ProviderRequestError",
    "PermissionDeniedError": "ProviderAuthenticationError",
    "RateLimitError": "ProviderRateLimitError",
    "SubjectTokenProviderError": "ProviderRequestError",
    "UnprocessableEntityError": "ProviderRequestError",
    "WebSocketConnectionClosedError": "ProviderRequestError",
    "WebSocketQueueFullError": "ProviderRequestError",
}
REQUEST = httpx2.Request("POST", "http://localhost/v1")
STATUS = {"InternalServerError": 500, "OAuthError": 401, "APIStatusError": 418}


def exceptions_of(module):
    return {
        name: cls
        for name in module.__all__
        if inspect.isclass(cls := getattr(module, name)) and issubclass(cls, Exception)
    }


def sdk_exceptions():
    from openai import _exceptions

    classes = {name: getattr(_exceptions, name) for name in dir(_exceptions)}
    return {
        name: cls
        for name, cls in classes.items()
        if inspect.isclass(cls) and issubclass(cls, Exception)
    }


def an_error(cls):
    """Return an instance, whatever its constructor asks for."""
    error = cls.__new__(cls)
    Exception.__init__(error, "it happened")
    if issubclass(cls, openai.APIError):
        error.body = None
    if issubclass(cls, openai.APIStatusError):
        status = STATUS.get(cls.__name__) or cls.status_code
        error.response = httpx2.Response(status, request=REQUEST, content=b"{}")
    return error


@pytest.mark.parametrize(
    ("module", "own"),
    [(httpx, {}), (httpx2, {"SSEError": "ProviderResponseError"})],
    ids=["httpx", "httpx2"],
)
def test_every_exception_of_the_http_library_is_mapped(module, own):
    mapped = {
        name: type(transport_failure(an_error(cls), provider="p", answering=False)).__name__
        for name, cls in exceptions_of(module).items()
    }
    assert mapped == {**EXPECTED_OF_TRANSPORT, **own}


def test_every_exception_of_the_sdk_is_mapped():
    mapped = {
        name: type(sdk_failure(an_error(cls), provider="p", answering=False)).__name__
        for name, cls in sdk_exceptions().items()
    }
    assert mapped == EXPECTED_OF_SDK


def test_a_connection_lost_in_an_answer_is_an_incomplete_answer():
    for error in (httpx2.ReadError("x"), httpx2.RemoteProtocolError("peer closed connection")):
        failure = transport_failure(error, provider="p", answering=True)
        assert type(failure) is exceptions.IncompleteResponseError


def test_a_failure_of_tls_is_unavailable():
    failure = sdk_failure(ssl.SSLError("bad certificate"), provider="p", answering=False)
    assert type(failure) is exceptions.ProviderUnavailableError


def test_every_status_is_mapped():
    for status in range(100, 600):
        failure = status_failure(status, b"", provider="p")
        assert isinstance(failure, ProviderError)
        assert type(failure) is not ProviderError
        assert failure.status == status


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ('{"error": "text"}', "text"),
        (
            '{"error": "{\\"error\\": {\\"message\\": \\"inner\\", \\"code\\": 400}}"}',
            "inner [400]",
        ),
        ('{"error": {"message": "m", "type": "t", "code": "c"}}', "m [t, c]"),
        ('{"detail": "Not Found"}', "Not Found"),
        ("404 page not found", "404 page not found"),
        (b"\xff", "�"),
        ("", "no text"),
        ("[" * 100_000, "[" * 500),
        ('{"error": "' + "x" * 10_000 + '"}', "x" * 500),
    ],
)
def test_the_text_of_an_error_is_found_in_any_shape(body, detail):
    assert detail_of(body) == detail


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0.5", 0.5), ("-3", 0), ("soon", None), ("inf", None), ("nan", None), (None, None)],
)
def test_how_long_to_wait(value, seconds):
    assert seconds_to_wait(value) == seconds


def test_a_date_to_wait_for_is_seconds_from_now():
    assert 25 < seconds_to_wait(formatdate(time.time() + 30, usegmt=True)) <= 30
