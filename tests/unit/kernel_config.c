// SPDX-License-Identifier: GPL-2.0-or-later
/* lib/kernel: configurations, the compiler check, the content hash of a source, the cache's place and locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder.h"
#include "lib/kernel/compiler.h"
#include "lib/kernel/inputs.h"
#include "lib/kernel/supported.h"
#include "lib/kernel/tool.h"

static void parse(const char *text, struct su_config *config)
{
	*config = (struct su_config){ 0 };
	su_config_parse(text, strlen(text), config);
}

static void test_values(void **state)
{
	struct su_config config;

	(void)state;
	parse("# a comment\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_S=\"a=\\\"b\"\nCONFIG_E=\"\"\nCONFIG_A=m\nX=1\nCONFIG_L=1",
	      &config);
	assert_string_equal(su_config_value(&config, "A"), "m");
	assert_null(su_config_value(&config, "B"));
	assert_null(su_config_value(&config, "X"));
	assert_string_equal(su_config_string(&config, "S"), "a=\\\"b");
	assert_string_equal(su_config_string(&config, "E"), "");
	assert_string_equal(su_config_string(&config, "L"), "1");
	su_config_fini(&config);
}

static void check_compare(const char *wanted_text, const char *have_text, const char *want)
{
	struct su_diags *diags = su_diags_create();
	struct su_config wanted, have;
	int err;

	parse(wanted_text, &wanted);
	parse(have_text, &have);
	err = su_config_compare(diags, &wanted, &have);
	if (want) {
		assert_int_equal(err, -SU_UNSUPPORTED);
		assert_int_equal(su_diags_at(diags, 0)->token, SU_T_CONFIG_CHANGED);
		assert_non_null(strstr(su_diags_at(diags, 0)->text, want));
	} else {
		assert_int_equal(err, 0);
	}
	su_config_fini(&wanted);
	su_config_fini(&have);
	su_diags_destroy(diags);
}

static void test_compare(void **state)
{
	(void)state;
	check_compare("CONFIG_A=y\n", "CONFIG_A=y\n", NULL);
	check_compare("CONFIG_A=y\n", "CONFIG_A=m\n", "A (wanted y, now m)");
	check_compare("CONFIG_A=y\n", "# CONFIG_A is not set\n", "A (wanted y, now n)");
	check_compare("", "CONFIG_A=y\n", "A (wanted n, now y)");
	check_compare("CONFIG_DEBUG_INFO_BTF_MODULES=y\n", "", "DEBUG_INFO_BTF_MODULES");
	check_compare("", "CONFIG_BUILD_SALT=\"\"\nCONFIG_MODULE_SIG_KEY=\"x\"\nCONFIG_RUSTC_VERSION_TEXT=\"\"\n", NULL);
	check_compare("CONFIG_RUSTC_VERSION=0\n", "CONFIG_RUSTC_VERSION=109000\nCONFIG_RUSTC_HAS_THIS=y\n", NULL);
	check_compare("CONFIG_A=y\nCONFIG_B=y\n", "", "2 options");
}

#define SERVED "CONFIG_X86_64=y\nCONFIG_MODULES=y\nCONFIG_KALLSYMS_ALL=y\nCONFIG_KPROBES=y\nCONFIG_TRACEPOINTS=y\n"

static void check_served(const char *text, const char *first, size_t nr)
{
	struct su_diags *diags = su_diags_create();
	struct su_config config;

	parse(text, &config);
	assert_int_equal(su_config_check(diags, &config), nr ? -SU_UNSUPPORTED : 0);
	assert_int_equal(su_diags_count(diags), nr);
	if (nr) {
		assert_int_equal(su_diags_at(diags, 0)->token, SU_T_KERNEL);
		assert_non_null(strstr(su_diags_at(diags, 0)->text, first));
	}
	su_config_fini(&config);
	su_diags_destroy(diags);
}

/* A kernel that cannot be served is refused with all reasons at once. */
static void test_served(void **state)
{
	(void)state;
	check_served(SERVED, NULL, 0);
	check_served(SERVED "CONFIG_LTO_CLANG=y\n# CONFIG_CFI is not set\n", "with CONFIG_LTO_CLANG", 1);
	check_served(SERVED "CONFIG_KPROBES=n\nCONFIG_CFI=y\n", "without CONFIG_KPROBES", 2);
	check_served("CONFIG_ARM64=y\n", "without CONFIG_X86_64", 5);
}

static void check_package(const char *text, const char *want)
{
	SU_CLEANUP_FREE char *have = su_compiler_package(text);

	if (want)
		assert_string_equal(have, want);
	else
		assert_null(have);
}

static void check_compiler(const char *config_text, const char *what, const char *hint)
{
	struct su_diags *diags = su_diags_create();
	struct su_compiler compiler = { 0 };
	struct su_config config;

	parse(config_text, &config);
	assert_int_equal(su_compiler_find(diags, &config, NULL, &compiler), -SU_SYSTEM);
	assert_int_equal(su_diags_at(diags, 0)->token, SU_T_COMPILER);
	assert_non_null(strstr(su_diags_at(diags, 0)->text, what));
	if (hint)
		assert_string_equal(su_diags_at(diags, 0)->hint, hint);
	su_config_fini(&config);
	su_diags_destroy(diags);
}

