#!/bin/sh
# install.sh: put on a Debian machine (12 or later) what the tests below tests/ need.
#
# Postfix is installed, unconfigured and not started. Sendmail cannot be installed beside Postfix, so its packages are
# downloaded and unpacked into a cache folder, as is promtool of Prometheus: $LUAMILTER_TESTS_CACHE, or luamilter-tests/sendmail in
# ${XDG_CACHE_HOME:-$HOME/.cache}. There, debian.tar is a minimal Debian. Run it as root, as often as you like: what is there already is left alone.
set -eu
PATH=$PATH:/usr/sbin:/sbin

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

[ "$(id -u)" = 0 ] || fail "must be run as root, since it installs packages"
for tool in apt-get apt-cache dpkg dpkg-query; do
	command -v "$tool" >/dev/null || fail "this is not Debian: there is no $tool"
done

here=$(cd "$(dirname "$0")" && pwd)
cache=${LUAMILTER_TESTS_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/luamilter-tests/sendmail}
sendmail=$cache/usr/libexec/sendmail/sendmail
policy=/usr/sbin/policy-rc.d
work=
policy_is_ours=

tidy_up() {
	if [ -n "$policy_is_ours" ]; then rm -f "$policy"; fi
	if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap tidy_up EXIT
trap 'exit 1' HUP INT TERM

updated=
update() {
	[ -n "$updated" ] || apt-get update -q
	updated=yes
}

# install PACKAGE...: those that are missing, without starting what is in them.
install() {
	missing=
	for package; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
		[ "$state" = installed ] || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	update
	if [ ! -e "$policy" ]; then
		policy_is_ours=yes
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	# shellcheck disable=SC2086 # a list
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

# Postfix asks in which way it shall be set up; our tests bring their own configuration.
if ! dpkg-query -W -f '${db:Status-Status}' postfix 2>/dev/null | grep -qx installed; then
	install debconf
	echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections
fi
# systemd for systemd-analyze; nothing of it is started.
install postfix m4 python3 python3-dkim gcc libc6-dev libmilter-dev procps python3-milter miltertest lua5.1 systemd
# For the package, its manual and its completions.
install bash debootstrap fish groff lintian man-db rpm zsh
# For lists that scripts look things up in: databases and a directory, which tests start themselves.
install mariadb-server postgresql slapd
# For what is written for editors.
install lua-check
# What scripts ask about mail; the tests bring rules of their own.
install clamav-daemon rspamd spamd
# For the state of scripts; no server of it is started.
install redis-server
# For the page that replay --html writes.
install chromium
# For archives: who makes and lists them besides us.
install bzip2 gzip libarchive-tools p7zip-full tar unzip xz-utils zip zstd
# A name server that scripts ask.
install unbound
# A greylist to measure ours beside.
install postgrey

if [ ! -x "$sendmail" ] || [ ! -e "$cache/usr/share/sendmail/cf/m4/cf.m4" ]; then
	update
	work=$(mktemp -d)
	# apt fetches as a user of its own unless told otherwise, and that user cannot write here.
	(cd "$work" && apt-get download -q -o APT::Sandbox::User=root sendmail-bin sendmail-cf)
	mkdir -p "$cache"
	for deb in "$work"/*.deb; do
		dpkg -x "$deb" "$cache"
	done
	# Nothing that gives away privileges shall lie about in a cache.
	find "$cache" -type f -perm /6000 -exec chmod ug-s {} +
fi
if ldd "$sendmail" | grep -q 'not found'; then
	# Its libraries, unlike itself, get along with Postfix.
	update
	# shellcheck disable=SC2046 # a list
	install $(apt-cache depends sendmail-bin | sed -n 's/^ *|\{0,1\}Depends: \(lib[^ ]*\)$/\1/p')
	if ldd "$sendmail" | grep 'not found' >&2; then
		fail "$sendmail lacks the libraries above"
	fi
fi

# A minimal Debian, into which the package is installed.
if [ ! -e "$cache/debian.tar" ]; then
	work=${work:-$(mktemp -d)}
	chmod 755 "$work"
	debootstrap --variant=minbase "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$work/debian"
	rm -rf "$work"/debian/var/cache/apt/archives/*.deb "$work"/debian/var/lib/apt/lists/*
	tar -C "$work/debian" -cf "$cache/debian.tar.new" .
	mv "$cache/debian.tar.new" "$cache/debian.tar"
fi

# Of Prometheus only the program that checks its rules.
promtool=$cache/usr/bin/promtool
if [ ! -x "$promtool" ]; then
	update
	[ -n "$work" ] || work=$(mktemp -d)
	(cd "$work" && apt-get download -q -o APT::Sandbox::User=root prometheus)
	mkdir -p "$cache"
	dpkg --fsys-tarfile "$work"/prometheus_*.deb | tar -x -C "$cache" ./usr/bin/promtool
fi

shim=$cache/shim.so
source=$here/mta/shim.c
if [ ! -e "$shim" ] || [ "$source" -nt "$shim" ]; then
	gcc -shared -fPIC -O -Wall -o "$shim.new" "$source"
	mv "$shim.new" "$shim"
fi
echo "install.sh: Postfix $(postconf -dh mail_version) is installed, Sendmail is in $cache"
