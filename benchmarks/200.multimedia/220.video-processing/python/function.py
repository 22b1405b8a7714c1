import os
import subprocess
import tempfile
import time

import imageio_ffmpeg

from . import storage

client = storage.storage.get_instance()
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()

# One palette for the whole video, and no dithering, which would differ from frame to frame.
FILTER = "[0][1]overlay={x}:{y}:format=rgb,split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none"


def handler(event):
    bucket, source, target = (event["bucket"][name] for name in ("bucket", "input", "output"))
    wanted = event["object"]
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter_ns()
        video, mark = (fetch(bucket, source, wanted[name], folder) for name in ("key", "watermark"))
        downloaded = time.perf_counter_ns()
        result = os.path.join(folder, "result.gif")
        convert(video, mark, wanted["x"], wanted["y"], result)
        computed = time.perf_counter_ns()
        key = client.upload(bucket, f"{target}/result.gif", result)
        uploaded = time.perf_counter_ns()
        sizes = [os.path.getsize(path) for path in (video, mark, result)]
    return {
        "result": {"bucket": bucket, "key": key, "bytes": sizes[2], "nonce": event.get("nonce")},
        "measurement": {
            "download_us": (downloaded - begin) // 1000,
            "compute_us": (computed - downloaded) // 1000,
            "upload_us": (uploaded - computed) // 1000,
            "download_bytes": sizes[0] + sizes[1],
            "upload_bytes": sizes[2],
        },
    }


def fetch(bucket, source, name, folder):
    path = os.path.join(folder, name)
    client.download(bucket, f"{source}/{name}", path)
    return path


def convert(video, mark, x, y, result):
    """Lays the watermark over the video and writes it as an animated picture."""
    arguments = ["-i", video, "-i", mark, "-filter_complex", FILTER.format(x=x, y=y), "-loop", "0", result]
    done = subprocess.run(
        [FFMPEG, "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *arguments], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"ffmpeg ended with code {done.returncode}: {done.stderr[-1000:]}")
