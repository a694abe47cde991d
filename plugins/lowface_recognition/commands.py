"""``lowface identify`` and ``lowface verify``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lowface_core.cli.options import PATH, ConfigCommand, print_json
from lowface_recognition.options import settings_of, shared_options

if TYPE_CHECKING:
    from lowface_recognition.recognition import Recognition

#: Keys that are shown of those gained and lost.
SHOWN = 5
ALONE = "its files say what is compared; with it goes none of"
ABSENT = {
    "normal": "the normal-light pictures are not known (--normal DIR gives them)",
    "enhanced": "no --enhancer was given",
}


repeats_option = click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Darken each picture so many times, with other noise each time.",
)
ray_option = click.option(
    "--ray", metavar="ADDRESS|local", help="Encode in the processes of a Ray cluster, or of one started here for this."
)


@click.command(cls=ConfigCommand)
@click.option("--gallery", type=PATH, help="Normal-light pictures of everybody.")
@click.option("--probes", type=PATH, help="Pictures to recognise.")
@click.option("--data", type=PATH, help="Instead of both: the first picture of each person is the gallery.")
@click.option(
    "--templates", type=PATH, help="Instead of all: IJB-B or IJB-C, meta/ with its 1:N protocol, loose_crop/."
)
@repeats_option
@ray_option
@shared_options
def identify(
    gallery: Path | None,
    probes: Path | None,
    data: Path | None,
    templates: Path | None,
    repeats: int,
    as_json: bool,
    **options: Any,
) -> None:
    """Who is it? Recognise probes among a gallery, before and after enhancement.

    Folders hold <person>/<picture>.jpg or <person>_<n>.jpg. Probes are low-light pictures, or normal-light ones that
    --degradation darkens. Same detector, alignment and encoder for low, enhanced and normal; an undetected face is a
    wrong answer. The same command again continues or prints what is there.
    """
    if templates is not None:
        if (gallery, probes, data, repeats, options["normal"]) != (None, None, None, 1, None):
            raise click.UsageError(f"--templates: {ALONE} --gallery, --probes, --data, --repeats and --normal")
        from lowface_recognition.identify_templates import TemplateIdentification

        run(TemplateIdentification(templates, settings_of(**{**options, "aligned": True})), as_json)
        return
    if (data is None) == (gallery is None and probes is None) or (gallery is None) != (probes is None):
        raise click.UsageError("give --gallery and --probes, or --data")
    check_repeats(repeats, options)
    settings = settings_of(**options)
    from lowface_recognition.identify import Identification, find

    sets = find(data, gallery, probes, options["normal"], settings.data_options)
    run(Identification(*sets, settings, repeats), as_json)


@click.command(cls=ConfigCommand)
@click.option("--pairs", type=PATH, help="LFW's pairs.txt, CSV/TSV of two paths, 0 or 1, fold, or insightface's .bin.")
@click.option("--templates", type=PATH, help="Folder of IJB-B or IJB-C: meta/ with its protocol, loose_crop/.")
@click.option("--data", type=PATH, help="Folder of the pictures; without --pairs, pairs are drawn from it.")
@click.option("--impostors", type=click.IntRange(min=1), help="Drawn impostor pairs [default: as many as genuine].")
@click.option(
    "--darken",
    type=click.Choice(["second", "both"]),
    default="second",
    show_default=True,
    help="Which picture of a pair is dark (and enhanced); the other stays as it is.",
)
@repeats_option
@ray_option
@shared_options
def verify(
    pairs: Path | None,
    templates: Path | None,
    data: Path | None,
    impostors: int | None,
    darken: str,
    repeats: int,
    as_json: bool,
    **options: Any,
) -> None:
    """The same person or not? Judge pairs of pictures, before and after enhancement.

    LFW's protocol: accuracy with thresholds learnt on nine of ten folds; ROC, AUC, EER, TAR at FAR 1e-1 to 1e-4, of
    IJB's templates to 1e-6 where the pairs allow it. Same
    detector, alignment and encoder for low, enhanced and normal; an undetected face is a wrong answer. The same command
    again continues or prints what is there.
    """
    if templates is not None and (pairs, data, impostors, repeats, options["normal"]) != (None, None, None, 1, None):
        raise click.UsageError(f"--templates: {ALONE} --pairs, --data, --impostors, --repeats and --normal")
    if pairs is not None and impostors is not None:
        raise click.UsageError("--impostors: pairs are drawn only without --pairs")
    if pairs is not None and options["data_options"]:
        raise click.UsageError("--data-options: a list of pairs names its files; they go with --data alone")
    if (pairs, data, templates) == (None, None, None):
        raise click.UsageError("give --pairs FILE, or --data FOLDER to draw pairs from, or --templates FOLDER")
    check_repeats(repeats, options)
    if templates is not None:
        from lowface_recognition.template_files import read_templates
        from lowface_recognition.verify_templates import TemplateVerification

        settings = settings_of(**{**options, "aligned": True})  # the files give the landmarks
        run(TemplateVerification(read_templates(templates), darken, settings, {"templates": templates}), as_json)
        return
    settings, normal = settings_of(**options), options["normal"]
    from lowface_recognition.pair_files import open_pairs
    from lowface_recognition.pairs import draw_pairs
    from lowface_recognition.photos import open_folder
    from lowface_recognition.verify import Verification, add_normal

    if pairs is not None:
        chosen = open_pairs(pairs, data)
    else:
        assert data is not None
        chosen = draw_pairs(open_folder(data, settings.data_options), impostors, settings.seed)
    if normal is not None:
        chosen = add_normal(chosen, normal, darken)
    run(Verification(chosen, darken, settings, {"pairs": pairs, "data": data, "normal": normal}, repeats), as_json)


def check_repeats(repeats: int, options: Mapping[str, Any]) -> None:
    """Repetitions are for pictures that are darkened on the fly."""
    if repeats > 1 and options["degradation"] is None:
        raise click.UsageError("--repeats: needs --degradation; only darkening draws something new each time")


def run(recognition: Recognition, as_json: bool) -> None:
    """Measures, or reads back, and prints the result."""
    from lowface_core.evaluation.measurement import measure

    result = measure(recognition, recognition.settings.work_dir, recognition.settings.overwrite)
    if as_json:
        print_json(result)
    else:
        click.echo(f"{result_text(result)}\neverything is in {result['manifest']['work_dir']}")


def result_text(result: Mapping[str, Any]) -> str:
    """The tables of the report for one result, which stages are absent, and the first of those gained and lost."""
    from lowface_core.report.inputs import Source
    from lowface_core.report.summaries import text
    from lowface_core.runs.results import find_kind

    kind, report = result["kind"], find_kind(result["kind"])
    tables = report.tables([Source(Path(), kind, kind, dict(result), report, name=result["title"])])
    if "enhanced" not in result["stages"]:
        tables = tables[:1]  # nothing was gained or lost
    lines = [f"{stage}: absent; {why}" for stage, why in ABSENT.items() if stage not in result["stages"]]
    for word in ("gained", "lost"):
        if keys := result[word]:
            lines.append(f"{word}: {', '.join(keys[:SHOWN])}" + (" …" if len(keys) > SHOWN else ""))
    return "\n".join([text(tables), *lines])
