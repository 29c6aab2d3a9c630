package dev.tallyman.log.forward;

import java.io.Closeable;
import java.io.IOException;

/** Takes bytes to a receiver. */
interface Wire extends Closeable {
  /** One message, or a part of the stream. */
  void write(byte[] bytes) throws IOException;

  /** @throws IOException if the other side has closed it */
  void check() throws IOException;

  /** Each write is a message of its own. */
  boolean isDatagram();
}
