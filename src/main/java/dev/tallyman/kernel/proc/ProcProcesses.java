package dev.tallyman.kernel.proc;

import dev.tallyman.kernel.Processes;
import dev.tallyman.kernel.libc.Libc;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads the processes of a container from /proc. */
@ApplicationScoped
class ProcProcesses implements Processes {
  private static final long PAGE_BYTES = 4096;

  private final Path proc;
  private final long ticksPerSecond;

  @Inject
  ProcProcesses() {
    this(Path.of("/proc"), Libc.ticksPerSecond());
  }

  ProcProcesses(Path proc, long ticksPerSecond) {
    this.proc = proc;
    this.ticksPerSecond = ticksPerSecond;
  }

  @Override
  public List<Running> of(int pid) {
    CgroupMounts mounts = CgroupMounts.parse(SmallFile.text(proc.resolve("self/mountinfo")));
    CgroupMounts.Groups groups = mounts.groups(SmallFile.text(file(pid, "cgroup")));
    Optional<Path> group = groups.of("pids");
    if (group.isEmpty()) {
      return List.of();
    }
    long bootSeconds = SmallFile.keyed(SmallFile.text(proc.resolve("stat")), "btime");
    List<Running> found = new ArrayList<>();
    for (int each : members(group.get())) {
      read(each, bootSeconds).ifPresent(found::add);
    }
    return found;
  }

  private Path file(int pid, String name) {
    return proc.resolve(String.valueOf(pid)).resolve(name);
  }

  /** A group's processes and those of the groups below it, which the container may have made. */
  private static TreeSet<Integer> members(Path group) {
    TreeSet<Integer> pids = new TreeSet<>();
    try (Stream<Path> folders = Files.walk(group).filter(Files::isDirectory)) {
      for (Path folder : folders.toList()) {
        SmallFile.text(folder.resolve("cgroup.procs")).lines().filter(line -> !line.isEmpty() && !line.equals("0")).forEach(line -> pids.add(Integer.valueOf(line)));
      }
    } catch (IOException | java.io.UncheckedIOException e) {
      return pids; // the group went away while it was read: its processes have ended
    }
    return pids;
  }

  private Optional<Running> read(int pid, long bootSeconds) {
    String stat = SmallFile.text(file(pid, "stat"));
    String status = SmallFile.text(file(pid, "status"));
    int nameEnd = stat.lastIndexOf(')');
    if (nameEnd < 0 || status.isEmpty()) {
      return Optional.empty();
    }
    // proc(5): the first field after the name is number 3, the state
    String[] fields = stat.substring(nameEnd + 2).strip().split(" ");
    if (fields.length < 22) {
      return Optional.empty();
    }
    String name = stat.substring(stat.indexOf('(') + 1, nameEnd);
    long cpuTicks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    long startTicks = Long.parseLong(fields[19]);
    Instant startedAt = Instant.ofEpochSecond(bootSeconds).plusMillis(startTicks * 1000 / ticksPerSecond);
    Duration cpuTime = Duration.ofMillis(cpuTicks * 1000 / ticksPerSecond);
    long aliveMillis = Math.max(1, Duration.between(startedAt, Instant.now()).toMillis());
    return Optional.of(
        new Running(
            pid,
            Integer.parseInt(fields[1]),
            user(status, SmallFile.text(file(pid, "uid_map"))),
            Integer.parseInt(fields[17]),
            Integer.parseInt(fields[16]),
            Math.min(100.0 * cpuTime.toMillis() / aliveMillis, 100.0 * Integer.parseInt(fields[17])),
            fields[0].charAt(0),
            startedAt,
            terminal(Integer.parseInt(fields[4])),
            cpuTime,
            Long.parseLong(fields[20]),
            Long.parseLong(fields[21]) * PAGE_BYTES,
            name,
            command(SmallFile.text(file(pid, "cmdline")), name)));
  }

  /** The effective uid, turned back through the map of the process's user namespace. */
  static String user(String status, String uidMap) {
    long uid =
        status
            .lines()
            .filter(line -> line.startsWith("Uid:"))
            .findFirst()
            .map(line -> Long.parseLong(line.split("\\s+")[2]))
            .orElse(0L);
    for (String line : uidMap.lines().toList()) {
      String[] range = line.strip().split("\\s+");
      if (range.length == 3) {
        long inside = Long.parseLong(range[0]);
        long outside = Long.parseLong(range[1]);
        if (uid >= outside && uid - outside < Long.parseLong(range[2])) {
          return String.valueOf(uid - outside + inside);
        }
      }
    }
    return String.valueOf(uid);
  }

  /** @param device tty_nr of proc(5): minor number in bits 31 to 20 and 7 to 0, major in 15 to 8 */
  static String terminal(int device) {
    int major = device >> 8 & 0xff;
    int minor = device & 0xff | device >>> 12 & 0xfff00;
    if (device == 0) {
      return "?";
    }
    return major >= 136 && major <= 143 ? "pts/" + ((major - 136) * 256 + minor) : major == 4 ? "tty" + minor : "?";
  }

  static String command(String cmdline, String name) {
    String spaced = cmdline.replace('\0', ' ').strip();
    return spaced.isEmpty() ? "[" + name + "]" : spaced;
  }
}
