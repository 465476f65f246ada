/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core's own declarations. An update goes through the files in this order:
 * main (module notifier) -> find (descriptor) -> check (match) -> plan (redirects) -> link (private relocations)
 * -> change (what is written for it) -> switch (with notes and stack) -> sysfs (state, undo). update.c holds its life
 * together; target.c does what comes and goes with a module that is changed.
 */
#ifndef SU_KMOD_SUTURE_H
#define SU_KMOD_SUTURE_H

#include <linux/jump_label.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/static_call.h>
#include <linux/types.h>

#include "../match/match.h"

#define SU_ABI			1
#define SU_BLOCKERS_MAX		32	/* named; all are counted */
#define SU_TIMEOUT_MS		10000
#define SU_TIMEOUT_MAX_MS	(3600 * 1000)

/*
 * Life of an update in the kernel:
 *	linked	-> applied	suture_core_1(), from the update's init; for targets that are there
 *	applied	-> superseded	another update is applied that replaces all others
 *	superseded -> applied	that one is undone
 *	applied	-> undone	sysfs `undo`
 *	linked, undone -> gone	MODULE_STATE_GOING; in the other states it is pinned, so that it never goes
 */
enum su_state {
	SU_STATE_LINKED,
	SU_STATE_APPLIED,
	SU_STATE_SUPERSEDED,
	SU_STATE_UNDONE,
};

/* What is asked of one switch. */
struct su_request {
	u32 timeout_ms;		/* how long to try again */
	u32 max_pause_us;	/* how long to look at stacks with the machine stopped; 0: no limit */
	u32 replaces;		/* 1: the update takes the place of all that are applied */
};

/* Addresses [start, end) that a thread must not be in. */
struct su_span {
	unsigned long start;
	unsigned long end;
};

struct su_spans {
	struct su_span *spans;	/* ascending, not overlapping */
	u32 nr;
};

/*
 * A function that an update replaces. The JMP at its window leads to the replacement, or to what has replaced that one in
 * turn: change.c works it out of all redirects that are in force.
 */
struct su_redirect {
	const char *name;	/* of the old function; strings belong to the su_live */
	const char *unit;
	u32 target;		/* index in the update */
	u32 size;		/* of the old function */
	bool ready;		/* the target is there and was matched: what follows is known */
	bool on;		/* in force */
	bool next;		/* in force after the change that is being prepared */
	unsigned long entry;	/* of the old function */
	unsigned long window;	/* where the JMP lies */
	unsigned long to;	/* entry of the replacement */
	bool is_stacked;	/* the old function is an earlier update's, in that one's module */
	u8 run[SU_JMP_SZ];	/* the window's bytes without any JMP */
	struct su_retired *retired;	/* places in the window that the kernel rewrites at run time; NULL: none */
};

/* Who kept a switch from happening. */
struct su_blocker {
	char comm[TASK_COMM_LEN];
	pid_t pid;
	unsigned long addr;
};

/*
 * A target of an update: vmlinux, or a module, which may be absent, come and go. All but the name is written under
 * su_mutex; sysfs looks at it without.
 *	absent	-> matched	at the update's COMING, or at the module's own
 *	matched	-> linked	the update's fields that belong to it are filled in
 *	any	-> absent	the module's GOING, or its load failed for us
 */
struct su_live_target {
	const char *name;
	bool is_vmlinux;
	struct module *mod;	/* loaded; NULL: vmlinux, or absent */
	bool is_held;		/* for the operation under way */
	bool is_matched;
	bool is_linked;
	bool is_stale;	/* fields that belong to it still hold what they did before its module went */
	bool is_pinned;		/* a kernel table of the update points into it: held as long as the update is loaded */
	u32 holds;		/* bits: modules of these targets are held for its new code, as nobody else may do so */
};

/*
 * An update in the running kernel. What is in .init sections (pre code of vmlinux) goes away after its init; the
 * tables and the pre code of modules stay.
 */
