package dev.tallyman.device;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What devices add to a container. The host's policy decides afterwards, as for devices and mounts that a person asks for.
 *
 * @param env {@code NAME=value}; groups numbers of further groups
 */
public record DeviceEdits(List<String> env, List<Node> nodes, List<FileMount> mounts, List<String> groups) {
  public DeviceEdits {
    env = List.copyOf(env);
    nodes = List.copyOf(nodes);
    mounts = List.copyOf(mounts);
    groups = List.copyOf(groups);
  }

  /** @param access some of r, w, m */
  public record Node(String onHost, String inContainer, String access) {}

  public record FileMount(String source, String target, boolean isReadOnly, boolean isRecursive) {}

  public static DeviceEdits none() {
    return new DeviceEdits(List.of(), List.of(), List.of(), List.of());
  }

  /** Both, each entry once, in their order. */
  DeviceEdits and(DeviceEdits other) {
    return new DeviceEdits(joined(env, other.env), joined(nodes, other.nodes), joined(mounts, other.mounts), joined(groups, other.groups));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    Set<T> all = new LinkedHashSet<>(first);
    all.addAll(second);
    return new ArrayList<>(all);
  }
}
