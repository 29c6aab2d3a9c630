package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.ExecSpec;
import dev.tallyman.kernel.Inet6;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SandboxSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes specifications of containers, execs and limits as requests. */
final class StartRequest {
  private static final int UDP = 17;
  private static final int TCP = 6;

  private StartRequest() {}

  static Request of(SandboxSpec spec) {
    Request request = Request.of(Verb.CONTAINER_START).id(Tag.CONTAINER, spec.container());
    spec.layers().forEach(each -> request.id(Tag.LAYER, each));
    request
        .texts(Tag.ARG, spec.args())
        .texts(Tag.ENV, spec.env())
        .textIfAny(Tag.WORKDIR, spec.workdir())
        .textIfAny(Tag.USER, spec.user())
        .texts(Tag.GROUP_ADD, spec.groupAdd())
        .textIfAny(Tag.HOSTNAME, spec.hostname())
        .textIfAny(Tag.DOMAINNAME, spec.domainname())
        .textIfAny(Tag.HOSTS, spec.hosts())
        .textIfAny(Tag.RESOLV, spec.resolv())
        .texts(Tag.SYSCTL, spec.sysctls())
        .texts(Tag.TMPFS, spec.tmpfs())
        .longNumber(Tag.CAPABILITIES, spec.capabilities())
        .number(Tag.FLAGS, flags(spec.flags()) | bit(spec.logFiles() == 0, Protocol.FLAG_LOG_NONE))
        .longIfSet(Tag.SHM_SIZE, spec.shmSizeBytes())
        .longIfSet(Tag.LOG_MAX, spec.logMaxBytes())
        .numberIfSet(Tag.LOG_FILES, spec.logFiles())
        .numberIfSet(Tag.ROWS, spec.rows())
        .numberIfSet(Tag.COLUMNS, spec.columns());
    if (spec.flags().isUnmasked()) {
      request.number(Tag.MASKED_NONE, 1);
    }
    if (spec.umask() != null) {
      request.number(Tag.UMASK, spec.umask());
    }
    processLimits(request, spec.ulimits(), spec.oomScoreAdjust());
    IsolationFields.write(request, spec.isolation());
    MountFields.write(request, spec.mounts());
    network(request, spec.network());
    return limits(request, spec.limits());
  }

  static Request of(ExecSpec spec) {
    Request request =
        Request.of(Verb.CONTAINER_EXEC)
            .id(Tag.CONTAINER, spec.container())
            .id(Tag.EXEC, spec.exec())
            .texts(Tag.ARG, spec.args())
            .texts(Tag.ENV, spec.env())
            .textIfAny(Tag.WORKDIR, spec.workdir())
            .textIfAny(Tag.USER, spec.user())
            .texts(Tag.GROUP_ADD, spec.groupAdd())
            .longNumber(Tag.CAPABILITIES, spec.capabilities())
            .number(Tag.FLAGS, flags(spec))
            .numberIfSet(Tag.ROWS, spec.rows())
            .numberIfSet(Tag.COLUMNS, spec.columns());
    processLimits(request, spec.ulimits(), spec.oomScoreAdjust());
    return spec.filter() == null ? request : request.record(Tag.SECCOMP, IsolationFields.filter(spec.filter()));
  }

  private static void processLimits(Request request, List<SandboxSpec.Ulimit> ulimits, @Nullable Integer oomScoreAdjust) {
    if (oomScoreAdjust != null) {
      request.number(Tag.OOM_SCORE, Integer.toUnsignedLong(oomScoreAdjust));
    }
    ulimits.forEach(each -> request.record(Tag.ULIMIT, ulimit(each)));
  }

  static Request limits(Request request, SandboxSpec.Limits limits) {
    IsolationFields.write(request, limits.fine());
    request.longIfSet(Tag.MEMORY_MAX, limits.memoryBytes());
    if (limits.memorySwapBytes() == -1) {
      request.longNumber(Tag.MEMORY_SWAP_MAX, -1);
    } else {
      request.longIfSet(Tag.MEMORY_SWAP_MAX, limits.memorySwapBytes());
    }
    if (limits.pids() != 0) {
      request.number(Tag.PIDS_MAX, Math.max(0, limits.pids()));
    }
    if (limits.cpuQuotaMicros() != 0) {
      request.longNumber(Tag.CPU_QUOTA, Math.max(0, limits.cpuQuotaMicros()));
    }
    return request
        .longIfSet(Tag.MEMORY_LOW, limits.memoryReservationBytes())
        .longIfSet(Tag.CPU_PERIOD, limits.cpuPeriodMicros())
        .numberIfSet(Tag.CPU_SHARES, limits.cpuShares())
        .textIfAny(Tag.CPUSET, limits.cpuset());
  }

