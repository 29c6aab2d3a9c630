package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.Window;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The receiving end of a taken connection: a bounded queue between the event loop and the thread that reads. */
final class RawHandler extends ChannelInboundHandlerAdapter {
  private static final int HIGH_BYTES = 1 << 20;
  private static final int LOW_BYTES = HIGH_BYTES / 2;

  private final Window window;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
  private @Nullable Channel channel;
  private int queued;
  private boolean isPaused;
  private boolean isEnded;
  private boolean isDiscarded;
  private boolean closesAtEnd;

  RawHandler(Window window) {
    this.window = window;
  }

  /** On the event loop, outside of a read. */
  void install(Channel taken) {
    channel = taken;
    taken.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    ChannelPipeline pipeline = taken.pipeline();
    pipeline.addBefore("handler", "tallyman-raw", this);
    Takeover.dropHttp(pipeline);
    taken.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    try {
      ByteBuffer copy = ByteBuffer.allocate(bytes.readableBytes());
      bytes.readBytes(copy);
      offer(context, copy.flip());
    } finally {
      ReferenceCountUtil.release(bytes);
    }
  }

  private void offer(ChannelHandlerContext context, ByteBuffer bytes) {
    lock.lock();
    try {
      if (isDiscarded || !bytes.hasRemaining()) {
        return;
      }
      queue.add(bytes);
      queued += bytes.remaining();
      if (queued > HIGH_BYTES && !isPaused) {
        isPaused = true;
        context.channel().config().setAutoRead(false);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
      end();
      if (closesAtEnd) {
        context.close();
      }
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end();
    window.close();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Resets and the like: nothing to tell anybody, the end of the connection follows.
    context.close();
  }

  private void end() {
    lock.lock();
    try {
      isEnded = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Nullable ByteBuffer read() {
    lock.lock();
    try {
      while (queue.isEmpty() && !isEnded && !isDiscarded) {
        changed.awaitUninterruptibly();
      }
      ByteBuffer next = queue.poll();
      if (next != null) {
        queued -= next.remaining();
        resumeIfLow();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void resumeIfLow() {
    Channel taken = channel;
    if (isPaused && queued < LOW_BYTES && taken != null) {
      isPaused = false;
      taken.eventLoop().execute(() -> taken.config().setAutoRead(true));
    }
  }

  /** Nobody reads any more; what comes is thrown away, so that the end of the input is seen. */
  void discardInput() {
    lock.lock();
    try {
      isDiscarded = true;
      queue.clear();
      queued = 0;
      resumeIfLow();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isInputEnded() {
    lock.lock();
    try {
      return isEnded;
    } finally {
      lock.unlock();
    }
  }

  /** On the event loop. */
  void closeAtEndOfInput() {
    closesAtEnd = true;
  }
}
