"""``lowface synthesize``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import PATH, keywords, print_json
from lowface_core.errors import ConfigError, listing, nearest
from lowface_core.registry.bounds import LARGEST


@click.command(epilog="Presets and their keywords: docs/data.md")
@click.argument("src", type=PATH)
@click.argument("dst", type=PATH)
@click.option("--preset", metavar="NAME", help="Darkening and level of a published set, e.g. lowfacenet-train.")
@click.option("--degradation", metavar="NAME", help="Any degradation instead: see `lowface list-plugins`.")
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="Set a keyword of the degradation.")
@click.option("--level", type=float, help="Mean brightness of the set, 0 to 1 (linear darkening only).")
@click.option("--tolerance", type=float, help="How far the mean may be off the level [default: 0.01].")
@click.option("--min-size", type=click.IntRange(min=1), help="Leave out pictures with a shorter side, in pixels.")
@click.option("--seed", type=click.IntRange(0, LARGEST), default=0, show_default=True, help="Seed of every draw.")
@click.option("--layout", help="Layout of SRC, if it is not recognised, e.g. lfw.")
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["png", "webp", "jpg"]),
    default="png",
    show_default=True,
    callback=lambda context, parameter, value: f".{value}",
    help="Of the low-light files; png alone is lossless.",
)
@click.option("--skip-unreadable", is_flag=True, help="Leave out pictures that cannot be read.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes [default: one per core].")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
def synthesize(
    src: Path,
    dst: Path,
    preset: str | None,
    degradation: str | None,
    options: tuple[str, ...],
    jobs: int | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Make a low-light data set from the pictures of SRC in the folder DST.

    DST gets the released layout: underexposed/, normal/, seg/ where SRC has maps, split.json where it has splits, and
    manifest.json with every drawn number. The same command gives the same bytes; after an interruption it continues.
    """
    from lowface_core.processors import processors
    from lowface_data.synthesis.synthesize import PRESETS, Recipe
    from lowface_data.synthesis.synthesize import synthesize as run

    if (preset is None) == (degradation is None):
        raise click.UsageError("give either --preset or --degradation")
    if preset and preset not in PRESETS:
        raise ConfigError(f"--preset {preset}: no such preset{nearest(preset, PRESETS)}; there are {listing(PRESETS)}")
    chosen = PRESETS[preset] if preset else {"degradation": {"type": degradation}}
    recipe = {**chosen, **{name: value for name, value in given.items() if value is not None}}
    recipe["degradation"] = {**chosen["degradation"], **keywords(options, "--option")}
    manifest = run(src, dst, Recipe(**recipe), jobs or processors())
    if as_json:
        print_json(manifest)
        return
    mean, left_out = manifest["brightness"], manifest["left_out"]
    click.echo(
        f"{len(manifest['pictures'])} pictures in {dst}: mean brightness {mean['before']:.4f} → {mean['after']:.4f}"
        + (f" (level {manifest['level']})" if manifest["level"] is not None else "")
    )
    if left_out:
        name, reason = next(iter(left_out.items()))
        click.echo(
            f"left out: {len(left_out)} pictures, the first being {name} ({reason}); see {dst / 'manifest.json'}"
        )
