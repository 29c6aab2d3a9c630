package dev.tallyman.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers at the two sockets of one container until it is closed. */
public final class Resolver implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 65535;
  private static final int TCP_SECONDS = 10;
  /** As many as a container may have open at once; more are closed at once. */
  private static final int MAX_CONNECTIONS = 32;
  /** Questions that others are asked at once for one container. */
  private static final int MAX_FORWARDED = 128;

  private final EventLoopGroup loops;
  private final Directory directory;
  private final Forwarding forwarding;
  private final Channel udp;
  private final Channel tcp;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger forwarded = new AtomicInteger();

  /** Takes the descriptors over. */
  public Resolver(EventLoopGroup loops, int udpFd, int tcpFd, Directory directory, Forwarding forwarding) {
    this.loops = loops;
    this.directory = directory;
    this.forwarding = forwarding;
    udp = new EpollDatagramChannel(udpFd);
    udp.pipeline().addLast(new Datagrams());
    tcp = new EpollServerSocketChannel(tcpFd);
    tcp.pipeline().addLast(new Connections());
    loops.register(udp);
    loops.register(tcp);
  }

  /** Returns when both sockets are closed, since they keep the container's network namespace alive. */
  @Override
  public void close() {
    ChannelFuture first = udp.close();
    tcp.close().awaitUninterruptibly();
    first.awaitUninterruptibly();
  }

  private interface Reply {
    void send(ByteBuf answer);
  }

  /** @param query stays the caller's */
  private void answer(ChannelHandlerContext context, ByteBuf query, boolean isTcp, Reply reply) {
    if (query.readableBytes() < Message.HEADER_BYTES || (query.getUnsignedByte(2) & 0x80) != 0) {
      return; // an answer, or no message at all
    }
    Optional<Question> question = Question.of(query);
    if (question.isEmpty()) {
      reply.send(Message.failure(context.alloc(), query, Message.HEADER_BYTES, Message.NOT_IMPLEMENTED));
      return;
    }
    int limit = isTcp ? MAX_MESSAGE_BYTES : Message.UDP_BYTES;
    Optional<ByteBuf> local = Answering.local(context.alloc(), query, question.get(), directory, limit);
    if (local.isPresent()) {
      reply.send(local.get());
    } else {
      forward(context, query, question.get(), isTcp, reply);
    }
  }

  private void forward(ChannelHandlerContext context, ByteBuf query, Question question, boolean isTcp, Reply reply) {
    if (forwarded.incrementAndGet() > MAX_FORWARDED) {
      forwarded.decrementAndGet();
      reply.send(Message.failure(context.alloc(), query, question.end(), Message.SERVER_FAILURE));
      return;
    }
    ByteBuf kept = query.retainedSlice();
    forwarding.ask(
        context.channel().eventLoop(), directory.upstream(), kept, isTcp,
        answer -> {
          forwarded.decrementAndGet();
          reply.send(answer == null ? Message.failure(context.alloc(), kept, question.end(), Message.SERVER_FAILURE) : answer);
          kept.release();
        });
  }

  private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      answer(context, packet.content(), false, answer -> context.writeAndFlush(new DatagramPacket(answer, packet.sender())));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      // The asker is gone (its port is closed), or its namespace is; the socket goes on until the container ends.
    }
  }

  private final class Connections extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel connection = (Channel) message;
      if (connections.incrementAndGet() > MAX_CONNECTIONS) {
        connection.unsafe().closeForcibly();
        connections.decrementAndGet();
        return;
      }
      connection.closeFuture().addListener(done -> connections.decrementAndGet());
      connection
          .pipeline()
          .addLast(new ReadTimeoutHandler(TCP_SECONDS), new LengthFieldBasedFrameDecoder(MAX_MESSAGE_BYTES + 2, 0, 2, 0, 2), new LengthFieldPrepender(2), new Messages());
      loops.register(connection);
    }
  }

  private final class Messages extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf query) {
      answer(context, query.slice(), true, context::writeAndFlush);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
