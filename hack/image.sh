#!/usr/bin/env bash
# Makes tote's container image: by tote, from its two programs, on no base image.
#
#   hack/image.sh FILE_AMD64 FILE_ARM64 [OUT_DIR]
#
# The files are tote's, statically linked. OUT_DIR (default: dist) gets
#
#   tote-VERSION-image/      an OCI image layout: VERSION is an index of VERSION-amd64 and VERSION-arm64
#   tote-VERSION-image.tar   the same for `docker load`: an engine with containerd's image store gets
#                            all three, an older one, which can not keep an index, the two images
#
# In the image: /tote, which is what it runs, as user 65532; /etc/ssl/certs/ca-certificates.crt, this
# machine's; /data, that user's, where it starts; /tmp. The same files give the same bytes, on every
# machine that has the same certificates (Debian's package ca-certificates, one version of it).
#
# From the environment:
#
#   SOURCE_DATE_EPOCH   when the image was made; by default when the last commit was
#   TOTE                the program that makes the image; by default the one of this machine's kind
#   TOTE_VERSION        by default what that program says
#   TOTE_REVISION       the commit that the files are of; by default the last one
#   TOTE_SOURCE_URL     where the source is; by default the remote "origin" of git, if that is a URL
#   TOTE_CA_BUNDLE      the certificates; by default /etc/ssl/certs/ca-certificates.crt
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  echo "image.sh: $*" >&2
  exit 1
}
git_says() { git -C "$here" "$@" 2>/dev/null; }

[ $# -eq 2 ] || [ $# -eq 3 ] || fail "usage: hack/image.sh FILE_AMD64 FILE_ARM64 [OUT_DIR]"
declare -A file=([amd64]=$(realpath -e "$1") [arm64]=$(realpath -e "$2"))
out=${3:-dist}
user=65532

# The machine in an ELF header: the two files are easily confused.
machine_of() { od -An -tx1 -j18 -N2 "$1" | tr -d ' '; }
[ "$(machine_of "${file[amd64]}")" = 3e00 ] || fail "'$1' is no program for x86-64"
[ "$(machine_of "${file[arm64]}")" = b700 ] || fail "'$2' is no program for arm64"
for arch in amd64 arm64; do
  # Read to the end: a closed pipe would be a failure.
  if readelf -d "${file[$arch]}" 2>/dev/null | grep -c NEEDED >/dev/null; then
    echo "image.sh: '${file[$arch]}' needs shared libraries, which the image does not have" >&2
  fi
done

case $(uname -m) in
  x86_64) own=amd64 ;;
  aarch64) own=arm64 ;;
  *) own= ;;
esac
tote=${TOTE:-${own:+${file[$own]}}}
[ -n "$tote" ] || fail "neither file runs on this machine: name one that does in TOTE"
version=${TOTE_VERSION:-$("$tote" version | sed -n 's/^.* version //p')}
[ -n "$version" ] || fail "'$tote' does not say its version"
revision=${TOTE_REVISION:-$(git_says rev-parse HEAD || true)}
[ -n "$revision" ] || fail "there is no git repository: set TOTE_REVISION"
epoch=${SOURCE_DATE_EPOCH:-$(git_says log -1 --format=%ct || true)}
[[ $epoch =~ ^[0-9]+$ ]] || fail "expected seconds since 1970 in SOURCE_DATE_EPOCH, got '$epoch'"
source=${TOTE_SOURCE_URL:-$(git_says remote get-url origin || true)}
source=$(sed -E 's#^([a-z+]+://)[^/@]*@#\1#' <<<"$source") # no user, no password
[[ $source =~ ^[a-z+]+:// ]] || fail "'$source', where git has the source from, is no URL: set TOTE_SOURCE_URL"
certificates=${TOTE_CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}
[ -s "$certificates" ] || fail "there are no certificates in '$certificates': set TOTE_CA_BUNDLE"
created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
tag=${version//[^A-Za-z0-9_.-]/-}
[[ "$source$version$revision" != *,* ]] || fail "a comma in the version, the revision or the URL would begin another label"

mkdir -p "$out"
work=$(mktemp -d "$out/.image-XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod g-s "$work" # else what is made in it has the bit too
layout=$work/layout

# The digest of what was pushed.
push() { "$tote" push "$@" --to-layout "$layout" --registry-anon | sed "s/.*@\(sha256:[0-9a-f]*\)'.*/\1/"; }

for arch in amd64 arm64; do
  root=$work/$arch
  install -d -m 755 "$root" "$root/data" "$root/etc" "$root/etc/ssl" "$root/etc/ssl/certs"
  install -d -m 1777 "$root/tmp"
  install -m 755 "${file[$arch]}" "$root/tote"
  install -m 644 "$certificates" "$root/etc/ssl/certs/ca-certificates.crt"
  push -i "tote:$tag-$arch" -f "$root" --platform "linux/$arch" --created "@$epoch" \
    --entrypoint /tote --user "$user:$user" --chown "data=$user:$user" --workdir /data \
    -l org.opencontainers.image.title=tote \
    -l "org.opencontainers.image.version=$version" \
    -l "org.opencontainers.image.source=$source" \
    -l org.opencontainers.image.licenses=Apache-2.0 \
    -l "org.opencontainers.image.created=$created" \
    -l "org.opencontainers.image.revision=$revision" >/dev/null
done
digest=$(push -i "tote:$tag" --index "tote:$tag-amd64" --index "tote:$tag-arm64")
# Docker Hub's registry has two names; engines know images by the other one.
sed -i 's#"index\.docker\.io/#"docker.io/#g' "$layout/index.json"

# What `docker load` looks for where it does not know layouts (Docker image specification 1.2).
python3 - "$layout" >"$work/manifest.json" <<'PYTHON'
import json
import sys

layout = sys.argv[1]


def path(descriptor):
    return "blobs/" + descriptor["digest"].replace(":", "/")


def load(name):
    with open(f"{layout}/{name}") as file:
        return json.load(file)


images = []
for entry in load("index.json")["manifests"]:
    manifest = load(path(entry))
    if "config" in manifest:
        tag = entry["annotations"]["org.opencontainers.image.ref.name"]
        images.append({"Config": path(manifest["config"]), "RepoTags": ["tote:" + tag],
                       "Layers": [path(layer) for layer in manifest["layers"]]})
json.dump(images, sys.stdout, separators=(",", ":"))
PYTHON
tar --create --file "$work/image.tar" --format=ustar --sort=name --mtime="@$epoch" \
  --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' \
  -C "$work" manifest.json -C "$(realpath "$layout")" blobs index.json oci-layout

image=$out/tote-$tag-image
rm -rf "$image" "$image.tar"
mv "$work/image.tar" "$image.tar"
mv -T "$layout" "$image"
echo "$image: $digest"
echo "$image.tar: sha256:$(sha256sum "$image.tar" | cut -d' ' -f1)"