struct su_live {
	struct list_head list;		/* su_lives, under su_mutex */
	struct list_head wants;		/* target.c */
	struct kobject kobj;
	struct module *mod;
	const char *id;
	enum su_state state;		/* written under su_mutex */
	bool stays;			/* SU_UPDATE_STAYS: pinned for ever once applied */
	bool is_pinned;			/* we hold a reference on mod */
	struct su_request request;	/* for the last switch; over: it replaces nothing any more */
	struct su_live *superseded_by;	/* SU_STATE_SUPERSEDED */
	struct su_update update;	/* points into the module */
	struct su_match match;		/* what is known; its buffers are kept only where a module may yet come */
	struct su_names *names;		/* during a match: of the target */
	struct su_names *earlier_names;	/* and of the earlier updates */
	struct su_live **bases;		/* earlier updates whose code or data it uses: held */
	u32 base_nr;
	bool is_above;			/* bases.c: stands on the one that is asked about */
	void **first_data;		/* per area: what it held at COMING, where that has to come back; else NULL */
	struct su_redirect *redirects;	/* one a function of the update, in its order */
	u32 redirect_nr;
	struct su_span *old;		/* per range of the update: old code, not in use when its function's JMP is written */
	struct su_spans new;		/* new code: not in use when the JMPs to it are removed */
	struct su_live_target *targets;	/* in the update's order */
	u32 target_nr;
	u64 pause_ns;			/* of the last switch: the machine stood still */
	u32 stop_tasks;			/* stacks and words that were looked at meanwhile */
	u64 stop_words;
	u32 tries;
};

/*
 * su_mutex: su_lives (in the order in which they were applied), every su_live's state, and at most one match or switch
 * at a time.
 * Taken inside the module notifier chain's lock; never while a kobject is being removed, as its attributes' stores
 * take it.
 */
extern struct mutex su_mutex;
extern struct list_head su_lives;

/* ---- report.c: what went wrong, for the log and for sysfs ---- */

/**
 * su_refuse - say why an operation fails: one line in the log, and in last_error
 * @id: the update's ID, NULL where it is not known
 * @err: negative errno
 * @token: stable name of the failure
 * Return: @err.
 */
__printf(4, 5) int su_refuse(const char *id, int err, const char *token, const char *fmt, ...);

/* A new operation begins: forget the last failure. */
void su_report_clear(void);
ssize_t su_report_show(char *buf);

struct su_scan;

/* Remember who blocked the last try, for sysfs. */
void su_blockers_set(const struct su_live *live, const struct su_scan *scan);
/* "COMM[PID] stays in FUNCTION+OFFSET, ..."; what does not fit is counted. */
void su_blockers_join(const struct su_live *live, const struct su_scan *scan, char *buf, size_t sz);
ssize_t su_blockers_show(const struct su_live *live, char *buf);
void su_blockers_clear(void);
/* The update is freed. */
void su_blockers_forget(const struct su_live *live);

/* ---- symbols.c: what the kernel does not export ---- */

/* Find all that the core needs itself. Return: 0 or a negative errno, reported. */
int __must_check su_symbols_init(void);

struct su_each_symbol {
	/* Return: 0 to go on, else the walk's result. May sleep. */
	int (*see)(struct su_each_symbol *each, const char *name, unsigned long value);
};

/* Walk over every symbol of the kernel image. */
int __must_check su_symbols_walk(struct su_each_symbol *each);

/* A module of this name, held until module_put(). NULL: there is none, or it is on its way out. */
struct module *su_module_get(const char *name);

struct mutex *su_kprobe_mutex(void);
/* Where kprobes are set. */
struct su_span su_register_kprobe_code(void);
struct mutex *su_text_mutex(void);
struct mutex *su_jump_label_mutex(void);
struct mutex *su_static_call_mutex(void);
/* Where there is livepatch. */
struct mutex *su_klp_mutex(void);
struct list_head *su_klp_patches(void);
/* The kernel image's own tables; modules have theirs. */
void su_jump_table(struct jump_entry **first, struct jump_entry **end);
void su_static_call_table(struct static_call_site **first, struct static_call_site **end);
struct task_struct *su_idle_task(int cpu);
/* Code that must never be redirected: entry and noinstr text. Return: the section's name or NULL. */
const char *su_symbols_forbidden(unsigned long start, unsigned long end);

