package dev.tallyman.engine.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Caller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** Streams of clients, with the threads in the hands of the test. */
class IncomingCallTest {
  private static final String TUNNEL = "/test/Tunnel";
  private static final int INVALID = 3;
  private static final int EXHAUSTED = 8;
  private static final int INTERNAL = 13;

  private final GrpcTable table = new GrpcTable();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final StringBuilder seen = new StringBuilder();
  private Channel taken;
  private Invocation opened;

  IncomingCallTest() {
    table.tunnel(TUNNEL, call -> {
      opened = call;
      return channel -> {
        taken = channel;
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext context, Object message) {
            seen.append(((ByteBuf) message).toString(StandardCharsets.US_ASCII));
          }
        });
      };
    });
  }

  private EmbeddedChannel stream() {
    return new EmbeddedChannel(new IncomingCall(new Dispatcher(table, tasks::add), Caller.system(1, ""), new Accounts.Share()));
  }

  private static void begin(EmbeddedChannel stream, String path) {
    stream.writeInbound(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().method("POST").path(path).set("content-type", "application/grpc")));
  }

  private static void data(EmbeddedChannel stream, String bytes, boolean isEnd) {
    byte[] message = new ProtoWriter().bytes(1, bytes.getBytes(StandardCharsets.US_ASCII)).toBytes();
    stream.writeInbound(new DefaultHttp2DataFrame(Unpooled.buffer().writeByte(0).writeInt(message.length).writeBytes(message), isEnd));
  }

  private void runAll(EmbeddedChannel stream) {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    stream.runPendingTasks();
  }

  private static String status(EmbeddedChannel stream) {
    String status = null;
    for (Object each = stream.readOutbound(); each != null; each = stream.readOutbound()) {
      CharSequence code = each instanceof Http2HeadersFrame head ? head.headers().get("grpc-status") : null;
      status = code == null ? status : code.toString();
    }
    return status;
  }

  @Test
  void whatComesWhileATunnelIsOpenedIsItsBeginning() {
    EmbeddedChannel stream = stream();
    begin(stream, TUNNEL);
    for (int i = 0; i < 10; i++) {
      data(stream, "early ", false);
    }
    assertTrue(stream.config().isAutoRead(), "frames never wait as they came");

    runAll(stream);
    data(stream, "late", false);

    assertNotNull(taken);
    assertEquals("early ".repeat(10) + "late", seen.toString());
  }

  @Test
  void andIsNoMoreThanAClientSaysUnasked() {
    EmbeddedChannel stream = stream();
    begin(stream, TUNNEL);
    for (int i = 0; i < 200 && stream.isActive(); i++) {
      data(stream, "x".repeat(1024), false);
    }
    runAll(stream);

    assertNull(taken);
    assertEquals(Integer.toString(EXHAUSTED), status(stream));
    assertTrue(opened.window().isClosed());
  }

  @Test
  void aTunnelOfAClientThatHasGoneIsNotOpened() {
    EmbeddedChannel stream = stream();
    begin(stream, TUNNEL);
    data(stream, "early", false);
    stream.close();

    runAll(stream);
    stream.checkException();

    assertNull(taken);
    assertTrue(opened.window().isClosed(), "whoever opened it learns of the end");
  }

  @Test
  void aTunnelThatIsTakenLearnsOfItsEnd() {
    EmbeddedChannel stream = stream();
    begin(stream, TUNNEL);
    runAll(stream);
    assertFalse(opened.window().isClosed());

    stream.close();

    assertTrue(opened.window().isClosed());
  }

  private String statusOf(GrpcMethod method) {
    table.add("/test/Method", method);
    EmbeddedChannel stream = stream();
    begin(stream, "/test/Method");
    data(stream, "x", true);
    runAll(stream);
    return status(stream);
  }

  @Test
  void onlyADamagedMessageIsTheClientsFault() {
    assertEquals(Integer.toString(INVALID), statusOf((call, request) -> {
      request.next();
      request.number();
    }));
  }

  @Test
  void aFailureOfTheServersOwnIsNot() {
    assertEquals(Integer.toString(INTERNAL), statusOf((call, request) -> {
      throw new IOException("no room on the disk");
    }));
  }

  @Test
  void norIsOneThatWasWrapped() {
    assertEquals(Integer.toString(INTERNAL), statusOf((call, request) -> {
      throw new UncheckedIOException(new IOException("no room on the disk"));
    }));
  }
}
