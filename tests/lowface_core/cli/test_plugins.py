from __future__ import annotations

import json

from torch import nn


def test_json_is_a_list_of_plugins_in_the_agreed_form(lowface):
    said = lowface("list-plugins", "--json")
    assert said.code == 0
    rows = json.loads(said.out)
    assert all(set(r) == {"plugin", "distribution", "version", "status", "error", "components"} for r in rows)
    ours = {r["plugin"]: r for r in rows}
    assert ours["lowface:retinex"]["status"] == "ok"
    assert ours["lowface:retinex"]["error"] is None
    assert ours["lowface:retinex"]["components"] == [{"kind": "enhancer", "name": "retinex"}]


def test_a_failed_plugin_is_listed_with_its_cause_and_the_exit_code_says_so(lowface, add_plugin):
    add_plugin(loads=ImportError("No module named 'gone'"), distribution="broken")
    said = lowface("list-plugins", "--json")
    assert said.code == 1
    (row,) = [r for r in json.loads(said.out) if r["plugin"] == "broken:made"]
    assert row == {
        "plugin": "broken:made",
        "distribution": "broken",
        "version": "1.0",
        "status": "failed",
        "error": "ImportError: No module named 'gone'",
        "components": [],
    }
    assert "failed  ImportError: No module named 'gone'" in lowface("list-plugins").out


def test_clashes_are_named_with_what_to_write_instead(lowface, add_plugin):
    add_plugin({"loss": {"color": nn.Identity}})
    said = lowface("list-plugins")
    assert "name clash: loss 'color' is claimed by 2 plugins; write lowface/color or stranger/color" in said.out
    assert said.code == 0


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
    said = lowface("list-plugins")
    assert "look at LOWFACE_PLUGINS" in said.out


def test_a_loss_is_described_by_keywords_inputs_and_documentation(lowface):
    (said,) = json.loads(lowface("describe", "color", "--json").out)
    assert said["kind"] == "loss"
    assert said["plugin"] == "lowface:fidelity"
    assert said["signature"] == {"form": "'paper'"}
    assert said["reads"] == ["enhanced", "positive"]
    assert "Gaussian" in said["doc"]
    text = lowface("describe", "color").out
    assert text.startswith("loss color(form='paper')\nplugin: lowface:fidelity\nreads: enhanced, positive\n")


def test_weights_come_with_licence_and_source(lowface):
    said = lowface("describe", "vgg16")
    assert said.code == 0
    assert "weights 'imagenet':" in said.out
    assert "licence: BSD-3-Clause" in said.out


def test_every_component_can_be_described(lowface):
    rows = json.loads(lowface("list-plugins", "--json").out)
    names = {(c["kind"], c["name"]) for r in rows for c in r["components"]}
    assert len(names) > 15
    for kind, name in names:
        said = lowface("describe", name, "--kind", kind, "--json")
        assert said.code == 0, (name, said.err)
        assert json.loads(said.out)[0]["doc"], name


def test_an_unknown_name_comes_with_the_nearest(lowface):
    said = lowface("describe", "colour")
    assert said.code == 1
    assert said.err.startswith("lowface: unknown component 'colour'; did you mean 'color'?")


def test_a_metric_says_what_it_reads_and_which_way_is_better(lowface):
    said = lowface("describe", "psnr").out
    assert "reads: image, normal" in said
    assert "better: higher" in said
