/* Names of users and groups, from the container's own files (SECURITY.md R10): regular, bounded, never by NSS. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/scope.h"
#include "init.h"

#define FILE_BYTES_MAX 1048576
#define LINES_MAX 10000
#define IDS 65536 /* the container's range */


/* Reads FILE; NULL when it is not there or not an ordinary file of bearable size. */
static char *read_database(const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;
	size_t have = 0;
	char *text;

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_BYTES_MAX)
		return NULL;
	text = malloc((size_t)status.st_size + 1);
	while (text && have < (size_t)status.st_size) {
		ssize_t got = read(fd, text + have, (size_t)status.st_size - have);

		if (got <= 0)
			break;
		have += (size_t)got;
	}
	if (text)
		text[have] = '\0';
	return text;
}

static bool parse_id(const char *text, uint32_t *id)
{
	*id = 0;
	if (*text == '\0' || strlen(text) > 9)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		*id = *id * 10 + (uint32_t)(*text - '0');
	}
	return true;
}

static bool is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Takes the next line of *TEXT apart; false at its end. */
static bool next_line(char **text, char *fields[7])
{
	char *line = *text, *end;

	if (!line || *line == '\0')
		return false;
	end = strchr(line, '\n');
	*text = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	for (int i = 0; i < 7; i++) {
		fields[i] = line;
		line = strchr(line, ':');
		if (!line) {
			static char nothing[1];

			for (i++; i < 7; i++)
				fields[i] = nothing;
			break;
		}
		*line++ = '\0';
	}
	return true;
}

static int refuse(struct report *report, const char *first, const char *name, const char *rest)
{
	report->number = 126;
	return report_parts(report, TM_E_COMMAND, first, name, rest);
}

static int out_of_range(struct report *report, const char *name)
{
	return refuse(report, "uids and gids must be in range 0-65535: ", name, "");
}

/* passwd: name:password:uid:gid:comment:home:shell. NAME may be a number that no line has. */
static int find_user(const char *name, struct user *user, char **user_name, struct report *report)
{
	char *text = read_database("/etc/passwd"), *fields[7];
	uint32_t number = 0, uid, gid;
	bool by_number = is_number(name);

	if (by_number && (!parse_id(name, &number) || number >= IDS))
		return out_of_range(report, name);
	for (int lines = 0; lines < LINES_MAX && next_line(&text, fields); lines++) {
		if (fields[0][0] == '#' || !parse_id(fields[2], &uid) || !parse_id(fields[3], &gid))
			continue;
		if (strcmp(fields[0], name) != 0 && !(by_number && uid == number))
			continue;
		if (uid >= IDS || gid >= IDS)
			return out_of_range(report, name);
		user->uid = uid;
		user->gid = gid;
		strncpy(user->home, fields[5], sizeof user->home - 1);
		*user_name = strdup(fields[0]);
		return 0;
	}
	if (!by_number)
		return refuse(report, "unable to find user ", name, ": no matching entries in passwd file");
	user->uid = number;
	return 0;
}

static int find_group(const char *name, gid_t *gid, struct report *report)
{
	char *text = read_database("/etc/group"), *fields[7];
	uint32_t number = 0, found;
	bool by_number = is_number(name);

	if (by_number && (!parse_id(name, &number) || number >= IDS))
		return out_of_range(report, name);
	for (int lines = 0; lines < LINES_MAX && next_line(&text, fields) && !by_number; lines++) {
		if (strcmp(fields[0], name) != 0 || !parse_id(fields[2], &found))
			continue;
		if (found >= IDS)
			return out_of_range(report, name);
		*gid = found;
		return 0;
	}
	if (!by_number)
		return refuse(report, "unable to find group ", name, ": no matching entries in group file");
	*gid = number;
	return 0;
}

static void add_group(struct user *user, gid_t gid)
{
	for (size_t i = 0; i < user->group_count; i++)
		if (user->groups[i] == gid)
			return;
	if (user->group_count < USER_GROUPS_MAX)
		user->groups[user->group_count++] = gid;
}

static bool is_member(char *members, const char *name)
{
	char *next = NULL;

	for (char *member = strtok_r(members, ",", &next); member; member = strtok_r(NULL, ",", &next))
		if (strcmp(member, name) == 0)
			return true;
	return false;
}

/* group: name:password:gid:members */
static void add_memberships(const char *name, struct user *user)
{
	char *text = read_database("/etc/group"), *fields[7];
	uint32_t gid;

	for (int lines = 0; lines < LINES_MAX && next_line(&text, fields); lines++)
		if (parse_id(fields[2], &gid) && gid < IDS && is_member(fields[3], name))
			add_group(user, gid);
}

int user_resolve(const struct request *request, struct user *user, struct report *report)
{
	const char *wanted = request->user ? request->user : "";
	auto_free char *name = strdup(wanted[0] == '\0' || wanted[0] == ':' ? "0" : wanted);
	auto_free char *user_name = NULL;
	const char *group = strchr(wanted, ':');
	char *colon = name ? strchr(name, ':') : NULL;

	if (!name)
		return report_status(report, TM_E_EXHAUSTED, "no memory");
	if (colon)
		*colon = '\0';
	if (find_user(name, user, &user_name, report) < 0)
		return -1;
	if (group && group[1] != '\0') {
		if (find_group(group + 1, &user->gid, report) < 0)
			return -1;
	} else if (user_name) {
		add_memberships(user_name, user); /* as Docker: a group that was named replaces the memberships */
	}
	add_group(user, user->gid);
	for (size_t i = 0; i < request->group_add.count; i++) {
		gid_t gid;

		if (find_group(request->group_add.items[i], &gid, report) < 0)
			return -1;
		add_group(user, gid);
	}
	if (user->home[0] == '\0')
		strncpy(user->home, "/", sizeof user->home - 1);
	return 0;
}
