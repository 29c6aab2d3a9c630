/* Secrets: files of a tmpfs of their own at SECRETS_DIRECTORY. Their values come by a pipe and are nowhere else: not in the request, which the helper
 * keeps, and not in a layer. The mount is read-only before the container sees it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "../common/secret.h"
#include "init.h"

#define QUIET (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define CHUNK_BYTES 4096

/* Moves LENGTH bytes from the pipe to the file. */
static int copy(int from, int to, uint32_t length, struct report *report)
{
	char chunk[CHUNK_BYTES];
	ssize_t got;

	for (uint32_t left = length; left > 0; left -= (uint32_t)got) {
		got = read(from, chunk, left < sizeof chunk ? left : sizeof chunk);
		if (got < 0)
			return report_fail(report, "read the secrets", errno);
		if (got == 0)
			return report_status(report, TM_E_PROTOCOL, "the secrets are cut short");
		if (write(to, chunk, (size_t)got) != got)
			return report_fail(report, "write a secret", errno);
	}
	return 0;
}

static int make_file(const struct setup *setup, int directory, const struct secret_wish *wish, struct report *report)
{
	auto_close int fd = openat(directory, wish->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return report_parts(report, TM_E_INVALID, "two secrets have the name ", wish->name, "");
	if (fd < 0)
		return report_fail(report, "make the file of a secret", errno);
	if (copy(setup->secrets, fd, wish->bytes, report) < 0)
		return -1;
	if (fchown(fd, wish->uid, wish->gid) < 0 || fchmod(fd, wish->mode) < 0)
		return report_fail(report, "give the file of a secret its owner", errno);
	return 0;
}

static int fill(const struct setup *setup, int mount_fd, struct report *report)
{
	const struct text_list *all = &setup->request.secrets;
	auto_close int directory = openat(mount_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct secret_wish wish;

	if (directory < 0)
		return report_fail(report, "open the place of the secrets", errno);
	for (size_t i = 0; i < all->count; i++)
		if (!secret_parse(all->items[i], &wish) || make_file(setup, directory, &wish, report) < 0)
			return report->status ? -1 : report_status(report, TM_E_INVALID, "secret is out of range or malformed");
	return 0;
}

int secrets_attach(const struct setup *setup, struct report *report)
{
	char size[16], files[16];
	const char *const options[] = {"mode", "0755", "size", size, "nr_inodes", files, NULL};
	struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
	size_t count = setup->request.secrets.count;
	auto_close int mount = -1, target = -1;

	if (count == 0)
		return 0;
	(void)snprintf(size, sizeof size, "%zu", (count + 1) * (SECRET_BYTES_MAX + CHUNK_BYTES));
	(void)snprintf(files, sizeof files, "%zu", count + 8);
	mount = new_mount("tmpfs", options, QUIET, report);
	if (mount < 0 || fill(setup, mount, report) < 0)
		return -1;
	(void)close(setup->secrets);
	if (mount_setattr(mount, "", AT_EMPTY_PATH, &read_only, sizeof read_only) < 0)
		return report_fail(report, "make the secrets read-only", errno);
	target = place_directory(SECRETS_DIRECTORY, report);
	if (target < 0 || mounts_check_place(target, SECRETS_DIRECTORY, report) < 0)
		return -1;
	return place_attach(mount, target, report);
}
