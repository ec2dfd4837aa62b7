"""The corruptions of two public packages, one thread, on the PNG files of a folder.

usage: corruption_packages.py FOLDER [--severity 3]
Prints one line of JSON for each corruption: its name and, for each package, the times of an image; null where a package lacks
or fails it. `--versions` prints those of Python and the packages.
"""

import argparse
import glob
import importlib.metadata
import json
import os
import platform
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"

import corrupt_tta
import cv2
import imagecorruptions
import numpy as np
from PIL import Image

from stopwatch import summary

PACKAGES = {"imagecorruptions-imaug": imagecorruptions.corrupt, "corrupt-tta": corrupt_tta.corrupt}


def times(corrupt, name, severity, images):
    for image in images[:2]:
        corrupt(image, corruption_name=name, severity=severity)
    counted = []
    for image in images:
        start = time.perf_counter()
        corrupt(image, corruption_name=name, severity=severity)
        counted.append((time.perf_counter() - start) * 1e3)
    return summary(counted)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder", nargs="?")
    p.add_argument("--severity", type=int, default=3)
    p.add_argument("--versions", action="store_true")
    a = p.parse_args()
    if a.versions:
        versions = {name: importlib.metadata.version(name) for name in PACKAGES}
        print(json.dumps({"python": platform.python_version(), **versions}))
        return
    cv2.setNumThreads(1)
    files = sorted(glob.glob(os.path.join(glob.escape(a.folder), "*.png")))
    images = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    for name in imagecorruptions.get_corruption_names("all"):
        row = {}
        for package, corrupt in PACKAGES.items():
            try:
                row[package] = times(corrupt, name, a.severity, images)
            except Exception:  # What a package does not do is no reason to stop.
                row[package] = None
        print(json.dumps({"corruption": name, "packages": row}), flush=True)


if __name__ == "__main__":
    main()
