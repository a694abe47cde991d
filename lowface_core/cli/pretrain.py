"""``lowface pretrain``."""

from __future__ import annotations

import click

from lowface_core.cli.options import ConfigCommand, config_options, print_json


@click.command(cls=ConfigCommand)
@config_options
def pretrain(
    config: str,
    cfg_options: tuple[str, ...],
    work_dir: str | None,
    device: str | None,
    seed: int | None,
    resume: str | None,
    as_json: bool,
) -> None:
    """Train the network of a head, for later use as a frozen head.

    CONFIG is a file, or the name of a shipped config such as heads/parser_rendered. The work dir receives
    weights.safetensors and record.json (command, seed, data, scores).
    """
    from lowface_core.config.load import load
    from lowface_core.runs.started_in import started_in
    from lowface_core.train.pretrainer import pretrain as run

    overrides = {"work_dir": work_dir, "device": device, "seed": seed}
    cfg = load(config, cfg_options, overrides)
    with started_in(config, cfg, work_dir, resume) as resume:
        record = run(cfg, config, resume)
    if as_json:
        print_json(record)
        return
    for name, value in record["scores"].items():
        click.echo(f"{name}: {value}")
    seconds = record["training_seconds"]
    click.echo(f"trained {record['iterations']} iterations in {seconds} s; weights are in {record['work_dir']}")
