"""Which packages there are: found, not listed. Everything else about the distribution stands in ``pyproject.toml``.

``plugins`` and ``configs`` must not become import names of their own, so plugins are found inside their folder, and the
configs are installed as data inside ``lowface_core``.
"""

from setuptools import find_packages, setup

core, plugins = find_packages(".", include=["lowface_core*"]), find_packages("plugins")
setup(
    packages=[*core, "lowface_core.configs", *plugins],
    package_dir={
        "lowface_core": "lowface_core",
        "lowface_core.configs": "configs",
        **{name: f"plugins/{name}" for name in plugins if "." not in name},
    },
)
