"""Data sets of faces with identities, parsing maps and contrast pictures; the darkening that makes low-light ones."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_datasets(register):
    """Rendered faces, which need no download, and folders in the layout of LaPa-Face."""
    register("rendered_faces", "lowface_data.rendered_faces:RenderedFaces", parts={"degradation": "degradation"})
    register("lapa_face", "lowface_data.lapa_face:LapaFace", parts={"degradation": "degradation"})


@lf.hookimpl
def register_degradations(register):
    """Darkening by a drawn ratio."""
    register("linear", "lowface_data.linear:LinearDarkening")