/* The kernel's functions of these names, once su_symbols_init() has linked them. */
int su_kallsyms_on_each_symbol(void *see, void *data);
struct kprobe *su_get_kprobe(void *addr);
struct module *su_find_module(const char *name);
int su_stop_machine_cpuslocked(int (*fn)(void *data), void *data, const struct cpumask *cpus);
void su_put_task_stack(struct task_struct *task);
int su_stub_empty(void);

/* ---- names.c: the running kernel's symbols that an update asks for ---- */

struct su_names;

/**
 * su_names_create - collect the addresses of every name that the update's symbols have in a target, in one walk
 * @target: index in the update; its module or, where that is vmlinux, the kernel is looked at
 * @names: written only on success; su_names_destroy() frees it
 * Return: 0, -ENOMEM or the walk's errno.
 */
int __must_check su_names_create(const struct su_live *live, u32 target, struct su_names **names);
/* The same for symbols of earlier updates that belong to the target's units: in these updates' modules. */
int __must_check su_names_create_earlier(const struct su_live *live, u32 target, struct su_names **names);
void su_names_destroy(struct su_names *names);
u32 su_names_get(const struct su_names *names, u32 symbol, const u64 **addrs);

/* ---- alias.c: a writable view of read-only memory ---- */

struct su_alias {
	void *base;	/* of the mapping */
	void *at;	/* view of the address asked for */
};

/* Map [addr, addr + len), from one byte to a page, which may straddle two pages. Return: 0 or -ENOMEM, -EFAULT. Sleeps. */
int __must_check su_alias_map(unsigned long addr, size_t len, struct su_alias *alias);
void su_alias_unmap(struct su_alias *alias);
/* Write through a temporary alias. The caller sees to it that nobody executes there. */
int __must_check su_alias_write(unsigned long addr, const void *bytes, size_t len);
/* Make every CPU drop what it has decoded already. */
void su_serialise_all(void);

/* ---- find.c ---- */

/**
 * su_find - the update's tables in a module that is being loaded
 * @update: written only on success
 * Return: 0; -ENOENT: not an update; -EBADMSG: damaged, reported.
 */
int __must_check su_find(struct module *mod, struct su_update *update);

/* ---- check.c, plan.c, link.c: each reports its failure. For vmlinux the update must be at its COMING. ---- */

/* The matcher's buffers. su_check_end() frees them, also half made ones. */
int __must_check su_check_begin(struct su_live *live);
void su_check_end(struct su_live *live);
/* Match one target, which is there. On success live->match answers for it; on failure it knows nothing new. */
int __must_check su_check(struct su_live *live, u32 target);
/* Read the running kernel with the JMPs of applied updates seen through. */
int su_read_through(unsigned long addr, void *buf, size_t len);

/* Redirects, without places yet, and the new code. */
int __must_check su_plan_begin(struct su_live *live);
void su_plan_end(struct su_live *live);
/* Work out the redirects of a target that was matched. */
int __must_check su_plan(struct su_live *live, u32 target);
void su_plan_forget(struct su_live *live, u32 target);
/* Sort, and join what overlaps. */
void su_spans_settle(struct su_spans *spans);
/* A function that a livepatch module has replaced, and would go on replacing; NULL: none. */
const char *su_plan_livepatched(const struct su_live *live);
/* A function that both redirect, or will where their module is absent; NULL: none. */
const char *su_plan_conflict(const struct su_live *live, const struct su_live *other);

/* Remember the data that has to be as at first whenever its module is loaded. At COMING, before anything is linked. */
int __must_check su_link_begin(struct su_live *live);
void su_link_end(struct su_live *live);
/* Fill in the update's fields that belong to a target's code. */
int __must_check su_link(struct su_live *live, u32 target);
/* Clear them, and make the module's data what it was at first: the module has gone. */
void su_link_clear(struct su_live *live, u32 target);

/* ---- bases.c: updates that stand on earlier ones ---- */

