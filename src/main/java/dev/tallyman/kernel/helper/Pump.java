package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.libc.Libc;
import dev.tallyman.kernel.libc.LibcException;
import dev.tallyman.kernel.libc.NativeBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Moves bytes between a stream and a pipe to the helper; owns and closes the pipe's end. */
abstract sealed class Pump implements Runnable {
  /** Unprivileged users may have pipes of this size (/proc/sys/fs/pipe-max-size). */
  static final int PIPE_BYTES = 1 << 20;

  private static final int BUFFER_BYTES = 256 << 10;

  final int fd;
  final byte[] bytes = new byte[BUFFER_BYTES];
  final NativeBuffer buffer = new NativeBuffer(BUFFER_BYTES);
  volatile boolean isStopped;
  private volatile @Nullable IOException failure;

  private Pump(int fd) {
    this.fd = fd;
  }

  @Override
  public void run() {
    try {
      move();
    } catch (LibcException e) {
      if (!e.isBrokenPipe()) { // the helper stopped reading: its reply says why
        failure = e;
      }
    } catch (IOException e) {
      failure = e;
    } finally {
      Libc.close(fd);
    }
  }

  abstract void move() throws IOException;

  /** Nothing more is needed; a read that is under way is finished first. */
  void stop() {
    isStopped = true;
  }

  /** What the stream (not the helper) failed with. */
  @Nullable IOException failure() {
    return failure;
  }

  /** From a stream into the pipe. */
  static final class Feeder extends Pump {
    private final InputStream in;

    Feeder(InputStream in, int fd) {
      super(fd);
      this.in = in;
    }

    @Override
    void move() throws IOException {
      try {
        int count;
        while (!isStopped && (count = in.read(bytes)) >= 0) {
          Libc.write(fd, buffer, fill(count));
        }
      } catch (LibcException e) {
        throw e;
      } catch (IOException e) {
        spoil();
        throw e;
      }
    }

    /** Takes what has come meanwhile too: fewer and larger writes. */
    private int fill(int first) throws IOException {
      int count = first;
      buffer.put(0, bytes, 0, count);
      while (count < bytes.length && in.available() > 0) {
        int more = in.read(bytes, 0, bytes.length - count);
        if (more < 0) {
          break;
        }
        buffer.put(count, bytes, 0, more);
        count += more;
      }
      return count;
    }

    /** A source that broke off must not pass for a complete archive: what follows can be no header. */
    private void spoil() throws LibcException {
      Arrays.fill(bytes, (byte) 0xff);
      buffer.put(0, bytes, 0, bytes.length);
      Libc.write(fd, buffer, bytes.length);
    }
  }

  /** From the pipe into a stream. */
  static final class Drain extends Pump {
    private final OutputStream out;

    Drain(int fd, OutputStream out) {
      super(fd);
      this.out = out;
    }

    @Override
    void move() throws IOException {
      int count;
      while ((count = Libc.read(fd, buffer)) >= 0) {
        buffer.get(bytes, count);
        out.write(bytes, 0, count);
      }
      out.flush();
    }
  }
}
