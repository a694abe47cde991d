"""``lowface weights push | pull``: runs as repositories of models."""

from __future__ import annotations

from pathlib import Path

import click

from lowface_core.cli.options import PATH


@click.command("push")
@click.argument("run", type=PATH)
@click.argument("repo", metavar="OWNER/NAME")
@click.option("--licence", default="not stated", help="Of the weights, e.g. apache-2.0.  [default: not stated]")
@click.option("--private", is_flag=True, help="A repository that is made is private.")
@click.option("--revision", help="Branch to write to.  [default: main]")
@click.option("--dry-run", type=PATH, metavar="DIR", help="Write into a folder what would be uploaded, and stop.")
def push(run: Path, repo: str, licence: str, private: bool, revision: str | None, dry_run: Path | None) -> None:
    """Upload the work dir RUN as a model repository of the Hugging Face Hub, with a card made from its manifest.

    Uploaded are the checkpoint without what training alone needs, README.md, summary.json and manifest.json, the last
    without commands, folders and the machine. HF_ENDPOINT names another server, HF_TOKEN who you are.
    """
    from lowface_core.runs import model_repository

    if dry_run is not None:
        dry_run.mkdir(parents=True, exist_ok=True)
        for path in model_repository.prepare(run, dry_run, repo, licence):
            click.echo(path)
        return
    click.echo(model_repository.push(run, repo, licence, private, revision))


@click.command("pull")
@click.argument("repo", metavar="OWNER/NAME[@REVISION]")
@click.argument("folder", type=PATH)
def pull(repo: str, folder: Path) -> None:
    """Fetch a run that was pushed into FOLDER, which --checkpoint then takes.

    No config is fetched: one in Python would be a program of strangers, and the checkpoint says which network it is.
    """
    from lowface_core.runs import model_repository
    from lowface_core.weights.hub import MAIN

    name, _, revision = repo.partition("@")
    for path in model_repository.pull(name, folder, revision or MAIN):
        click.echo(path)
