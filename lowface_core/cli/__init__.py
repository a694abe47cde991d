"""The command line. Nothing here imports torch before a command needs it, so that help and listings answer at once."""

from __future__ import annotations

import atexit
import io
import logging
import os
import signal
import sys

import click

from lowface_core import __version__
from lowface_core.cli import config, doctor, enhance, evaluate, new_plugin, plugins, report, train, weights
from lowface_core.cli.printing import printing
from lowface_core.data.normal_form import printable
from lowface_core.errors import LowfaceError, PluginError, listing, nearest
from lowface_core.registry import loader
from lowface_core.registry.registration import cause, has_cure
from lowface_core.variables import LEVELS


@click.group(
    commands=[
        train.train,
        train.pretrain,
        enhance.enhance,
        evaluate.evaluate,
        plugins.list_plugins,
        plugins.describe,
        config.config,
        weights.weights,
        report.report,
        doctor.doctor,
        new_plugin.new_plugin,
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="lowface")
def cli() -> None:
    """Train low-light image enhancers through frozen task heads, and use them.

    Every enhancer, loss, head, data set, metric and degradation is a plugin: see `lowface list-plugins`.
    """


class _Stderr(logging.Handler):
    """One line per record on whatever stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            click.echo(f"lowface: {printable(record.getMessage())}", err=True)
        except Exception:
            self.handleError(record)


def log_to_stderr() -> None:
    """Shows lowface's log lines of level ``LOWFACE_LOG`` (default ``info``) and above on stderr.

    Raises:
        LowfaceError: there is no such level.
    """
    level = os.environ.get("LOWFACE_LOG", "info").lower()
    if level not in LEVELS:
        raise LowfaceError(f"LOWFACE_LOG: {level!r} is none of {listing(LEVELS)}{nearest(level, LEVELS)}")
    logger = logging.getLogger("lowface")
    logger.setLevel(level.upper())
    if not any(isinstance(handler, _Stderr) for handler in logger.handlers):
        logger.addHandler(_Stderr())


def add_plugin_commands() -> None:
    """Lets plugins add commands; one that fails, or takes another's name, says so and leaves the others alone."""
    found = loader.plugins()
    for plugin in found.loaded:
        before = dict(cli.commands)
        try:
            found.call(plugin, "register_commands", cli=cli)
            if taken := [name for name, command in before.items() if cli.commands.get(name) is not command]:
                raise PluginError(f"lowface has a command {taken[0]!r} already; give it another name")
        except (Exception, SystemExit) as error:
            cli.commands = before
            text = f"register_commands failed: {cause(error)}"
            if os.environ.get("LOWFACE_STRICT") == "1":
                raise PluginError(f"plugin {plugin.key}: {text}") from error
            found.drop(plugin, text, has_cure(error))
            click.echo(f"lowface: plugin {plugin.key} is left out: {text}", err=True)


def shortened(name: str, most: int = 200) -> str:
    """A name for a message; of one that is too long for any file, its two ends."""
    return name if len(name) <= most else f"{name[:60]}…{name[-60:]} ({len(name)} characters)"


def main() -> None:
    """Entry point: exit 0 success, 1 a failure in one line, 2 wrong usage, 130 interrupted and saved."""
    try:
        for stream in (sys.stdout, sys.stderr):  # names of files may hold bytes that are not UTF-8
            if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
                stream.reconfigure(errors="backslashreplace")
        with printing():
            code = _run()
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        code = 130
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_DFL)  # while Python ends, Ctrl-C would show a traceback
    sys.exit(code)


def _run() -> int:
    """Runs the command that the words of this process ask for; its exit code."""
    try:
        if sys.argv[1:2] != ["doctor"]:  # which looks at these itself, and says more
            log_to_stderr()
            add_plugin_commands()
        code = cli.main(standalone_mode=False) or 0
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort as error:  # what click makes of Ctrl-C
        raise KeyboardInterrupt from error
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone; nothing more to flush
        code = 0
    except Exception as error:
        if os.environ.get("LOWFACE_DEBUG") == "1":
            raise
        known, text = isinstance(error, LowfaceError), str(error)
        if isinstance(error, OSError) and error.filename and error.strerror:  # the system's own words name the file
            known, text = True, f"{shortened(str(error.filename))}: {error.strerror}"
        text = text if known else f"unexpected {type(error).__name__}: {' '.join(str(error).split())}"
        if text:  # of several processes, one speaks for all
            click.echo(f"lowface: {printable(text)}" + ("" if known else " (LOWFACE_DEBUG=1 shows where)"), err=True)
        code = getattr(error, "exit_code", 1)
    return code
