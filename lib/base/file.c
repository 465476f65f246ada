// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole files: reading, writing so that a file is whole or not there, copying, hashing. Folders and paths are in
 * dir.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static int read_all(int fd, struct su_buf *buf)
{
	char block[65536];
	ssize_t got;

	do {
		got = read(fd, block, sizeof(block));
		if (got > 0)
			su_buf_add(buf, block, (size_t)got);
	} while (got > 0 || (got < 0 && errno == EINTR));
	return got < 0 ? -errno : 0;
}

int su_file_read(struct su_diags *diags, const char *path, struct su_buf *buf)
{
	struct su_buf data = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : read_all(fd, &data);

	if (fd >= 0)
		close(fd);
	if (err) {
		su_buf_fini(&data);
		return su_fail(diags, SU_AT(FILE_READ, .object = path), "cannot read the file: %s", strerror(-err));
	}
	su_buf_fini(buf);
	*buf = data;
	return 0;
}

static int write_all(int fd, const char *data, size_t sz)
{
	while (sz) {
		ssize_t put = write(fd, data, sz);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		data += put;
		sz -= (size_t)put;
	}
	return 0;
}

/* The mode that a plain open() would have given: mkstemp() leaves the file to its owner alone. */
static mode_t default_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int write_temp(char *temp, const void *data, size_t sz, mode_t mode)
{
	int fd = mkostemp(temp, O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, sz);
	if (!err && fchmod(fd, mode))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

static int write_with_mode(struct su_diags *diags, const char *path, const void *data, size_t sz, mode_t mode)
{
	SU_CLEANUP_FREE char *temp = su_format("%s.XXXXXX", path);
	int err = write_temp(temp, data, sz, mode);

	if (!err && rename(temp, path)) {
		err = -errno;
		unlink(temp);
	}
	if (err)
		return su_fail(diags, SU_AT(FILE_WRITE, .object = path), "cannot write the file: %s", strerror(-err));
	return 0;
}

int su_file_write(struct su_diags *diags, const char *path, const void *data, size_t sz)
{
	return write_with_mode(diags, path, data, sz, default_mode());
}

int su_file_copy(struct su_diags *diags, const char *from, const char *to)
{
	SU_CLEANUP_BUF struct su_buf buf = { 0 };
	struct stat st;
	int err = su_file_read(diags, from, &buf);

	if (err)
		return err;
	/* Only the right to execute is carried over: a copy of a read-only file is to be removable and editable. */
	if (stat(from, &st))
		st.st_mode = 0;
	return write_with_mode(diags, to, buf.data, buf.nr, default_mode() | (st.st_mode & 0100 ? 0100 : 0));
}

bool su_file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}
