package dev.tallyman.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/** Which processors and memory nodes containers can be given: those of the host's root control group. */
final class HostProcessors {
  private static final List<Path> CPUS =
      List.of(Path.of("/sys/fs/cgroup/cpuset.cpus.effective"), Path.of("/sys/fs/cgroup/cpuset/cpuset.effective_cpus"), Path.of("/sys/devices/system/cpu/online"));
  private static final List<Path> NODES =
      List.of(Path.of("/sys/fs/cgroup/cpuset.mems.effective"), Path.of("/sys/fs/cgroup/cpuset/cpuset.effective_mems"), Path.of("/sys/devices/system/node/online"));

  private HostProcessors() {}

  /** @param cpuset e.g. {@code 0-2,4}; empty = all. @throws dev.tallyman.error.TallymanException INVALID in dockerd's words */
  static void requireCpus(String cpuset) {
    if (!cpuset.isEmpty()) {
      require("CPUs", cpuset, available(CPUS));
    }
  }

  static void requireMemoryNodes(String cpuset) {
    if (!cpuset.isEmpty()) {
      require("memory nodes", cpuset, available(NODES));
    }
  }

  static void require(String what, String requested, String available) {
    BitSet missing = numbers(requested);
    missing.andNot(numbers(available));
    if (!missing.isEmpty()) {
      throw Refusal.invalid("Requested " + what + " are not available - requested " + requested + ", available: " + available);
    }
  }

  /** @param list whole numbers of at most four digits and ranges of them, as LimitRules lets through and the kernel writes */
  private static BitSet numbers(String list) {
    BitSet numbers = new BitSet();
    for (String each : list.split(",")) {
      String[] ends = each.split("-");
      int from = Integer.parseInt(ends[0]);
      int to = ends.length == 1 ? from : Integer.parseInt(ends[1]);
      if (to < from) {
        throw Refusal.invalid("Invalid value " + list + " for cpuset: the range " + each + " ends before it begins");
      }
      numbers.set(from, to + 1);
    }
    return numbers;
  }

  /** Of a kernel without any of the files, such as one without memory nodes, the first one is there. */
  private static String available(List<Path> files) {
    for (Path each : files) {
      try {
        String list = Files.readString(each).strip();
        if (!list.isEmpty()) {
          return list;
        }
      } catch (IOException e) {
        continue; // another version of control groups
      }
    }
    return "0";
  }
}
