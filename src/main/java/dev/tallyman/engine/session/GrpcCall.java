package dev.tallyman.engine.session;

import dev.tallyman.engine.grpc.ProtoWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One call of gRPC that this server makes over a session: messages in both directions until the client's status. Receiving slowly slows the
 * client down: its window opens as messages are taken. Frames never wait as they came, as a byte in a frame of its own takes a hundred. One thread
 * sends and receives.
 */
final class GrpcCall extends ChannelInboundHandlerAdapter implements AutoCloseable {
  private static final int MOST_BYTES = 4 << 20;
  /** Room for a message is made as its bytes come, not as they are announced. */
  private static final int FIRST_BYTES = 16 << 10;
  private static final int HIGH_BYTES = 1 << 20;
  private static final int LOW_BYTES = HIGH_BYTES / 2;
  private static final int MOST_MESSAGES = HIGH_BYTES / 64;
  private static final byte[] EMPTY = new byte[0];
  private static final int PREFIX_BYTES = 5;
  private static final int LONGEST_REASON = 1000;
  private static final int MOST_DIGITS = 5;
  private static final int SEND_SECONDS = 300;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
  private int queued;
  /** What the client may not send yet, although as much of it was read. */
  private int withheld;
  private boolean isEnded;
  private @Nullable String failure;
  private int status = -1;
  private @Nullable Channel stream;
  private byte[] part = new byte[PREFIX_BYTES];
  private int wanted = PREFIX_BYTES;
  private int filled;
  private boolean isPrefix = true;

