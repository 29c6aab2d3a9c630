package dev.tallyman.log.forward;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The journal's native protocol (systemd, docs/JOURNAL_NATIVE_PROTOCOL.md): a datagram for each line, with the fields that dockerd sends. */
final class JournalSender implements Sender {
  /** The journal's own limit of a name. */
  private static final int MAX_NAME = 64;
  /** With a line of 16 KiB it is still far below what a socket takes at a time, 208 KiB. */
  private static final int MAX_EXTRA_BYTES = 64 << 10;

  private static final String ERROR = "3";
  private static final String INFORMATION = "6";

  private final Wire wire;
  private final byte[] fields;

  /**
   * @param own fields of every line, named as the journal names them
   * @param extra labels and variables, whose names are made to fit; one that has an own field's name is left out, and so is what is too much
   */
  JournalSender(Wire wire, Map<String, String> own, Map<String, String> extra) {
    this.wire = wire;
    Map<String, String> all = new LinkedHashMap<>(own);
    int room = MAX_EXTRA_BYTES;
    for (Map.Entry<String, String> each : extra.entrySet()) {
      String name = name(each.getKey());
      int size = each.getValue().length() * 3 + MAX_NAME; // as UTF-8 at most
      boolean isReserved = name.startsWith("SYSLOG_") || name.startsWith("CONTAINER_") || List.of("MESSAGE", "PRIORITY").contains(name);
      if (isValid(name) && !isReserved && size <= room && all.putIfAbsent(name, each.getValue()) == null) {
        room -= size;
      }
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    all.forEach((name, value) -> put(written, name, value.getBytes(StandardCharsets.UTF_8)));
    fields = written.toByteArray();
  }

  /** As dockerd makes a field's name of a label's: capitals, digits and underscores, none of these in front. */
  static String name(String label) {
    return label.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_").replaceAll("^_+", "");
  }

  private static boolean isValid(String name) {
    return !name.isEmpty() && name.length() <= MAX_NAME && !Character.isDigit(name.charAt(0));
  }

  @Override
  public void send(List<Line> lines) throws IOException {
    for (Line each : lines) {
      ByteArrayOutputStream entry = new ByteArrayOutputStream(fields.length + each.bytes().length + 128);
      put(entry, "MESSAGE", each.bytes());
      put(entry, "PRIORITY", (each.isError() ? ERROR : INFORMATION).getBytes(StandardCharsets.US_ASCII));
      put(entry, "SYSLOG_TIMESTAMP", each.at().toString().getBytes(StandardCharsets.US_ASCII));
      if (each.isPartial()) {
        put(entry, "CONTAINER_PARTIAL_MESSAGE", "true".getBytes(StandardCharsets.US_ASCII));
      }
      entry.writeBytes(fields);
      wire.write(entry.toByteArray());
    }
  }

  /** A value with a line's end in it has its length in front, so that it cannot be taken for another field. */
  private static void put(ByteArrayOutputStream entry, String name, byte[] value) {
    entry.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    if (hasLineEnd(value)) {
      entry.write('\n');
      entry.writeBytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value.length).array());
    } else {
      entry.write('=');
    }
    entry.writeBytes(value);
    entry.write('\n');
  }

  private static boolean hasLineEnd(byte[] value) {
    for (byte each : value) {
      if (each == '\n') {
        return true;
      }
    }
    return false;
  }

  @Override
  public void check() throws IOException {
    wire.check();
  }

  @Override
  public boolean isSure() {
    return wire.isDatagram();
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
