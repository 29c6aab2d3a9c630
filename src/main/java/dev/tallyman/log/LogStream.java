package dev.tallyman.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** A log as a stream of chunks that waits for its subscriber. The reading runs on a thread of its own and ends when the subscriber leaves. */
final class LogStream implements Flow.Publisher<byte[]> {
  private static final Logger LOG = Logger.getLogger(LogStream.class);

  /** Reads into the sink until the end. */
  interface Reading {
    void into(Logs.LogSink sink) throws IOException;
  }

  private final Executor executor;
  private final Reading reading;

  LogStream(Executor executor, Reading reading) {
    this.executor = executor;
    this.reading = reading;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super byte[]> subscriber) {
    Client client = new Client(subscriber);
    subscriber.onSubscribe(client);
    executor.execute(() -> run(client));
  }

  private void run(Client client) {
    try {
      client.write(false, ByteBuffer.allocate(0)); // sends the head, so that the client of a silent container sees that it is connected
      reading.into(client);
      client.subscriber.onComplete();
    } catch (ClientGoneException e) {
      LOG.debug("the reader of a log left");
    } catch (IOException | RuntimeException e) {
      client.subscriber.onError(e);
    }
  }

  private static final class ClientGoneException extends IOException {
    ClientGoneException() {
      super("the client left");
    }
  }

  private static final class Client implements Flow.Subscription, Logs.LogSink {
    private final Flow.Subscriber<? super byte[]> subscriber;
    private final Semaphore wanted = new Semaphore(0);
    private volatile boolean isGone;

    Client(Flow.Subscriber<? super byte[]> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      int more = (int) Math.min(count, Integer.MAX_VALUE / 2);
      if (wanted.availablePermits() < Integer.MAX_VALUE / 2) {
        wanted.release(more);
      }
    }

    @Override
    public void cancel() {
      isGone = true;
    }

    @Override
    public void write(boolean isError, ByteBuffer bytes) throws IOException {
      try {
        while (!wanted.tryAcquire(100, TimeUnit.MILLISECONDS)) {
          if (isGone) {
            throw new ClientGoneException();
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ClientGoneException();
      }
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      subscriber.onNext(copy);
    }

    @Override
    public void flush() {
      // every chunk is sent when it is written
    }

    @Override
    public boolean isClosed() {
      return isGone;
    }
  }
}
