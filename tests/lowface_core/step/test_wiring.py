from __future__ import annotations

from typing import Any

import pytest

from lowface_core.errors import ConfigError
from lowface_core.step.wiring import Reads, check_wiring, head_reads, reads, redirection_faults

SOURCE = "train_dataset 'd'"


class Loss:
    def forward(self, enhanced, *args, positive, labels=None, **kwargs):
        return enhanced


class Face:
    def forward(self, image, scale=1.0, *, landmarks, prepared=None):
        return image


def test_argument_names_are_inputs_and_defaults_make_them_optional() -> None:
    names = {"enhanced": "enhanced", "positive": "positive", "labels": "labels"}
    assert reads(Loss().forward) == reads(Loss.forward) == Reads(names, ("enhanced", "positive"))
    assert reads(Loss().forward).pick({"enhanced": 1, "positive": 2, "low": 3}) == {"enhanced": 1, "positive": 2}
    assert head_reads(Face()) == Reads({"landmarks": "landmarks", "prepared": "prepared"}, ("landmarks",))


def test_a_redirected_argument_reads_another_name_and_must_get_it() -> None:
    what = reads(Loss().forward, {"positive": "normal", "labels": "map"})
    assert what.all == ("enhanced", "normal", "map") == what.required
    assert what.pick({"enhanced": 1, "positive": 2, "normal": 3}) == {"enhanced": 1, "positive": 3}


@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        (
            {"postive": "normal"},
            r"losses\.x\.reads\.postive: .*did you mean 'positive'\?; .*enhanced, labels, positive$",
        ),
        ({"positive": "normal"}, None),
        ({}, None),
    ],
)
def test_faulty_redirections_are_told_from_the_config(redirected: Any, said: str | None) -> None:
    faults = redirection_faults("loss", Loss, {"type": "l", "reads": redirected}, "losses.x")
    assert len(faults) == (said is not None)
    if said is not None:
        with pytest.raises(ConfigError, match=said):
            raise ConfigError(*faults)
    made = redirection_faults("loss", lambda: Loss(), {"reads": {"any": "thing"}}, "losses.x")  # known once it is built
    assert made == []


@pytest.mark.parametrize(
    ("redirected", "data", "path", "name", "hint"),
    [
        ({}, ["low", "positives"], "losses.x", "positive", "positives"),
        ({"positive": "normals"}, ["low", "normal", "positive"], "losses.x", "normals", "normal"),
        ({"positive": "face"}, ["low", "landmark"], "losses.x: heads.face", "landmarks", "landmark"),
        ({}, ["positive", "slow"], "train_dataset", "low", "slow"),
    ],
)
def test_a_name_nobody_supplies_is_told_with_offers_and_nearest(
    redirected: dict[str, str], data: list[str], path: str, name: str, hint: str
) -> None:
    readers = {"losses.x": reads(Loss().forward, redirected)}
    with pytest.raises(ConfigError) as raised:
        check_wiring(readers, SOURCE, data, ["enhanced"], {"face": Face()})
    line = str(raised.value)
    assert line.startswith(f"{path}: reads {name!r}")
    assert f"did you mean {hint!r}?; on offer from {SOURCE}" in line
    assert ", ".join(sorted([*data, "enhanced", "face"])) in line


def test_heads_do_not_see_what_an_evaluation_adds_for_metrics() -> None:
    class Judge:
        def forward(self, image, *, stage):
            return image

    readers = {"metrics.m": Reads({"stage": "stage"}, ("stage",))}
    check_wiring(readers, "folders", ["enhanced"], [], {"judge": Judge()}, ["stage"])
    asking = {"metrics.m": Reads({"judge": "judge"}, ("judge",))}
    with pytest.raises(ConfigError, match=r"metrics\.m: heads\.judge: reads 'stage'"):
        check_wiring(asking, "folders", ["enhanced"], [], {"judge": Judge()}, ["stage"])


def test_who_fills_what_is_traced_the_later_supplier_winning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readers = {"losses.x": reads(Loss().forward), "losses.y": reads(Loss().forward, {"positive": "low"})}
    for trace in ("0", "1"):
        monkeypatch.setenv("LOWFACE_TRACE", trace)
        check_wiring(readers, SOURCE, ["low", "enhanced", "positive"], ["enhanced"], {})
    assert capsys.readouterr().err == (
        f"trace: losses.x reads enhanced from enhancer, positive from {SOURCE}, labels left at its default\n"
        f"trace: losses.y reads enhanced from enhancer, positive from {SOURCE} (low), labels left at its default\n"
    )
