/* Watches one process: the first of a container, or that of an exec. It is that process's parent; it has no capability, no secret and a
 * uid of its own, and it goes on when the server that asked for the container is gone.
 *
 * Life: read the configuration, serve output, input and sizes until the process ends; take what is left of the output; write the exit
 * record; tell the subscribers; wait LINGER_MS for the first of them, and for each until it has taken everything or left; end. If it is killed, its
 * keeper begins in the middle. */
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 1
#define CHUNKS_AT_ONCE 4 /* of one stream, before the others have their turn */
#define LINGER_MS 10000 /* for the first subscriber: to come with hold, and to ask for the end */

enum source { SOURCE_LISTEN = CLIENTS_MAX, SOURCE_PROCESS, SOURCE_OUTPUT, SOURCE_ERROR, SOURCE_INPUT };

static struct monitor_config config;
static struct log log_file;
static struct ending ending;
static int epoll_fd = -1;
static bool is_held, is_over, is_announced, is_reading, is_unknown, is_pausing;
static bool is_full; /* the last chunk was: there may be more */
static uint64_t taken_ns, ended_ns; /* by the clock that nobody sets */
static size_t told;
static uint8_t chunk[TM_LOG_CHUNK_MAX_BYTES];

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void watch(int operation, int fd, uint64_t source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u64 = source};

	if (fd >= 0)
		(void)epoll_ctl(epoll_fd, operation, fd, &event); /* a descriptor that cannot be watched is at its end */
}

/* Starts or stops reading the process's output; stopped output makes the process wait, as a terminal would. A descriptor that is only watched
 * for nothing would still report its hang-up again and again, so it is taken out. */
static void set_reading(bool wanted)
{
	if (wanted == is_reading)
		return;
	is_reading = wanted;
	watch(wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, config.output_fd, SOURCE_OUTPUT, EPOLLIN);
	watch(wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, config.error_fd, SOURCE_ERROR, EPOLLIN);
}

/* Waits until the process takes input again. */
static void watch_input(bool wanted)
{
	if (config.terminal)
		watch(EPOLL_CTL_MOD, config.output_fd, SOURCE_OUTPUT, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
	else
		watch(EPOLL_CTL_MOD, config.input_fd, SOURCE_INPUT, wanted ? EPOLLOUT : 0);
}

/* Taken out by hand, because closing it does that only when no other process has a copy; and the helper's children may, for a moment. */
static void forget(int *fd)
{
	watch(EPOLL_CTL_DEL, *fd, 0, 0);
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* Takes one chunk of output; returns its bytes, 0 when there are none now or ever. */
static size_t take_output(int *fd, uint8_t stream)
{
	ssize_t got;

	if (*fd < 0)
		return 0;
	do
		got = read(*fd, chunk, sizeof chunk);
	while (got < 0 && errno == EINTR);
	is_full = got == (ssize_t)sizeof chunk;
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got <= 0) {
		/* A terminal's master is still needed for its input and size. */
		if (config.terminal && !is_over)
			watch(EPOLL_CTL_DEL, *fd, 0, 0);
		else
			forget(fd);
		return 0;
	}
	log_write(&log_file, stream, chunk, (size_t)got);
	clients_output(stream, chunk, (size_t)got);
	return (size_t)got;
}

/* Output that goes only to the log is collected: a command that writes line after line would else wake this process for each of them, and
 * wait for it each time. The first line is written at once, those that follow within a millisecond of it together. */
static void take_outputs(int *fd, uint8_t stream)
{
	uint64_t now = now_ns();
	int left = CHUNKS_AT_ONCE;

	while (left-- > 0 && take_output(fd, stream) > 0 && is_full && !clients_are_behind())
		;
	/* A terminal gives small pieces, however much there is. */
	if (*fd >= 0 && !config.terminal && !is_full && !clients_want_output())
		is_pausing = now - taken_ns < PAUSE_MS * 1000000u;
	taken_ns = now;
}

static void on_subscribed(bool wants_output)
{
	if (wants_output)
		is_held = false;
	if (is_announced && !is_unknown)
		told += clients_send_exit(&ending);
}

static size_t on_input(const uint8_t *bytes, size_t length)
{
	int fd = config.terminal ? config.output_fd : config.input_fd;
	size_t done = 0;

	while (fd >= 0 && done < length) {
		ssize_t written = write(fd, bytes + done, length - done);

		if (written > 0) {
			done += (size_t)written;
		} else if (errno == EAGAIN) {
			watch_input(true);
			return done;
		} else if (errno != EINTR) {
			break; /* nobody reads it any more: swallowed, as by a closed terminal */
		}
	}
	return length;
}

static void on_input_end(void)
{
	if (config.input_once && !config.terminal)
		forget(&config.input_fd);
}

static void on_resize(uint16_t rows, uint16_t columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};

	if (config.terminal && config.output_fd >= 0)
		(void)ioctl(config.output_fd, TIOCSWINSZ, &size); /* a terminal that is gone has no size */
}

