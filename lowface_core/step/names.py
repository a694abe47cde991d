"""The names of a step: what losses, metrics and heads may read, with shapes; the reference page is made of it."""

from __future__ import annotations

PICTURE = "float32 (B,3,H,W), RGB in [0,1]"

#: Name of the batch → (what it is made of, meaning). A data set supplies what it has.
BATCH: dict[str, tuple[str, str]] = {
    "low": (PICTURE, "the low-light picture, which the enhancer gets"),
    "normal": (PICTURE, "the same scene in normal light"),
    "positive": (PICTURE, "a normal-light picture of something else, to be pulled to"),
    "negative": (PICTURE, "a low-light picture of something else, to be pushed from"),
    "labels": ("int64 (B,H,W)", "parsing map, the 11 LaPa classes"),
    "identity": ("int64 (B,)", "whose face; an index into the data set's identities"),
    "box": ("float32 (B,4)", "x1 y1 x2 y2 of the face, pixels"),
    "landmarks": (
        "float32 (B,5,2)",
        "x y in pixels: the picture's left eye, right eye, nose, left and right mouth corner",
    ),
    "key": ("list of B str", "name of the sample, for messages"),
}
#: Output of an enhancer → the same; only ``enhanced`` is needed, others as its class attribute ``outputs`` lists them.
ENHANCER: dict[str, tuple[str, str]] = {
    "enhanced": (PICTURE, "the brightened picture"),
    "illumination": ("float32 (B,1 or 3,H,W) in [0,1]", "the estimated illumination, where the enhancer has one"),
    "reflectance": (PICTURE, "the picture without its illumination, where the enhancer keeps the two apart"),
    "relit": ("float32 (B,1,H,W) in [0,1]", "the illumination, brightened, where a network of its own does that"),
    "first_illumination": (
        "float32 (B,3,H,W)",
        "the largest value of each place's neighbourhood, from which one is unrolled",
    ),
    "stages": ("float32 (B,3·stages,H,W) in [0,1]", "illuminations of a cascade, the first stage's first"),
    "stage_inputs": ("float32 (B,3·stages,H,W)", "what each stage of a cascade was given"),
    "enhance": ("function", "in training: makes of another picture (B,3,h,w) what the same network makes of it"),
    "decompose": ("function", "in training: takes another picture apart by the same network"),
    "curves": ("float32 (B,C,H,W) in [-1,1]", "parameters of the brightening curves, where the enhancer bends curves"),
}
#: What an evaluation adds, for metrics.
METRICS: dict[str, tuple[str, str]] = {
    "image": (PICTURE, "the picture being measured: the low, the enhanced or the normal one")
}
#: What the core fills in for heads besides the names of the step.
HEADS: dict[str, tuple[str, str]] = {
    "prepared": ("anything", "what the head's prepare_for(dataset, run) returned, e.g. an encoded gallery")
}
