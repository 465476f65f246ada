# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2016,SC2012,SC2034,SC2086,SC2154
# A static key that reaches beyond the JMP: an undo that fails leaves the bytes behind the JMP as they were; where somebody else
# has written to the place nothing is switched; and what is presented instead of the JMP is of now. With lockdep the function
# begins with something else.
# config: !PROVE_LOCKING
# needs: update network
# needs: update name
# needs: update version
# needs: built-module flip
# needs: program peek
# guest: timeout 300

T=/sys/kernel/tracing
key() { echo $1 >$T/events/net/netif_rx_entry/enable; }
bytes() { /suture/peek __netif_rx 24; }
# The first byte behind the JMP's window.
flip() { printf "0x%x" $((entry + window + 5)) >/sys/module/flip/parameters/byte; }

ok "the core loads" core_load
entry=0x$(awk '$3 == "__netif_rx" { print $1 }' /proc/kallsyms)
case $(bytes) in
f30f1efa*) window=9 ;;
*) window=5 ;;
esac
ok "the module loads" load flip
key 1
on_bytes=$(bytes)
key 0
off_bytes=$(bytes)
apply_ok network
key 1
before=$(bytes)
is "behind the JMP the place is as it was" "$(echo $before | cut -c$((window * 2 + 11))-)" \
	"$(echo $off_bytes | cut -c$((window * 2 + 11))-)"
echo "p:suture_test __netif_rx+$window" >$T/kprobe_events
ok "a kprobe is on the JMP" sh -c "echo 1 >$T/events/kprobes/suture_test/enable"
sleep 1
undo network
is "undo fails with ETXTBSY" "$? $(last_token)" "26 redirect-altered"
echo 0 >$T/events/kprobes/suture_test/enable
echo >$T/kprobe_events
sleep 1
is "all is as before" "$(bytes)" "$before"
key 0
key 1
flip
undo network
is "behind the JMP somebody has written: undo fails" "$? $(last_token)" "26 redirect-altered"
like "the message says what it can be" "$(cat $S/last_error)" "*__netif_rx: a static key or static call*"
flip
is "all is as before" "$(bytes)" "$before"
undo_ok network
is "undone: the bytes are as the kernel writes them" "$(bytes)" "$on_bytes"

apply_ok network
apply_ok version replace=1
is "superseded: the bytes are as the kernel writes them" "$(bytes)" "$on_bytes"
key 0
flip
undo version
is "somebody has written to the place: it is not switched back" "$? $(last_token)" "116 bytes-differ"
is "it stays superseded" "$(field network state)" superseded
flip
undo_ok version
is "now it is" "$(field network state)" applied
# its unit is matched with what the place is now, in the window and behind it
apply_ok name
undo_ok name
undo_ok network
is "undone: the bytes are as the kernel writes them" "$(bytes)" "$off_bytes"
