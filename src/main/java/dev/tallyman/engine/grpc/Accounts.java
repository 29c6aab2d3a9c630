package dev.tallyman.engine.grpc;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Asker;
import dev.tallyman.identity.Caller;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;

/** What each account may take up: connections, and memory for requests until they are answered and for answers until they are read. */
@Singleton
class Accounts {
  private static final int MOST_CONNECTIONS = 256;
  private static final int MOST_OF_ONE = 32;
  private static final long MOST_BYTES = 4 << 20;
  /** Of answers that are on their way to clients. Who reads has a few kilobytes of them. */
  private static final long MOST_ANSWER_BYTES = 8 << 20;

  private final Map<Asker, Share> shares = new HashMap<>();
  private int connections;

  /** The part of one account. */
  static final class Share {
    private int connections;
    private long bytes;
    private long answerBytes;

    /** @return false when there is no room */
    synchronized boolean take(int count) {
      if (bytes + count > MOST_BYTES) {
        return false;
      }
      bytes += count;
      return true;
    }

    synchronized void give(int count) {
      bytes -= count;
    }

    /** A part of an answer is going to be sent; one may be larger than the limit if it is alone. @throws TallymanException EXHAUSTED when too much is unread */
    synchronized void send(int count) {
      if (answerBytes > 0 && answerBytes + count > MOST_ANSWER_BYTES) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "this account's clients do not read what they asked for; try again when they do");
      }
      answerBytes += count;
    }

    /** It was sent, or nobody is there to take it. */
    synchronized void sent(int count) {
      answerBytes -= count;
    }
  }

  /** One connection more. @throws TallymanException EXHAUSTED when there are too many */
  synchronized Share open(Caller caller) {
    Share share = shares.computeIfAbsent(caller.asker(), each -> new Share());
    if (connections >= MOST_CONNECTIONS || share.connections >= MOST_OF_ONE) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot open a connection for builds: as many as are allowed are open; try again later");
    }
    connections++;
    share.connections++;
    return share;
  }

  synchronized void close(Caller caller) {
    connections--;
    Share share = shares.get(caller.asker());
    if (share != null && --share.connections == 0) {
      shares.remove(caller.asker());
    }
  }
}
