"""Video, cameras and pipes for ``lowface enhance``."""

from __future__ import annotations

import lowface_core as lf

#: Endings of files that are read, most of which can be written as well (:mod:`lowface_video.encoders`).
ENDINGS = [
    ".mp4",
    ".m4v",
    ".mov",
    ".mkv",
    ".webm",
    ".avi",
    ".ts",
    ".mts",
    ".m2ts",
    ".mpg",
    ".mpeg",
    ".3gp",
    ".flv",
    ".wmv",
]
#: How cameras, streams and pipes begin.
ADDRESSES = ["rtsp://", "rtsps://", "rtmp://", "http://", "https://", "tcp://", "udp://", "srt://", "/dev/video", "-"]


@lf.hookimpl
def register_media(register: lf.Register) -> None:
    """Video through PyAV; it needs ``pip install "lowface[video]"`` when one is opened, not before."""
    register("video", "lowface_video.video:enhance_video", opens=ENDINGS, addresses=ADDRESSES)
