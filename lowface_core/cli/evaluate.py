"""``lowface evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import PATH, ConfigCommand, print_json


@click.command(cls=ConfigCommand)
@click.argument("config", nargs=-1)
@click.option("--checkpoint", help="Work dir of a run, a checkpoint, a state dict file, or registered weights.")
@click.option(
    "--enhancer", help="Another enhancer than CONFIG's, e.g. gamma; without --checkpoint one that needs none."
)
@click.option(
    "--enhancer-options", multiple=True, metavar="KEY=VALUE…", help="Keywords of the enhancer, e.g. gamma=0.6"
)
@click.option(
    "--split",
    type=click.Choice(["test", "val", "train"]),
    default="test",
    show_default=True,
    help="Which data set of CONFIG.",
)
@click.option("--enhanced", type=PATH, metavar="DIR", help="Pictures to judge, instead of CONFIG; subfolders count.")
@click.option("--reference", type=PATH, metavar="DIR", help="Their references, paired by name without ending.")
@click.option("--low", type=PATH, metavar="DIR", help="The low-light pictures they were made from; measured, too.")
@click.option(
    "--metrics",
    metavar="LIST",
    help="E.g. psnr,ssim,ssim:valid (metric:variant); +NAME adds to CONFIG's [default: CONFIG's; psnr,ssim].",
)
@click.option("--cfg-options", multiple=True, metavar="KEY=VALUE…", help="E.g. metrics.ssim.variant=valid")
@click.option("--name", help="What the method is called in tables [default: by checkpoint, enhancer or folder].")
@click.option("--work-dir", type=PATH, help="Where the result goes [default: work_dirs/evaluate/<name>].")
@click.option("--overwrite", is_flag=True, help="Compute anew and replace the result in the work dir.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Pictures per batch [default: eval_batch_size, 8].")
@click.option("--device", help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of random draws.")
@click.option("--compare", is_flag=True, help="Show results, given as folders, in one table.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout.")
def evaluate(
    config: tuple[str, ...],
    checkpoint: str | None,
    enhancer: str | None,
    enhancer_options: tuple[str, ...],
    split: str,
    enhanced: Path | None,
    reference: Path | None,
    low: Path | None,
    metrics: str | None,
    cfg_options: tuple[str, ...],
    name: str | None,
    work_dir: Path | None,
    overwrite: bool,
    batch_size: int | None,
    device: str | None,
    seed: int | None,
    compare: bool,
    as_json: bool,
) -> None:
    """Measure image quality: of an enhancer, of pictures in a folder, or compare results.

    \b
    lowface evaluate CONFIG --checkpoint WORK_DIR
    lowface evaluate --enhanced DIR --reference DIR --metrics psnr,ssim
    lowface evaluate --compare RESULT RESULT

    The work dir receives result.json, each picture's numbers and thumbnails. An interrupted evaluation continues when
    the same command is given again; a finished one is read back.
    """
    _check_usage(
        config, enhanced, compare, {"--reference": reference, "--low": low}, (checkpoint, enhancer, enhancer_options)
    )
    if compare:
        _compare(config, as_json)
        return
    from lowface_core.evaluation.run import evaluate_config, evaluate_folders
    from lowface_core.evaluation.setup import resolve

    overrides = {"device": device, "seed": seed, "eval_batch_size": batch_size}
    if enhanced is not None:
        cfg = resolve(None, cfg_options, overrides, metrics or ("psnr,ssim" if reference else "brightness"))
        result = evaluate_folders(enhanced, reference, low, cfg, name, work_dir, overwrite)
    else:
        cfg_options += tuple(f"enhancer.{option}" for option in enhancer_options)
        cfg = resolve(config[0], cfg_options, overrides, metrics, enhancer)
        # an option for the enhancer means the config's, not the one that a checkpoint brings along
        chosen = enhancer is not None or any(option.startswith("enhancer.") for option in cfg_options)
        result = evaluate_config(cfg, checkpoint, split, name, work_dir, overwrite, chosen)
    if as_json:
        print_json(result)
        return
    from lowface_core.evaluation.text_table import table_text

    click.echo(f"{result['title']}, {result['pictures']} pictures\n{table_text(result['table'], result['columns'])}")
    click.echo(f"everything is in {result['manifest']['work_dir']}")


def _check_usage(
    config: tuple[str, ...], enhanced: Path | None, compare: bool, beside: dict[str, Any], sources: tuple[Any, ...]
) -> None:
    stray = next((option for option, value in beside.items() if value is not None), None)
    if compare:
        if enhanced or any(sources) or stray:
            raise click.UsageError("--compare takes folders of results and no other work")
        if len(config) < 2:
            raise click.UsageError("--compare needs two folders of results or more")
    elif enhanced is None:
        if len(config) != 1:
            raise click.UsageError("give one CONFIG, or --enhanced DIR, or --compare with folders of results")
        if stray:
            raise click.UsageError(f"{stray} goes with --enhanced; a CONFIG has its own data set")
    elif config or any(sources):
        raise click.UsageError("--enhanced measures pictures as they are: no CONFIG, --checkpoint or --enhancer")


def _compare(folders: tuple[str, ...], as_json: bool) -> None:
    from lowface_core.report.compare import compare, plain, text

    tables = compare([Path(folder).expanduser() for folder in folders])
    if as_json:
        print_json(plain(tables))
    else:
        click.echo(text(tables))