/* Is @other one of the earlier updates that @live may stand on: in force when @live is switched in? */
bool su_base_is_below(const struct su_live *live, const struct su_live *other);
/* Entry of the latest replacement of the function at @addr by an update below @live; 0: there is none. */
unsigned long su_base_latest(const struct su_live *live, unsigned long addr);
/* The module of the update below that has this address; NULL: none. */
const struct module *su_base_module(const struct su_live *live, unsigned long addr);
/* A target was matched: hold the updates in which its code was found. */
int __must_check su_bases_hold(struct su_live *live, u32 target);
/* Does another update that is loaded hold it? */
bool su_base_is_held(const struct su_live *live);
/* Let go of them: the update goes. May be called again. */
void su_bases_end(struct su_live *live);
/* One of the updates that it stands on is not applied, NULL: all are. */
const struct su_live *su_bases_missing(const struct su_live *live);
/* The update that was applied last of those that stand on @live; NULL: there is none. */
const struct su_live *su_bases_top(struct su_live *live);

/* ---- target.c: what an update does with one of its targets ---- */

/* Find out which targets are there and hold their modules; su_targets_put() lets go of them. */
int __must_check su_targets_begin(struct su_live *live);
/* Hold the modules of all targets that are there, as far as they are not on their way out. */
void su_targets_get(struct su_live *live);
void su_targets_put(struct su_live *live);
/* Match, plan and link all targets that are there. */
int __must_check su_targets_link(struct su_live *live);
/* Let go of what the update's new code needed of other modules: no thread is in it any more. */
void su_targets_release(struct su_live *live);
/* The update has gone: its tables no longer point anywhere. */
void su_targets_end(struct su_live *live);

/* Is the module an update, or a target of one? Taken without su_mutex, so that other modules need not wait for it. */
bool su_target_is_wanted(const struct module *mod);
/* The same of one that is going: is it an update, or has one found it? */
bool su_target_is_used(const struct module *mod);
/*
 * A module is being loaded: it may be a target. Its text is sealed, nothing of it has run.
 * Return: 0, or an errno that its load must fail with.
 */
int su_target_coming(struct module *mod);
void su_target_going(struct module *mod);

/* What to do with a module that is a target and does not match. */
enum su_on_mismatch {
	SU_ON_MISMATCH_REFUSE,	/* its load fails */
	SU_ON_MISMATCH_IGNORE,	/* it is loaded as it is, and the update leaves it alone */
};
extern enum su_on_mismatch su_on_mismatch;
/* From "refuse" or "ignore". Return: 0 or -EINVAL. */
int su_on_mismatch_set(const char *text);

/* ---- notes.c: which tasks left a CPU ---- */

struct su_notes;

int __must_check su_notes_init(void);
/* Watch sched_switch no longer. */
void su_notes_fini(void);
/* Watch sched_switch; nothing is noted before su_notes_restart(). su_mutex held. */
int __must_check su_notes_get(struct su_notes **notes);
void su_notes_put(struct su_notes *notes);
/**
 * su_notes_restart - forget the notes and start anew
 * @deadline: in jiffies; the first time after su_notes_get() it waits for a grace period of Tasks RCU
 * From the return on, every task that leaves a CPU is noted, and so is every task that was taken off the task list before
 * and can still run.
 * Return: 0; -ETIMEDOUT; -EINTR: killed; -EAGAIN: tasks came faster than they could be noted.
 */
int __must_check su_notes_restart(struct su_notes *notes, unsigned long deadline);
/**
 * su_notes_turn - note anew from now on; the notes until now become the former ones, those before them are forgotten
 * Return: 0; -EAGAIN: there are tasks that were not noted.
 * Context: the hotplug lock held.
 */
int __must_check su_notes_turn(struct su_notes *notes);
u32 su_notes_former_nr(struct su_notes *notes);
struct task_struct *su_notes_former_task(struct su_notes *notes, u32 idx);
/* Was there no room for a note? */
bool su_notes_full(const struct su_notes *notes);
u32 su_notes_nr(const struct su_notes *notes);
/* NULL: it is being noted at this moment; never with the machine stopped. */
struct task_struct *su_notes_task(const struct su_notes *notes, u32 idx);

/* ---- grace.c: a wait for Tasks RCU that ends in time, and when killed. Under su_mutex. ---- */

