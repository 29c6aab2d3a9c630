package dev.tallyman.network.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks other resolvers, one after the other, each in its time. Every question has a socket and a random id of its own, and only an answer from
 * where it was sent, with that id and the same question, is taken: nobody else can slip one in.
 */
public final class Forwarding {
  private static final int MAX_MESSAGE_BYTES = 65535;
  /** Of all containers together; each takes a socket. */
  private static final int MAX_AT_ONCE = 1024;

  private final long timeoutMillis;
  private final SecureRandom random = new SecureRandom();
  private final AtomicInteger atOnce = new AtomicInteger();

  /** @param timeoutMillis for each resolver */
  public Forwarding(long timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  /**
   * @param query stays the caller's, and must stay until the answer
   * @param answer is called once, on the loop; null = nobody answered. It takes the buffer over
   */
  void ask(EventLoop loop, List<InetSocketAddress> servers, ByteBuf query, boolean isTcp, Consumer<@Nullable ByteBuf> answer) {
    if (servers.isEmpty() || atOnce.incrementAndGet() > MAX_AT_ONCE) {
      if (!servers.isEmpty()) {
        atOnce.decrementAndGet();
      }
      answer.accept(null);
      return;
    }
    new Asking(loop, servers, query, isTcp, answer).next();
  }

  private final class Asking {
    private final EventLoop loop;
    private final List<InetSocketAddress> servers;
    private final ByteBuf query;
    private final boolean isTcp;
    private final Consumer<@Nullable ByteBuf> answer;
    private int tried;
    private boolean isOver;

    Asking(EventLoop loop, List<InetSocketAddress> servers, ByteBuf query, boolean isTcp, Consumer<@Nullable ByteBuf> answer) {
      this.loop = loop;
      this.servers = servers;
      this.query = query;
      this.isTcp = isTcp;
      this.answer = answer;
    }

    void next() {
      if (tried == servers.size()) {
        end(null);
        return;
      }
      int id = random.nextInt(1 << 16);
      Attempt attempt = new Attempt(this, id);
      ChannelFuture connecting =
          new Bootstrap()
              .group(loop)
              .channel(isTcp ? EpollSocketChannel.class : EpollDatagramChannel.class)
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeoutMillis)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      if (isTcp) {
                        channel.pipeline().addLast(new LengthFieldBasedFrameDecoder(MAX_MESSAGE_BYTES + 2, 0, 2, 0, 2), new LengthFieldPrepender(2));
                      }
                      channel.pipeline().addLast(attempt);
                    }
                  })
              .connect(servers.get(tried++));
      attempt.channel = connecting.channel();
      loop.schedule(() -> attempt.fail(), timeoutMillis, TimeUnit.MILLISECONDS);
      connecting.addListener(
          done -> {
            if (done.isSuccess()) {
              ByteBuf copy = query.copy();
              copy.setShort(0, id);
              connecting.channel().writeAndFlush(copy);
            } else {
              attempt.fail();
            }
          });
    }

    void end(@Nullable ByteBuf found) {
      if (isOver) {
        if (found != null) {
          found.release();
        }
        return;
      }
      isOver = true;
      atOnce.decrementAndGet();
      answer.accept(found);
    }
  }

  /** One resolver is asked. */
  private static final class Attempt extends SimpleChannelInboundHandler<Object> {
    private final Asking asking;
    private final int id;
    private @Nullable Channel channel;
    private boolean isOver;

    Attempt(Asking asking, int id) {
      this.asking = asking;
      this.id = id;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = message instanceof DatagramPacket packet ? packet.content() : (ByteBuf) message;
      if (!isOver && fits(bytes)) {
        isOver = true;
        ByteBuf answer = bytes.copy();
        answer.setShort(0, asking.query.getUnsignedShort(0));
        context.close();
        asking.end(answer);
      }
    }

    /** An answer to this very question. A resolver may spell the name as it likes. */
    private boolean fits(ByteBuf bytes) {
      if (bytes.readableBytes() < Message.HEADER_BYTES || bytes.getUnsignedShort(bytes.readerIndex()) != id || (bytes.getUnsignedByte(bytes.readerIndex() + 2) & 0x80) == 0) {
        return false;
      }
      ByteBuf asked = bytes.copy();
      try {
        asked.setByte(2, asked.getUnsignedByte(2) & 0x01);
        return Question.of(asked).equals(Question.of(asking.query)) || asked.getUnsignedShort(4) == 0;
      } finally {
        asked.release();
      }
    }

    void fail() {
      if (!isOver) {
        isOver = true;
        if (channel != null) {
          channel.close();
        }
        asking.next();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(); // nobody listens there
    }
  }
}
