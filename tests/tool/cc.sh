#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Objects are kept by content, and ccache and distcc can stand before the compiler: always the same update, and each of them
# has really been used.

. tests/tool/lib/tap.sh

PATCH=tests/guest/patches/version.patch
REAL=${SUTURE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/suture}
compiler=$(sed -n 's/.*"compiler": *"\(.*\)",*$/\1/p' <("$SUTURE" prepare --release "$RELEASE" --json))

# The prepared kernels, but no objects yet.
mkdir "$T/cache"
for part in downloads headers images sources trees; do
	ln -s "$REAL/$part" "$T/cache/$part"
done

forget_objects() {
	rm -rf "$T/cache/objects"
}

# create TEXT [OPTIONS...]: always the same bytes
create() {
	local text=$1

	shift
	exits 0 "$text" create --cache "$T/cache" --release "$RELEASE" -o "$T/$checks.ko" "$@"
	mv "$T/"[0-9]*.ko "$T/update.ko"
	[ -e "$T/first.ko" ] || cp "$T/update.ko" "$T/first.ko"
	ok "$text: the same bytes" cmp "$T/update.ko" "$T/first.ko"
}

# A compiler that counts how often it compiles.
cat >"$T/counting" <<END
#!/bin/sh
case " \$* " in *" -c "*version.c*) echo >>"$T/count" ;; esac
exec $compiler "\$@"
END
chmod +x "$T/counting"
count() {
	wc -l <"$T/count"
}

touch "$T/count"
create "with a compiler of one's own" --cc "$T/counting" "$PATCH"
is "it has compiled three objects" "$(count)" 3
create "the second time" --cc "$T/counting" "$PATCH"
is "it has compiled nothing more" "$(count)" 3
touch "$PATCH" "$T/cache/objects"/*/*
create "when times have changed" --cc "$T/counting" "$PATCH"
is "it has compiled nothing more" "$(count)" 3
{ echo "A remark."; cat "$PATCH"; } >"$T/remark.patch"
exits 0 "a patch with the same changes" create --cache "$T/cache" --release "$RELEASE" -o "$T/other.ko" \
	--cc "$T/counting" "$T/remark.patch"
is "it has compiled nothing more" "$(count)" 3
sed 's/\[patched\]/[otherwise]/' "$PATCH" >"$T/otherwise.patch"
exits 0 "a patch with another change" create --cache "$T/cache" --release "$RELEASE" -o "$T/other.ko" \
	--cc "$T/counting" "$T/otherwise.patch"
is "only post was compiled anew" "$(count)" 4
forget_objects
SUTURE_CC=$T/counting create "by way of the environment" "$PATCH"
is "it has compiled" "$(count)" 7

export CCACHE_DIR=$T/ccache
for round in 1 2; do
	forget_objects
	create "ccache, round $round" --cc "ccache $compiler" "$PATCH"
done
hits=$(ccache --print-stats | awk '/^(direct|preprocessed)_cache_hit/ { n += $2 } END { print n + 0 }')
# plain and pre: the patched copy, of which post is made, lies elsewhere each time
ok "ccache has answered in round 2 ($hits hits)" test "$hits" -ge 2

export DISTCC_DIR=$T/distcc DISTCC_HOSTS=127.0.0.1:36320 DISTCC_FALLBACK=0
mkdir "$DISTCC_DIR"
distccd --no-detach --daemon --allow 127.0.0.1 --listen 127.0.0.1 --port 36320 --enable-tcp-insecure --log-stderr \
	2>"$T/distccd.log" &
daemon=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
	(: </dev/tcp/127.0.0.1/36320) 2>/dev/null && break
	sleep 0.5
done
forget_objects
create "distcc" --cc "distcc $compiler" "$PATCH"
kill $daemon
wait $daemon
jobs=$(grep -c "COMPILE_OK" "$T/distccd.log")
ok "distccd has compiled ($jobs jobs)" test "$jobs" -ge 3

exits 10 "another compiler" create --cache "$T/cache" --release "$RELEASE" -o "$T/other.ko" --cc "$T/none" "$PATCH"
exits 10 "a program that is none" create --cache "$T/cache" --release "$RELEASE" -o "$T/other.ko" --cc true "$PATCH"
says "compiler-differs"
finish
