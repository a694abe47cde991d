from __future__ import annotations

import json

import pytest
from torch import nn


def test_one_kind_alone(lowface):
    rows = json.loads(lowface("list-plugins", "--json", "--kind", "enhancer").out)
    assert rows
    assert all(c["kind"] == "enhancer" for r in rows for c in r["components"])
    assert all(r["components"] for r in rows)


def test_requirements_name_each_distribution_once(lowface, add_plugin):
    add_plugin({"loss": {"a": nn.Identity}}, entry="a")
    add_plugin({"loss": {"b": nn.Identity}}, entry="b")
    lines = lowface("list-plugins", "--requirements").out.splitlines()
    assert "stranger==1.0" in lines
    assert len(lines) == len(set(lines))


def test_no_plugin_at_all_says_where_to_look(lowface, add_plugin, monkeypatch):
    monkeypatch.setenv("LOWFACE_PLUGINS", "nothing_like_it")
    add_plugin()
    done = lowface("list-plugins")
    assert "look at LOWFACE_PLUGINS" in done.out


def test_a_loss_is_described_by_keywords_inputs_and_documentation(lowface):
    (content,) = json.loads(lowface("describe", "color", "--json").out)
    assert content["kind"] == "loss"
    assert content["plugin"] == "lowface:fidelity"
    assert content["signature"] == {"form": "'paper'"}
    assert content["reads"] == ["enhanced", "positive"]
    assert "Gaussian" in content["doc"]
    text = lowface("describe", "color").out
    assert text.startswith("loss color(form='paper')\nplugin: lowface:fidelity\nreads: enhanced, positive\n")


def test_weights_come_with_licence_and_source(lowface):
    done = lowface("describe", "vgg16")
    assert done.code == 0
    assert "weights 'imagenet':" in done.out
    assert "licence: BSD-3-Clause" in done.out


def test_every_component_can_be_described(lowface):
    rows = json.loads(lowface("list-plugins", "--json").out)
    names = {(c["kind"], c["name"]) for r in rows for c in r["components"]}
    assert len(names) > 15
    for kind, name in names:
        done = lowface("describe", name, "--kind", kind, "--json")
        assert done.code == 0, (name, done.err)
        assert json.loads(done.out)[0]["doc"], name


def test_an_unknown_name_comes_with_the_nearest(lowface):
    done = lowface("describe", "colour")
    assert done.code == 1
    assert done.err.startswith("lowface: unknown component 'colour'; did you mean 'color'?")


def test_a_metric_says_what_it_reads_and_which_way_is_better(lowface):
    done = lowface("describe", "psnr").out
    assert "reads: image, normal" in done
    assert "better: higher" in done


SLOW = """
import threading, time
from lowface_core import hookimpl
{at_import}
@hookimpl
def register_losses(register):
    {registering}
"""


@pytest.mark.parametrize(
    ("at_import", "registering", "said"),
    [
        ("time.sleep(1.1)", "pass", "s to load, so every command waits for it"),
        ("", "time.sleep(1.1)", "s to load, so every command waits for it"),
        (
            "threading.Thread(target=time.sleep, args=(5,), name='spin', daemon=True).start()",
            "pass",
            "leaves threads running (spin) in every command",
        ),
        ("", "threading.Timer(5, print).start()", "leaves threads running (Thread-"),
    ],
)
def test_slow_imports_and_lingering_threads_are_told(lowface, stranger, at_import, registering, said):
    stranger("burden", SLOW.format(at_import=at_import, registering=registering))
    done = lowface("list-plugins")
    assert (done.code, said in done.out) == (0, True)
    (row,) = [row for row in json.loads(lowface("list-plugins", "--json").out) if row["burdens"]]
    assert row["plugin"] == "burden:plugin"
