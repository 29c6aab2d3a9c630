/* What a process reaches after landlock_enter(); any user may run this. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/helper/landlock.h"
#include "tap.h"

static int own, readable; /* open directories: one that may be written, one that may be read */

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static bool makes(const char *name)
{
	int fd = openat(own, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void look_inside(void)
{
	CHECK(makes("file") && mkdirat(own, "one", 0700) == 0 && mkdirat(own, "two", 0700) == 0, "its own place can be written");
	CHECK(makes("one/a") && linkat(own, "one/a", own, "two/b", 0) == 0 && renameat(own, "one/a", own, "two/c") == 0, "from one directory to another too");
	CHECK(mknodat(own, "whiteout", S_IFCHR, makedev(0, 0)) == 0 && mkfifoat(own, "fifo", 0600) == 0 && symlinkat("/", own, "link") == 0,
	      "with whiteouts, fifos and links");
	CHECK(opens("/etc/passwd", O_RDONLY), "a place to read can be read");
}

static void look_outside(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(!opens("/etc/passwd", O_WRONLY) && errno == EACCES, "a place to read cannot be written");
	CHECK(!opens("/usr/bin/env", O_RDONLY) && errno == EACCES, "what is in no place cannot be read");
	CHECK(openat(own, "link/usr", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 && errno == EACCES, "nor through a link");
	CHECK(execl("/usr/bin/env", "env", (char *)NULL) < 0 && errno == EACCES, "nor executed");
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 4)
		CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) < 0 && errno == EACCES, "no port can be taken");
	(void)close(fd);
}

static void remove_own(const char *folder)
{
	static const char *const made[] = {"file", "two/b", "two/c", "whiteout", "fifo", "link"};

	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		CHECK(unlinkat(own, made[i], 0) == 0, made[i]);
	CHECK(unlinkat(own, "one", AT_REMOVEDIR) == 0 && unlinkat(own, "two", AT_REMOVEDIR) == 0, "what it made can be taken away");
	/* Its parent is no place any more. */
	CHECK(rmdir(folder) < 0 && errno == EACCES, "but not the place itself");
}

static int restricted(const char *folder)
{
	const struct landlock_place places[] = {{own, true}, {readable, false}, {-1, true}};
	struct report report = {0};

	CHECK(opens("/usr/bin/env", O_RDONLY), "everything can be read before (control)");
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && landlock_enter(places, sizeof places / sizeof places[0], &report) == 0, "enters");
	look_inside();
	look_outside();
	remove_own(folder);
	return tap_finish();
}

int main(void)
{
	char folder[] = "/tmp/tallyman-landlock.XXXXXX";
	int status = -1;
	pid_t child;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 2) {
		(void)printf("ok - landlock # skip this kernel has none that knows links between directories\n");
		return 0;
	}
	if (!mkdtemp(folder))
		return 1;
	own = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	readable = open("/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	child = fork();
	if (child == 0) {
		status = restricted(folder);
		(void)fflush(stdout);
		_exit(status);
	}
	(void)waitpid(child, &status, 0);
	(void)rmdir(folder);
	return status != 0;
}
