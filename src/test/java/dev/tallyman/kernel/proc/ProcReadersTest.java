package dev.tallyman.kernel.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.kernel.Processes;
import dev.tallyman.kernel.ResourceUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcReadersTest {
  @TempDir Path root;
  Path proc;

  @BeforeEach
  void makeProc() throws IOException {
    proc = root.resolve("proc");
    put(proc.resolve("stat"), "cpu  100 1 50 800 10 0 5 4 7 0\ncpu0 50 0 25 400 5 0 2 2 3 0\ncpu1 50 1 25 400 5 0 3 2 4 0\nintr 5\nbtime 1700000000\n");
    put(proc.resolve("meminfo"), "MemTotal:        2048 kB\nMemFree: 1 kB\n");
  }

  private static void put(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void mounts(String... lines) throws IOException {
    put(proc.resolve("self/mountinfo"), String.join("\n", lines) + "\n");
  }

  private String mount(String type, String folder, String options) {
    return "41 31 0:38 / " + root.resolve(folder) + " rw,relatime shared:9 - " + type + " " + type + " " + options;
  }

  private static ResourceUse.DeviceCount count(int minor, String operation, long value) {
    return new ResourceUse.DeviceCount(8, minor, operation, value);
  }

  @Test
  void readsCountersOfVersionTwo() throws IOException {
    mounts("22 1 8:1 / / rw - ext4 /dev/sda1 rw", mount("cgroup2", "cg", "rw,nsdelegate"));
    put(proc.resolve("42/cgroup"), "0::/tallyman/abc\n");
    put(proc.resolve("42/net/dev"), "Inter-|   Receive\n face |bytes\n    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n  eth0: 100 2 1 3 0 0 0 0 200 4 5 6 0 0 0 0\n  eth1:1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n");
    Path group = root.resolve("cg/tallyman/abc");
    put(group.resolve("cpu.stat"), "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\nnr_periods 9\nnr_throttled 4\nthrottled_usec 7\n");
    put(group.resolve("memory.current"), "1000\n");
    put(group.resolve("memory.peak"), "1500\n");
    put(group.resolve("memory.max"), "max\n");
    put(group.resolve("memory.stat"), "anon 500\nfile 400\ninactive_anon 1\ninactive_file 300\n");
    put(group.resolve("memory.events"), "low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\n");
    put(group.resolve("pids.current"), "3\n");
    put(group.resolve("pids.max"), "100\n");
    put(group.resolve("io.stat"), "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2 rios=0 wios=0\n");

    ResourceUse.Use use = new ProcResourceUse(proc, 100).of(42).orElseThrow();

    assertEquals(
        new ResourceUse.Use(
            5_000_000, 3_000_000, 2_000_000, 4, 7000, 1000, 1500, 400, 300, 0, 3, 100, new ResourceUse.Traffic(101, 2, 1, 3), new ResourceUse.Traffic(202, 4, 5, 6), 11, 22,
            List.of(
                new ResourceUse.Link("eth0", new ResourceUse.Traffic(100, 2, 1, 3), new ResourceUse.Traffic(200, 4, 5, 6)),
                new ResourceUse.Link("eth1", new ResourceUse.Traffic(1, 0, 0, 0), new ResourceUse.Traffic(2, 0, 0, 0))),
            new ResourceUse.Details(
                List.of(), 9, Map.of("anon", 500L, "file", 400L, "inactive_anon", 1L, "inactive_file", 300L), 2,
                List.of(count(0, "read", 10), count(0, "write", 20), count(16, "read", 1), count(16, "write", 2)), List.of(), false)),
        use);
  }

  @Test
  void readsCountersOfVersionOneBesideVersionTwo() throws IOException {
    mounts(
        mount("cgroup", "cpu", "rw,cpu"), mount("cgroup", "acct", "rw,cpuacct"), mount("cgroup", "mem", "rw,memory"), mount("cgroup", "pids", "rw,pids"),
        mount("cgroup", "blk", "rw,blkio"), mount("cgroup2", "uni", "rw"));
    put(proc.resolve("42/cgroup"), "5:pids:/t/x\n4:memory:/t/x\n3:blkio:/t/x\n2:cpuacct:/t/x\n1:cpu:/t/x\n0::/t/x\n");
    put(root.resolve("cpu/t/x/cpu.stat"), "nr_periods 1\nnr_throttled 2\nthrottled_time 3\n");
    put(root.resolve("acct/t/x/cpuacct.usage"), "77\n");
    put(root.resolve("acct/t/x/cpuacct.usage_percpu"), "70 7 \n");
    put(root.resolve("acct/t/x/cpuacct.stat"), "user 1\nsystem 2\n");
    put(root.resolve("mem/t/x/memory.failcnt"), "8\n");
    put(root.resolve("blk/t/x/blkio.throttle.io_serviced"), "8:0 Read 2\nTotal 2\n");
    put(root.resolve("mem/t/x/memory.usage_in_bytes"), "1000\n");
    put(root.resolve("mem/t/x/memory.max_usage_in_bytes"), "1100\n");
    put(root.resolve("mem/t/x/memory.limit_in_bytes"), "9223372036854771712\n");
    put(root.resolve("mem/t/x/memory.stat"), "cache 1\ninactive_file 2\ntotal_cache 60\ntotal_inactive_file 50\n");
    put(root.resolve("pids/t/x/pids.current"), "1\n");
    put(root.resolve("pids/t/x/pids.max"), "max\n");
    put(root.resolve("blk/t/x/blkio.throttle.io_service_bytes"), "8:0 Read 5\n8:0 Write 6\n8:0 Sync 11\n8:16 Read 1\nTotal 11\n");

    ResourceUse.Use use = new ProcResourceUse(proc, 100).of(42).orElseThrow();

    assertEquals(
        new ResourceUse.Use(
            77, 10_000_000, 20_000_000, 2, 3, 1000, 1100, 60, 50, 0, 1, 0, ResourceUse.Traffic.none(), ResourceUse.Traffic.none(), 6, 6, List.of(),
            new ResourceUse.Details(
                List.of(70L, 7L), 1, Map.of("cache", 1L, "inactive_file", 2L, "total_cache", 60L, "total_inactive_file", 50L), 8,
                List.of(count(0, "Read", 5), count(0, "Write", 6), count(0, "Sync", 11), count(16, "Read", 1)), List.of(count(0, "Read", 2)), true)),
        use);
  }

  @Test
  void readsTheMachine() {
    // user to steal of the first line, in ticks of 10 ms
    assertEquals(new ResourceUse.Host(970L * 10_000_000, 2, 2048 * 1024), new ProcResourceUse(proc, 100).host());
  }

  @Test
  void hasNothingForAProcessThatEnded() throws IOException {
    mounts(mount("cgroup2", "cg", "rw"));

    assertEquals(Optional.empty(), new ProcResourceUse(proc, 100).of(43));
    assertEquals(List.of(), new ProcProcesses(proc, 100).of(43));
  }

  @Test
  void listsTheProcessesOfAGroupAndThoseBelow() throws IOException {
    mounts(mount("cgroup2", "cg", "rw"));
    put(proc.resolve("42/cgroup"), "0::/tallyman/abc\n");
    put(root.resolve("cg/tallyman/abc/cgroup.procs"), "42\n44\n");
    put(root.resolve("cg/tallyman/abc/inner/cgroup.procs"), "43\n");
    process(42, "sh", 7, 100_000, 0, "sh\0-c\0sleep 1; true\0");
    process(43, "a) b (c", 42, 100_033, 136 << 8 | 3, "");

    List<Processes.Running> found = new ProcProcesses(proc, 100).of(42);

    assertEquals(List.of(42, 43), found.stream().map(Processes.Running::pid).toList(), "44 ended meanwhile");
    Processes.Running first = found.get(0);
    assertEquals("0", first.user());
    assertEquals("sh -c sleep 1; true", first.command());
    assertEquals("?", first.terminal());
    assertEquals(Duration.ofMillis(300), first.cpuTime());
    assertEquals(Instant.ofEpochSecond(1_700_000_000).plusMillis(5000), first.startedAt());
    assertEquals(7, first.parentPid());
    assertEquals(8192, first.residentBytes());
    assertEquals(4096, first.virtualBytes());
    assertEquals(2, first.threads());
    Processes.Running second = found.get(1);
    assertEquals("33", second.user());
    assertEquals("a) b (c", second.name());
    assertEquals("[a) b (c]", second.command());
    assertEquals("pts/3", second.terminal());
  }

  private void process(int pid, String name, int parent, int uid, int terminal, String commandLine) throws IOException {
    Path folder = proc.resolve(String.valueOf(pid));
    put(folder.resolve("stat"), pid + " (" + name + ") S " + parent + " 1 1 " + terminal + " -1 0 1 2 3 4 10 20 0 0 20 0 2 0 500 4096 2 9 9\n");
    put(folder.resolve("status"), "Name:\tx\nUid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid + "\n");
    put(folder.resolve("uid_map"), "         0     100000      65536\n");
    put(folder.resolve("cmdline"), commandLine);
  }

  @Test
  void showsTheHostsNumberForAUserThatIsNotMapped() {
    assertEquals("70000", ProcProcesses.user("Uid:\t1\t70000\t1\t1\n", "0 100000 65536\n"));
    assertEquals("1000", ProcProcesses.user("Uid:\t1\t1000\t1\t1\n", "0 0 4294967295\n"));
  }

  @Test
  void stripsTheRootOfAMount() {
    CgroupMounts mounts = CgroupMounts.parse("41 31 0:38 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");

    assertEquals(Optional.of(Path.of("/sys/fs/cgroup/tallyman/x")), mounts.groups("0::/docker/abc/tallyman/x\n").unified());
  }

  @Test
  void findsTheRunningJvmInTheRealProc() {
    int self = (int) ProcessHandle.current().pid();

    assertTrue(new ProcResourceUse().of(self).isPresent());
    assertTrue(new ProcResourceUse().host().memoryBytes() > 1 << 20);
    assertTrue(new ProcProcesses().of(self).stream().anyMatch(each -> each.pid() == self && each.name().equals("java")));
  }
}
