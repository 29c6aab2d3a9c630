package dev.tallyman.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.engine.grpc.ProtoWriter;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client that keeps a call alive and sends nothing. */
class CallBytesTest {
  private final GrpcCall call = new GrpcCall();
  private final EmbeddedChannel channel = new EmbeddedChannel(call);
  private long now;

  CallBytesTest() {
    call.open(channel);
  }

  private void message(byte[] bytes) {
    channel.writeInbound(new DefaultHttp2DataFrame(Unpooled.buffer().writeByte(0).writeInt(bytes.length).writeBytes(bytes), false));
  }

  @Test
  void emptyMessagesGainNoTime() throws IOException {
    // Each look at the clock takes a minute.
    CallBytes bytes = new CallBytes(call, 1, () -> now += TimeUnit.MINUTES.toNanos(1));
    message(new byte[0]);
    message(new ProtoWriter().bytes(1, new byte[] {7}).toBytes());
    assertEquals(7, bytes.read());

    for (int i = 0; i < 20; i++) {
      message(new byte[0]);
    }
    message(new ProtoWriter().bytes(1, new byte[] {8}).toBytes());

    String reason = String.valueOf(assertThrows(IOException.class, bytes::read).getMessage());
    assertTrue(reason.contains("no bytes for 300 seconds"), reason);
  }

  @Test
  void blobsHaveTimeByTheirSize() {
    assertEquals(TimeUnit.MINUTES.toNanos(5), SessionStore.mostNanos(1000));
    assertEquals(TimeUnit.MINUTES.toNanos(15), SessionStore.mostNanos(10 << 20));
    assertEquals(TimeUnit.HOURS.toNanos(6), SessionStore.mostNanos(Long.MAX_VALUE));
  }
}
