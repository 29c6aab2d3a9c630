package dev.tallyman.kernel.libc;

import java.nio.charset.StandardCharsets;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * Typed calls into libc. Descriptors are plain numbers that the caller closes. Every call that may wait pins its thread, so call these on
 * platform threads. The first use costs some 300 ms (class generation): {@link #warm()} at start.
 */
public final class Libc {
  static final LibC C = LibraryLoader.create(LibC.class).load("c");
  static final Runtime RUNTIME = Runtime.getRuntime(C);

  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int O_CLOEXEC = 02000000;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int SHUT_RDWR = 2;
  private static final int EINTR = 4;
  private static final int ECHILD = 10;
  private static final int WNOHANG = 1;
  private static final short POLLIN = 1;
  private static final int SC_CLK_TCK = 2;

  private Libc() {}

  /** A connected pair of descriptors; for a pipe, first is the reading end. */
  public record Pair(int first, int second) {}

  /** Loads the library and generates its classes. */
  public static void warm() {
    C.sysconf(SC_CLK_TCK);
  }

  /** Ticks per second in /proc/PID/stat. */
  public static long ticksPerSecond() {
    return C.sysconf(SC_CLK_TCK);
  }

  public static Pair socketPair() throws LibcException {
    int[] fds = new int[2];
    check("socketpair", C.socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
    return new Pair(fds[0], fds[1]);
  }

  /** @param bytes wanted capacity; a smaller pipe is accepted when the user's limit is reached */
  public static Pair pipe(int bytes) throws LibcException {
    int[] fds = new int[2];
    check("pipe2", C.pipe2(fds, O_CLOEXEC));
    C.fcntl(fds[0], F_SETPIPE_SZ, bytes);
    return new Pair(fds[0], fds[1]);
  }

  public static void close(int fd) {
    C.close(fd);
  }

  /** Ends a wait for data on the socket in another thread. */
  public static void shutdown(int fd) {
    C.shutdown(fd, SHUT_RDWR);
  }

  /** @return false when the time is over */
  public static boolean awaitReadable(int fd, long millis) throws LibcException {
    Pointer poll = Memory.allocateDirect(RUNTIME, 8);
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (true) {
      poll.putInt(0, fd);
      poll.putInt(4, POLLIN);
      long left = Math.max(0, (deadline - System.nanoTime()) / 1_000_000);
      int ready = C.poll(poll, 1, (int) Math.min(left, Integer.MAX_VALUE));
      if (ready >= 0) {
        return ready > 0;
      }
      int errno = LastError.getLastError(RUNTIME);
      if (errno != EINTR) {
        throw new LibcException("poll", errno);
      }
    }
  }

  /** Waits for the end of a child of ours. @return wait status, -1 if it is not ours to wait for */
  public static int waitFor(int pid) throws LibcException {
    int[] status = new int[1];
    while (C.waitpid(pid, status, 0) < 0) {
      int errno = LastError.getLastError(RUNTIME);
      if (errno == ECHILD) {
        return -1;
      }
      if (errno != EINTR) {
        throw new LibcException("waitpid", errno);
      }
    }
    return status[0];
  }

  /** @return true if the child has ended and is collected */
  public static boolean collect(int pid) {
    return C.waitpid(pid, new int[1], WNOHANG) != 0;
  }

  /** @return false if the process may not be killed or is gone */
  public static boolean kill(int pid, int signal) {
    return C.kill(pid, signal) == 0;
  }

  /** Reads what is there, at least one byte. @return -1 at the end */
  public static int read(int fd, NativeBuffer buffer) throws LibcException {
    long count;
    while ((count = C.read(fd, buffer.pointer, buffer.size())) < 0) {
      retryOrThrow("read");
    }
    return count == 0 ? -1 : (int) count;
  }

  /** Writes the first bytes of the buffer, all of them. */
  public static void write(int fd, NativeBuffer buffer, int length) throws LibcException {
    int done = 0;
    while (done < length) {
      long count = C.write(fd, buffer.pointer.slice(done), length - done);
      if (count < 0) {
        retryOrThrow("write");
      } else {
        done += (int) count;
      }
    }
  }

  static void retryOrThrow(String function) throws LibcException {
    int errno = LastError.getLastError(RUNTIME);
    if (errno != EINTR) {
      throw new LibcException(function, errno);
    }
  }

  /** Text of an errno, e.g. {@code No space left on device}. */
  public static String describe(int errno) {
    Pointer text = C.strerror(errno);
    return text == null ? "errno " + errno : text.getString(0, 256, StandardCharsets.UTF_8);
  }

  static int check(String function, int result) throws LibcException {
    if (result < 0) {
      throw new LibcException(function, LastError.getLastError(RUNTIME));
    }
    return result;
  }

}
