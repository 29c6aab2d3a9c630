package dev.tallyman.engine.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.engine.grpc.Accounts.Share;
import dev.tallyman.engine.http.ClientGoneException;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that read no answers. */
@Timeout(60)
class InvocationTest {
  private static final int PIECE = 100 << 10;

  private final Share share = new Share();

  /** A client's end of calls that takes what it is sent when a test wants it to. */
  private static final class Reader extends ChannelOutboundHandlerAdapter {
    private final ArrayDeque<ChannelPromise> waiting = new ArrayDeque<>();

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
      waiting.add(promise);
    }

    void readAll() {
      while (!waiting.isEmpty()) {
        waiting.remove().setSuccess();
      }
    }
  }

  private Invocation call(Reader reader) {
    return new Invocation(Caller.system(1, ""), share, new DefaultHttp2Headers(), new EmbeddedChannel(reader));
  }

  @Test
  void whatAnAccountDoesNotReadIsBounded() throws ClientGoneException {
    Reader reader = new Reader();
    List<Invocation> calls = new ArrayList<>();
    TallymanException refused = null;
    while (refused == null && calls.size() < 1000) {
      Invocation call = call(reader);
      calls.add(call);
      try {
        call.send(new byte[PIECE]);
      } catch (TallymanException e) {
        refused = e;
      }
    }
    assertEquals(ErrorKind.EXHAUSTED, refused == null ? null : refused.kind());
    assertTrue(calls.size() > 32 && calls.size() < 200, "as many calls as a client makes have room: " + calls.size());

    reader.readAll();

    call(reader).send(new byte[PIECE]);
  }

  @Test
  void oneAnswerMayBeLargerThanAll() throws ClientGoneException {
    Reader reader = new Reader();
    call(reader).send(new byte[64 << 20]);
    assertThrows(TallymanException.class, () -> call(reader).send(new byte[1]));
    reader.readAll();
    call(reader).send(new byte[1]);
  }

  @Test
  void whatIsLostWithItsConnectionCountsNoMore() throws ClientGoneException {
    Reader lost = new Reader();
    for (int i = 0; i < 60; i++) {
      call(lost).send(new byte[PIECE]);
    }
    lost.waiting.forEach(each -> each.tryFailure(new IllegalStateException("closed")));
    Reader reader = new Reader();
    for (int i = 0; i < 60; i++) {
      call(reader).send(new byte[PIECE]);
    }
  }
}
