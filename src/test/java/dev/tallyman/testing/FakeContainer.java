package dev.tallyman.testing;

import dev.tallyman.kernel.SandboxSpec;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** State of one container in the {@link FakeKernel}. */
final class FakeContainer {
  /** Content of its writable layer by absolute path; null = a folder. */
  final Map<String, byte @Nullable []> upper = Collections.synchronizedMap(new TreeMap<>());

  /** Of files that were copied into it: what the archive said. */
  final Map<String, FakeLayers.Entry> copied = Collections.synchronizedMap(new TreeMap<>());

  /** By absolute path, while it runs. */
  final Map<String, byte[]> secrets = Collections.synchronizedMap(new TreeMap<>());

  final Map<String, FakeProcess> execs = new HashMap<>();
  @Nullable SandboxSpec spec;
  @Nullable FakeProcess process;
  SandboxSpec.Limits limits = SandboxSpec.Limits.none();
  boolean isFrozen;
  volatile boolean diesOfMemory;
  boolean holdsPorts;
  /** Of its writable layer, in bytes; 0 = none. */
  long storageLimit;
  /** Networks it is on. */
  final Set<String> places = new HashSet<>();

  boolean isRunning() {
    return process != null && process.isRunning();
  }
}
