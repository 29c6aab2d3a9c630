package dev.tallyman.container;

import dev.tallyman.kernel.SandboxSpec;
import java.util.List;
import java.util.Map;

/** Docker's names of resource limits and the kernel's numbers (getrlimit(2)). */
final class Ulimits {
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("cpu", 0), Map.entry("fsize", 1), Map.entry("data", 2), Map.entry("stack", 3), Map.entry("core", 4), Map.entry("rss", 5), Map.entry("nproc", 6),
          Map.entry("nofile", 7), Map.entry("memlock", 8), Map.entry("locks", 10), Map.entry("sigpending", 11), Map.entry("msgqueue", 12), Map.entry("nice", 13),
          Map.entry("rtprio", 14), Map.entry("rttime", 15));

  private Ulimits() {}

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static List<SandboxSpec.Ulimit> of(List<ContainerSpec.Ulimit> given) {
    return given.stream().map(Ulimits::read).toList();
  }

  private static SandboxSpec.Ulimit read(ContainerSpec.Ulimit limit) {
    Integer number = NUMBERS.get(limit.name());
    if (number == null) {
      throw Refusal.invalid("invalid ulimit type: " + limit.name());
    }
    if (limit.soft() < -1 || limit.hard() < -1) {
      throw Refusal.invalid("invalid ulimit " + limit.name() + ": a limit is a number, or -1 for none");
    }
    // -1 is the kernel's "unlimited" when read as unsigned.
    if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
      throw Refusal.invalid("ulimit soft limit must be less than or equal to hard limit: " + limit.soft() + " > " + limit.hard());
    }
    return new SandboxSpec.Ulimit(number, limit.soft(), limit.hard());
  }
}
