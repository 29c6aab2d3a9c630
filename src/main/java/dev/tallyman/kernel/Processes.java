package dev.tallyman.kernel;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What runs in a container, as the host's /proc shows it. */
public interface Processes {
  /**
   * The processes in the control group of a container's first process, ascending by pid; empty when it has ended. A process that ends
   * during the reading is left out.
   *
   * @param pid host pid of the container's first process, greater than 0
   */
  List<Running> of(int pid);

  /**
   * One process.
   *
   * @param pid on the host; parentPid likewise
   * @param user uid as the container sees it, or the host's number if it is not mapped there
   * @param cpuPercent of one CPU since its start
   * @param state letter of proc(5): R, S, D, Z, T …
   * @param terminal as ps writes it: {@code pts/0} or {@code ?}
   * @param name at most 15 characters (comm)
   * @param command its arguments with spaces between; {@code [name]} for one without
   */
  record Running(
      int pid, int parentPid, String user, int threads, int nice, double cpuPercent, char state, Instant startedAt, String terminal, Duration cpuTime, long virtualBytes,
      long residentBytes, String name, String command) {}
}