  void open(Channel opened) {
    lock.lock();
    try {
      stream = opened;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits while the client takes less than it is sent. */
  void send(ProtoWriter message) throws IOException {
    byte[] bytes = message.toBytes();
    Channel to = stream;
    if (to == null || !to.isActive()) {
      throw gone();
    }
    ByteBuf frame = to.alloc().buffer(PREFIX_BYTES + bytes.length);
    frame.writeByte(0).writeInt(bytes.length).writeBytes(bytes);
    ChannelFuture sent = to.writeAndFlush(new DefaultHttp2DataFrame(frame, false));
    if (!to.isWritable()) {
      await(sent);
    }
  }

  private static void await(ChannelFuture sent) throws IOException {
    try {
      if (!sent.await(SEND_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the client has taken nothing for " + SEND_SECONDS + " seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while sending to the client", e);
    }
    if (!sent.isSuccess()) {
      throw gone();
    }
  }

  /** No message follows. */
  void endOfMessages() {
    Channel to = stream;
    if (to != null) {
      to.writeAndFlush(new DefaultHttp2DataFrame(true));
    }
  }

  /**
   * The next message; absent when the client ended the call well.
   *
   * @throws IOException when it ended with an error, when the connection broke, or when nothing came for that long
   */
  byte @Nullable [] receive(long seconds) throws IOException {
    long left = TimeUnit.SECONDS.toNanos(seconds);
    lock.lock();
    try {
      while (messages.isEmpty() && !isEnded) {
        if (left <= 0) {
          throw new IOException("the client has not answered for " + seconds + " seconds");
        }
        left = changed.awaitNanos(left);
      }
      byte[] next = messages.poll();
      if (next == null) {
        if (failure != null) {
          throw new GrpcException(status, failure);
        }
        return null;
      }
      queued -= next.length;
      if (isRoomAgain()) {
        open(0);
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the client", e);
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull() {
    // An empty message costs memory, too.
    return queued > HIGH_BYTES || messages.size() > MOST_MESSAGES;
  }

  private boolean isRoomAgain() {
    return withheld > 0 && queued < LOW_BYTES && messages.size() < MOST_MESSAGES / 2;
  }

  /** With the lock. @param read now */
  private void open(int read) {
    int given = withheld + read;
    Channel from = stream;
    if (given > 0 && from != null) {
      withheld = 0;
      from.writeAndFlush(new DefaultHttp2WindowUpdateFrame(given));
    }
  }

  private void opened(int read) {
    lock.lock();
    try {
      if (isEnded || !isFull() && withheld == 0) {
        open(read);
      } else {
        withheld += read;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof Http2DataFrame data) {
        take(context, data.content());
        opened(data.initialFlowControlledBytes());
        if (data.isEndStream()) {
          end("the client ended the call without a status");
        }
      } else if (message instanceof Http2HeadersFrame head) {
        takeHead(head);
      } else if (message instanceof Http2ResetFrame) {
        end("the client broke the call off");
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void takeHead(Http2HeadersFrame head) {
    Http2Headers headers = head.headers();
    CharSequence http = headers.status();
    if (http != null && !http.toString().equals("200")) {
      end("the client answered with HTTP status " + http);
      return;
    }
    if (head.isEndStream()) {
      CharSequence code = headers.get("grpc-status");
      CharSequence reason = headers.get("grpc-message");
      String told = reason == null || reason.length() == 0 ? "the client ended the call with status " + code : reason(reason.toString());
      if (code != null && code.length() > 0 && code.length() <= MOST_DIGITS && code.chars().allMatch(Character::isDigit)) {
        status = Integer.parseInt(code.toString());
      }
      end(status == 0 ? null : told);
    }
  }

  private static String reason(String written) {
    String cut = written.length() > LONGEST_REASON ? written.substring(0, LONGEST_REASON) : written;
    try {
      return QueryStringDecoder.decodeComponent(cut.replace("+", "%2B"));
    } catch (IllegalArgumentException e) {
      return cut;
    }
  }

  /** Cuts the stream into messages: a byte for their compression, four for their length, then the message. */
  private void take(ChannelHandlerContext context, ByteBuf bytes) {
    while (bytes.isReadable()) {
      if (filled == part.length) {
        part = Arrays.copyOf(part, Math.min(wanted, 2 * part.length));
      }
      int count = Math.min(bytes.readableBytes(), part.length - filled);
      bytes.readBytes(part, filled, count);
      filled += count;
      if (filled < wanted) {
        continue;
      }
      if (!isPrefix) {
        add(part);
        next(PREFIX_BYTES, true);
        continue;
      }
      long length = (part[1] & 0xffL) << 24 | (part[2] & 0xff) << 16 | (part[3] & 0xff) << 8 | part[4] & 0xff;
      if (part[0] != 0 || length > MOST_BYTES) {
        end(part[0] != 0 ? "the client sent a compressed message" : "the client sent a message of more than " + MOST_BYTES + " bytes");
        reset(context.channel());
        return;
      }
      if (length == 0) {
        add(EMPTY);
        next(PREFIX_BYTES, true);
      } else {
        next((int) length, false);
      }
    }
  }

  private void next(int length, boolean prefix) {
    part = new byte[Math.min(length, FIRST_BYTES)];
    wanted = length;
    filled = 0;
    isPrefix = prefix;
  }

  private void add(byte[] message) {
    lock.lock();
    try {
      if (isEnded) {
        return;
      }
      messages.add(message);
      queued += message.length;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(gone().getMessage());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end("the connection to the client broke: " + cause.getMessage());
    context.close();
  }

  /** The first end counts. @param reason absent: all is well */
  void end(@Nullable String reason) {
    lock.lock();
    try {
      if (!isEnded) {
        isEnded = true;
        failure = reason;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private static IOException gone() {
    return new IOException("the client is gone");
  }

  private static void reset(Channel channel) {
    channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL)).addListener(done -> channel.close());
  }

  /** Breaks off what has not ended. */
  @Override
  public void close() {
    boolean isOpen;
    lock.lock();
    try {
      isOpen = !isEnded;
    } finally {
      lock.unlock();
    }
    Channel channel = stream;
    if (isOpen) {
      end("the call was broken off");
      if (channel != null) {
        reset(channel);
      }
    } else if (channel != null && channel.isActive()) {
      channel.close();
    }
  }
}
