"""Plugins that harm others: what they change is set back, what they break carries their name."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.data.batches import RunOrder, evaluation_batches, served, training_loader
from lowface_core.errors import DataError, LowfaceError, PluginError
from lowface_core.evaluation.metric_set import MetricSet
from lowface_core.registry import owner
from lowface_core.registry.loader import plugins
from lowface_core.registry.owner import mark, owned, owner_of
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.loaded_enhancer import outputs_of
from lowface_core.train.model import EnhancementModel

LOW = torch.linspace(0, 1, 2 * 3 * 16 * 16).reshape(2, 3, 16, 16)


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(owner, "_told", set())
    before = os.getcwd()
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    os.chdir(before)


class Broken(nn.Module):
    """Whatever it is called as, it does what the test wants."""

    names = ("low",)
    variant = "x"

    def __init__(self, act: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.act = act

    def forward(self, enhanced: Tensor) -> Any:
        return self.act(enhanced)

    def update(self, image: Tensor) -> None:
        self.act(image)

    def compute(self) -> float:
        return 1.0

    def __len__(self) -> int:
        return 4

    def item(self, index: int, rng: Any) -> dict[str, Any]:
        return {"low": self.act(LOW[0])}

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.item(index, None)


def as_loss(act: Callable[[Tensor], Any]) -> Any:
    loss = mark(Broken(act), "loss 'bad' of plugin stranger:made")
    return EnhancementModel(nn.Conv2d(3, 3, 1), {"x": loss}, {}, HeadBank({}))(low=LOW.clone(), key=["a", "b"])


def as_head(act: Callable[[Tensor], Any]) -> Any:
    bank = HeadBank({"face": mark(Broken(act), "head 'bad' of plugin stranger:made")})
    return bank.bind({})["face"](LOW.clone())


def as_metric(act: Callable[[Tensor], Any], add_plugin: Any = None) -> Any:
    add_plugin({"metric": {"bad": (lambda: Broken(act), {"better": "higher"})}})
    return MetricSet({"m": {"type": "bad"}}, ("low",)).update({"low": LOW.clone(), "enhanced": LOW.clone()})


def as_data(act: Callable[[Tensor], Any]) -> Any:
    return list(evaluation_batches(mark(Broken(act), "dataset 'bad' of plugin stranger:made"), 1))


def as_enhancer(act: Callable[[Tensor], Any]) -> Any:
    return outputs_of(mark(Broken(act), "enhancer 'bad' of plugin stranger:made"), LOW.clone(), name="runs/a.pth")


PLACES = {
    "losses.x: loss 'bad'": as_loss,
    "heads.face: head 'bad'": as_head,
    "metrics.m: metric 'bad'": as_metric,
    "sample 0: dataset 'bad'": as_data,
    "runs/a.pth: enhancer 'bad'": as_enhancer,
}


def fail(error: BaseException) -> Callable[[Tensor], Any]:
    def act(image: Tensor) -> Any:
        raise error

    return act


@pytest.mark.parametrize(
    "error", [KeyError("eyes"), ZeroDivisionError("by zero"), SystemExit(0), RuntimeError("4 != 3")]
)
@pytest.mark.parametrize("place", PLACES)
def test_what_a_component_raises_names_place_component_and_plugin(place: str, error: BaseException, add_plugin: Any):
    made = {"add_plugin": add_plugin} if "metric" in place else {}
    with pytest.raises(PluginError) as caught:
        PLACES[place](fail(error), **made)
    assert str(caught.value) == f"{place} of plugin stranger:made failed: {type(error).__name__}: {error}"


@pytest.mark.parametrize("error", [MemoryError("full"), torch.OutOfMemoryError("full"), KeyboardInterrupt()])
def test_what_is_not_the_components_fault_stays_as_it_is(error: BaseException):
    with pytest.raises(type(error)) as caught:
        as_loss(fail(error))
    assert caught.value is error


def test_a_users_mistake_stays_as_it_is():
    with pytest.raises(DataError, match=r"^a\.png: cannot be read$"):
        as_data(fail(DataError("a.png: cannot be read")))


def test_a_head_that_fails_within_a_loss_names_both():
    head = mark(Broken(fail(ValueError("shape"))), "head 'vgg' of plugin p")

    class Reads(nn.Module):
        def forward(self, enhanced: Tensor, face: Any) -> Tensor:
            return face(enhanced)

    model = EnhancementModel(nn.Conv2d(3, 3, 1), {"x": Reads()}, {}, HeadBank({"face": head}))
    with pytest.raises(
        PluginError, match=r"^losses\.x: heads\.face: head 'vgg' of plugin p failed: ValueError: shape$"
    ):
        model(low=LOW, key=["a", "b"])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_data_set_that_fails_in_training_is_named_from_a_worker_too(workers: int):
    data = mark(Broken(fail(KeyError("eyes"))), "dataset 'bad' of plugin p")
    batches = served(training_loader(data, RunOrder(4, 2, seed=0), workers))
    with pytest.raises(PluginError, match=r"^sample \d: dataset 'bad' of plugin p failed: KeyError: 'eyes'$"):
        next(batches)


def by_numpy(image: Tensor) -> Tensor:
    image.detach().numpy()[:] = 0.5
    return image.mean()


CHANGES: dict[str, Callable[[Tensor], Any]] = {
    "an operation in place": lambda image: image.mul_(0.5).mean(),
    "an index": lambda image: image.__setitem__((..., 0, 0), 0.0),
    "a view": lambda image: image[:, :1, 3:5].clamp_(0.4, 0.5).mean(),
    "numpy": by_numpy,
    "flipped by numpy": lambda image: image.numpy().__setitem__(slice(None), image.numpy()[..., ::-1].copy()),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", ["heads.face: head 'bad'", "metrics.m: metric 'bad'", "runs/a.pth: enhancer 'bad'"])
def test_a_picture_changed_in_place_is_refused_with_the_culprits_name(place: str, change: str, add_plugin: Any):
    made = {"add_plugin": add_plugin} if "metric" in place else {}
    act = CHANGES[change]
    with pytest.raises(PluginError) as caught:
        PLACES[place](lambda image: (act(image), image.clone())[1], **made)
    name = "low" if "enhancer" in place else "image"
    assert str(caught.value).startswith(f"{place} of plugin stranger:made changes {name!r} in place, which others read")


def test_a_loss_that_changes_a_picture_of_the_batch_is_refused():
    class Darkens(nn.Module):
        def forward(self, low: Tensor, enhanced: Tensor) -> Tensor:
            return (enhanced - low.sub_(0.1)).mean()

    model = EnhancementModel(nn.Conv2d(3, 3, 1), {"x": Darkens()}, {}, HeadBank({}))
    with pytest.raises(PluginError, match=r"losses\.x: Darkens of .* changes 'low' in place"):
        model(low=LOW.clone(), key=["a", "b"])


def test_pictures_with_nan_are_not_taken_for_changed():
    with owned(nn.Identity(), "x", {"image": torch.full((1, 3, 8, 8), torch.nan)}):
        pass


STATES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "dtype": (lambda folder: torch.set_default_dtype(torch.float64), "torch's default dtype (to torch.float64)"),
    "half": (lambda folder: torch.set_default_dtype(torch.bfloat16), "torch's default dtype (to torch.bfloat16)"),
    "gradients": (lambda folder: torch.set_grad_enabled(False), "whether gradients are kept (to False)"),
    "folder": (lambda folder: os.chdir(folder), "the current folder (to "),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("place", ["losses.x: loss 'bad'", "metrics.m: metric 'bad'", "sample 0: dataset 'bad'"])
def test_what_a_component_changes_for_all_is_set_back_and_said_once(
    state: str, place: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, add_plugin: Any
):
    change, said = STATES[state]
    before = (torch.get_default_dtype(), torch.is_grad_enabled(), os.getcwd())
    made = {"add_plugin": add_plugin} if "metric" in place else {}
    with caplog.at_level(logging.WARNING, "lowface"):
        PLACES[place](lambda image: (change(tmp_path), image.mean())[1], **made)
    assert (torch.get_default_dtype(), torch.is_grad_enabled(), os.getcwd()) == before
    (line,) = caplog.messages
    assert line.startswith(f"{place.partition(': ')[2]} of plugin stranger:made changes {said}")
    assert line.endswith("; it is set back")


def test_a_plugin_that_changes_it_while_it_is_built_or_in_a_hook_is_named(
    add_plugin: Any, caplog: pytest.LogCaptureFixture
):
    import lowface_core as lf

    class Double(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.set_default_dtype(torch.float64)

    def check_config(cfg: Any) -> list[str]:
        torch.set_grad_enabled(False)
        return []

    add_plugin({"loss": {"double": Double}}, check_config=check_config)
    with caplog.at_level(logging.WARNING, "lowface"):
        built = lf.build("loss", "double")
        plugins().config_faults({})
    assert owner_of(built) == "loss 'double' of plugin stranger:made"
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert [line.partition(" changes ")[0] for line in caplog.messages] == [owner_of(built), "plugin stranger:made"]


@pytest.mark.parametrize(
    "change",
    [lambda cfg: cfg.clear(), lambda cfg: cfg["losses"].pop("a"), lambda cfg: cfg["metrics"].append("x")],
)
def test_check_config_gets_a_config_of_its_own(change: Callable[[Any], Any], add_plugin: Any):
    cfg = {"losses": {"a": {"type": "b"}}, "metrics": ["psnr"]}

    def check_config(cfg: Any) -> list[str]:
        change(cfg)
        return ["said"]

    add_plugin({}, check_config=check_config)
    assert "said" in plugins().config_faults(cfg)
    assert cfg == {"losses": {"a": {"type": "b"}}, "metrics": ["psnr"]}


@pytest.mark.parametrize("error", [SystemExit(0), sys.exit, ValueError("x")])
def test_a_plugin_that_leaves_in_register_commands_ends_no_command(
    error: Any, add_plugin: Any, capsys: pytest.CaptureFixture[str]
):
    from lowface_core.cli import add_plugin_commands

    def register_commands(cli: Any) -> None:
        raise error if isinstance(error, BaseException) else error()

    add_plugin({}, register_commands=register_commands)
    add_plugin_commands()
    assert "plugin stranger:made is left out: register_commands failed" in capsys.readouterr().err


@pytest.mark.parametrize("size", [(2, 3, 8, 8), (2, 1, 16, 16), (1, 3, 16, 16)])
def test_an_enhancer_that_changes_the_size_is_refused_in_training_as_in_use(size: tuple[int, ...]):
    class Resized(nn.Conv2d):
        def forward(self, low: Tensor) -> Tensor:
            return torch.zeros(size)

    model = EnhancementModel(Resized(3, 3, 1), {}, {}, HeadBank({}))
    with pytest.raises(LowfaceError, match=r"^enhancer: answers with .*; an enhancer keeps the size"):
        model(low=LOW, key=["a", "b"])
    with pytest.raises(LowfaceError, match=r"^a\.pth: answers with"):
        outputs_of(Resized(3, 3, 1), LOW, name="a.pth")
