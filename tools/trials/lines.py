"""Mutated command lines."""

from __future__ import annotations

import random
import shlex

from trials.verdict import fingerprints, halves, lost, spoken
from trials.workshop import Tried, Workshop

LINES = (
    "train tiny.json --work-dir out --cfg-options max_iters=1 lr=0.001 --seed 3 --json",
    "train run/config.py --resume --work-dir run --cfg-options max_iters=13",
    "pretrain pretrain.json --work-dir out --device cpu --cfg-options max_iters=1",
    "enhance photos -o out --checkpoint gamma --enhancer-options gamma=0.6 --only-if-dark 0.5 --report r.csv",
    "enhance photos/p0.png -o out.png --checkpoint run/last.pth --overwrite --json",
    "evaluate tiny.json --enhancer gamma --work-dir out --split val --metrics psnr,ssim --batch-size 2 --seed 1",
    "evaluate --enhanced photos --reference others --low others --metrics psnr,+ssim --name x --json",
    "evaluate --compare results/2 results/4",
    "identify --data people --config recogniser.json --enhancer gamma --degradation linear --title t --work-dir out",
    "verify --data people --pairs pairs.csv --config recogniser.json --impostors 3 --darken both --work-dir out",
    "synthesize photos out --preset lowfacenet-dark --jobs 1 --seed 4 --format webp --min-size 8",
    "synthesize photos out --degradation gamma_noise --option gamma=2,3 --skip-unreadable --jobs 1 --json",
    "export run --format torch -o model.torchscript --overwrite --licence MIT",
    "config check tiny.json --cfg-options lr=0.1 losses.color.weight=2",
    "config show lowfacenet --json --cfg-options enhancer.channels=8",
    "config copy lowfacenet mine.py",
    "config list --json",
    "data check people --layout lfw --jobs 1 --against photos --json",
    "describe color --kind loss --json",
    "list-plugins --kind metric --json --requirements",
    "doctor --json --quiet",
    "new-plugin lowface-thing --kind head --licence mit --author me --directory . --ci --json",
    "report run results/2 -o page.html --title T --formats html,md --overwrite --json",
    "weights list --json",
    "weights verify retinex/released --json",
    "weights add facenet_mobilenet/released run/last.pth",
    "weights path mtcnn/onet",
    "weights fetch vgg16/imagenet --all-for lowfacenet --cfg-options lr=1",
)
WORDS = (
    "", " ", "-", "--", "-1", "0", "1", "nan", "inf", "1e999", "9" * 30, "None", "a=b", "=", "a=", "=b", "a.b.c=1",
    "..", ".", "/", "~", "~nobody/x", "/dev/null", "/dev/full", "/proc/self/mem", "missing", "missing/x.png",
    "photos", "run", "tiny.json", "pairs.csv", "photos/p0.png", "run/last.pth", "run/metrics.jsonl", "\x1b[31m",
    "a\nb", "é", "\udcff", "x" * 300, "x" * 5000, "*", "?", "[", "{data_root}", "--help", "--json", "--overwrite",
    "--work-dir", "--seed", "-o", "--cfg-options", "--device", "cuda", "mps", "--jobs", "train", "gamma", "retinex",
    "ssim:valid", "psnr,psnr", ",", ":",
)  # fmt: skip


def line(shop: Workshop, rng: random.Random, number: int) -> Tried:
    """A command line with some words changed; inputs must stay as they are."""
    words = shlex.split(LINES[number % len(LINES)])
    for _ in range(rng.choice((1, 1, 2, 3))):
        place, way = (
            rng.randrange(len(words)),
            rng.choice(("replace", "replace", "insert", "drop", "twice", "swap", "spoil")),
        )
        if way == "replace":
            words[place] = rng.choice(WORDS)
        elif way == "insert":
            words.insert(place + 1, rng.choice(WORDS))
        elif way == "drop" and len(words) > 1:
            del words[place]
        elif way == "twice":
            words.insert(place, words[place])
        elif way == "swap":
            other = rng.randrange(len(words))
            words[place], words[other] = words[other], words[place]
        else:
            spot = rng.randrange(len(words[place]) + 1)
            words[place] = words[place][:spot] + rng.choice("x-=.,:/0 é") + words[place][spot + 1 :]
    tried = Tried(f"lowface {shlex.join(words)[:300]}")
    if "serve" in words:
        return tried
    with shop.place("line") as place_:
        before = fingerprints(shop.inputs)
        said = place_.run(words)
        tried.faults += spoken(said, (0, 1, 2))
        kept = {k: v for k, v in before.items() if not _meant(k, words)}
        tried.faults += lost(kept, place_.work) + halves(place_.work)
    return tried


def _meant(name: str, words: list[str]) -> bool:
    """Whether a line says that a file may be replaced: by a flag, or because it goes on with a run."""
    return "--overwrite" in words or ("--resume" in words and name.startswith("run/"))
