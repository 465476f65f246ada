// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the cache is, and its locks. What lies in it: downloads/ packages as fetched; images/, headers/, sources/ them
 * unpacked; trees/ prepared kernel trees; objects/ compiled units by content. All of it can be made again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cache.h"
#include "lib/base/process.h"

void su_progress_step(const struct su_progress *progress, const char *fmt, ...)
{
	char text[200];
	va_list args;

	if (!progress || !progress->step)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	progress->step(progress->ctx, text);
}

static const char *env_value(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

char *su_cache_default(void)
{
	SU_CLEANUP_FREE char *path = NULL;
	const char *own = env_value("SUTURE_CACHE");
	const char *xdg = env_value("XDG_CACHE_HOME");
	const char *home = env_value("HOME");

	/* The XDG specification tells to ignore a relative path. */
	if (own)
		path = su_strdup(own);
	else if (xdg && *xdg == '/')
		path = su_format("%s/suture", xdg);
	else
		path = su_format("%s/.cache/suture", home ? home : "/root");
	return su_path_absolute(path);
}

int su_lock_take(struct su_diags *diags, const char *path, const struct su_progress *progress, int *fd)
{
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	int err = lock < 0 ? errno : 0;
	int stopped = 0;

	if (!err && flock(lock, LOCK_EX | LOCK_NB)) {
		su_progress_step(progress, "waiting for another suture");
		while (!stopped && flock(lock, LOCK_EX)) {
			stopped = su_signals_check(diags);
			err = errno == EINTR ? 0 : errno;
			if (err)
				break;
		}
	}
	if (err || stopped) {
		if (lock >= 0)
			close(lock);
		return stopped ? stopped :
				 su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot take the lock: %s",
					 strerror(err));
	}
	*fd = lock;
	return 0;
}

void su_lock_drop(int fd)
{
	if (fd >= 0)
		close(fd);
}
