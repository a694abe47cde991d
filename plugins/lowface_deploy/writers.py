"""One function a format: a network becomes a file that carries its facts."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lowface_core.errors import LowfaceError
from lowface_core.lazy import needed
from lowface_deploy.interface import FACTS, INPUT, OUTPUT
from lowface_deploy.traced import EXAMPLE, Picture, friendly, traced

#: ONNX operators of this version are known to every runtime of the last years.
OPSET = 17
#: What computes with weights, in either format; everything else stays in float where precision is reduced.
WEIGHTED = {"Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul", "Conv", "ConvTranspose", "Gemm"}
Pictures = Sequence[np.ndarray]
AXES = {name: {0: "batch", 2: "height", 3: "width"} for name in (INPUT, OUTPUT)}


def write_onnx(enhancer: nn.Module, path: Path, precision: str, facts: str, pictures: Pictures) -> None:
    """Writes ``.onnx``.

    Args:
        precision: ``fp32``; ``fp16``, weights and arithmetic, pictures stay float32; ``int8``, convolutions.
        facts: JSON text for the file's metadata.
        pictures: float32 (1,3,H,W), with which ``int8`` is calibrated.

    Raises:
        PluginError: a package is missing.
        LowfaceError: torch cannot record the network.
    """
    onnx = needed("onnx", "onnx")
    needed("onnxruntime", "onnx")
    network = Picture(enhancer).eval()
    _record_onnx(network, path)
    model = onnx.load(path)
    if precision == "fp16":
        convert = needed("onnxruntime.transformers.float16", "onnx").convert_float_to_float16
        model = convert(model, keep_io_types=True)
    elif precision == "int8":
        convolutions = [node.name for node in model.graph.node if node.op_type in WEIGHTED]
        kinds = {node.op_type for node in model.graph.node}
        apart = whole_picture_parts(enhancer)
        model = _quantised(model, [{INPUT: picture} for picture in pictures], kinds, convolutions, apart)
    model.metadata_props.add(key=FACTS, value=facts)
    onnx.save(model, path)


def _record_onnx(network: nn.Module, path: Path) -> None:
    """By the recorder that takes any code; where torch has it no more or it fails, by the one through torch.export."""
    example = (torch.rand(EXAMPLE) * 0.3,)
    names: dict[str, Any] = {"input_names": [INPUT], "output_names": [OUTPUT]}
    sides = ({0: "batch", 2: "height", 3: "width"},)
    ways: list[dict[str, Any]] = [
        {"dynamo": False, "dynamic_axes": AXES, "opset_version": OPSET},
        {"dynamo": True, "dynamic_shapes": [{k: torch.export.Dim(v) for k, v in sides[0].items()}]},
    ]
    faults = []
    for way in ways:
        try:
            with friendly(), _silence():
                torch.onnx.export(network, example, str(path), **names, **way)
            return
        except OSError:
            raise  # of the disk, and no fault of the network's
        except Exception as error:  # of many types: unsupported operators, missing packages, control flow
            faults.append(" ".join(str(error).split())[:150])
    raise LowfaceError(f"the enhancer cannot be recorded as ONNX: {faults[0]}")


def write_openvino(enhancer: nn.Module, path: Path, precision: str, facts: str, pictures: Pictures) -> None:
    """Writes ``.xml`` and ``.bin``; arguments and errors as for :func:`write_onnx`.

    With ``fp16`` the weights are stored in half precision; in which one they compute is the device's choice.
    """
    openvino = needed("openvino", "openvino")
    shape = openvino.PartialShape([-1, 3, -1, -1])
    try:
        with friendly(), _silence():
            example = torch.rand(EXAMPLE) * 0.3
            model = openvino.convert_model(Picture(enhancer).eval(), example_input=example, input=[shape])
    except Exception as error:
        raise LowfaceError(f"the enhancer cannot be recorded: {' '.join(str(error).split())[:150]}") from error
    if precision == "int8":
        ordered = model.get_ordered_ops()
        convolutions = [op.get_friendly_name() for op in ordered if op.get_type_name() in WEIGHTED]
        kinds = {op.get_type_name() for op in ordered} - {"Constant", "Convert", "Parameter", "Result"}
        model = _quantised(model, list(pictures), kinds, convolutions, whole_picture_parts(enhancer))
    model.inputs[0].get_tensor().set_names({INPUT})
    model.outputs[0].get_tensor().set_names({OUTPUT})
    model.set_rt_info(facts, [FACTS])
    try:
        openvino.save_model(model, path, compress_to_fp16=precision == "fp16")
    except RuntimeError:  # of a full disk it does not say that it is one, which another write does
        path.write_bytes(bytes(2**20 + sum(each.nbytes for each in enhancer.state_dict().values())))
        raise


def write_torch(enhancer: nn.Module, path: Path, precision: str, facts: str, pictures: Pictures) -> None:
    """Writes ``.torchscript``; arguments and errors as for :func:`write_onnx`, without ``int8``."""
    if precision == "int8":
        raise LowfaceError("--precision int8: is for onnx and openvino; TorchScript has fp32 and fp16")
    try:
        with _silence():
            recorded = traced(Picture(enhancer, precision == "fp16").eval())
            content = io.BytesIO()  # on a full disk torch's own writing of files ends the process
            torch.jit.save(recorded, content, _extra_files={FACTS: facts})
    except RuntimeError as error:
        raise LowfaceError(f"the enhancer cannot be recorded: {' '.join(str(error).split())[:150]}") from error
    path.write_bytes(content.getvalue())


def _quantised(model: Any, pictures: list[Any], kinds: set[str], weighted: list[str], apart: list[str]) -> Any:
    """The model with convolutions in eight bits, but for the first and the last, which see and make the picture.

    Ranges reach from the smallest to the largest value seen, for in the dark what matters is far from the mean. Weights
    use half of their range: on processors without instructions for it (VNNI) sums of eight-bit products overflow.

    Args:
        kinds: operators that occur.
        weighted: names of those with weights, in order.
        apart: of modules that stay in float, see :func:`whole_picture_parts`.
    """
    nncf = needed("nncf", "openvino")
    nncf.set_log_level(logging.ERROR)
    advanced = needed("nncf.quantization.advanced_parameters", "openvino")
    ranges = needed("nncf.quantization.range_estimator", "openvino").RangeEstimatorParametersSet.MINMAX
    parts = [f".enhancer.{name}." for name in apart]
    kept = [name for name in weighted if any(part in f".{name}".replace("/", ".") for part in parts)]
    others = [name for name in weighted if name not in kept]
    ignored = nncf.IgnoredScope(
        types=sorted(kinds - WEIGHTED), names=[*kept, *others[:1], *others[1:][-1:]], validate=False
    )
    with _silence():
        return nncf.quantize(
            model,
            nncf.Dataset(pictures),
            subset_size=len(pictures),
            ignored_scope=ignored,
            preset=nncf.QuantizationPreset.MIXED,  # after a leaky rectifier there is little below zero
            advanced_parameters=advanced.AdvancedQuantizationParameters(
                overflow_fix=advanced.OverflowFix.ENABLE, activations_range_estimator_params=ranges
            ),
        )


@torch.no_grad()
def whole_picture_parts(enhancer: nn.Module) -> list[str]:
    """Names of an enhancer's parts that describe the whole picture to it.

    They cost little, and what they say holds for every pixel, so that an error of theirs is one of all.
    """
    context = getattr(enhancer, "context", None)
    if not callable(context):
        return []
    ran: list[str] = []

    def noted(name: str) -> Callable[..., None]:
        return lambda *_: ran.append(name)

    hooks = [part.register_forward_pre_hook(noted(name)) for name, part in enhancer.named_children()]
    try:
        context(torch.rand(EXAMPLE) * 0.3)
    finally:
        for hook in hooks:
            hook.remove()
    return sorted(set(ran))


@contextlib.contextmanager
def _silence() -> Any:
    """What exporters say on both streams, at length, says nothing to a user."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


#: Format → how it is written, and its ending.
FORMATS: dict[str, tuple[Callable[..., None], str]] = {
    "onnx": (write_onnx, ".onnx"),
    "openvino": (write_openvino, ".xml"),
    "torch": (write_torch, ".torchscript"),
}
