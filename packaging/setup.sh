# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Sourced by ./demo and ./check: the Debian packages that each part of the work needs, and their installation where they
# are missing. Nothing is touched on a machine that has them all.

# Compilers, headers and libraries of suture itself.
PACKAGES_BUILD="make gcc libc6-dev pkg-config libelf-dev libdw-dev libjson-c-dev nettle-dev libzydis-dev libarchive-dev"
# Preparing a kernel and building a module for it.
PACKAGES_KERNEL="flex bison bc libssl-dev patch kmod cpio xz-utils zstd dpkg-dev perl python3 ca-certificates"
PACKAGES_GUEST="qemu-system-x86 busybox-static"
PACKAGES_CHECK="clang clang-tidy clang-format libclang-rt-14-dev cppcheck sparse shellcheck mandoc libcmocka-dev git ccache distcc"
# Load for bench/pause and ./check stress.
PACKAGES_BENCH="stress-ng"

setup_as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "error: this must be done as root, and there is no sudo: $*" >&2
		return 1
	fi
}

# Prints those of its arguments that are not installed.
setup_missing() {
	local package

	for package in "$@"; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
	done
}

# setup_packages LOG PACKAGE...
setup_packages() {
	local log=$1 missing

	shift
	mapfile -t missing < <(setup_missing "$@")
	[ ${#missing[@]} = 0 ] && return 0
	echo "installing ${missing[*]}"
	{
		setup_as_root apt-get update &&
			setup_as_root env DEBIAN_FRONTEND=noninteractive \
				apt-get install -y --no-install-recommends "${missing[@]}"
	} >"$log" 2>&1 </dev/null && return 0
	tail -20 "$log" >&2
	echo "error: the packages cannot be installed; the whole log is in $log" >&2
	return 1
}
