"""Data sets of faces with identities, parsing maps and contrast pictures; the darkening that makes low-light ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lowface_core as lf

if TYPE_CHECKING:
    import click

#: Released pairs of low and normal light, and released faces on cameras, by name.
PAIRS = {"lol": "lol:Lol", "lol_v2": "lol:LolV2", "lsrw": "lol:Lsrw", "ve_lol": "lol:VeLol"}
PAIRS |= {"sice": "sice:Sice", "fivek": "fivek:FiveK"}
FACES = {"scface": "surveillance:ScFace", "tinyface": "surveillance:TinyFace", "survface": "surveillance:SurvFace"}


@lf.hookimpl
def register_datasets(register: lf.Register) -> None:
    """Rendered faces, which need no download, and folders as the data sets of the paper come."""
    darkened = {"degradation": "degradation"}
    contrasted = {"contrast_from": "dataset"}
    register("rendered_faces", "lowface_data.rendered.rendered_faces:RenderedFaces", parts=darkened)
    register("lapa_face", "lowface_data.folders.lapa_face:LapaFace", parts={**darkened, **contrasted})
    register("lapa", "lowface_data.folders.lapa:Lapa", parts={**darkened, **contrasted})
    register("celeba_mask_hq", "lowface_data.folders.celeba_mask_hq:CelebAMaskHQ", parts={**darkened, **contrasted})
    register("lfw", "lowface_data.folders.lfw:Lfw", parts={**darkened, **contrasted})
    register("casia_facev5", "lowface_data.folders.lfw:CasiaFaceV5", parts={**darkened, **contrasted})
    for name, place in PAIRS.items():
        register(name, f"lowface_data.folders.{place}", parts=contrasted)
    for name, place in FACES.items():
        register(name, f"lowface_data.folders.{place}", parts={**darkened, **contrasted})
    register("extended_yale_b", "lowface_data.folders.extended_yale_b:ExtendedYaleB", parts=contrasted)
    register("exdark", "lowface_data.folders.in_the_dark:ExDark")
    register("dark_face", "lowface_data.folders.in_the_dark:DarkFace")
    register("paired_folder", "lowface_data.folders.paired_folder:PairedFolder", parts=contrasted)
    register("unpaired_folder", "lowface_data.folders.unpaired_folder:UnpairedFolder")
    register("image_folder", "lowface_data.folders.image_folder:ImageFolder", parts=darkened)
    register("insightface_bin", "lowface_data.folders.insightface_bin:InsightfaceBin")
    register("contrast", "lowface_data.contrast:Contrast")
    register("augmented", "lowface_data.augmented:Augmented", parts={"dataset": "dataset"})
    register("concat", "lowface_data.concat:Concat", parts={"datasets": ["dataset"]})
    register("subset", "lowface_data.subset:Subset", parts={"dataset": "dataset"})
    register("darkened", "lowface_data.darkened:Darkened", parts={"dataset": "dataset", **darkened})
    register("staged", "lowface_data.staged:Staged", parts={"dataset": "dataset"})


@lf.hookimpl
def register_degradations(register: lf.Register) -> None:
    """Darkening as the paper and as a camera does it; noise and haze for other tasks; compositions."""
    register("linear", "lowface_data.degradations.linear:LinearDarkening")
    register("gamma_noise", "lowface_data.degradations.gamma_noise:GammaNoise")
    register("sensor", "lowface_data.degradations.sensor:Sensor")
    register("additive_noise", "lowface_data.degradations.additive_noise:AdditiveNoise")
    register("haze", "lowface_data.degradations.haze:Haze")
    register("night", "lowface_data.degradations.night:Night")
    register("compose", "lowface_data.degradations.compose:Compose", parts={"steps": ["degradation"]})


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """``lowface synthesize`` and ``lowface data``."""
    from lowface_data.audit.cli_data import data
    from lowface_data.synthesis.cli_synthesize import synthesize

    cli.add_command(synthesize)
    cli.add_command(data)
