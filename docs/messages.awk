# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the table of tokens into docs/messages.md: reads lib/base/err.h (exit codes), lib/base/tokens.def and that file, and
# prints it with what stands between its two marks made anew. `make messages` runs it.

FILENAME ~ /err\.h$/ {
	if ($1 ~ /^SU_[A-Z]+$/ && $2 == "=")
		code[$1] = $3 + 0
	next
}

FILENAME ~ /tokens\.def$/ {
	# SU_TOKEN(ID, "name", SU_STATUS, "meaning")
	if (/^SU_TOKEN\(/) {
		split($0, quoted, "\"")
		status = quoted[3]
		gsub(/[, ]/, "", status)
		row[++rows] = "| `" quoted[2] "` | " code[status] " | " quoted[4] " |"
	}
	next
}

/^<!-- tokens end -->$/ {
	is_table = 0
}

!is_table {
	print
}

/^<!-- tokens: / {
	is_table = 1
	print ""
	print "| token | exit | meaning |"
	print "|---|---|---|"
	for (i = 1; i <= rows; i++)
		print row[i]
	print ""
}
