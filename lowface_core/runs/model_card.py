"""The page of a model repository, made of what a run left: data, metrics with their variants, licence, how to load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_STATED = "not stated"
#: What a manifest says of the machine and of people's folders, which is nobody's business elsewhere.
PRIVATE = ("command", "cwd", "platform", "segments")


def public_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest without commands, folders and the machine; weights by their file's bare name."""
    shown = {key: value for key, value in manifest.items() if key not in PRIVATE}
    weights = shown.get("weights") or {}
    shown["weights"] = {
        path: {**used, "asked": str(used.get("asked", "")).rpartition("/")[2]} for path, used in weights.items()
    }
    return shown


def model_card(
    repo: str,
    manifest: Mapping[str, Any],
    summary: Mapping[str, Any],
    enhancer: Mapping[str, Any],
    file: str,
    licence: str,
) -> str:
    """The page, Markdown with YAML in front.

    Args:
        repo: ``owner/name``.
        manifest, summary: of the run; empty where it has none.
        enhancer: config of the network.
        file: name of the checkpoint in the repository.
        licence: an identifier such as ``apache-2.0``, or :data:`NOT_STATED`.
    """
    known = licence != NOT_STATED
    lines = ["---", f"license: {licence if known else 'other'}", *([] if known else ["license_name: not-stated"])]
    lines += ["library_name: lowface", "pipeline_tag: image-to-image", "tags: [low-light-enhancement]", "---", ""]
    lines += [f"# {repo.rpartition('/')[2]}", "", f"An enhancer `{enhancer.get('type', '?')}`, trained with lowface"]
    lines[-1] += f" {manifest.get('lowface', '')}".rstrip() + f". Licence of the weights: {licence}."
    lines += ["", "## How to load", "", "```python", "import lowface_core as lf", ""]
    lines += [f'enhancer = lf.load_enhancer("hf://{repo}/{file}")', "```", "", "```"]
    lines += [f"lowface enhance photos -o brighter --checkpoint hf://{repo}/{file}", "```", "", "## Data", ""]
    lines += [f"* {section}: `{data}`" for section, data in (manifest.get("data") or {}).items()] or ["Not stated."]
    lines += ["", "## Frozen networks", ""]
    used = (manifest.get("weights") or {}).items()
    lines += [f"* `{path}`: {facts['asked']}, SHA-256 `{facts['sha256']}`" for path, facts in used] or [
        "None with files."
    ]
    lines += ["", "## Metrics", "", *_table(summary), "", "## The run", ""]
    packages = ", ".join(f"{name} {version}" for name, version in (manifest.get("packages") or {}).items() if version)
    facts = {"seed": manifest.get("seed"), "commit": manifest.get("git_commit"), "packages": packages or None}
    facts |= {"iterations": summary.get("iterations"), "checkpoint": summary.get("checkpoint")}
    lines += [f"* {key}: {value}" for key, value in facts.items() if value is not None]
    return "\n".join(lines) + "\n"


def _table(summary: Mapping[str, Any]) -> list[str]:
    """The closing table on the test set."""
    test, columns = summary.get("test") or {}, summary.get("columns") or {}
    if not columns:
        return ["No test set was measured."]
    arrows = {"higher": "↑", "lower": "↓"}
    heads = []
    for name, facts in columns.items():
        arrow = arrows.get(str(facts.get("better")), "")
        heads.append(f"{name} ({facts.get('variant') or 'one form'}) {arrow} {facts.get('unit', '')}")
    rows = [f"| picture | {' | '.join(head.strip() for head in heads)} |", "|---" * (len(heads) + 1) + "|"]
    for stage, numbers in test.items():
        if numbers:
            values = [f"{numbers[name]:.4g}" if name in numbers else "" for name in columns]
            rows.append(f"| {stage} | {' | '.join(values)} |")
    return [*rows, "", f"On {summary.get('pictures', '?')} pictures of the test set."]
