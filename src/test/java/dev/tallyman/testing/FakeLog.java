package dev.tallyman.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/** Writes log files exactly as the monitor does (format: tallyman_protocol.h), rotation included. */
public final class FakeLog {
  private final Path folder;
  private final long maxBytes;
  private final int files;
  private long size;

  public FakeLog(Path folder, long maxBytes, int files) {
    this.folder = folder;
    this.maxBytes = maxBytes <= 0 ? Long.MAX_VALUE : maxBytes;
    this.files = Math.max(1, files);
    try {
      Files.createDirectories(folder);
      Path log = folder.resolve("log");
      size = Files.exists(log) ? Files.size(log) : 0;
      if (size == 0) {
        Files.write(log, new byte[0]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public synchronized void write(Instant at, boolean isError, byte[] payload) {
    ByteBuffer buffer = ByteBuffer.allocate(16 + payload.length);
    buffer.putLong(at.getEpochSecond() * 1_000_000_000L + at.getNano()).put((byte) (isError ? 2 : 1)).put(new byte[3]).putInt(payload.length).put(payload).flip();
    try {
      if (size > 0 && size + buffer.remaining() > maxBytes) {
        rotate();
      }
      size += buffer.remaining();
      try (FileChannel out = FileChannel.open(folder.resolve("log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void rotate() throws IOException {
    int oldest = 0;
    while (oldest < files - 2 && Files.exists(folder.resolve("log." + (oldest + 1)))) {
      oldest++;
    }
    for (int i = oldest; i >= 0 && files > 1; i--) {
      Path from = folder.resolve(i == 0 ? "log" : "log." + i);
      if (Files.exists(from)) {
        Files.move(from, folder.resolve("log." + (i + 1)), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    if (files == 1) {
      Files.deleteIfExists(folder.resolve("log"));
    }
    size = 0;
  }
}
