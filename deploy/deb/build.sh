#!/bin/sh
# build.sh VERSION ARCH OUTDIR [deb|rpm]: build a package of luamilter in OUTDIR, and print its path.
#
# VERSION is that of Debian: 1.2.0, or 1.3.0~rc1 before 1.3.0. ARCH is Go's name: amd64, arm64, riscv64. Go is all it needs: the packages are
# written by nfpm, which go run fetches. The same source, Go and SOURCE_DATE_EPOCH (the time of the last commit unless set) give the same bytes.
set -eu

nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.48.0

fail() {
	echo "build.sh: $*" >&2
	exit 1
}

[ $# -ge 3 ] || fail "usage: build.sh VERSION ARCH OUTDIR [deb|rpm]"
version=$1 arch=$2 format=${4:-deb}
case $version in
[0-9]*) ;;
*) fail "version $version does not begin with a digit; write 1.2.0" ;;
esac
case $version in
*[!0-9A-Za-z.~+]*) fail "version $version has characters that a package must not have; write 1.2.0, or 1.3.0~rc1 for what comes before 1.3.0" ;;
esac
case $format in
deb | rpm) ;;
*) fail "format $format: write deb or rpm" ;;
esac
mkdir -p "$3"
out=$(cd "$3" && pwd)
cd "$(dirname "$0")/../.."

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null)} || fail "set SOURCE_DATE_EPOCH to a time in seconds: this is no clone that could tell the time of its last commit"
BUILD=$(mktemp -d)
trap 'rm -rf "$BUILD"' EXIT
trap 'exit 1' HUP INT TERM
VERSION=$version ARCH=$arch
export SOURCE_DATE_EPOCH BUILD VERSION ARCH

# compile OS ARCH FILE
compile() {
	CGO_ENABLED=0 GOOS=$1 GOARCH=$2 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.release=$version" -o "$3" ./cmd/luamilter
}

# compress FILE: to FILE.gz, without its name and time.
compress() {
	gzip -9 -n "$1"
}

# The section on top of CHANGELOG.md, in the form of a Debian changelog.
changelog() {
	echo "luamilter ($version) stable; urgency=medium"
	echo
	awk '/^## / { section++ } section == 1 && /^(- |  )/' CHANGELOG.md |
		sed -e 's/^- /* /' -e 's/`//g' | awk '/^\* / { if (text) print text; text = $0; next } { sub(/^ */, " "); text = text $0 } END { print text }' |
		fold -s -w 74 | sed -e 's/ *$//' -e '/^\* /!s/^/  /' -e 's/^/  /'
	echo
	echo " -- The luamilter authors <luamilter@packages.invalid>  $(date -u -d "@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %H:%M:%S +0000')"
}

# What is linked into the binary, a line each: module and version.
modules() {
	go version -m "$BUILD/luamilter" | awk '$1 == "dep" { print $2, $3 }'
}

# The licence of luamilter, and where to find the others.
copyright() {
	echo "luamilter is distributed under these terms:"
	echo
	cat LICENSE
	echo
	echo "The binary contains the works below, under the terms in third-party.gz in this folder:"
	echo
	echo "- the standard library of Go"
	modules | sed 's/^/- /'
}

# The licences of all that is linked into the binary.
third_party() {
	printf 'The standard library of Go:\n\n'
	cat "$(go env GOROOT)/LICENSE"
	modules | while read -r module at; do
		printf '\n\n%s %s:\n\n' "$module" "$at"
		find "$(go list -m -f '{{.Dir}}' "$module")" -maxdepth 1 \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' \) | sort | xargs -r cat | grep . ||
			fail "$module has no file LICENSE or COPYING; find out what allows to distribute it"
	done
}

compile linux "$arch" "$BUILD/luamilter"
compile "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$BUILD/here" # prints the manual and the completions
"$BUILD/here" man >"$BUILD/luamilter.8"
for shell in bash zsh fish; do
	"$BUILD/here" completion "$shell" >"$BUILD/luamilter.$shell"
done
changelog >"$BUILD/changelog"
copyright >"$BUILD/copyright"
third_party >"$BUILD/third-party"
compress "$BUILD/luamilter.8"
compress "$BUILD/changelog"
compress "$BUILD/third-party"

target=$out/luamilter_${version}_$arch.$format
go run "$nfpm" package --config deploy/deb/nfpm.yaml --packager "$format" --target "$target" >&2
echo "$target"
