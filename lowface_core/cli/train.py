"""``lowface train``."""

from __future__ import annotations

import click

from lowface_core.cli.options import ConfigCommand, config_name, config_options, print_json


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
    config: str,
    cfg_options: tuple[str, ...],
    work_dir: str | None,
    device: str | None,
    seed: int | None,
    resume: str | None,
    as_json: bool,
    amp: bool | None,
    launcher: str,
) -> None:
    """Train an enhancer.

    CONFIG is a file, or the name of a shipped config (`lowface config list`). The closing table compares the low, the
    enhanced and the normal pictures of the test set.
    """
    from lowface_core.config.load import load
    from lowface_core.evaluation.text_table import table_text
    from lowface_core.runs.started_in import started_in
    from lowface_core.train.trainer import train as run

    overrides = {"work_dir": work_dir, "device": device, "seed": seed, "amp": amp}
    cfg = load(config, cfg_options, overrides)
    with started_in(config, cfg, work_dir, resume) as resume:
        summary = run(cfg, config_name(config), resume, launcher)
    if not summary:
        return  # not the main process
    if as_json:
        print_json(summary)
        return
    if "test" in summary:
        click.echo(f"test set, by {summary['checkpoint']}\n{table_text(summary['test'], summary['columns'])}")
    click.echo(
        f"trained {summary['iterations']} iterations in {summary['training_seconds']} s, "
        f"peak memory {summary['peak_memory_mib']} MiB; everything is in {summary['work_dir']}"
    )
