"""``lowface enhance`` on sources that are no pictures: they are left to the plugin that answers to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeVar

import click

from lowface_core.cli.options import answer
from lowface_core.errors import LowfaceError
from lowface_core.registry.components import parameters
from lowface_core.registry.media import MediaJob, MediaResult
from lowface_core.registry.registration import Component

F = TypeVar("F", bound=Callable[..., Any])


class Seconds(click.ParamType):
    """``90``, ``90.5``, ``1:30`` or ``00:01:30.5``, as an exact number of seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        if isinstance(value, Fraction):
            return value
        seconds = Fraction(0)
        parts = str(value).split(":")
        whole = all(part.isdecimal() for part in parts[:-1])
        if len(parts) > 3 or not whole or not parts[-1].replace(".", "", 1).isdecimal() or not parts[-1].isascii():
            self.fail(f"{value!r} is no time; write seconds, as 90.5, or 00:01:30.5", param, ctx)
        for part in parts:
            seconds = seconds * 60 + Fraction(part if part[0] != "." else f"0{part}")
        return seconds


class Size(click.ParamType):
    """``WxH`` in pixels."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        width, _, height = str(value).partition("x")
        if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            self.fail(f"{value!r} is no size; write width and height, as 640x360", param, ctx)
        return int(width), int(height)


def media_options(function: F) -> F:
    """Options that only kinds of input other than pictures know."""
    options = (
        click.option("--start", type=Seconds(), metavar="TIME", help="Video: begin here; seconds or HH:MM:SS."),
        click.option("--end", type=Seconds(), metavar="TIME", help="Video: end here; seconds or HH:MM:SS."),
        click.option(
            "--smoothing",
            type=click.FloatRange(0),
            metavar="SECONDS",
            help="Video: over how long what is estimated of a whole frame is averaged; 0: not at all.  [default: 2]",
        ),
        click.option(
            "--pixel-format",
            metavar="NAME",
            help="Raw frames on standard input or output: how pixels are stored, e.g. rgb24, yuv420p, yuv420p10le.",
        ),
        click.option("--size", type=Size(), metavar="WxH", help="Of raw frames on standard input."),
        click.option(
            "--rate", type=click.FloatRange(0, min_open=True), help="Of raw frames, per second.  [default: 25]"
        ),
    )
    for decorate in reversed(options):
        function = decorate(function)
    return function


def given_options(ctx: click.Context, values: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """Those values that the command line gave: name of the argument → flag and value."""
    flags = {param.name: param.opts[0] for param in ctx.command.params}
    default = click.core.ParameterSource.DEFAULT
    given = {name: value for name, value in values.items() if ctx.get_parameter_source(name) is not default}
    return {name: (str(flags[name]), value) for name, value in given.items()}


def refuse_media_options(given: Mapping[str, tuple[str, Any]]) -> None:
    """Pictures have no time.

    Raises:
        LowfaceError: an option for other kinds of input is given.
    """
    for flag, _ in given.values():
        raise LowfaceError(f"{flag}: is for video and streams, not for pictures; leave it out")


def enhance_medium(
    component: Component, job: MediaJob, given: Mapping[str, tuple[str, Any]], as_json: bool
) -> MediaResult:
    """Lets a plugin enhance a source, and answers.

    Raises:
        LowfaceError: an option is given that this kind of input does not understand, or what the plugin raises.
    """
    if as_json and job.output == "-":
        raise LowfaceError("--json: standard output is taken by -o -; give a file with -o")
    function = component.resolve()
    understood = parameters(function)
    for name, (flag, _) in given.items():
        if name not in understood:
            raise LowfaceError(f"{flag}: is not for {component.name}; leave it out")
    result: MediaResult = function(job, **{name: value for name, (_, value) in given.items()})
    if job.output == "-":
        click.echo(result.told, err=True)
    else:
        answer(as_json, dict(result.content), result.told)
    return result
