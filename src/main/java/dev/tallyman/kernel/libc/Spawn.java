package dev.tallyman.kernel.libc;

import java.nio.charset.StandardCharsets;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/**
 * Starts one fixed program without arguments and environment, with one descriptor as its fd 3, /dev/null as 0 to 2 and nothing else of
 * this process. Thread-safe. Its cost does not depend on the size of the heap, unlike fork.
 */
public final class Spawn {
  private static final int ACTIONS_BYTES = 128; // glibc: 80
  private static final int ATTRIBUTES_BYTES = 512; // glibc: 336
  private static final int SIGNAL_SET_BYTES = 128;
  private static final short POSIX_SPAWN_SETSIGDEF = 4;
  private static final short POSIX_SPAWN_SETSIGMASK = 8;
  private static final int O_RDWR = 2;
  private static final int PASSED_FD = 3;

  private final Pointer path;
  private final Pointer devNull;
  private final Pointer argv;
  private final Pointer envp;
  private final Pointer attributes;

  public Spawn(String program) {
    path = text(program);
    devNull = text("/dev/null");
    argv = Memory.allocateDirect(Libc.RUNTIME, 16);
    argv.putAddress(0, path.address());
    argv.putAddress(8, 0L);
    envp = Memory.allocateDirect(Libc.RUNTIME, 8);
    envp.putAddress(0, 0L);
    attributes = Memory.allocateDirect(Libc.RUNTIME, ATTRIBUTES_BYTES);
    Pointer signals = Memory.allocateDirect(Libc.RUNTIME, SIGNAL_SET_BYTES);
    Libc.C.posix_spawnattr_init(attributes);
    Libc.C.sigfillset(signals);
    Libc.C.posix_spawnattr_setsigdefault(attributes, signals);
    Libc.C.sigemptyset(signals);
    Libc.C.posix_spawnattr_setsigmask(attributes, signals);
    Libc.C.posix_spawnattr_setflags(attributes, (short) (POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  }

  private static Pointer text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    Pointer pointer = Memory.allocateDirect(Libc.RUNTIME, bytes.length + 1);
    pointer.put(0, bytes, 0, bytes.length);
    pointer.putByte(bytes.length, (byte) 0);
    return pointer;
  }

  /** @return pid of the child; the caller must wait for it */
  public int start(int fd) throws LibcException {
    Pointer actions = Memory.allocateDirect(Libc.RUNTIME, ACTIONS_BYTES);
    Libc.C.posix_spawn_file_actions_init(actions);
    try {
      for (int i = 0; i < PASSED_FD; i++) {
        Libc.C.posix_spawn_file_actions_addopen(actions, i, devNull, O_RDWR, 0);
      }
      Libc.C.posix_spawn_file_actions_adddup2(actions, fd, PASSED_FD);
      Libc.C.posix_spawn_file_actions_addclosefrom_np(actions, PASSED_FD + 1);
      int[] pid = new int[1];
      int error = Libc.C.posix_spawn(pid, path, actions, attributes, argv, envp);
      if (error != 0) {
        throw new LibcException("posix_spawn", error);
      }
      return pid[0];
    } finally {
      Libc.C.posix_spawn_file_actions_destroy(actions);
    }
  }
}
