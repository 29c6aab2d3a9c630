/* From the container's root to the user's command. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" /* Docker's */
#define TTY_GROUP 5

/* So that the user can open /dev/stdout again. Whoever was given the open descriptor can work without. */
static void give(int fd, uid_t uid, gid_t gid)
{
	if (fchown(fd, uid, gid) < 0)
		errno = 0;
}

int process_take_stdio(const struct setup *setup, const struct user *user, struct report *report)
{
	if (setsid() < 0 && errno != EPERM)
		return report_fail(report, "open a session", errno);
	if (setup->terminal >= 0) {
		if (ioctl(setup->terminal, TIOCSCTTY, 0) < 0)
			return report_fail(report, "take the terminal", errno);
		give(setup->terminal, user->uid, TTY_GROUP);
	}
	for (int i = 0; i < 3; i++) {
		int fd = setup->terminal >= 0 ? setup->terminal : setup->stdio[i];
		struct stat status;

		if (dup2(fd, i) < 0)
			return report_fail(report, "hand over stdin, stdout and stderr", errno);
		if (setup->terminal < 0 && fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode))
			give(fd, user->uid, user->gid); /* never /dev/null, which is the host's */
	}
	return 0;
}

static const char *find_variable(const struct text_list *env, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < env->count; i++)
		if (strncmp(env->items[i], name, length) == 0 && env->items[i][length] == '=')
			return env->items[i] + length + 1;
	return NULL;
}

/* argv and envp as execve wants them, with room for one more. */
static char **null_terminated(const struct text_list *list)
{
	const char **all = calloc(list->count + 2, sizeof *all);

	if (!all)
		return NULL;
	if (list->count)
		memcpy(all, list->items, list->count * sizeof *all);
	return (char **)all;
}

/* HOME as runc adds it: where there is none, or an empty one. */
static void add_home(char **env, char *home)
{
	while (*env && strncmp(*env, "HOME=", 5) != 0)
		env++;
	if (!*env || !(*env)[5])
		*env = home;
}

static int refuse(struct report *report, int number, const char *first, const char *name, const char *rest)
{
	report->number = number;
	return report_parts(report, TM_E_COMMAND, first, name, rest);
}

static bool is_executable(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* Finds COMMAND as Go's exec.LookPath does, whose words Docker's users know. */
static int find_command(const char *command, const char *path, char *found, size_t size, struct report *report)
{
	struct stat status;

	if (!command) /* the parser has seen one */
		return report_status(report, TM_E_INVALID, "arg");
	if (strchr(command, '/')) {
		if (stat(command, &status) < 0) {
			const char *reason = errno == EACCES ? ": permission denied" : errno == ENOTDIR ? ": not a directory" : ": no such file or directory";

			(void)snprintf(found, size, "exec: \"%s\": stat %s", command, command);
			return refuse(report, errno == EACCES ? 126 : 127, found, reason, "");
		}
		if (S_ISDIR(status.st_mode))
			return refuse(report, 126, "exec: \"", command, "\": is a directory: permission denied");
		if (!is_executable(command))
			return refuse(report, 126, "exec: \"", command, "\": permission denied");
		return snprintf(found, size, "%s", command) >= (int)size ? refuse(report, 127, "exec: ", "", "name is too long") : 0;
	}
	while (*path != '\0') {
		size_t length = strcspn(path, ":");
		int written = snprintf(found, size, "%.*s%s%s", (int)length, path, length ? "/" : "./", command);

		if (written < (int)size && is_executable(found))
			return 0;
		path += length + (path[length] == ':');
	}
	return refuse(report, 127, "exec: \"", command, "\": executable file not found in $PATH");
}

static int change_directory(const struct setup *setup, struct report *report)
{
	const char *workdir = setup->request.workdir ? setup->request.workdir : "/";
	char name[256];

	if (chdir(workdir) == 0)
		return 0;
	(void)snprintf(name, sizeof name, "chdir to cwd (\"%.128s\") set in config.json failed: ", workdir);
	return refuse(report, errno == ENOENT ? 127 : 126, name,
		      errno == EACCES ? "permission denied" : errno == ENOTDIR ? "not a directory" : "no such file or directory", "");
}

/* CVE-2024-21626: a working directory outside the root has no path here. */
static int check_directory(struct report *report)
{
	char path[PATH_MAX];

	if (syscall(SYS_getcwd, path, sizeof path) < 0 || path[0] != '/')
		return refuse(report, 126, "the working directory is outside of the container's root", "", "");
	return 0;
}

static int become_user(const struct setup *setup, const struct user *user, struct report *report)
{
	uint64_t capabilities = setup->launch.capabilities;

	if (confine_capabilities(capabilities, report) < 0)
		return -1;
	if (setgroups(user->group_count, user->groups) < 0 || setresgid(user->gid, user->gid, user->gid) < 0)
		return report_fail(report, "set the groups", errno);
	if (setup->launch.no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return report_fail(report, "set no_new_privs", errno);
	if (confine_filter(setup, report) < 0)
		return -1;
	/* setresuid() makes the process dumpable again; nothing privileged is left in it by then. */
	if (setresuid(user->uid, user->uid, user->uid) < 0)
		return report_fail(report, "set the user", errno);
	return confine_finish(capabilities, user->uid == 0, report);
}

int process_execute(const struct setup *setup, const struct user *user, struct report *report)
{
	const struct request *request = &setup->request;
	const char *path = find_variable(&request->env, "PATH");
	char home[PATH_MAX + 8], command[PATH_MAX + 64];
	char **argv, **envp;

	(void)snprintf(home, sizeof home, "HOME=%s", user->home);
	argv = null_terminated(&request->args);
	envp = null_terminated(&request->env);
	if (!argv || !envp)
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	add_home(envp, home);
	(void)umask(request_has(request, TM_TAG_UMASK) ? request->umask : 022);
	if (change_directory(setup, report) < 0 || become_user(setup, user, report) < 0 || check_directory(report) < 0 ||
	    find_command(argv[0], path ? path : DEFAULT_PATH, command, sizeof command, report) < 0)
		return -1;
	(void)execve(command, argv, envp);
	report->error = errno;
	return refuse(report, errno == ENOENT ? 127 : 126, "exec ", command,
		      errno == ENOEXEC  ? ": exec format error"
		      : errno == ENOENT ? ": no such file or directory"
		      : errno == EACCES ? ": permission denied"
		      : errno == E2BIG  ? ": argument list too long"
					: ": the kernel refused it");
}
