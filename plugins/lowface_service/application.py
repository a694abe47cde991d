"""The web application behind ``lowface serve``: bytes of a picture in, bytes of a picture out, nothing on disk."""

from __future__ import annotations

import asyncio
import hmac
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from torch import nn

import lowface_core
from lowface_core.data.encoding import encode
from lowface_core.data.images import read_picture
from lowface_core.device import out_of_memory
from lowface_core.errors import DataError, NonFiniteError
from lowface_core.inference import enhance_pixels
from lowface_service.formats import MEDIA_TYPES, accepted, looked_at
from lowface_service.refusal import Refusal
from lowface_service.slots import Slots


@dataclass(frozen=True)
class Limits:
    """What one request may cost.

    Attributes:
        max_bytes: of the body.
        max_pixels: of the picture, by its header, before it is decoded.
        max_requests: that are worked on at once, those that wait for a thread among them.
        max_seconds: for the body to arrive, and again for the picture to be made.
        threads: pictures enhanced at once.
    """

    max_bytes: int = 20_000_000
    max_pixels: int = 24_000_000
    max_requests: int = 16
    max_seconds: float = 60.0
    threads: int = 1


#: So many times ``max_bytes`` are received and dropped before a body is refused: a client that is still sending would
#: see its connection reset instead of the answer.
_HEARD = 4
_PICTURES = {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_TYPES.values()}
_REFUSALS = {
    400: "the body is empty or was cut off",
    401: "the token is missing or wrong",
    406: "no format of Accept can be written",
    408: "the body did not arrive in time",
    413: "too many bytes or pixels",
    415: "not a picture that can be read",
    429: "too many requests at once",
    503: "it took too long",
}


def application(enhancer: nn.Module, limits: Limits | None = None, token: str | None = None) -> FastAPI:
    """The service for one enhancer.

    Args:
        enhancer: from :func:`lowface_core.load_enhancer`.
        limits: what one request may cost.
        token: what ``Authorization: Bearer`` must carry for ``POST /enhance``; None: everybody may ask.
    """
    bounds = limits or Limits()
    pool, slots = ThreadPoolExecutor(bounds.threads, "enhance"), Slots(bounds.max_requests)
    registry = CollectorRegistry()
    requests = Counter("lowface_requests", "Requests by status.", ["path", "status"], registry=registry)
    seconds = Histogram("lowface_enhance_seconds", "Time of answered POST /enhance.", registry=registry)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        pool.shutdown(wait=False, cancel_futures=True)

    app = FastAPI(title="lowface", version=lowface_core.__version__, docs_url=None, redoc_url=None, lifespan=lifespan)

    @app.exception_handler(Refusal)
    async def refused(request: Request, why: Refusal) -> Response:
        headers = {"Retry-After": "1"} if why.status == 429 else {}
        return PlainTextResponse(why.line + "\n", why.status, {**headers, "Connection": "close"})

    @app.exception_handler(HTTPException)
    async def unknown(request: Request, why: HTTPException) -> Response:
        return PlainTextResponse(f"{request.method} {request.url.path}: {why.detail}\n", why.status_code, why.headers)

    @app.middleware("http")
    async def counted(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        known = request.url.path in ("/enhance", "/health", "/metrics", "/openapi.json")
        requests.labels(request.url.path if known else "other", response.status_code).inc()
        return response

    @app.post(
        "/enhance",
        response_class=Response,
        responses={
            200: {"content": _PICTURES, "description": "The enhanced picture, in the format that Accept asks for."},
            **{status: {"description": text, "content": {"text/plain": {}}} for status, text in _REFUSALS.items()},
        },
        openapi_extra={"requestBody": {"required": True, "content": _PICTURES}},
    )
    async def enhanced(request: Request) -> Response:
        """Brightens the picture that the body is; it is answered upright, with what its file held besides pixels."""
        if token is not None:
            sent = request.headers.get("authorization", "").encode("latin-1", "replace")
            if not hmac.compare_digest(sent, f"Bearer {token}".encode()):
                raise Refusal(401, "send the header Authorization: Bearer TOKEN with the token of this service")
        slots.take()
        started, done = time.monotonic(), None
        try:
            content = await _received(request, bounds)
            found = looked_at(content)
            if found is None:
                raise Refusal(415, "the body is not a picture that can be read; send the file itself")
            if found[1] > bounds.max_pixels:
                raise Refusal(413, f"the picture has more than {bounds.max_pixels:,} pixels; make it smaller")
            kind = accepted(request.headers.get("accept", ""), found[0])
            if kind is None:
                raise Refusal(406, f"Accept names no format that can be written: {', '.join(MEDIA_TYPES.values())}")
            done = asyncio.get_running_loop().run_in_executor(pool, _enhanced, content, enhancer, kind)
            picture = await asyncio.wait_for(asyncio.shield(done), bounds.max_seconds)
        except asyncio.TimeoutError as error:
            raise Refusal(503, f"the picture took longer than {bounds.max_seconds:g} s") from error
        finally:  # a thread cannot be stopped, so what it works on counts until it ends
            if done is None or done.done():
                slots.give()
            else:
                done.add_done_callback(slots.ended)
        seconds.observe(time.monotonic() - started)
        return Response(picture, media_type=MEDIA_TYPES[kind])

    @app.get("/health")
    async def health() -> dict[str, object]:
        """Whether the service answers, and how busy it is."""
        return {
            "status": "ok",
            "version": lowface_core.__version__,
            "enhancer": getattr(enhancer, "name", type(enhancer).__name__),
            "running": slots.running,
        }

    @app.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Counts and times, for Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


async def _received(request: Request, bounds: Limits) -> bytes:
    """The body, whole.

    Raises:
        Refusal: too large, too slow, cut off, or empty.
    """
    too_large = Refusal(413, f"the body has more than {bounds.max_bytes:,} bytes; make the picture smaller")
    claimed = request.headers.get("content-length", "0")
    if claimed.isdigit() and int(claimed) > _HEARD * bounds.max_bytes:
        raise too_large
    body, size = bytearray(), 0

    async def read() -> None:
        nonlocal size
        async for part in request.stream():
            size += len(part)
            if size <= bounds.max_bytes:
                body.extend(part)
            elif size > _HEARD * bounds.max_bytes:
                break
        if size > bounds.max_bytes:
            raise too_large

    try:
        await asyncio.wait_for(read(), bounds.max_seconds)
    except ClientDisconnect as error:
        raise Refusal(400, "the body was cut off") from error
    except asyncio.TimeoutError as error:
        raise Refusal(408, f"the body did not arrive within {bounds.max_seconds:g} s") from error
    if not body:
        raise Refusal(400, "the body is empty; send the picture's file itself")
    return bytes(body)


def _enhanced(content: bytes, enhancer: nn.Module, kind: str) -> bytes:
    """One picture, in a thread of its own.

    Raises:
        Refusal: it cannot be decoded, or the network fails on it.
    """
    try:
        picture = read_picture("the body", content)
        result = enhance_pixels(picture.pixels, enhancer, "the body")
    except (DataError, NonFiniteError) as error:
        raise Refusal(415 if isinstance(error, DataError) else 422, str(error)) from error
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise Refusal(413, "the picture takes more memory than there is; make it smaller") from error
    file = io.BytesIO()
    try:
        encode(file, *picture.as_stored(result, kind), kind=kind)
    except Exception as error:  # encoders refuse sizes with types of their own, such as WebP above 16383 pixels a side
        raise Refusal(406, f"a picture of this size cannot be written as {MEDIA_TYPES[kind]}") from error
    return file.getvalue()