/* The first period that begins from now on. */
u32 su_grace_next(void);
/* Until it is over. Return: 0; -ETIMEDOUT at @deadline (jiffies); -EINTR. May be called again. */
int __must_check su_grace_wait(u32 period, unsigned long deadline);
/* "COMM[PID]" of a thread that it waits for; "a thread" where none can be told. */
void su_grace_holder(char *buf, size_t sz);
/* No period is under way any more. */
void su_grace_fini(void);

/* ---- tasks.c ---- */

/* Without the idle ones. */
u32 su_tasks_count(void);

/* All tasks of the moment, idle tasks included, each with a reference. */
struct su_tasks {
	struct task_struct **tasks;
	u32 nr;
};

int __must_check su_tasks_collect(struct su_tasks *tasks);
void su_tasks_release(struct su_tasks *tasks);

/* ---- stack.c ---- */

struct su_scan {
	const struct su_spans *spans;
	const struct task_struct *caller;	/* of the stop; its frames from here on have been looked at, 0: none have */
	unsigned long seen_from;
	u64 words;
	u32 tasks;
	u32 blocker_nr;		/* may be more than have a place */
	struct su_blocker blockers[SU_BLOCKERS_MAX];
};

/* Nothing has been looked at. */
void su_scan_begin(struct su_scan *scan, const struct su_spans *spans);

/* Scan the stack of a task that may start to run meanwhile; one that runs already is left to its note. */
void su_scan_task_running(struct su_scan *scan, struct task_struct *task);
/* Scan a task that cannot run: the machine is stopped. */
void su_scan_task_stopped(struct su_scan *scan, struct task_struct *task);
/* Scan the current stack from @sp on. */
void su_scan_current(struct su_scan *scan, unsigned long sp);
/* The same, where the machine runs, and asking the unwinder. Return: nobody is in the way. */
bool su_scan_caller(struct su_scan *scan, unsigned long sp);
/* What @from found too. */
void su_scan_add(struct su_scan *scan, const struct su_scan *from);

/* ---- change.c: from the redirects that are in force to those that will be ---- */

/* Five bytes to be exchanged. */
struct su_write {
	const char *name;	/* of the function */
	struct su_redirect *redirect;	/* one whose window it is */
	unsigned long window;
	u8 before[SU_JMP_SZ];
	u8 after[SU_JMP_SZ];
	bool was_jmp;		/* before: a JMP of ours */
	bool is_jmp;		/* after */
};

/* All that one switch does, in whichever direction. */
struct su_change {
	struct su_live *live;	/* on whose behalf */
	struct su_write *writes;
	u32 write_nr;
	struct su_spans busy;	/* code that no thread may be in meanwhile */
};

/* Nothing changes, so far. */
void su_change_begin(void);
/* Redirects of an update, of one target or of all (SU_NONE), will be in force as far as they are ready, or none will. */
void su_change_mark(struct su_live *live, u32 target, bool on);
/**
 * su_change_make - have just the marked redirects in force
 * @live: on whose behalf; refusals are reported in its name
 * @make: su_switch() or su_switch_unused()
 * Return: 0, -ENOMEM, or what @make says: reported, nothing has changed.
 */
int __must_check su_change_make(struct su_live *live, int (*make)(const struct su_change *change));

/* ---- retire.c: what the kernel rewrites at run time and a redirect overlaps ---- */

/**
 * su_retire_find - look for such places in the kernel's tables
 * @redirect: its window is known; retired is set
 * @mod: the module that it lies in; NULL: vmlinux
 * Return: 0, -EOPNOTSUPP, -EFAULT or -ENOMEM: reported.
 */
int __must_check su_retire_find(const char *id, struct su_redirect *redirect, const struct module *mod);
void su_retire_forget(struct su_redirect *redirect);
/*
 * The places are known as of now: as what a JMP will replace, or as what will replace it.
 * Return: 0, -ETXTBSY: somebody else has written there.
 * Context: from here to su_retire_settle() under jump_label_mutex and the static calls' mutex, up to su_retire_finish()
 * under text_mutex too.
 */
int __must_check su_retire_prepare(struct su_write *write);
/* The write was made, or not. From now on the kernel leaves places under a JMP alone, and updates those of others. */
void su_retire_finish(const struct su_write *write, bool is_made);
/* Is the kernel to have such places back? */
bool su_retire_ends(const struct su_write *write);
/* After one that was made: the kernel brings static calls into the form that it prefers. Takes text_mutex. */
void su_retire_settle(const struct su_write *write);