static void on_process_end(void)
{
	siginfo_t info = {0};

	/* Left uncollected until it is recorded: if this process is killed before, the keeper can ask again. */
	while (waitid(P_PID, (id_t)config.pid, &info, WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			break;
	is_unknown = info.si_pid == 0; /* collected by a monitor that was killed after that, and has recorded it */
	ending.finished_ns = record_now_ns();
	ended_ns = now_ns();
	if (info.si_code == CLD_EXITED) {
		ending.code = (uint32_t)info.si_status;
	} else {
		ending.signal = (uint32_t)info.si_status;
		ending.code = 128 + ending.signal;
	}
	/* Any of its processes: a shell outlives the command that was killed, and tells of it by its exit code at most. */
	ending.oom = record_oom_struck(config.oom_fd);
	if (config.port_count > 0)
		(void)close_range((unsigned int)config.port_first, (unsigned int)(config.port_first + config.port_count - 1), 0);
	is_over = true;
	watch(EPOLL_CTL_DEL, config.pid_fd, 0, 0);
	forget(&config.input_fd);
}

/* After the end: what the pipe still holds, for everybody, however far behind; but no more, for a process that outlives this one may go on writing. */
static void drain(int *fd, uint8_t stream)
{
	size_t drained = 0, taken;

	while (drained < TM_PIPE_MAX_BYTES && (taken = take_output(fd, stream)) > 0)
		drained += taken + TM_FRAME_HEADER_BYTES;
	forget(fd);
}

static void announce(void)
{
	siginfo_t info;

	drain(&config.output_fd, TM_FRAME_STDOUT);
	drain(&config.error_fd, TM_FRAME_STDERR);
	is_announced = true;
	if (is_unknown)
		return;
	/* Nobody can be told if the record cannot be written; the subscribers still get the true end. */
	(void)record_write(config.record_fd, &ending, config.started_ns);
	(void)waitid(P_PID, (id_t)config.pid, &info, WEXITED); /* it has ended */
	told = clients_send_exit(&ending);
}

static void handle(const struct epoll_event *event)
{
	switch (event->data.u64) {
	case SOURCE_LISTEN:
		clients_accept(config.listen_fd);
		break;
	case SOURCE_PROCESS:
		on_process_end();
		break;
	case SOURCE_OUTPUT:
		if (event->events & EPOLLOUT) {
			watch_input(false);
			clients_resume_input();
		}
		take_outputs(&config.output_fd, TM_FRAME_STDOUT);
		break;
	case SOURCE_ERROR:
		take_outputs(&config.error_fd, TM_FRAME_STDERR);
		break;
	case SOURCE_INPUT:
		watch_input(false);
		if (event->events & EPOLLERR)
			forget(&config.input_fd);
		clients_resume_input();
		break;
	default:
		clients_handle((size_t)event->data.u64, event->events);
	}
}

static int milliseconds_left(uint64_t since_ns)
{
	uint64_t passed = (now_ns() - since_ns) / 1000000;

	return passed >= LINGER_MS ? 0 : (int)(LINGER_MS - passed);
}

/* After the end is told: how long to wait for subscribers, as epoll has it; 0 when nobody is waited for. */
static int patience(void)
{
	if (clients_are_owed())
		return -1; /* a reader that is slow loses nothing; one that is gone is owed nothing */
	/* A server that has not come yet still finds its answer here; one that has needs no lingering. */
	if (is_unknown || (told > 0 && clients_pending() == 0))
		return 0;
	return milliseconds_left(ended_ns);
}

static void serve(void)
{
	struct epoll_event events[32];
	uint64_t began = now_ns();

	for (;;) {
		int count, timeout = -1;

		if (is_held && milliseconds_left(began) == 0)
			is_held = false;
		if (!is_over) {
			set_reading(!is_held && !is_pausing && !clients_are_behind());
			timeout = is_held ? milliseconds_left(began) : is_pausing ? PAUSE_MS : -1;
		} else if (is_held) {
			/* A command that is over before its first client came: what it said is still in the pipes. */
			timeout = milliseconds_left(began);
		} else {
			if (!is_announced)
				announce();
			timeout = patience();
			if (timeout == 0)
				return;
		}
		count = epoll_wait(epoll_fd, events, 32, timeout);
		is_pausing = false;
		for (int i = 0; i < count; i++)
			handle(&events[i]);
	}
}

static void nonblocking(int fd)
{
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); /* cannot fail for an open descriptor */
}

/* Goes on in the place of a monitor that was killed; what its keeper did not hold is gone. */
static void succeed(void)
{
	config.hold = 0; /* who was there may not come again */
	config.port_count = 0;
	if (!config.terminal)
		config.input_fd = -1;
}

int main(int argc, char **argv)
{
	static const struct client_events events = {on_subscribed, on_input, on_input_end, on_resize};

	(void)argc;
	(void)prctl(PR_SET_DUMPABLE, 0); /* nobody but root looks into a monitor */
	(void)prctl(PR_SET_NAME, "tally-monitor");
	(void)signal(SIGPIPE, SIG_IGN);
	if (pread(TM_MONITOR_CONFIG_FD, &config, sizeof config, 0) != (ssize_t)sizeof config)
		return 1;
	(void)close(TM_MONITOR_CONFIG_FD);
	if (strcmp(argv[0], TM_MONITOR_SUCCESSOR) == 0)
		succeed();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		return 1;
	clients_init(epoll_fd, &events);
	log_open(&log_file, config.log_files > 0 ? config.record_fd : -1, config.log_max, config.log_files);
	record_keep_room(config.record_fd);
	is_held = config.hold;
	nonblocking(config.listen_fd);
	nonblocking(config.output_fd);
	nonblocking(config.error_fd);
	nonblocking(config.input_fd);
	watch(EPOLL_CTL_ADD, config.listen_fd, SOURCE_LISTEN, EPOLLIN);
	watch(EPOLL_CTL_ADD, config.pid_fd, SOURCE_PROCESS, EPOLLIN);
	watch(EPOLL_CTL_ADD, config.input_fd, SOURCE_INPUT, 0);
	serve();
	return 0;
}
