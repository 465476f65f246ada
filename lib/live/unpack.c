// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmlinuz to vmlinux. Source: Documentation/x86/boot.rst, fields setup_sects, header, version, payload_offset,
 * payload_length (protocol 2.08, v2.6.26). The payload is followed by its unpacked size (gzip carries it
 * anyway).
 */
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <string.h>

#include "image.h"

#define SETUP_SECTS 0x1f1
#define MAGIC 0x202
#define VERSION 0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250
#define UNPACKED_MAX (1u << 30)

static int damaged(struct su_diags *diags, const char *path, const char *what)
{
	return su_fail(diags, SU_AT(IMAGE, .object = path, .hint = "give a vmlinux or vmlinuz of an x86-64 kernel"),
		       "not a usable kernel image: %s", what);
}

static uint32_t get32(const struct su_buf *file, size_t off)
{
	uint32_t v;

	memcpy(&v, file->data + off, sizeof(v));
	return v;
}

static bool is_boot_image(const struct su_buf *file)
{
	return file->nr >= HEADER_END && !memcmp(file->data + MAGIC, "HdrS", 4) &&
	       (get32(file, VERSION) & 0xffff) >= 0x208;
}

static bool find_payload(const struct su_buf *file, size_t *off, size_t *len)
{
	size_t setup = (unsigned char)file->data[SETUP_SECTS] ? (unsigned char)file->data[SETUP_SECTS] : 4;

	*off = (setup + 1) * 512 + get32(file, PAYLOAD_OFFSET);
	*len = get32(file, PAYLOAD_LENGTH);
	return *len > 8 && *off <= file->nr && *len <= file->nr - *off;
}

static struct archive *open_payload(const char *payload, size_t len)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;

	if (!a)
		return NULL;
	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, payload, len) != ARCHIVE_OK || archive_read_next_header(a, &entry) != ARCHIVE_OK) {
		archive_read_free(a);
		return NULL;
	}
	return a;
}

/*
 * Behind the stream stands the unpacked size, which is not to be taken for more of it; in gzip it is the
 * stream's own end.
 */
static size_t stream_size(const char *payload, size_t len)
{
	return !memcmp(payload, "\x1f\x8b", 2) ? len : len - 4;
}

static bool unpack(const char *payload, size_t len, uint32_t size, struct su_buf *out)
{
	struct archive *a = open_payload(payload, stream_size(payload, len));

	if (!a)
		return false;
	while (out->nr < size) {
		char chunk[65536];
		size_t want = size - out->nr < sizeof(chunk) ? size - out->nr : sizeof(chunk);
		la_ssize_t nr = archive_read_data(a, chunk, want);

		if (nr <= 0)
			break;
		su_buf_add(out, chunk, (size_t)nr);
	}
	archive_read_free(a);
	return out->nr == size;
}

int su_image_unpack(struct su_diags *diags, const char *path, struct su_buf *file)
{
	SU_CLEANUP_BUF struct su_buf out = { 0 };
	struct su_buf packed;
	size_t off, len;
	uint32_t size;

	if (!is_boot_image(file))
		return 0;
	if (!find_payload(file, &off, &len))
		return damaged(diags, path, "the payload lies outside the file");
	size = get32(file, off + len - 4);
	if (!memcmp(file->data + off, ELFMAG, SELFMAG))
		su_buf_add(&out, file->data + off, len); /* CONFIG_KERNEL_UNCOMPRESSED */
	else if (size > UNPACKED_MAX || !unpack(file->data + off, len, size, &out))
		return damaged(diags, path, "the payload cannot be unpacked");
	packed = *file;
	*file = out;
	out = packed;
	return 0;
}
