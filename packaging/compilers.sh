#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Other Debian suites' compilers, for tests of objects: packaging/compilers.sh DIR puts gcc-10 and gcc-14 below DIR, each in a root
# of its own with its own C library, to be called as DIR/bin/gcc-N. Prints which are there. Nothing is installed; what is there is kept.

set -u

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
# the archive that this machine's own release is taken from
# shellcheck disable=SC2016 # apt-get fills them in
MIRROR=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' |
	awk '$2 !~ /-/ { print $1; exit }')

# fetch PACKAGE SUITE DIR: the package and all that it needs, as if nothing were installed
fetch() {
	local package=$1 suite=$2 dir=$3 options

	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" || return 1
	echo "deb [signed-by=$KEYRING] $MIRROR $suite main" >"$dir/sources.list"
	options=(-q -y -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null -o "Dir::State=$dir"
		-o "Dir::State::Lists=$dir/lists" -o "Dir::State::Status=$dir/status" -o "Dir::Cache=$dir/cache"
		-o APT::Sandbox::User= -o APT::Install-Recommends=false -o Debug::NoLocking=true
		-o Acquire::Languages=none)
	: >"$dir/status"
	apt-get "${options[@]}" update && apt-get "${options[@]}" --download-only install "$package"
}

# wrap ROOT FILE: have a program of ROOT run with ROOT's own C library
wrap() {
	local root=$1 file=$2

	[ -e "$file.real" ] || mv "$(readlink -f "$file")" "$file.real" || return 1
	rm -f "$file"
	cat >"$file" <<END
#!/bin/sh
export GCC_EXEC_PREFIX=$root/usr/lib/gcc/
exec $root/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path $root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu $file.real "\$@"
END
	chmod +x "$file"
}

# wrap_all ROOT VERSION COMMAND: the compiler finds its own parts and the assembler by -B
wrap_all() {
	local root=$1 version=$2 program

	for program in "$root/usr/bin/x86_64-linux-gnu-gcc-$version" "$root/usr/bin/x86_64-linux-gnu-as" \
		"$(find "$root/usr/lib" "$root/usr/libexec" -name cc1 -path "*/$version/*" 2>/dev/null | head -n 1)"; do
		wrap "$root" "$program" || return 1
	done
	cat >"$3" <<END
#!/bin/sh
exec $root/usr/bin/x86_64-linux-gnu-gcc-$version -B$(dirname "$program") -B$root/usr/bin/x86_64-linux-gnu- "\$@"
END
	chmod +x "$3"
}

works() {
	echo 'int f(int a) { return a + 1; }' | "$1" -O2 -x c -c -o /dev/null - 2>/dev/null
}

# provide VERSION SUITE DIR: DIR/bin/gcc-VERSION
provide() {
	local name=gcc-$1 root=$3/gcc-$1 work=$3/gcc-$1.new command=$3/bin/gcc-$1 package

	works "$command" && return 0
	rm -rf "$work" "$root" "$command"
	fetch "$name" "$2" "$work/apt" || return 1
	# a merged /usr, whatever order the packages come in
	mkdir -p "$3/bin" "$root"/usr/{bin,sbin,lib,lib64} && ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root" || return 1
	for package in "$work"/apt/cache/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root" || return 1
	done
	rm -rf "$work"
	wrap_all "$root" "$1" "$command" && works "$command"
}

[ $# = 1 ] || {
	echo "usage: packaging/compilers.sh DIR" >&2
	exit 2
}
mkdir -p "$1" || exit 1
dir=$(readlink -f "$1")
exec 9>"$dir/lock" && flock 9
for pair in 10:bullseye 14:trixie; do
	if provide "${pair%:*}" "${pair#*:}" "$dir" >"$dir/log.${pair%:*}" 2>&1 </dev/null; then
		echo "gcc-${pair%:*}"
	else
		echo "gcc-${pair%:*} cannot be had: see $dir/log.${pair%:*}" >&2
	fi
done
