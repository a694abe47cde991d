from __future__ import annotations

import json

from lowface_core import doctor
from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding

FOUND = {
    "one": lambda: [Finding(OK, "all is well")],
    "two": lambda: [Finding(WARNING, "it is old", "renew it"), Finding(FAULT, "it is broken", "mend it")],
}


def test_every_finding_is_printed_with_its_cure_below(lowface, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: {name: list(check()) for name, check in FOUND.items()})
    done = lowface("doctor")
    assert done.code == 1
    assert done.out == (
        "one\n"
        "  ok       all is well\n"
        "two\n"
        "  warning  it is old\n"
        "           → renew it\n"
        "  fault    it is broken\n"
        "           → mend it\n"
        "1 fault found, 1 warning found\n"
    )
    assert "all is well" not in lowface("doctor", "--quiet").out
    content = json.loads(lowface("doctor", "--json").out)
    assert (content["faults"], content["warnings"]) == (1, 1)
    assert content["findings"]["two"][1] == {"level": "fault", "what": "it is broken", "cure": "mend it"}


def test_warnings_alone_are_success(lowface, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: {"one": [Finding(WARNING, "it is old", "renew it")]})
    done = lowface("doctor", "--quiet")
    assert (done.code, done.out.splitlines()[-1]) == (0, "no faults found, 1 warning found")