static void test_compiler(void **state)
{
	(void)state;
	check_package("gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0", "gcc-12=12.2.0-14+deb12u1");
	check_package("x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0", "gcc-14=14.2.0-19");
	check_package("gcc (GCC) 13.1.0", NULL);
	check_compiler("", "does not say which compiler", NULL);
	check_compiler("CONFIG_CC_VERSION_TEXT=\"gcc-99 (Debian 99.1-1) 99.1\"\n", "is not installed",
		       "apt-get install gcc-99=99.1-1");
	check_compiler("CONFIG_CC_VERSION_TEXT=\"true (Debian 99.1-1) 99.1\"\n", "here is '", NULL);
}

static bool does_change(struct su_diags *diags, const char *dir, const char *name, struct su_hash *hash)
{
	struct su_hash now;
	bool has_changed;

	folder_put(diags, dir, name, "changed");
	assert_int_equal(su_source_hash(diags, dir, &now), 0);
	has_changed = memcmp(&now, hash, sizeof(now)) != 0;
	*hash = now;
	return has_changed;
}

static void test_source_hash(void **state)
{
	struct su_diags *diags = su_diags_create();
	struct su_hash hash;
	char *dir;

	(void)state;
	assert_int_equal(su_dir_temp(diags, "/tmp", "suture-test", &dir), 0);
	folder_put(diags, dir, "drivers/net/Makefile", "a");
	folder_put(diags, dir, "drivers/net/a.c", "a");
	assert_int_equal(su_source_hash(diags, dir, &hash), 0);
	assert_true(does_change(diags, dir, "drivers/net/Makefile", &hash));
	assert_true(does_change(diags, dir, "include/linux/new.h", &hash));
	assert_true(does_change(diags, dir, "arch/x86/kernel/asm-offsets.c", &hash));
	assert_true(does_change(diags, dir, "fs/Kconfig.binfmt", &hash));
	assert_false(does_change(diags, dir, "drivers/net/a.c", &hash));
	assert_false(does_change(diags, dir, "Documentation/Makefile", &hash));
	assert_int_equal(su_dir_remove(diags, dir), 0);
	free(dir);
	su_diags_destroy(diags);
}

static void test_cache_dir(void **state)
{
	char *dir;

	(void)state;
	setenv("HOME", "/nonexistent/h", 1);
	unsetenv("SUTURE_CACHE");
	unsetenv("XDG_CACHE_HOME");
	dir = su_cache_default();
	assert_string_equal(dir, "/nonexistent/h/.cache/suture");
	free(dir);
	setenv("XDG_CACHE_HOME", "relative", 1);
	dir = su_cache_default();
	assert_string_equal(dir, "/nonexistent/h/.cache/suture");
	free(dir);
	setenv("XDG_CACHE_HOME", "/nonexistent/x", 1);
	dir = su_cache_default();
	assert_string_equal(dir, "/nonexistent/x/suture");
	free(dir);
	setenv("SUTURE_CACHE", "/nonexistent/own", 1);
	dir = su_cache_default();
	assert_string_equal(dir, "/nonexistent/own");
	free(dir);
}

/* The second of two that want the lock gets it only when the first has let go. */
static void test_lock(void **state)
{
	struct su_diags *diags = su_diags_create();
	char *dir;
	SU_CLEANUP_FREE char *path = NULL;
	int fd, status, fds[2];
	char byte = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(su_dir_temp(diags, "/tmp", "suture-test", &dir), 0);
	path = su_format("%s/lock", dir);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(su_lock_take(diags, path, NULL, &fd), 0);
	pid = fork();
	if (!pid) {
		int second;

		close(fd);
		if (su_lock_take(diags, path, NULL, &second) || read(fds[0], &byte, 1) != 1)
			_exit(1);
		_exit(byte == 'x' ? 0 : 2);
	}
	usleep(200000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	su_lock_drop(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(su_dir_remove(diags, dir), 0);
	free(dir);
	su_diags_destroy(diags);
}

static void test_tail(void **state)
{
	struct su_buf buf = { 0 };
	char *tail;

	(void)state;
	tail = su_tool_tail(&buf, 3);
	assert_string_equal(tail, "");
	free(tail);
	su_buf_puts(&buf, "one\ntwo\nthree\n\n");
	tail = su_tool_tail(&buf, 2);
	assert_string_equal(tail, "two\nthree");
	free(tail);
	tail = su_tool_tail(&buf, 9);
	assert_string_equal(tail, "one\ntwo\nthree");
	free(tail);
	su_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),	    cmocka_unit_test(test_compare),   cmocka_unit_test(test_compiler),
		cmocka_unit_test(test_source_hash), cmocka_unit_test(test_cache_dir), cmocka_unit_test(test_lock),
		cmocka_unit_test(test_tail),	    cmocka_unit_test(test_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
