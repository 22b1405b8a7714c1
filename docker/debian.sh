#!/bin/sh
# A base image without a registry: Debian 12 with Python 3.11, from the distribution's packages alone, as a tar that
# `docker import` takes. Comes in: where to write it. Needs mmdebstrap (or debootstrap, as root) and the network.
set -eu
target=$1
packages=ca-certificates,libstdc++6,python3,python3-pip
if command -v mmdebstrap >/dev/null; then
  exec mmdebstrap --quiet --variant=minbase --include=$packages \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$target"
fi
command -v debootstrap >/dev/null || { echo 'neither mmdebstrap nor debootstrap is installed' >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase --include=$packages bookworm "$folder"
tar --one-file-system --numeric-owner -C "$folder" -cf "$target" .
