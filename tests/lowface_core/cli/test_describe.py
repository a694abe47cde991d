from __future__ import annotations

import json


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
