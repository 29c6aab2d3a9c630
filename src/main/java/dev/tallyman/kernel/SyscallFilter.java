package dev.tallyman.kernel;

import java.util.List;

/**
 * Which system calls a container may make, with numbers of this machine's architecture.
 *
 * @param otherwise action of calls without a rule: the kernel's SECCOMP_RET_ value
 * @param rules of those about one call, the first with comparisons that holds decides, then the one without
 */
public record SyscallFilter(int otherwise, List<Rule> rules) {
  public SyscallFilter {
    rules = List.copyOf(rules);
  }

  /** @param comparisons at most six, all of which must hold */
  public record Rule(int call, int action, List<Comparison> comparisons) {
    public Rule {
      comparisons = List.copyOf(comparisons);
    }
  }

  /** @param operator libseccomp's number (native-helper/src/init/profile.h); @param value unsigned, as second */
  public record Comparison(int argument, int operator, long value, long second) {}
}
