#!/bin/sh
# all.sh: every test there is. As root on Debian it first installs the mail servers that the tests run against, and then nothing is
# skipped; elsewhere the tests that need them say so and are skipped.
set -eu
cd "$(dirname "$0")/.."

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	tests/install.sh
	export LUAMILTER_TESTS_COMPLETE=1
fi
# Not from the cache: Go does not know that the tests of the binary depend on it. The race detector is in the tests of the packages, and in the
# program that those below tests/ start; these themselves would only be slow with it.
status=0
export GORACE="${GORACE:-atexit_sleep_ms=10}" # each program would sleep for a second before it exits
go test -race -count=1 -vet=off "$@" $(go list ./... | grep -v /tests/) || status=1
# Or each package would link programs of its own.
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
chmod 755 "$built"
go build -race -buildvcs=false -o "$built/luamilter" ./cmd/luamilter
mkdir "$built/static"
CGO_ENABLED=0 go build -buildvcs=false -o "$built/static/luamilter" ./cmd/luamilter
export LUAMILTER_TESTS_BINARY="$built/luamilter" LUAMILTER_TESTS_STATIC="$built/static/luamilter"
go test -count=1 -vet=off "$@" ./tests/... || status=1
exit $status
