#!/usr/bin/env bash
# Puts the program `minio` of one pinned version into a folder (default: /usr/local/bin), compiled from the Go module:
# there are no other builds of it that a machine with package registries alone could have. Does nothing when that version
# is there. Compiling takes minutes; two cores are left to others by `nice`.
set -eu
version=v0.0.0-20260212201848-7aac2a2c5b7c
# The release of Go that the module asks for, as a module itself: for machines whose own Go is older.
toolchain=golang.org/toolchain@v0.0.1-go1.24.8.linux-amd64
folder=${1:-/usr/local/bin}
marker="$folder/.minio-$version"
[ -x "$folder/minio" ] && [ -e "$marker" ] && exit 0

as_root() { if [ "$(id -u)" = 0 ] || [ -w "$folder" ]; then "$@"; else sudo -n "$@"; fi; }

# Whether this Go is new enough.
fits() {
  local release
  release=$("$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' go1.24.8 "$release" | sort -V | head -n 1)" = go1.24.8 ]
}

go=$(command -v go) || go=/usr/bin/go
if ! fits "$go"; then
  command -v "$go" >/dev/null || { as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends golang-go ca-certificates; }
  "$go" mod download "$toolchain"
  root="$("$go" env GOMODCACHE)/$toolchain"
  chmod -R +x "$root/bin" "$root/pkg/tool"
  go="$root/bin/go"
fi

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
GOBIN=$built GOTOOLCHAIN=local nice -n 10 "$go" install -trimpath -ldflags '-s -w' "github.com/minio/minio@$version"
as_root install -D -m 755 "$built/minio" "$folder/minio"
as_root touch "$marker"
"$folder/minio" --version
