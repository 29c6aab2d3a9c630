/* The monitor's parts. One process, one thread, one epoll loop; see monitor.c for the life of a container's process. */
#ifndef TALLYMAN_MONITOR_H
#define TALLYMAN_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "monitor_config.h"
#include "tallyman_protocol.h"

/* log.c: the files log, log.1 ... */
struct log {
	int directory_fd;
	int fd;
	uint64_t size;
	uint64_t begun; /* up to here the kernel was asked to write it to the disk */
	uint64_t max;
	int files;
};

/* Opens or continues the log; a container without one has directory_fd -1 and every call does nothing. */
void log_open(struct log *log, int directory_fd, uint64_t max, int files);
void log_write(struct log *log, uint8_t stream, const void *bytes, size_t length);

/* record.c: how it ended */
struct ending {
	uint32_t code;   /* 128 + signal for a signalled end */
	uint32_t signal; /* 0: it ended by itself */
	uint32_t oom;    /* 1: the OOM killer struck */
	uint64_t finished_ns;
};

uint64_t record_now_ns(void);
/* Makes the file that becomes the record, so that a full disk cannot forbid that. */
void record_keep_room(int directory_fd);
/* Durable when it returns 0. What is there already is the record of the monitor before, and stays. */
int record_write(int directory_fd, const struct ending *ending, uint64_t started_ns);
/* True if the cgroup file behind FD counts a kill by the OOM killer. */
bool record_oom_struck(int fd);

/* client.c: who is attached */
#define CLIENTS_MAX 64
#define FRAME_BYTES (TM_FRAME_HEADER_BYTES + TM_FRAME_MAX_BYTES)

struct client {
	int fd; /* -1: free */
	bool wants_output;
	bool wants_input;
	bool gets_exit;
	bool closing;     /* leaves as soon as its queue is empty */
	uint8_t *queue;   /* bytes not taken yet */
	size_t queued, queue_start, queue_capacity;
	uint8_t *frame; /* FRAME_BYTES; there only while the client is, because most containers run without one */
	size_t frame_have;
};

/* What a client's frames do to the container. */
struct client_events {
	void (*subscribed)(bool wants_output);
	/* Returns how many bytes were taken; fewer than LENGTH holds this client up until resume. */
	size_t (*input)(const uint8_t *bytes, size_t length);
	void (*input_end)(void);
	void (*resize)(uint16_t rows, uint16_t columns);
};

void clients_init(int epoll_fd, const struct client_events *events);
void clients_accept(int listen_fd);
/* EVENTS are epoll's for client INDEX. */
void clients_handle(size_t index, uint32_t events);
/* Sends output to all that want it. */
void clients_output(uint8_t stream, const uint8_t *bytes, size_t length);
/* Whether one of them is TM_MONITOR_BACKLOG_BYTES behind. */
bool clients_are_behind(void);
/* Whether one that is there has not taken all that was sent to it. */
bool clients_are_owed(void);
bool clients_want_output(void);
/* To every subscriber that has not got it yet; returns to how many. */
size_t clients_send_exit(const struct ending *ending);
/* Stdin takes bytes again: clients held up in the middle of a frame go on. */
void clients_resume_input(void);
/* Number of clients that have not left or taken everything yet. */
size_t clients_pending(void);

#endif
