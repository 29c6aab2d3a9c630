package dev.tallyman.log.forward;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Syslog by UDP (RFC 5426), TCP and unix streams (RFC 6587, a line each) and TLS (RFC 5425, with lengths for the formats of RFC 5424). */
final class SyslogSender implements Sender {
  private final Wire wire;
  private final SyslogFormat format;
  private final boolean hasLengths;

  SyslogSender(Wire wire, SyslogFormat format, boolean hasLengths) {
    this.wire = wire;
    this.format = format;
    this.hasLengths = hasLengths;
  }

  @Override
  public void send(List<Line> lines) throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (Line each : lines) {
      byte[] message = (format.message(each) + "\n").getBytes(StandardCharsets.UTF_8);
      if (wire.isDatagram()) {
        wire.write(message);
      } else {
        if (hasLengths) {
          stream.writeBytes((message.length + " ").getBytes(StandardCharsets.US_ASCII));
        }
        stream.writeBytes(message);
      }
    }
    if (stream.size() > 0) {
      wire.write(stream.toByteArray());
    }
  }

  @Override
  public void check() throws IOException {
    wire.check();
  }

  @Override
  public boolean isSure() {
    return wire.isDatagram(); // it will never be known better
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
