#!/usr/bin/env bash
# A release that was signed is verified by the line that the documentation gives; one that was changed
# is not, and nobody takes an old signature for that of a new release.
set -euo pipefail
sign=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir dist
echo "a program" >dist/tote
ssh-keygen -q -t ed25519 -N '' -C throwaway -f key
ssh-keygen -q -t ed25519 -N '' -C stranger -f other
echo "tote $(cat key.pub)" >signers
echo "tote $(cat other.pub)" >strangers

verify() { (cd dist && ssh-keygen -q -Y verify -f "../$1" -I tote -n tote -s SHA256SUMS.sig <SHA256SUMS &&
  sha256sum --quiet -c --ignore-missing SHA256SUMS); }
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

for key in "$dir/key" key "$(cat key)" "
  $(cat key)" "$(sed 's/$/\r/' key)"; do
  TOTE_SIGNING_KEY=$key "$sign" dist tote
  verify signers || fail "a good release"
done
! verify strangers 2>&1 || fail "another key"
echo "another program" >dist/tote
! verify signers 2>&1 || fail "a changed file"
echo "a program" >dist/tote
verify signers || fail "the good release again"
echo "$(printf '%064d' 0)  more" >>dist/SHA256SUMS
! verify signers 2>&1 || fail "changed digests"
for no_key in "c2VjcmV0IHNlY3JldA==" "$(sed 's/BEGIN/BEGUN/' key)"; do
  said=$(TOTE_SIGNING_KEY=$no_key "$sign" dist tote 2>&1) && fail "what is no key"
  [[ $said != *"${no_key:40:20}"* ]] || [ ${#no_key} -lt 40 ] || fail "it shows the key"
done
env -u TOTE_SIGNING_KEY "$sign" dist tote | grep -q "not signed" || fail "it must say so"
[ ! -e dist/SHA256SUMS.sig ] || fail "an old signature"
