"""``python -m lowface_core``, which torchrun can start."""

from lowface_core.cli import main

main()
