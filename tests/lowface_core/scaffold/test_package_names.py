"""Names of a new plugin: what follows from the one given, and which will not do."""

from __future__ import annotations

import pytest

from lowface_core.errors import PluginError
from lowface_core.registry.registration import KINDS
from lowface_core.scaffold.package_names import SUFFIX, Names, names_for


def test_names_follow_from_the_distributions() -> None:
    assert names_for("lowface-warm-light", "loss") == Names(
        "lowface-warm-light", "lowface_warm_light", "warm_light", "WarmLight", "WarmLightLoss"
    )
    assert names_for("haze_free2", "head") == Names(
        "haze_free2", "haze_free2", "haze_free2", "HazeFree2", "HazeFree2Head"
    )
    assert names_for("lowface-dark-loss", "loss").cls == "DarkLoss"
    assert set(SUFFIX) == set(KINDS)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Lowface-Warmth", "did you mean 'lowface-warmth'?"),
        ("my plugin", "did you mean 'my-plugin'?"),
        ("warmth!", "did you mean 'warmth'?"),
        ("7-lights", "beginning with a letter"),
        ("", "will not do as a name"),
        ("-", "will not do as a name"),
        ("a--b", "did you mean 'a-b'?"),
        ("../up", "did you mean 'up'?"),
        ("über", "will not do as a name"),
        ("class", "class is a word of Python's; try lowface-classs"),
        ("lowface-lambda", "lambda is a word of Python's"),
        ("match", "match is a word of Python's"),
        ("lowface-3d", "write a letter after 'lowface-'"),
        ("torch", "'torch' is installed already (version"),
        ("lowface", "'lowface' is installed already (version"),
        ("facenet_pytorch", "'facenet_pytorch' is installed already"),
        ("json", "'json' is a module of Python's own; choose another name, such as lowface-json"),
        ("lowface-core", "a module lowface_core is installed already"),
        ("lowface-fidelity", "a module lowface_fidelity is installed already"),
        ("lowface-color", "plugin lowface:fidelity offers a loss 'color' already; choose another name"),
        ("lowface-" + "long-" * 8 + "name", "52 characters long; 36 at most"),
    ],
)
def test_a_name_that_will_not_do_is_one_line(name: str, told: str) -> None:
    with pytest.raises(PluginError) as refused:
        names_for(name, "loss")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_is_taken_by_the_same_kind_alone() -> None:
    assert names_for("lowface-color", "metric").component == "color"
