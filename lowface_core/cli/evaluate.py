"""``lowface evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import AS_JSON, DEVICE, PATH, ConfigCommand, answer, many
from lowface_core.registry.bounds import LARGEST


@click.command(cls=ConfigCommand)
@click.argument("config", nargs=-1)
@click.option("--checkpoint", help="Work dir of a run, a checkpoint, a state dict file, or registered weights.")
@click.option(
    "--enhancer", help="Another enhancer than CONFIG's, e.g. gamma; without --checkpoint one that needs none."
)
@many("--enhancer-options", "Keywords of the enhancer, e.g. gamma=0.6")
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
@many("--cfg-options", "E.g. metrics.ssim.variant=valid")
@click.option("--name", help="What the method is called in tables [default: by checkpoint, enhancer or folder].")
@click.option("--work-dir", type=PATH, help="Where the result goes [default: work_dirs/evaluate/<name>].")
@click.option("--overwrite", is_flag=True, help="Compute anew and replace the result in the work dir.")
@click.option("--batch-size", "eval_batch_size", type=click.IntRange(min=1), help="Per batch [default: CONFIG's, 8].")
@DEVICE
@click.option("--seed", type=click.IntRange(0, LARGEST), help="Seed of random draws.")
@click.option("--compare", is_flag=True, help="Show results, given as folders, in one table.")
@AS_JSON
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
    compare: bool,
    as_json: bool,
    **overrides: Any,
) -> None:
    """Measure image quality: of an enhancer, of pictures in a folder, or compare results.

    \b
    lowface evaluate CONFIG --checkpoint WORK_DIR
    lowface evaluate --enhanced DIR --reference DIR --metrics psnr,ssim
    lowface evaluate --compare RESULT RESULT

    The work dir receives result.json, each picture's numbers and thumbnails. An interrupted evaluation continues when
    the same command is given again; a finished one is read back.
    """
    beside = {"--reference": reference, "--low": low}
    _check_usage(config, enhanced, compare, beside, bool(checkpoint or enhancer or enhancer_options))
    if compare:
        _compare(config, as_json)
        return
    from lowface_core.evaluation.run import evaluate_config, evaluate_folders, resolve
    from lowface_core.evaluation.text_table import table_text

    if enhanced is not None:
        cfg = resolve(None, cfg_options, overrides, metrics or ("psnr,ssim" if reference else "brightness"))
        result = evaluate_folders(enhanced, reference, low, cfg, name, work_dir, overwrite)
    else:
        cfg_options += tuple(f"enhancer.{option}" for option in enhancer_options)
        cfg = resolve(config[0], cfg_options, overrides, metrics, enhancer)
        # an option for the enhancer means the config's, not the one that a checkpoint brings along
        chosen = enhancer is not None or any(option.startswith("enhancer.") for option in cfg_options)
        result = evaluate_config(cfg, checkpoint, split, name, work_dir, overwrite, chosen)
    head = f"{result['title']}, {result['pictures']} pictures"
    place = f"everything is in {result['manifest']['work_dir']}"
    answer(as_json, result, head, table_text(result["table"], result["columns"]), place)


def _check_usage(
    config: tuple[str, ...], enhanced: Path | None, compare: bool, beside: dict[str, Any], enhancing: bool
) -> None:
    stray = next((option for option, value in beside.items() if value is not None), None)
    if compare:
        if enhanced or enhancing or stray:
            raise click.UsageError("--compare takes folders of results and no other work")
        if len(config) < 2:
            raise click.UsageError("--compare needs two folders of results or more")
    elif enhanced is None:
        if len(config) != 1:
            raise click.UsageError("give one CONFIG, or --enhanced DIR, or --compare with folders of results")
        if stray:
            raise click.UsageError(f"{stray} goes with --enhanced; a CONFIG has its own data set")
    elif config or enhancing:
        raise click.UsageError("--enhanced measures pictures as they are: no CONFIG, --checkpoint or --enhancer")


def _compare(folders: tuple[str, ...], as_json: bool) -> None:
    from lowface_core.report.inputs import load
    from lowface_core.report.summaries import plain, tables, text

    made = tables(load([Path(folder).expanduser() for folder in folders]))
    answer(as_json, plain(made), text(made))
