package dev.tallyman.kernel.proc;

import dev.tallyman.kernel.ResourceUse.Details;
import dev.tallyman.kernel.ResourceUse.DeviceCount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counters of one container's control groups, each read where its controller is: in version 1 or in version 2. */
final class CgroupCounters {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Version 1 writes "no limit" as the largest multiple of the page size. */
  private static final long UNLIMITED_FROM = 1L << 62;

  /** {@code 8:0 Read 4096} of version 1. */
  private static final Pattern DEVICE_LINE = Pattern.compile("(\\d{1,9}):(\\d{1,9}) (\\w+) (\\d+)");

  /** {@code 8:0 rbytes=4096 wbytes=0 rios=1 …} of version 2. */
  private static final Pattern DEVICE_WORDS = Pattern.compile("(\\d{1,9}):(\\d{1,9}) (.*)");

  private final CgroupMounts.Groups groups;
  private final long ticksPerSecond;

  CgroupCounters(CgroupMounts.Groups groups, long ticksPerSecond) {
    this.groups = groups;
    this.ticksPerSecond = ticksPerSecond;
  }

  record Cpu(long nanos, long userNanos, long systemNanos, long throttledPeriods, long throttledNanos) {}

  record Memory(long usage, long peak, long cache, long inactiveFile, long limit) {}

  record Disk(long read, long written) {}

  private Path group(String controller) {
    Optional<Path> found = groups.of(controller);
    return found.orElse(Path.of("/nonexistent"));
  }

  Cpu cpu() {
    String throttling = SmallFile.text(group("cpu").resolve("cpu.stat"));
    if (groups.isVersionOne("cpuacct")) {
      Path account = group("cpuacct");
      String parts = SmallFile.text(account.resolve("cpuacct.stat"));
      return new Cpu(
          SmallFile.number(account.resolve("cpuacct.usage")),
          ticks(SmallFile.keyed(parts, "user")),
          ticks(SmallFile.keyed(parts, "system")),
          SmallFile.keyed(throttling, "nr_throttled"),
          SmallFile.keyed(throttling, "throttled_time"));
    }
    return new Cpu(
        SmallFile.keyed(throttling, "usage_usec") * 1000,
        SmallFile.keyed(throttling, "user_usec") * 1000,
        SmallFile.keyed(throttling, "system_usec") * 1000,
        SmallFile.keyed(throttling, "nr_throttled"),
        SmallFile.keyed(throttling, "throttled_usec") * 1000);
  }

  private long ticks(long count) {
    return count * (NANOS_PER_SECOND / ticksPerSecond);
  }

  Memory memory() {
    Path folder = group("memory");
    String stat = SmallFile.text(folder.resolve("memory.stat"));
    if (groups.isVersionOne("memory")) {
      return new Memory(
          SmallFile.number(folder.resolve("memory.usage_in_bytes")),
          SmallFile.number(folder.resolve("memory.max_usage_in_bytes")),
          SmallFile.keyed(stat, "total_cache"),
          SmallFile.keyed(stat, "total_inactive_file"),
          limit(SmallFile.number(folder.resolve("memory.limit_in_bytes"))));
    }
    return new Memory(
        SmallFile.number(folder.resolve("memory.current")),
        SmallFile.number(folder.resolve("memory.peak")),
        SmallFile.keyed(stat, "file"),
        SmallFile.keyed(stat, "inactive_file"),
        limit(SmallFile.number(folder.resolve("memory.max"))));
  }

  private static long limit(long bytes) {
    return bytes < 0 || bytes >= UNLIMITED_FROM ? 0 : bytes;
  }

  long pids() {
    return SmallFile.number(group("pids").resolve("pids.current"));
  }

  long pidsLimit() {
    return SmallFile.number(group("pids").resolve("pids.max"));
  }

  Disk disk() {
    Path folder = group("blkio");
    if (groups.isVersionOne("blkio")) {
      String text = recursive(folder, "blkio.throttle.io_service_bytes");
      return new Disk(sumOfLines(text, " Read "), sumOfLines(text, " Write "));
    }
    String text = SmallFile.text(folder.resolve("io.stat"));
    return new Disk(sumOfWords(text, "rbytes="), sumOfWords(text, "wbytes="));
  }

  /** With what groups below have done, where the kernel adds it up. */
  private static String recursive(Path folder, String file) {
    Path recursive = folder.resolve(file + "_recursive");
    return SmallFile.text(Files.exists(recursive) ? recursive : folder.resolve(file));
  }

  Details details() {
    List<Long> processors = Arrays.stream(SmallFile.text(group("cpuacct").resolve("cpuacct.usage_percpu")).split("\\s+")).filter(each -> !each.isEmpty()).map(SmallFile::number).toList();
    long periods = SmallFile.keyed(SmallFile.text(group("cpu").resolve("cpu.stat")), "nr_periods");
    Path memory = group("memory");
    long failures = groups.isVersionOne("memory") ? SmallFile.number(memory.resolve("memory.failcnt")) : SmallFile.keyed(SmallFile.text(memory.resolve("memory.events")), "oom");
    Path devices = group("blkio");
    boolean isOld = groups.isVersionOne("blkio");
    return new Details(
        processors, periods, lines(SmallFile.text(memory.resolve("memory.stat"))), failures,
        isOld ? deviceLines(recursive(devices, "blkio.throttle.io_service_bytes")) : deviceWords(SmallFile.text(devices.resolve("io.stat"))),
        isOld ? deviceLines(recursive(devices, "blkio.throttle.io_serviced")) : List.of(), isOld);
  }

  /** Lines {@code key value}. */
  private static Map<String, Long> lines(String text) {
    Map<String, Long> all = new HashMap<>();
    text.lines().map(line -> line.split(" ", 2)).filter(words -> words.length == 2).forEach(words -> all.put(words[0], SmallFile.number(words[1])));
    return all;
  }

  private static List<DeviceCount> deviceLines(String text) {
    return text.lines().map(DEVICE_LINE::matcher).filter(Matcher::matches).map(line -> count(line, line.group(3), SmallFile.number(line.group(4)))).toList();
  }

  private static List<DeviceCount> deviceWords(String text) {
    List<DeviceCount> all = new ArrayList<>();
    text.lines().map(DEVICE_WORDS::matcher).filter(Matcher::matches).forEach(line -> {
      all.add(count(line, "read", sumOfWords(line.group(3), "rbytes=")));
      all.add(count(line, "write", sumOfWords(line.group(3), "wbytes=")));
    });
    return all;
  }

  private static DeviceCount count(Matcher line, String operation, long value) {
    return new DeviceCount(Integer.parseInt(line.group(1)), Integer.parseInt(line.group(2)), operation, value);
  }

  /** Lines {@code 8:0 Read 4096}. */
  private static long sumOfLines(String text, String word) {
    return text.lines().filter(line -> line.contains(word)).mapToLong(line -> SmallFile.number(line.substring(line.indexOf(word) + word.length()).strip())).sum();
  }

  /** Lines {@code 8:0 rbytes=4096 wbytes=0 rios=1 …}. */
  private static long sumOfWords(String text, String prefix) {
    return text.lines().flatMap(line -> Arrays.stream(line.split(" "))).filter(word -> word.startsWith(prefix)).mapToLong(word -> SmallFile.number(word.substring(prefix.length()))).sum();
  }
}
