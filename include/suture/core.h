/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an update module calls in the core. The prototype names no kernel type, so that its symbol CRC is the same on
 * every kernel and `suture create` can compute it without the core's Module.symvers.
 */
#ifndef SUTURE_CORE_H
#define SUTURE_CORE_H

/**
 * suture_core_1 - apply the calling update; the update's module_init does this and nothing else
 * @module: THIS_MODULE of the update, which the core has matched and linked at its MODULE_STATE_COMING
 *
 * On success the update is applied and pinned until it is undone through sysfs.
 * Return: 0, or a negative errno as listed in docs/abi.md; nothing has changed then.
 * Context: process context, may sleep; stops the machine for some microseconds.
 */
int suture_core_1(void *module);

#endif
