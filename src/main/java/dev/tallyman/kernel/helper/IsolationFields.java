package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.Isolation;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SyscallFilter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** Writes the rarer options of a container into requests. */
final class IsolationFields {
  private static final int ACTION_BYTES = 4;
  private static final int RULE_BYTES = 16;
  private static final int COMPARISON_BYTES = 24;

  private IsolationFields() {}

  static void write(Request request, Isolation isolation) {
    int namespaces =
        bit(isolation.sharesPid(), Protocol.NAMESPACE_JOIN_PID)
            | bit(isolation.sharesIpc(), Protocol.NAMESPACE_JOIN_IPC)
            | bit(!isolation.hasSharedMemory(), Protocol.NAMESPACE_IPC_NONE)
            | bit(isolation.isHostUts(), Protocol.NAMESPACE_HOST_UTS)
            | bit(isolation.isHostCgroup(), Protocol.NAMESPACE_HOST_CGROUP);
    request.numberIfSet(Tag.NAMESPACES, namespaces);
    if (isolation.processesOf() != null) {
      request.id(Tag.JOIN_PROCESSES_OF, isolation.processesOf());
    }
    isolation.devices().forEach(each -> request.record(Tag.DEVICE, text(Tag.DEVICE, each.access() + " " + each.name() + " " + each.target())));
    isolation.deviceRules().forEach(each -> request.record(Tag.DEVICE_RULE, rule(each)));
    isolation.maskedPaths().forEach(each -> request.record(Tag.MASKED_PATH, text(Tag.MASKED_PATH, each)));
    isolation.readOnlyPaths().forEach(each -> request.record(Tag.READ_ONLY_PATH, text(Tag.READ_ONLY_PATH, each)));
    if (isolation.filter() != null) {
      request.record(Tag.SECCOMP, filter(isolation.filter()));
    }
  }

  static void write(Request request, FineLimits limits) {
    request
        .textIfAny(Tag.CPUSET_MEMS, limits.cpusetMems())
        .longIfSet(Tag.REALTIME_PERIOD, limits.realtimePeriodMicros())
        .longIfSet(Tag.REALTIME_RUNTIME, limits.realtimeRuntimeMicros())
        .longIfSet(Tag.BLOCK_WEIGHT, limits.blockWeight());
    if (limits.swappiness() != null) {
      request.number(Tag.SWAPPINESS, limits.swappiness());
    }
    limits.blockLimits().forEach(each -> request.record(Tag.BLOCK_LIMIT, blockLimit(each)));
  }

  /** Texts among the records: the range of numbers says nothing about what is in one. */
  private static byte[] text(Tag tag, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new KernelException(ErrorKind.INVALID, Words.of(tag) + " contains a NUL character");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] rule(Isolation.DeviceRule rule) {
    return little(12).put((byte) rule.type()).put((byte) rule.access()).putShort((short) 0).putInt(rule.major()).putInt(rule.minor()).array();
  }

  private static byte[] blockLimit(FineLimits.BlockLimit limit) {
    long device = deviceNumber(limit.device());
    int kind =
        switch (limit.kind()) {
          case WEIGHT -> Protocol.BLOCK_WEIGHT;
          case READ_BYTES -> Protocol.BLOCK_READ_BYTES;
          case WRITE_BYTES -> Protocol.BLOCK_WRITE_BYTES;
          case READ_OPERATIONS -> Protocol.BLOCK_READ_OPERATIONS;
          case WRITE_OPERATIONS -> Protocol.BLOCK_WRITE_OPERATIONS;
        };
    return little(24).putInt(kind).putInt(major(device)).putInt(minor(device)).putInt(0).putLong(limit.value()).array();
  }

  private static long deviceNumber(String path) {
    try {
      if (Files.getAttribute(Path.of(path), "unix:rdev") instanceof Long number && number != 0) {
        return number;
      }
      throw new KernelException(ErrorKind.INVALID, path + " is not a device");
    } catch (IOException | InvalidPathException e) {
      throw new KernelException(ErrorKind.INVALID, "error gathering device information: " + path + ": no such file or directory");
    }
  }

  /** As makedev(3) packs both. */
  static int major(long device) {
    return (int) ((device >> 8 & 0xfff) | (device >> 32 & ~0xfffL));
  }

  static int minor(long device) {
    return (int) ((device & 0xff) | (device >> 12 & ~0xffL));
  }

  static byte[] filter(SyscallFilter filter) {
    int comparisons = filter.rules().stream().mapToInt(each -> each.comparisons().size()).sum();
    ByteBuffer bytes = little(ACTION_BYTES + filter.rules().size() * RULE_BYTES + comparisons * COMPARISON_BYTES).putInt(filter.otherwise());
    for (SyscallFilter.Rule rule : filter.rules()) {
      List<SyscallFilter.Comparison> all = rule.comparisons();
      bytes.putInt(rule.call()).putInt(rule.action()).putInt(all.size()).putInt(0);
      all.forEach(each -> bytes.putInt(each.argument()).putInt(each.operator()).putLong(each.value()).putLong(each.second()));
    }
    return bytes.array();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int bit(boolean isSet, int bit) {
    return isSet ? bit : 0;
  }
}
