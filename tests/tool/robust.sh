#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What create does when it cannot go on: disk full, a killed compiler, files that cannot be read, signals at any moment. One
# error that says so, no update, no scratch folder, and a cache with which the next run makes the same bytes.

# shellcheck disable=SC2317 # disk_full is called by name

. tests/tool/lib/tap.sh

PATCH=$PWD/tests/guest/patches/version.patch
REAL=${SUTURE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/suture}
SUTURE=$(realpath "$SUTURE")

# new_cache DIR: the prepared kernels, but no objects yet
new_cache() {
	local part

	mkdir -p "$1"
	for part in downloads headers images sources trees; do
		ln -sfn "$REAL/$part" "$1/$part"
	done
}

# create CACHE OUT [COMMAND...]: by way of COMMAND
create() {
	local cache=$1 out=$2

	shift 2
	"$@" "$SUTURE" create --cache "$cache" --release "$RELEASE" -q -o "$out" "$PATCH" >"$T/out" 2>"$T/err" </dev/null
}

errors() {
	grep -c '^suture: error:' "$T/err"
}

# failed TEXT CACHE OUT CODE: after a create that was to fail
failed() {
	is "$1: exit code" "$code" "$4"
	is "$1: one error" "$(errors)" 1
	ok "$1: no update" test ! -e "$3"
	is "$1: no scratch folder" "$(ls "$2/work" 2>/dev/null)" ""
	is "$1: no half-written file" "$(find "$2/objects" "$(dirname "$3")" -name '*.??????' 2>/dev/null)" ""
	[ "$(errors)" = 1 ] || sed 's/^/# /' "$T/err"
}

# whole TEXT CACHE: the cache can be used, and gives what it should
whole() {
	create "$2" "$T/again.ko"
	is "$1: then it succeeds" $? 0
	ok "$1: with the same bytes" cmp "$T/again.ko" "$T/good.ko"
	rm -f "$T/again.ko"
}

new_cache "$T/good"
create "$T/good" "$T/good.ko"
is "a good create" $? 0

# ---- disk full ----

mkdir "$T/full"
# As root, or in a namespace in which we are.
enter=(unshare -m)
[ "$(id -u)" = 0 ] || enter=(unshare -rm)
export T SUTURE RELEASE PATCH REAL
export -f new_cache create errors failed whole ok is verdict

disk_full() {
	local kb

	for kb in 4 256; do
		mount -t tmpfs -o "size=${kb}k" tmpfs "$T/full" || exit 3
		new_cache "$T/full/cache"
		create "$T/full/cache" "$T/update.ko"
		code=$?
		failed "disk full at $kb KB" "$T/full/cache" "$T/update.ko" 10
		ok "disk full at $kb KB: it says so" grep -q "No space left\|no space left" "$T/err"
		mount -o remount,size=100m "$T/full"
		whole "disk full at $kb KB" "$T/full/cache"
		umount "$T/full"
	done
	mount -t tmpfs -o size=4k tmpfs "$T/full" || exit 3
	create "$T/good" "$T/full/update.ko"
	code=$?
	failed "no room for the update" "$T/good" "$T/full/update.ko" 10
	umount "$T/full"
	echo "$checks $failures" >"$T/counts"
}
export -f disk_full
export checks failures
"${enter[@]}" bash -c disk_full
ok "a file system of our own" test -s "$T/counts"
read -r checks failures <"$T/counts"

# ---- a killed compiler ----

mkdir "$T/bin"
compiler=$(sed -n 's/.*"compiler": *"\(.*\)",*$/\1/p' <("$SUTURE" prepare --release "$RELEASE" --json))
real=$(command -v "$compiler")
cat >"$T/bin/$compiler" <<END
#!/bin/sh
case " \$* " in
*" -c "*fs/proc/version.c*) [ ! -e "$T/kill-driver" ] || kill -9 \$\$; [ ! -e "$T/kill-part" ] || exec $real -B$T/bin/ "\$@" ;;
esac
exec $real "\$@"
END
printf '#!/bin/sh\nkill -9 $$\n' >"$T/bin/cc1"
chmod +x "$T/bin/"*
for part in driver part; do
	touch "$T/kill-$part"
	new_cache "$T/killed-$part"
	create "$T/killed-$part" "$T/update.ko" env PATH="$T/bin:$PATH"
	code=$?
	failed "killed compiler ($part)" "$T/killed-$part" "$T/update.ko" 10
	ok "killed compiler ($part): it says so" grep -q "killed" "$T/err"
	rm "$T/kill-$part"
	whole "killed compiler ($part)" "$T/killed-$part"
done

# ---- files that cannot be read, folders that cannot be written ----

# Root reads everything; somebody else is needed.
as_nobody=()
[ "$(id -u)" != 0 ] || as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
chmod 755 "$T"
cp "$PATCH" "$T/secret.patch"
chmod 0 "$T/secret.patch"
mkdir -m 755 "$T/theirs"
"${as_nobody[@]}" "$SUTURE" create --cache "$T/theirs/cache" --release "$RELEASE" "$T/secret.patch" >/dev/null 2>"$T/err"
code=$?
is "nobody: exit code" $code 10
is "nobody: one error" "$(errors)" 1
mkdir "$T/theirs/file"
new_cache "$T/unreadable"
ln -sfn "$T/theirs/file" "$T/unreadable/objects"
PATCH=$T/theirs/file create "$T/good" "$T/update.ko"
code=$?
failed "a folder for a patch" "$T/good" "$T/update.ko" 10
echo x >"$T/file"
create "$T/good" "$T/file/update.ko"
code=$?
failed "a file for a folder" "$T/good" "$T/file/update.ko" 10

# ---- signals at any moment ----

moment=0
for delay in 0.03 0.2 0.6 1.2 2; do
	signal=INT
	[ $((moment++ % 2)) = 0 ] || signal=TERM
	new_cache "$T/cache-$moment"
	create "$T/cache-$moment" "$T/update.ko" timeout -s $signal --preserve-status $delay
	code=$?
	# It may have been done before, or not have begun.
	if [ $code = 0 ]; then
		ok "SIG$signal after $delay s: done before" cmp "$T/update.ko" "$T/good.ko"
		rm -f "$T/update.ko"
	elif [ $code -gt 128 ]; then
		is "SIG$signal after $delay s: not begun" "$(ls "$T/cache-$moment/work" 2>/dev/null)" ""
	else
		failed "SIG$signal after $delay s" "$T/cache-$moment" "$T/update.ko" 10
		ok "SIG$signal after $delay s: it says so" grep -q "\[interrupted\]" "$T/err"
	fi
	whole "SIG$signal after $delay s" "$T/cache-$moment"
	rm -rf "$T/cache-$moment"
done
finish
