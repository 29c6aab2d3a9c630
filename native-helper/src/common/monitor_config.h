/* What the helper hands to the monitor: one structure in the sealed memory file that is descriptor TM_MONITOR_CONFIG_FD. */
#ifndef TALLYMAN_MONITOR_CONFIG_H
#define TALLYMAN_MONITOR_CONFIG_H

#include <stdint.h>

#define TM_MONITOR_CONFIG_FD 3
#define TM_PIPE_BYTES 524288 /* of each output: what a fast writer has ready while the monitor pauses, and more; unused, it takes 5 KiB */
#define TM_PIPE_MAX_BYTES 1048576 /* a process may enlarge its pipe, up to what the kernel lets anybody have by default */
#define TM_MONITOR_SUCCESSOR "successor" /* argv[0] of one that follows a killed one */

/* A descriptor that is not there is -1. */
struct monitor_config {
	int32_t pid;        /* the watched process, a child of this one */
	int32_t pid_fd;
	int32_t listen_fd;  /* listening stream socket */
	int32_t input_fd;   /* write end of stdin; -1 when it is /dev/null */
	int32_t output_fd;  /* read end of stdout, or the terminal's master */
	int32_t error_fd;   /* read end of stderr; -1 with a terminal */
	int32_t record_fd;  /* directory of log and exit record; -1 for an exec: neither is written */
	int32_t oom_fd;     /* memory.events or memory.oom_control of the cgroup */
	int32_t terminal;   /* 1: output_fd is a terminal's master and takes input and sizes too */
	int32_t hold;       /* 1: read nothing before the first subscriber, or 10 s */
	int32_t input_once; /* 1: the end of the first client's input is the end of stdin */
	int32_t log_files;  /* 0: output is not kept */
	uint64_t log_max;   /* bytes of one file */
	uint64_t started_ns;
	int32_t port_first; /* published ports, held so that nobody else can take them: a run of descriptors, closed when the process ends */
	int32_t port_count;
};

#endif
