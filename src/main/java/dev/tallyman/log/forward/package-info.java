/**
 * Speaks to receivers of output: syslog, fluentd's forward protocol, GELF. Syslog and GELF are written to the platform's sockets: their messages are one line of format
 * each, and what a library adds, queues and threads of its own, would hide which lines have left. MessagePack is encoded by its reference implementation.
 */
@NullMarked
package dev.tallyman.log.forward;

import org.jspecify.annotations.NullMarked;
