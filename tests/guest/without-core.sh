# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2012,SC2034,SC2086,SC2154
# Without the core an update does not load: it imports a symbol of the core.
# needs: update version
# expect: Unknown symbol suture_core

load version
is "the load fails with ENOENT" $? 2
fails "/proc/version is plain" grep -q patched /proc/version
