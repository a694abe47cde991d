"""The ablations of the paper's Table IV: what each leaves out."""

from __future__ import annotations

import pytest

from lowface_core.config.load import load, shipped

#: Losses that each row leaves out; the row without negatives keeps all.
GONE = {
    "no_negatives": set(),
    "no_contrast": {"feature_cr", "brightness_cr"},
    "no_features": {"perceptual", "color", "smoothness"},
    "no_segmentation": {"semantic"},
    "no_face": {"identity"},
}


def test_there_is_a_config_for_each_row() -> None:
    assert {name.removeprefix("ablations/") for name in shipped() if name.startswith("ablations/")} == set(GONE)


@pytest.mark.parametrize("row", GONE)
def test_a_row_differs_from_the_default_in_what_it_leaves_out(row: str) -> None:
    default, cfg = load("lowfacenet"), load(f"ablations/{row}")
    for loss in GONE[row]:
        del default["losses"][loss]
    if row == "no_negatives":
        for loss in ("feature_cr", "brightness_cr"):
            default["losses"][loss]["negatives"] = False
    if row == "no_segmentation":
        del default["heads"]["parser"]
    assert cfg == default
