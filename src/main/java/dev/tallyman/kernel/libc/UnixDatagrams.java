package dev.tallyman.kernel.libc;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import jnr.ffi.LastError;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** A SOCK_DGRAM socket that is connected to one in the file system, which Java has none of. Never waits. Thread-safe. */
public final class UnixDatagrams implements Closeable {
  private static final int AF_UNIX = 1;
  /** Also SOCK_CLOEXEC and SOCK_NONBLOCK. */
  private static final int SOCK_DGRAM = 2 | 02000000 | 04000;

  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  /** Of sockaddr_un: the family, and a path with a NUL behind it. */
  private static final int FAMILY_BYTES = 2;
  private static final int PATH_BYTES = 108;
  private static final int FIRST_BYTES = 4096;

  private NativeBuffer buffer = new NativeBuffer(FIRST_BYTES);
  private int fd;

  /** @throws LibcException also when nobody is there */
  public UnixDatagrams(String path) throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    if (name.length >= PATH_BYTES) {
      throw new IOException("the path of a socket is longer than " + (PATH_BYTES - 1) + " bytes: " + path);
    }
    Pointer address = Memory.allocateDirect(Libc.RUNTIME, FAMILY_BYTES + PATH_BYTES, true);
    address.putShort(0, (short) AF_UNIX);
    address.put(FAMILY_BYTES, name, 0, name.length);
    fd = Libc.check("socket", Libc.C.socket(AF_UNIX, SOCK_DGRAM, 0));
    try {
      Libc.check("connect to " + path, Libc.C.connect(fd, address, FAMILY_BYTES + PATH_BYTES));
    } catch (LibcException e) {
      close();
      throw e;
    }
  }

  /** @return false if the receiver has no room now; @throws LibcException if it is gone, or this is closed */
  public synchronized boolean send(byte[] datagram) throws LibcException {
    if (buffer.size() < datagram.length) {
      buffer = new NativeBuffer(Integer.highestOneBit(datagram.length) << 1);
    }
    buffer.put(0, datagram, 0, datagram.length);
    while (Libc.C.send(fd, buffer.pointer, datagram.length, MSG_NOSIGNAL) < 0) {
      int errno = LastError.getLastError(Libc.RUNTIME);
      if (errno == EAGAIN) {
        return false;
      }
      if (errno != EINTR) {
        throw new LibcException("send", errno);
      }
    }
    return true;
  }

  @Override
  public synchronized void close() {
    if (fd >= 0) {
      Libc.close(fd);
      fd = -1;
    }
  }
}
