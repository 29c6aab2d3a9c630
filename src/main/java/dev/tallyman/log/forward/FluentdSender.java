package dev.tallyman.log.forward;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/** Fluentd's forward protocol, version 1, mode Forward; waits for the receiver's word that the lines are its own now. */
final class FluentdSender implements Sender {
  private static final byte EVENT_TIME = 0;
  private static final int MAX_WORDS = 8;

  private final StreamWire wire;
  private final Terms terms;
  private final MessageUnpacker answers;

  /**
   * @param record what each record has beside the line, its source and its being a part
   * @param isPrecise times in nanoseconds instead of seconds
   * @param isAcknowledged wait for the receiver's word
   */
  record Terms(String tag, Map<String, String> record, boolean isPrecise, boolean isAcknowledged) {}

  FluentdSender(StreamWire wire, Terms terms, int answerMillis) throws IOException {
    this.wire = wire;
    this.terms = terms;
    this.answers = MessagePack.newDefaultUnpacker(wire.answers(answerMillis));
  }

  @Override
  public void send(List<Line> lines) throws IOException {
    String chunk = UUID.randomUUID().toString();
    MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
    packer.packArrayHeader(3).packString(terms.tag()).packArrayHeader(lines.size());
    for (Line each : lines) {
      pack(packer, each);
    }
    if (terms.isAcknowledged()) {
      packer.packMapHeader(1).packString("chunk").packString(chunk);
    } else {
      packer.packMapHeader(0);
    }
    wire.write(packer.toByteArray());
    if (terms.isAcknowledged()) {
      awaitAnswer(chunk);
    }
  }

  private void pack(MessageBufferPacker packer, Line line) throws IOException {
    long seconds = Math.floorDiv(line.timeNanos(), 1_000_000_000L);
    packer.packArrayHeader(2);
    if (terms.isPrecise()) {
      int nanos = (int) Math.floorMod(line.timeNanos(), 1_000_000_000L);
      packer.packExtensionTypeHeader(EVENT_TIME, 8).writePayload(ByteBuffer.allocate(8).putInt((int) seconds).putInt(nanos).array());
    } else {
      packer.packLong(seconds);
    }
    packer.packMapHeader(terms.record().size() + (line.isPartial() ? 3 : 2));
    for (Map.Entry<String, String> each : terms.record().entrySet()) {
      packer.packString(each.getKey()).packString(each.getValue());
    }
    packer.packString("source").packString(line.isError() ? "stderr" : "stdout").packString("log").packString(line.text());
    if (line.isPartial()) {
      packer.packString("partial_message").packString("true");
    }
  }

  private void awaitAnswer(String chunk) throws IOException {
    try {
      int words = answers.unpackMapHeader();
      String acknowledged = "";
      for (int i = 0; i < Math.min(words, MAX_WORDS); i++) {
        String name = answers.unpackString();
        String value = answers.unpackString();
        acknowledged = name.equals("ack") ? value : acknowledged;
      }
      if (words > MAX_WORDS || !acknowledged.equals(chunk)) {
        throw new IOException("the receiver acknowledged something else than what was sent");
      }
    } catch (MessagePackException e) {
      throw new IOException("the receiver's answer is no acknowledgement: " + e.getMessage(), e);
    }
  }

  /** Would take bytes away from the next answer; where the receiver has to acknowledge, that shows whether it is there. */
  @Override
  public void check() throws IOException {
    if (!terms.isAcknowledged()) {
      wire.check();
    }
  }

  @Override
  public boolean isSure() {
    return terms.isAcknowledged();
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
