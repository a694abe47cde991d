import importlib
import os
import subprocess
import sys

import pytest

import lowface_face


class Registry(dict):
    def __call__(self, name, factory, **facts):
        self[name] = (factory, facts)


@pytest.fixture
def offered():
    registry = Registry()
    lowface_face.register_heads(registry)
    lowface_face.register_losses(registry)
    return registry


def test_names(offered):
    assert set(offered) == {
        "retinaface",
        "mtcnn",
        "mobilefacenet",
        "facenet",
        "facenet_mobilenet",
        "facenet_inception_resnetv1",
        "face_encoder",
        "face",
        "identity",
    }


def test_every_factory_exists(offered):
    for factory, facts in offered.values():
        for target in filter(None, (factory, facts.get("pretrain"), facts.get("network"))):
            module, attribute = target.split(":")
            assert callable(getattr(importlib.import_module(module), attribute))


def test_every_record_says_licence_and_source(offered):
    for name, (_, facts) in offered.items():
        for record in facts.get("weights", {}).values():
            assert record["licence"]
            assert record["source"]
            # fetched from an address, shipped in a package, or a file by that name to be fetched by hand
            assert sum(key in record for key in ("url", "file", "filename")) == 1, name


def test_registering_imports_no_torch():
    code = "import sys, lowface_face; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, env={"PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0
