package dev.tallyman.log.forward;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A stream socket in the file system. */
final class UnixWire implements StreamWire {
  private final SocketChannel channel;

  UnixWire(Path path) throws IOException {
    this.channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  @Override
  public void check() throws IOException {
    channel.configureBlocking(false);
    try {
      if (channel.read(ByteBuffer.allocate(1)) < 0) {
        throw new EOFException("the receiver closed the connection");
      }
    } finally {
      channel.configureBlocking(true);
    }
  }

  @Override
  public InputStream answers(int timeoutMillis) {
    return Channels.newInputStream(channel);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
