package dev.tallyman.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2WindowUpdateFrame;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A client that sends while nobody takes what it sends. */
class GrpcCallTest {
  private static final int MEBIBYTE = 1 << 20;

  private final GrpcCall call = new GrpcCall();
  private final EmbeddedChannel channel = new EmbeddedChannel(call);
  private long sent;

  GrpcCallTest() {
    call.open(channel);
  }

  private void data(ByteBuf bytes, int padding) {
    sent += bytes.readableBytes() + padding;
    channel.writeInbound(new DefaultHttp2DataFrame(bytes, false, padding));
  }

  private void message(int length) {
    data(Unpooled.buffer().writeByte(0).writeInt(length).writeZero(length), 0);
  }

  /** How much more the client may send by now. */
  private long given() {
    channel.runPendingTasks();
    long sum = 0;
    for (Object each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      sum += ((Http2WindowUpdateFrame) each).windowSizeIncrement();
    }
    return sum;
  }

  @Test
  void framesNeverWaitAsTheyCame() {
    message(MEBIBYTE);
    assertEquals(sent, given());
    message(1);

    // A frame of one byte that waits takes a hundred; put together they take what they bring.
    for (int i = 0; i < 1000; i++) {
      data(Unpooled.buffer().writeByte(0), 0);
    }

    assertTrue(channel.config().isAutoRead());
    assertEquals(0, given(), "the client's window closes");
  }

  @Test
  void theWindowOpensWhenMessagesAreTaken() throws IOException {
    for (int i = 0; i < 5; i++) {
      message(MEBIBYTE);
    }
    data(Unpooled.buffer().writeByte(0), 255);
    long before = given();
    assertEquals(MEBIBYTE + 5, before);

    for (int i = 0; i < 4; i++) {
      call.receive(1);
      assertEquals(0, given());
    }
    call.receive(1);

    assertEquals(sent, before + given());
  }

  @Test
  void emptyMessagesCloseItToo() {
    for (int i = 0; i < 100_000; i++) {
      message(0);
    }
    assertTrue(given() < sent / 4);
  }
}
