"""Every command that writes, as the campaign disturbs it: all of them write into the folder ``out``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A command that writes.

    Attributes:
        words: the command.
        again: commands that go on after an interruption, of which one must end well.
        marker: file in ``out`` whose presence says that all of it is there.
        strict: whether what it writes is the same every time.
        dear: whether it starts processes that import everything again.
    """

    name: str
    words: tuple[str, ...]
    again: tuple[tuple[str, ...], ...]
    marker: str
    strict: bool = True
    dear: bool = False


def _job(name: str, line: str, marker: str, *again: str, strict: bool = True, dear: bool = False) -> Job:
    words = tuple(line.split())
    return Job(name, words, tuple(tuple(more.split()) for more in again) or (words,), marker, strict, dear)


FACE = "--config recogniser.json --device cpu --enhancer gamma --degradation sensor --batch-size 2"
_TRAIN, _WORKERS = "train tiny.json --work-dir out/run", "train workers.json --work-dir out/run"
_PRETRAIN = "pretrain pretrain.json --work-dir out/run"
_EXPORT = "export run --format torch -o out/model.torchscript"
_SYNTHESIZE = "synthesize photos out/dark --preset lowfacenet-dark"
_REPORT = "report run results/2 results/4 -o out/report.html"
_ENHANCE = "enhance photos -o out/bright --checkpoint run --device cpu"
_COPY, _NEW = "config copy lowfacenet out/mine.py", "new-plugin lowface-thing --kind loss --directory out"
_RESULT = "result/result.json"
JOBS = {
    job.name: job
    for job in (
        _job("train", _TRAIN, "run/summary.json", f"{_TRAIN} --resume", _TRAIN),
        _job("train, workers", _WORKERS, "run/summary.json", f"{_WORKERS} --resume", _WORKERS),
        _job("pretrain", _PRETRAIN, "run/record.json", f"{_PRETRAIN} --resume", _PRETRAIN, strict=False),
        _job("enhance", _ENHANCE, "none", f"{_ENHANCE} --skip-existing"),
        _job(
            "enhance --report", f"{_ENHANCE} --report out/r.csv", "r.csv", f"{_ENHANCE} --report out/r.csv --overwrite"
        ),
        _job("evaluate", "evaluate tiny.json --enhancer gamma --work-dir out/result --batch-size 1", _RESULT),
        _job("evaluate, folders", "evaluate --enhanced photos --reference others --work-dir out/result", _RESULT),
        _job("identify", f"identify --data people {FACE} --work-dir out/result", _RESULT),
        _job("verify", f"verify --data people --pairs pairs.csv {FACE} --work-dir out/result", _RESULT),
        _job("synthesize", f"{_SYNTHESIZE} --jobs 1", "dark/manifest.json"),
        _job("synthesize --jobs 2", f"{_SYNTHESIZE} --jobs 2", "dark/manifest.json", dear=True),
        _job("export", _EXPORT, "model.torchscript", _EXPORT, f"{_EXPORT} --overwrite", strict=False),
        _job("benchmark", "benchmark bench.json --work-dir out/table", "table/result.json", strict=False, dear=True),
        _job("config copy", _COPY, "mine.py", _COPY, "config show out/mine.py"),
        _job("weights add", "weights add facenet_mobilenet/released run/last.pth", "none"),
        _job("report", _REPORT, "none", f"{_REPORT} --overwrite", strict=False),
        _job("new-plugin", _NEW, "lowface-thing/README.md", _NEW, "describe color"),
    )
}
