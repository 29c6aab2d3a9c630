package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes.Exit;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Frames over a monitor's unix socket. The JDK's channel lets a virtual thread go while it waits. */
final class UnixMonitorConnection implements MonitorConnection {
  private static final int EXIT_BYTES = 20;
  /** For the most of commands, which say little; it grows once. */
  private static final int FIRST_BYTES = 4096;

  private final SocketChannel channel;
  private final ReentrantLock writing = new ReentrantLock();
  private ByteBuffer in = ByteBuffer.allocateDirect(FIRST_BYTES).limit(0);
  private volatile boolean isClosed;

  UnixMonitorConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /** @throws KernelException NOT_FOUND when nobody listens: the monitor has ended */
  static UnixMonitorConnection open(Path socket) {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new UnixMonitorConnection(channel);
    } catch (IOException e) {
      closeQuietly(channel);
      throw new KernelException(ErrorKind.NOT_FOUND, "no such process: it has ended", e);
    }
  }

  private static void closeQuietly(@Nullable SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // the other end sees the end of the connection either way
    }
  }

  @Override
  public void request(boolean wantsOutput, boolean wantsInput) throws IOException {
    int bits = (wantsOutput ? Protocol.SUBSCRIBE_OUTPUT : 0) | (wantsInput ? Protocol.SUBSCRIBE_INPUT : 0);
    send(Protocol.FRAME_SUBSCRIBE, ByteBuffer.allocate(4).putInt(0, bits));
  }

  @Override
  public void awaitReady() throws IOException {
    if (!fill(Protocol.FRAME_HEADER_BYTES)) {
      throw new EOFException("the monitor has ended");
    }
    int type = in.get(in.position());
    if (type != Protocol.FRAME_READY || length() != 0) {
      throw new IOException("the monitor answered with a frame of type " + type + " to a subscription");
    }
    in.position(in.position() + Protocol.FRAME_HEADER_BYTES);
  }

  private int length() {
    return in.getInt(in.position() + 4);
  }

  @Override
  public @Nullable Frame next() throws IOException {
    while (true) {
      if (!fill(Protocol.FRAME_HEADER_BYTES)) {
        return null;
      }
      int length = length();
      if (length < 0 || length > Protocol.FRAME_MAX_BYTES) {
        throw new IOException("the monitor sent a frame of " + Integer.toUnsignedString(length) + " bytes");
      }
      if (!fill(Protocol.FRAME_HEADER_BYTES + length)) {
        return null;
      }
      int type = in.get();
      in.position(in.position() + Protocol.FRAME_HEADER_BYTES - 1);
      ByteBuffer payload = ByteBuffer.allocate(length).put(in.slice(in.position(), length)).flip();
      in.position(in.position() + length);
      Frame frame = frame(type, payload);
      if (frame != null) {
        return frame;
      }
    }
  }

  private static @Nullable Frame frame(int type, ByteBuffer payload) throws IOException {
    return switch (type) {
      case Protocol.FRAME_STDOUT -> new Frame.Output(false, payload);
      case Protocol.FRAME_STDERR -> new Frame.Output(true, payload);
      case Protocol.FRAME_EXIT -> new Frame.Ended(exit(payload));
      case Protocol.FRAME_READY -> null;
      default -> throw new IOException("the monitor sent a frame of the unknown type " + type);
    };
  }

  private static Exit exit(ByteBuffer payload) throws IOException {
    if (payload.remaining() != EXIT_BYTES) {
      throw new IOException("the monitor sent an exit frame of " + payload.remaining() + " bytes");
    }
    int code = payload.getInt();
    int signal = payload.getInt();
    boolean isOomKilled = payload.getInt() == 1;
    // the frame has no start time; whoever needs it has it from the start or reads the exit record
    return new Exit(code, signal, isOomKilled, Instant.EPOCH, Instant.ofEpochSecond(0, payload.getLong()));
  }

  /** Makes at least so many bytes available in the buffer. @return false at the end of the connection */
  private boolean fill(int wanted) throws IOException {
    if (in.remaining() >= wanted) {
      return true;
    }
    if (wanted > in.capacity()) {
      in = ByteBuffer.allocateDirect(Protocol.FRAME_HEADER_BYTES + Protocol.FRAME_MAX_BYTES).put(in);
    } else {
      in.compact();
    }
    try {
      while (in.position() < wanted) {
        if (channel.read(in) < 0) {
          return false;
        }
      }
      return true;
    } catch (ClosedChannelException e) { // closed here, by another thread perhaps
      return false;
    } catch (IOException e) {
      if (isClosed || isReset(e)) {
        return false;
      }
      throw e;
    } finally {
      in.flip();
    }
  }

  /** A monitor that was killed looks like one that ended. */
  private static boolean isReset(IOException e) {
    return e.getMessage() != null && e.getMessage().contains("reset by peer");
  }

  @Override
  public void writeInput(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      ByteBuffer part = bytes.slice(bytes.position(), Math.min(bytes.remaining(), Protocol.FRAME_MAX_BYTES));
      int length = part.remaining();
      send(Protocol.FRAME_STDIN, part);
      bytes.position(bytes.position() + length);
    }
  }

  @Override
  public void endInput() throws IOException {
    send(Protocol.FRAME_STDIN_END, ByteBuffer.allocate(0));
  }

  @Override
  public void resize(int rows, int columns) throws IOException {
    send(Protocol.FRAME_RESIZE, ByteBuffer.allocate(4).putShort(0, (short) rows).putShort(2, (short) columns));
  }

  private void send(int type, ByteBuffer payload) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(Protocol.FRAME_HEADER_BYTES).put(0, (byte) type).putInt(4, payload.remaining());
    ByteBuffer[] frame = {header, payload};
    writing.lock();
    try {
      while (header.hasRemaining() || payload.hasRemaining()) {
        channel.write(frame);
      }
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() {
    isClosed = true;
    closeQuietly(channel);
  }
}
