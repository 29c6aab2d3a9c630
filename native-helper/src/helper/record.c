#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../common/scope.h"
#include "../common/sha256.h"

#define LINE_MAX_BYTES 1200
#define ROOM_BYTES 1048576 /* some thousand lines */
#define ANCHOR_FILE "anchor"

static const char *const names[TM_VERB_LAST + 1] = {
	"?", "probe", "layer-unpack", "layer-remove", "layer-list", "start", "exec", "signal", "freeze", "thaw", "limit", "clean", "remove", "list",
	"network-up", "network-down", "network-list", "export", "diff", "changes", "anchor", "prepare",
	[TM_VERB_FILES_STAT] = "files-stat", [TM_VERB_FILES_GET] = "files-get", [TM_VERB_FILES_PUT] = "files-put", [TM_VERB_CONTAINER_SIZE] = "size",
	[TM_VERB_VOLUME_CREATE] = "volume-create", [TM_VERB_VOLUME_REMOVE] = "volume-remove", [TM_VERB_VOLUME_LIST] = "volume-list",
	[TM_VERB_VOLUME_EXPORT] = "volume-export", [TM_VERB_VOLUME_IMPORT] = "volume-import", [TM_VERB_VOLUME_SIZE] = "volume-size",
	[TM_VERB_CONTAINER_SOCKETS] = "sockets",
};

/* Looking changes nothing, and is asked for all the time. */
static bool is_quiet(enum tm_verb verb)
{
	return verb == TM_VERB_PROBE || verb == TM_VERB_CONTAINER_SIZE || verb == TM_VERB_FILES_STAT || verb == TM_VERB_LAYER_LIST || verb == TM_VERB_CONTAINER_LIST || verb == TM_VERB_NETWORK_LIST ||
	       verb == TM_VERB_VOLUME_LIST || verb == TM_VERB_VOLUME_SIZE;
}

/* So that a full disk does not forbid what makes room: each removal is recorded first. */
static void keep_room(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && status.st_blocks * 512 < status.st_size + ROOM_BYTES / 2)
		(void)fallocate(fd, FALLOC_FL_KEEP_SIZE, status.st_size, ROOM_BYTES); /* some file systems cannot, or are full already */
}

static int open_log(const struct call *call)
{
	int fd = openat(call->storage_fd, "helper.log", O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* The hash at the end of the last line; a log that was just begun has none. A torn last line (power cut) is closed off. */
static void last_hash(int fd, char hash[SHA256_HEX + 1])
{
	char tail[SHA256_HEX + 1];
	off_t size = lseek(fd, 0, SEEK_END);

	memset(hash, '0', SHA256_HEX);
	hash[SHA256_HEX] = '\0';
	if (size < (off_t)sizeof tail || pread(fd, tail, sizeof tail, size - (off_t)sizeof tail) != (ssize_t)sizeof tail)
		return;
	if (tail[SHA256_HEX] == '\n')
		memcpy(hash, tail, SHA256_HEX);
	else if (write(fd, "\n", 1) < 0)
		errno = 0; /* the line that follows says so by its hash of zeros */
}

/* Appends "TIME TEXT HASH": HASH is that of the hash before and this line up to it. */
static int append(int fd, const char *text)
{
	char line[LINE_MAX_BYTES], hash[SHA256_HEX + 1];
	struct timespec now;
	int length;

	keep_room(fd);
	last_hash(fd, line);
	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	length = snprintf(line + SHA256_HEX, sizeof line - SHA256_HEX - SHA256_HEX - 2, "%lld.%09ld %s ", (long long)now.tv_sec, now.tv_nsec, text);
	if (length < 0 || (size_t)length >= sizeof line - 2 * SHA256_HEX - 2)
		length = (int)(sizeof line - 2 * SHA256_HEX - 3);
	sha256_hex(line, SHA256_HEX + (size_t)length, hash);
	memcpy(line + SHA256_HEX + length, hash, SHA256_HEX);
	line[2 * SHA256_HEX + length] = '\n';
	length += SHA256_HEX + 1;
	return write(fd, line + SHA256_HEX, (size_t)length) == length ? 0 : -1;
}

/* What was asked by the server is text that it chose: control characters would forge lines. */
static void neutralise(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int record_call(const struct call *call, const struct report *refusal)
{
	const struct request *request = &call->request;
	auto_close int fd = -1;
	char text[LINE_MAX_BYTES - 200];

	if (is_quiet(request->verb) && !refusal)
		return 0;
	fd = open_log(call);
	if (fd < 0)
		return -1;
	(void)snprintf(text, sizeof text, "%s %s %.64s %.64s %.64s mode=%u flags=%u caps=%llx user=%.64s arg=%.200s%s%.300s", refusal ? "refused" : "asked",
		       names[request->verb], request->container ? request->container : request->volume ? request->volume : "-",
		       request->layers.count ? request->layers.items[request->layers.count - 1] : request->exec ? request->exec : "-",
		       request->network ? request->network : "-", request->network_mode, request->flags,
		       (unsigned long long)request->capabilities, request->user ? request->user : "",
		       request->args.count ? request->args.items[0] : request->path ? request->path : "", refusal ? " because " : "", refusal ? refusal->text : "");
	neutralise(text);
	if (append(fd, text) < 0)
		return -1;
	/* Not for each call: that would cost every container a flush of the disk. */
	return refusal ? fdatasync(fd) : 0;
}

int record_anchor(const struct call *call, char *before, size_t size, struct report *report)
{
	auto_close int log = open_log(call);
	auto_close int anchor = openat(call->storage_fd, ANCHOR_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	char text[600];
	ssize_t length;

	if (log < 0 || anchor < 0)
		return report_fail(report, "open the helper's log", errno);
	if (strlen(call->request.text) > 500 || strlen(call->request.text) >= size)
		return report_status(report, TM_E_INVALID, "text is too long");
	length = pread(anchor, before, size - 1, 0);
	before[length > 0 ? length : 0] = '\0';
	(void)snprintf(text, sizeof text, "anchor %s", call->request.text);
	neutralise(text);
	if (append(log, text) < 0 || fdatasync(log) < 0)
		return report_fail(report, "write the helper's log", errno);
	length = (ssize_t)strlen(call->request.text);
	if (pwrite(anchor, call->request.text, (size_t)length, 0) != length || ftruncate(anchor, length) < 0 || fdatasync(anchor) < 0)
		return report_fail(report, "write the anchor", errno);
	return 0;
}
