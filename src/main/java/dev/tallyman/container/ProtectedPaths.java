package dev.tallyman.container;

import java.util.List;

/** Paths of /proc and /sys that containers do not see, or cannot write (init's own lists, native-helper/src/init/cover.c). */
public final class ProtectedPaths {
  public static final List<String> MASKED =
      List.of(
          "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
          "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap");

  public static final List<String> READ_ONLY = List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private ProtectedPaths() {}
}
