from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import lowface_core as lf


def test_the_public_names_are_the_recorded_ones():
    assert sorted(lf.__all__) == [
        "Criterion",
        "Dataset",
        "FeatureHead",
        "LowfaceError",
        "Register",
        "Weights",
        "__version__",
        "build",
        "enhance",
        "hookimpl",
        "load_enhancer",
    ]
    assert set(dir(lf)) == set(lf.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'enhanse'"):
        _ = lf.enhanse


def test_importing_the_package_imports_no_torch_and_every_name_can_be_used_after_any_other():
    script = (
        "import sys, lowface_core as lf; assert 'torch' not in sys.modules\n"
        "for name in ['load_enhancer', *lf.__all__, 'enhance']: getattr(lf, name)\n"
        "assert callable(lf.enhance) and callable(lf.load_enhancer) and isinstance(lf.FeatureHead, type)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)


def test_every_module_of_the_core_says_what_it_is_and_imports_no_plugin():
    root = Path(lf.__file__).parent
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not text or text.startswith('"""'), path
        for plugin in ("retinex", "contrast", "fidelity", "semantic", "face", "data", "metrics"):
            assert f"import lowface_{plugin}" not in text, path
            assert f"from lowface_{plugin}" not in text, path
