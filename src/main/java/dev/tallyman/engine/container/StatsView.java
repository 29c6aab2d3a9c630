package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.kernel.ResourceUse;
import dev.tallyman.stats.Stats.Sample;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A sample as the API shows it; a container that does not run has zeros and Go's zero time. */
final class StatsView {
  private static final String TRANSFERRED = "io_service_bytes_recursive";
  private static final String OPERATIONS = "io_serviced_recursive";
  private static final List<String> DEVICE_COUNTERS =
      List.of(TRANSFERRED, OPERATIONS, "io_queue_recursive", "io_service_time_recursive", "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive", "sectors_recursive");

  private StatsView() {}

  static ObjectNode of(Container container, @Nullable Sample now, @Nullable Sample previous) {
    ObjectNode view = Json.object();
    view.put("name", "/" + container.name());
    view.put("id", container.id());
    view.put("read", Times.text(now == null ? null : now.readAt()));
    view.put("preread", Times.text(previous == null ? null : previous.readAt()));
    view.put("num_procs", 0);
    ObjectNode pids = view.putObject("pids_stats");
    ObjectNode memory = view.putObject("memory_stats");
    ObjectNode storage = view.putObject("blkio_stats");
    DEVICE_COUNTERS.forEach(storage::putNull);
    view.putObject("storage_stats");
    view.set("cpu_stats", cpu(now));
    view.set("precpu_stats", cpu(previous));
    if (now == null) {
      return view;
    }
    pids.put("current", now.pids());
    if (now.pidsLimit() > 0) {
      pids.put("limit", now.pidsLimit());
    }
    putMemory(memory, now);
    putStorage(storage, now.details());
    if (container.endpoint() != null && !now.links().isEmpty()) {
      ObjectNode networks = view.putObject("networks");
      now.links().forEach(each -> putNetwork(networks.putObject(each.name()), each));
    }
    return view;
  }

  /** Clients subtract the inactive file cache from the usage, under its name of either cgroup version. */
  private static void putMemory(ObjectNode memory, Sample now) {
    memory.put("usage", now.memoryUsageBytes());
    memory.put("max_usage", now.memoryMaxUsageBytes());
    ObjectNode kinds = memory.putObject("stats");
    new TreeMap<>(now.details().memory()).forEach(kinds::put);
    if (now.details().memoryFailures() > 0) {
      memory.put("failcnt", now.details().memoryFailures());
    }
    memory.put("limit", now.memoryLimitBytes());
  }

  /** Control groups of version 2 count bytes alone. */
  private static void putStorage(ObjectNode storage, ResourceUse.Details details) {
    if (details.isOfVersionOne()) {
      DEVICE_COUNTERS.forEach(storage::putArray);
      putCounts(storage.putArray(OPERATIONS), details.operations());
    }
    putCounts(storage.putArray(TRANSFERRED), details.transferred());
  }

  private static void putCounts(ArrayNode array, List<ResourceUse.DeviceCount> counts) {
    counts.forEach(each -> array.addObject().put("major", each.major()).put("minor", each.minor()).put("op", each.operation()).put("value", each.value()));
  }

  private static void putNetwork(ObjectNode network, ResourceUse.Link link) {
    network.put("rx_bytes", link.received().bytes());
    network.put("rx_packets", link.received().packets());
    network.put("rx_errors", link.received().errors());
    network.put("rx_dropped", link.received().dropped());
    network.put("tx_bytes", link.sent().bytes());
    network.put("tx_packets", link.sent().packets());
    network.put("tx_errors", link.sent().errors());
    network.put("tx_dropped", link.sent().dropped());
  }

  private static ObjectNode cpu(@Nullable Sample sample) {
    ObjectNode cpu = Json.object();
    ObjectNode usage = cpu.putObject("cpu_usage").put("total_usage", sample == null ? 0 : sample.cpuNanos());
    if (sample != null && !sample.details().perCpuNanos().isEmpty()) {
      sample.details().perCpuNanos().forEach(usage.withArray("percpu_usage")::add);
    }
    usage
        .put("usage_in_kernelmode", sample == null ? 0 : sample.cpuSystemNanos())
        .put("usage_in_usermode", sample == null ? 0 : sample.cpuUserNanos());
    if (sample != null) {
      cpu.put("system_cpu_usage", sample.systemCpuNanos());
      cpu.put("online_cpus", sample.onlineCpus());
    }
    cpu.putObject("throttling_data").put("periods", sample == null ? 0 : sample.details().throttlingPeriods()).put("throttled_periods", sample == null ? 0 : sample.throttledPeriods()).put("throttled_time", sample == null ? 0 : sample.throttledNanos());
    return cpu;
  }
}