  private static void network(Request request, SandboxSpec.Network network) {
    if (network instanceof SandboxSpec.Network.Bridge bridge) {
      request.number(Tag.NETWORK_MODE, Protocol.NETWORK_BRIDGE).id(Tag.NETWORK, bridge.network());
      PlaceRecords.address(request, bridge.address(), bridge.prefix(), bridge.gateway());
      if (bridge.mac() != null) {
        request.record(Tag.MAC, Addresses.mac(bridge.mac()));
      }
      bridge.more().forEach(each -> request.record(Tag.ENDPOINT, PlaceRecords.endpoint(each)));
      if (bridge.six() != null) {
        request.record(Tag.ENDPOINT6, PlaceRecords.endpoint6(bridge.network(), bridge.six()));
      }
      PlaceRecords.link(request, bridge.network(), bridge.link(), bridge.sysctls());
      for (SandboxSpec.Place each : bridge.more()) {
        PlaceRecords.link(request, each.network(), each.link(), each.sysctls());
        if (each.six() != null) {
          request.record(Tag.ENDPOINT6, PlaceRecords.endpoint6(each.network(), each.six()));
        }
      }
      PlaceRecords.publication(request, bridge.ports(), bridge.sources());
      if (bridge.hasResolver()) {
        request.number(Tag.RESOLVER, 1);
      }
    } else if (network instanceof SandboxSpec.Network.Join join) {
      request.number(Tag.NETWORK_MODE, Protocol.NETWORK_JOIN).id(Tag.JOIN_NETWORK_OF, join.container());
    } else {
      request.number(Tag.NETWORK_MODE, network instanceof SandboxSpec.Network.Host ? Protocol.NETWORK_HOST : Protocol.NETWORK_NONE);
    }
  }

  private static byte protocol(SandboxSpec.Port port) {
    return switch (port.protocol()) {
      case "tcp" -> TCP;
      case "udp" -> UDP;
      default -> throw new KernelException(ErrorKind.INVALID, "unknown protocol of a port: " + port.protocol());
    };
  }

  static byte[] port6(SandboxSpec.Port port) {
    return ByteBuffer.allocate(24)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(protocol(port))
        .put((byte) 0)
        .putShort(number(port.hostPort()))
        .putShort(number(port.containerPort()))
        .putShort((short) 0)
        .put(Inet6.parse(port.hostAddress()))
        .array();
  }

  static byte[] port(SandboxSpec.Port port) {
    return ByteBuffer.allocate(12)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(protocol(port))
        .put((byte) 0)
        .putShort(number(port.hostPort()))
        .putInt((int) Addresses.ipv4(port.hostAddress()))
        .putShort(number(port.containerPort()))
        .putShort((short) 0)
        .array();
  }

  private static short number(int port) {
    if (port < 1 || port > 65535) {
      throw new KernelException(ErrorKind.INVALID, "port number is out of range: " + port);
    }
    return (short) port;
  }

  static byte[] ulimit(SandboxSpec.Ulimit limit) {
    return ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putInt(limit.resource()).putInt(0).putLong(limit.soft()).putLong(limit.hard()).array();
  }

  private static int flags(SandboxSpec.Flags flags) {
    return bit(flags.isTty(), Protocol.FLAG_TTY)
        | bit(flags.isStdinOpen(), Protocol.FLAG_STDIN)
        | bit(flags.isStdinOnce(), Protocol.FLAG_STDIN_ONCE)
        | bit(flags.hasInit(), Protocol.FLAG_INIT)
        | bit(flags.isReadOnly(), Protocol.FLAG_READ_ONLY)
        | bit(flags.noNewPrivileges(), Protocol.FLAG_NO_NEW_PRIVILEGES)
        | bit(flags.isSeccompUnconfined(), Protocol.FLAG_SECCOMP_UNCONFINED)
        | bit(flags.isHeldForSubscriber(), Protocol.FLAG_HOLD)
        | bit(flags.isPrivileged(), Protocol.FLAG_PRIVILEGED)
        | bit(flags.isOomKillDisabled(), Protocol.FLAG_OOM_KILL_DISABLE);
  }

  private static int flags(ExecSpec spec) {
    return bit(spec.isTty(), Protocol.FLAG_TTY)
        | bit(spec.isStdinOpen(), Protocol.FLAG_STDIN | Protocol.FLAG_STDIN_ONCE) // an exec has one client: its end of input is the command's
        | bit(spec.isHeldForSubscriber(), Protocol.FLAG_HOLD)
        | bit(spec.isPrivileged(), Protocol.FLAG_PRIVILEGED)
        | bit(spec.noNewPrivileges(), Protocol.FLAG_NO_NEW_PRIVILEGES)
        | bit(spec.isSeccompUnconfined(), Protocol.FLAG_SECCOMP_UNCONFINED);
  }

  private static int bit(boolean isSet, int bit) {
    return isSet ? bit : 0;
  }
}
