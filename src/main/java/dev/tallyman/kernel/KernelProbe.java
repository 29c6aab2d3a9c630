package dev.tallyman.kernel;

import java.util.Map;
import java.util.Optional;

/** What this host allows, and whether the helper can work at all. */
public interface KernelProbe {
  /** Facts of the helper's PROBE verb: kernel, cgroup (v1, v2, hybrid), seccomp, policy ceilings … Cached for a few seconds. */
  Map<String, String> facts();

  /** Absent if containers can be started; else one sentence that says why not. */
  Optional<String> obstacle();

  /** Appends the head of the audit chain to the helper's root-owned log; returns the anchor before it, empty for none. */
  Optional<String> anchor(String head);
}
