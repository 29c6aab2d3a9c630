package dev.tallyman.kernel.proc;

import dev.tallyman.kernel.ResourceUse;
import dev.tallyman.kernel.libc.Libc;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Optional;

/** Reads counters from control group files and from the network statistics of a container's first process. */
@ApplicationScoped
class ProcResourceUse implements ResourceUse {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final Path proc;
  private final long ticksPerSecond;

  @Inject
  ProcResourceUse() {
    this(Path.of("/proc"), Libc.ticksPerSecond());
  }

  ProcResourceUse(Path proc, long ticksPerSecond) {
    this.proc = proc;
    this.ticksPerSecond = ticksPerSecond;
  }

  @Override
  public Optional<Use> of(int pid) {
    Path folder = proc.resolve(String.valueOf(pid));
    String membership = SmallFile.text(folder.resolve("cgroup"));
    if (membership.isEmpty()) {
      return Optional.empty();
    }
    CgroupMounts.Groups groups = CgroupMounts.parse(SmallFile.text(proc.resolve("self/mountinfo"))).groups(membership);
    CgroupCounters counters = new CgroupCounters(groups, ticksPerSecond);
    CgroupCounters.Cpu cpu = counters.cpu();
    CgroupCounters.Memory memory = counters.memory();
    CgroupCounters.Disk disk = counters.disk();
    LinkCounters links = LinkCounters.parse(SmallFile.text(folder.resolve("net/dev")));
    return Optional.of(
        new Use(
            cpu.nanos(), cpu.userNanos(), cpu.systemNanos(), cpu.throttledPeriods(), cpu.throttledNanos(), memory.usage(), memory.peak(), memory.cache(), memory.inactiveFile(),
            memory.limit(), counters.pids(), counters.pidsLimit(), links.received(), links.sent(), disk.read(), disk.written(), links.links(), counters.details()));
  }

  @Override
  public Host host() {
    String stat = SmallFile.text(proc.resolve("stat"));
    String[] total = stat.substring(0, Math.max(0, stat.indexOf('\n'))).split("\\s+");
    long ticks = 0;
    for (int i = 1; i < Math.min(total.length, 9); i++) { // user to steal; the guest columns behind are part of user
      ticks += SmallFile.number(total[i]);
    }
    int cpus = (int) stat.lines().filter(line -> line.startsWith("cpu") && line.length() > 3 && Character.isDigit(line.charAt(3))).count();
    return new Host(ticks * (NANOS_PER_SECOND / ticksPerSecond), Math.max(1, cpus), memoryTotal(SmallFile.text(proc.resolve("meminfo"))));
  }

  static long memoryTotal(String memInfo) {
    return memInfo.lines().filter(line -> line.startsWith("MemTotal:")).findFirst().map(line -> SmallFile.number(line.split("\\s+")[1]) * 1024).orElse(0L);
  }
}
