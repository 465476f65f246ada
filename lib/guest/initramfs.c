// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The initramfs of a guest: a cpio in a memory file, so that a killed run leaves nothing behind. It holds the agent as
 * /init, a static busybox, and what the caller adds. Folders are made as files need them.
 */
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "internal.h"

#define AGENT_NAME "guest-agent"

struct writer {
	struct archive *archive;
	struct su_map folders; /* those that are in it already */
};

/* Next to our program (a build folder, or the folder above for tests), or where `make install` puts it. */
static char *agent_find(void)
{
	static const char *const places[] = { "", "/..", "/../libexec/suture" };
	const char *libexec = getenv("SUTURE_LIBEXEC");
	char exe[4096];
	ssize_t n;

	if (libexec) {
		char *path = su_format("%s/" AGENT_NAME, libexec);

		if (su_file_exists(path))
			return path;
		free(path);
	}
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n <= 0)
		return NULL;
	exe[n] = 0;
	*strrchr(exe, '/') = 0;
	for (size_t i = 0; i < SU_ARRAY_SIZE(places); i++) {
		char *path = su_format("%s%s/" AGENT_NAME, exe, places[i]);

		if (su_file_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

static bool is_static_program(const struct su_buf *buf)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (buf->nr < sizeof(header))
		return false;
	memcpy(&header, buf->data, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_phentsize != sizeof(segment))
		return false;
	for (size_t i = 0; i < header.e_phnum; i++) {
		size_t off;

		if (__builtin_add_overflow(header.e_phoff, i * sizeof(segment), &off) || off > buf->nr - sizeof(segment))
			return false;
		memcpy(&segment, buf->data + off, sizeof(segment));
		if (segment.p_type == PT_INTERP)
			return false;
	}
	return true;
}

static int busybox_read(struct su_diags *diags, struct su_buf *buf)
{
	static const char *const places[] = { "/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox" };

	for (size_t i = 0; i < SU_ARRAY_SIZE(places); i++) {
		if (!su_file_exists(places[i]))
			continue;
		if (su_file_read(diags, places[i], buf))
			return -SU_SYSTEM;
		if (is_static_program(buf))
			return 0;
	}
	return su_fail(diags, SU_AT(TOOL_MISSING, .object = "busybox", .hint = "apt-get install busybox-static"),
		       "a guest needs a static busybox, and there is none");
}

static int entry_add(struct su_diags *diags, struct writer *w, const char *path, unsigned int mode, const void *bytes,
		     size_t sz)
{
	struct archive_entry *e = archive_entry_new();
	int ret = 0;

	archive_entry_set_pathname(e, path);
	archive_entry_set_mode(e, mode);
	archive_entry_set_size(e, sz);
	if (archive_write_header(w->archive, e) != ARCHIVE_OK ||
	    (sz && archive_write_data(w->archive, bytes, sz) != (la_ssize_t)sz))
		ret = su_fail(diags, SU_AT(SYSTEM, .object = path), "cannot add it to the guest's initramfs: %s",
			      archive_error_string(w->archive));
	archive_entry_free(e);
	return ret;
}

static int folder_add(struct su_diags *diags, struct writer *w, const char *path)
{
	int is_new;

	su_map_put(&w->folders, path, &is_new);
	return is_new ? entry_add(diags, w, path, S_IFDIR | 0755, NULL, 0) : 0;
}

static int parents_add(struct su_diags *diags, struct writer *w, const char *path)
{
	SU_CLEANUP_FREE char *copy = su_strdup(path);

	for (char *p = strchr(copy, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		if (folder_add(diags, w, copy))
			return -SU_SYSTEM;
		*p = '/';
	}
	return 0;
}

static int file_add(struct su_diags *diags, struct writer *w, const struct su_guest_file *file)
{
	const char *path = file->path + strspn(file->path, "/"); /* names in a cpio are relative */
	SU_CLEANUP_BUF struct su_buf buf = { 0 };

	if (parents_add(diags, w, path))
		return -SU_SYSTEM;
	if (!file->host)
		return entry_add(diags, w, path, S_IFREG | file->mode, file->bytes, file->sz);
	if (su_file_read(diags, file->host, &buf))
		return -SU_SYSTEM;
	return entry_add(diags, w, path, S_IFREG | file->mode, buf.data, buf.nr);
}

static int system_add(struct su_diags *diags, struct writer *w)
{
	static const char *const folders[] = { "dev", "proc", "sys", "tmp", "root", "etc" };
	SU_CLEANUP_FREE char *agent = agent_find();
	SU_CLEANUP_BUF struct su_buf busybox = { 0 };

	if (!agent)
		return su_fail(diags,
			       SU_AT(TOOL_MISSING, .object = AGENT_NAME, .hint = "set SUTURE_LIBEXEC to its folder"),
			       "the guest's agent is not installed");
	for (size_t i = 0; i < SU_ARRAY_SIZE(folders); i++)
		if (folder_add(diags, w, folders[i]))
			return -SU_SYSTEM;
	if (busybox_read(diags, &busybox) ||
	    file_add(diags, w, &(struct su_guest_file){ .host = agent, .path = "/init", .mode = 0755 }))
		return -SU_SYSTEM;
	return file_add(diags, w,
			&(struct su_guest_file){
				.bytes = busybox.data, .sz = busybox.nr, .path = "/bin/busybox", .mode = 0755 });
}

static int archive_fill(struct su_diags *diags, struct writer *w, const struct su_guest_file *files, size_t nr, int fd)
{
	if (archive_write_set_format_cpio_newc(w->archive) != ARCHIVE_OK ||
	    archive_write_open_fd(w->archive, fd) != ARCHIVE_OK)
		return su_fail(diags, SU_AT(SYSTEM), "cannot make the guest's initramfs: %s",
			       archive_error_string(w->archive));
	if (system_add(diags, w))
		return -SU_SYSTEM;
	for (size_t i = 0; i < nr; i++)
		if (file_add(diags, w, &files[i]))
			return -SU_SYSTEM;
	if (archive_write_close(w->archive) != ARCHIVE_OK)
		return su_fail(diags, SU_AT(SYSTEM), "cannot finish the guest's initramfs: %s",
			       archive_error_string(w->archive));
	return 0;
}

int su_initramfs_create(struct su_diags *diags, const struct su_guest_file *files, size_t nr, int *fd)
{
	struct writer w = { .archive = archive_write_new() };
	int memory = memfd_create("suture-initramfs", MFD_CLOEXEC);
	int ret;

	if (memory < 0 || !w.archive)
		ret = su_fail(diags, SU_AT(SYSTEM), "no memory for the guest's initramfs: %m");
	else
		ret = archive_fill(diags, &w, files, nr, memory);
	archive_write_free(w.archive);
	su_map_fini(&w.folders);
	if (!ret)
		*fd = memory;
	else if (memory >= 0)
		close(memory);
	return ret;
}
