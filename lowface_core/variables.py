"""The environment variables that lowface reads: one table, from which documentation and checks are made."""

from __future__ import annotations

#: Name → what it does. A value other than 1 leaves a switch off.
SWITCHES = {
    "LOWFACE_OFFLINE": "1 forbids the network: weights that are not here are an error that names their address",
    "LOWFACE_STRICT": "1 raises what went wrong in a plugin instead of leaving the plugin out; for its author",
    "LOWFACE_TRACE": "1 prints on stderr every hook call with its arguments and duration, every import of a component, "
    "every build with its keywords, and who fills each argument of a loss or metric",
    "LOWFACE_DEBUG": "1 shows the traceback of an error",
}
#: Values of ``LOWFACE_LOG``.
LEVELS = ("debug", "info", "warning", "error")
VARIABLES = {
    "LOWFACE_HOME": "folder of fetched weights and encoded galleries; default: lowface in the user's cache folder",
    "LOWFACE_PLUGINS": "a,b loads only these plugins, -c all but c; entry-point name, distribution or key",
    "LOWFACE_LOG": "level of log lines on stderr: debug, info (default), warning, error",
    "LOWFACE_TOKEN": "lowface serve answers POST /enhance only with this token in the header Authorization: Bearer …",
    **SWITCHES,
}
#: What only lowface's own tests read.
OF_TESTS = ("LOWFACE_SHARED", "LOWFACE_REQUIRE_SHARED")
