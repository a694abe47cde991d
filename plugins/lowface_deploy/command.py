"""``lowface export``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import AS_JSON, PATH, ConfigCommand, enhancer_config, enhancer_options, print_json


@click.command(cls=ConfigCommand)
@click.argument("run")
@click.option("--format", type=click.Choice(["onnx", "openvino", "torch"]), default="onnx", show_default=True)
@click.option("--precision", type=click.Choice(["fp32", "fp16", "int8"]), default="fp32", show_default=True)
@click.option("-o", "--output", type=PATH, help="The file [default: the method's name, in the current folder].")
@click.option("--calibrate", type=PATH, metavar="DIR", help="Dark pictures; int8 is calibrated and compared with them.")
@click.option("--check", metavar="DIR_OR_CONFIG", help="Pictures on which the loss by the export is measured.")
@click.option("--recogniser", metavar="CONFIG", help="Whose heads.face tells what people lose, e.g. recognition.")
@click.option("--licence", metavar="TEXT", help="Of the weights [default: what their record says].")
@enhancer_options
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@AS_JSON
def export(run: str, enhancer: str | None, enhancer_options: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Write a trained enhancer as a file for ONNX Runtime, OpenVINO or TorchScript.

    RUN is a work dir, a checkpoint, or the name of an enhancer or of registered weights. The file takes pictures of any
    size, any number at once. It is compared with torch at once; what misses its tolerance is not written. FILE.json
    beside it says how far it is, and --checkpoint FILE works wherever a checkpoint does.
    """
    from lowface_deploy.exporting import export as write

    report = write(run, config=enhancer_config(enhancer, enhancer_options), **options)
    if as_json:
        print_json(report)
        return
    found = report["parity"]
    click.echo(f"{report['written'][-2]}: {report['bytes'] / 2**20:.2f} MiB, {report['precision']}")
    same = "" if found["psnr"] == float("inf") else f", PSNR {found['psnr']:.1f} dB"
    click.echo(f"against torch: differs by {found['mean']:.1e} on average, by {found['max']:.1e} at most{same}")
    for name, numbers in report.get("check", {}).items():
        if isinstance(numbers, dict) and "lost" in numbers:
            click.echo(f"{name}: torch {numbers['torch']:.3f}, exported {numbers['exported']:.3f}")
    click.echo(f"everything else is in {Path(report['written'][-1])}")
