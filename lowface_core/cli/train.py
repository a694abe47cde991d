"""``lowface train`` and ``lowface pretrain``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import ConfigCommand, answer, config_options


@click.command(cls=ConfigCommand)
@config_options
@click.option("--amp", is_flag=True, default=None, help="Mixed precision.")
@click.option(
    "--launcher",
    type=click.Choice(["none", "pytorch"]),
    default="none",
    show_default=True,
    help="pytorch: started by torchrun.",
)
def train(
    config: str, cfg_options: tuple[str, ...], resume: str | None, as_json: bool, launcher: str, **overrides: Any
) -> None:
    """Train an enhancer.

    CONFIG is a file, or the name of a shipped config (`lowface config list`). The closing table compares the low, the
    enhanced and the normal pictures of the test set.
    """
    from lowface_core.config.load import load
    from lowface_core.evaluation.text_table import table_text
    from lowface_core.runs.training_folder import started_in
    from lowface_core.train.trainer import train as run

    cfg = load(config, cfg_options, overrides)
    with started_in(config, cfg, overrides["work_dir"], resume) as resume:
        summary = run(cfg, Path(config).stem, resume, launcher)
    if not summary:
        return  # not the main process
    lines = [
        f"trained {summary['iterations']} iterations in {summary['training_seconds']} s, "
        f"peak memory {summary['peak_memory_mib']} MiB; everything is in {summary['work_dir']}"
    ]
    if "test" in summary:
        table = table_text(summary["test"], summary["columns"])
        lines.insert(0, f"test set, by {summary['checkpoint']}\n{table}")
    answer(as_json, summary, *lines)


@click.command(cls=ConfigCommand)
@config_options
def pretrain(config: str, cfg_options: tuple[str, ...], resume: str | None, as_json: bool, **overrides: Any) -> None:
    """Train the network of a head, for later use as a frozen head.

    CONFIG is a file, or the name of a shipped config such as heads/parser_rendered. The work dir receives
    weights.safetensors and record.json (command, seed, data, scores).
    """
    from lowface_core.config.load import load
    from lowface_core.runs.training_folder import started_in
    from lowface_core.train.pretrainer import pretrain as run

    cfg = load(config, cfg_options, overrides)
    with started_in(config, cfg, overrides["work_dir"], resume) as resume:
        record = run(cfg, config, resume)
    scores = (f"{name}: {value}" for name, value in record["scores"].items())
    seconds = record["training_seconds"]
    trained = f"trained {record['iterations']} iterations in {seconds} s; weights are in {record['work_dir']}"
    answer(as_json, record, *scores, trained)
