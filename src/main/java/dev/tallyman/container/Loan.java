package dev.tallyman.container;

import dev.tallyman.kernel.Mount;
import dev.tallyman.kernel.SecretFile;
import java.util.List;

/**
 * What a container gets for one start beside what it was created with. It is written down nowhere: no inventory, no inspect, no later start has it.
 *
 * @param tmpfs {@code /path[:options]}
 * @param env {@code NAME=value}; takes the place of what it was created with
 * @param files of {@code /run/secrets}; wiped by the start
 */
public record Loan(List<Mount> mounts, List<String> tmpfs, List<String> env, List<SecretFile> files) {
  private static final Loan NOTHING = new Loan(List.of(), List.of(), List.of(), List.of());

  public Loan {
    mounts = List.copyOf(mounts);
    tmpfs = List.copyOf(tmpfs);
    env = List.copyOf(env);
    files = List.copyOf(files);
  }

  public static Loan nothing() {
    return NOTHING;
  }

  /** Without the values. */
  @Override
  public String toString() {
    return "Loan of " + mounts.size() + " mounts, " + env.size() + " variables, " + files.size() + " files";
  }
}