/* ---- stop.c ---- */

/* All that the stopped machine needs, allocated and mapped before. */
struct su_stop {
	const struct su_change *change;
	const struct su_notes *notes;	/* the tasks to be looked at */
	struct su_alias *words;		/* of the writes: the aligned 16 bytes around each window */
	struct su_scan *parts;		/* what each CPU has found, in the order in which they came */
	u32 cpu_nr;
	atomic_t arrived, scanned, left;
	bool blocked;			/* by a thread */
	bool done;
	int result;
	u32 failed;			/* result -ESTALE: this write */
	u8 have[SU_JMP_SZ];		/* and its bytes */
	bool torn;			/* a JMP could not be taken back: a bug of ours */
	u64 start_ns, pause_ns;
};

/**
 * su_stop_prepare - get ready for a change
 * @stop: zeroed; su_stop_finish() frees what it has, after a failure too
 * Return: 0, -ENOMEM, -EFAULT.
 */
int __must_check su_stop_prepare(struct su_stop *stop, const struct su_change *change);
void su_stop_finish(struct su_stop *stop);
/**
 * su_stop_run - stop the machine and make the change
 * @notes: the tasks that have run since they were looked at
 * @scan: gets what was looked at, and who is in the way
 * Return: 0; -EBUSY: somebody is in the way; -EAGAIN: a task may not have been noted; -ESTALE: bytes are not as expected.
 * Nothing has changed then.
 * Context: the hotplug lock, and all of text_mutex and the like, held.
 */
int __must_check su_stop_run(struct su_stop *stop, const struct su_notes *notes, struct su_scan *scan);
/* Exchange the bytes, without a stop: nobody executes there. Return: 0, -ESTALE. */
int __must_check su_stop_exchange(struct su_stop *stop);

/* ---- switch.c ---- */

/**
 * su_switch - make a change in one stop, while no thread is in the code that goes
 * @change: its live's tries are set, and on success what is measured of the stop
 *
 * Return: 0; -EBUSY, -ETIME, -ETXTBSY, -ESTALE, -EINTR, -ENOMEM: reported, nothing has changed.
 * Context: su_mutex held; sleeps for up to the timeout.
 */
int __must_check su_switch(const struct su_change *change);
/* Make a change in code that nobody runs, without a stop. Return: as above, but never -EBUSY. */
int __must_check su_switch_unused(const struct su_change *change);
extern unsigned int su_timeout_ms;
extern unsigned int su_max_pause_us; /* 0: no limit */

/* ---- request.c ---- */

/**
 * su_request_take - what a request says
 * @text: words; those that are understood are blanked out
 * @request: the core's settings where it says nothing
 * Return: 0; -EINVAL: a value that is none or too large.
 */
int __must_check su_request_take(char *text, struct su_request *request);

/* ---- update.c ---- */

int su_update_coming(struct module *mod);
int su_update_apply(struct module *mod);
int su_update_undo(struct su_live *live, const struct su_request *request);
int su_update_reapply(struct su_live *live, const struct su_request *request);
/* Refuse functions that another applied update has redirected, or will where their module is absent; or a livepatch module. */
int __must_check su_update_conflict(const struct su_live *live);
/* @mod is unloaded, or its load fails. Two steps: what the update stands on is held until the kernel has forgotten it. */
void su_update_going(struct module *mod);
void su_update_gone(struct module *mod);
void su_live_free(struct su_live *live);

/* ---- sysfs.c ---- */

int __must_check su_sysfs_init(void);
void su_sysfs_fini(void);
/* The kobject owns @live from here on: su_sysfs_put() frees it, after a failure too. Not under su_mutex. */
int __must_check su_sysfs_add(struct su_live *live);
/* Waits for readers and writers of the files. Not under su_mutex. */
void su_sysfs_remove(struct su_live *live);
void su_sysfs_put(struct su_live *live);
/* From a number up to an hour. Return: 0, -EINVAL or -ERANGE. */
int su_timeout_ms_set(const char *text);

#include "faults.h"

#endif
