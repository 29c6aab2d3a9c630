package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.ResolverSockets;
import dev.tallyman.kernel.libc.Libc;
import dev.tallyman.kernel.libc.LibcException;
import dev.tallyman.kernel.libc.Packets;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One run of the helper, on a platform thread. Owns the descriptors that travel with the request: they are closed once it has them. The
 * result is complete before the child is collected, so the caller does not wait for its exit.
 */
final class HelperCall implements Runnable {
  private static final Logger LOG = Logger.getLogger(HelperCall.class);
  private static final ThreadLocal<Packets> PACKETS = ThreadLocal.withInitial(() -> new Packets(Protocol.PACKET_MAX_BYTES));
  private static final int SIGKILL = 9;

  final CompletableFuture<Reply> result = new CompletableFuture<>();
  private final SpareHelpers helpers;
  private final Request request;
  private final int[] fds;
  private int socket = -1;
  private boolean isCancelled;
  private boolean isHandedOver;
  private boolean isSilent;

  HelperCall(SpareHelpers helpers, Request request, int... fds) {
    this.helpers = helpers;
    this.request = request;
    this.fds = fds;
  }

  @Override
  public void run() {
    int pid = -1;
    boolean isInTime = true;
    try {
      pid = start();
      isInTime = Libc.awaitReadable(socket, request.verb().deadline().toMillis());
      complete(isInTime ? answer(pid) : late());
    } catch (MalformedReplyException e) {
      result.completeExceptionally(new KernelException(ErrorKind.INTERNAL, "the helper's answer is malformed: " + e.getMessage(), e));
    } catch (LibcException e) {
      result.completeExceptionally(new KernelException(ErrorKind.UNAVAILABLE, "cannot run the helper: " + e.getMessage(), e));
    } catch (RuntimeException | Error e) { // somebody waits for the result, so nothing may be lost here
      result.completeExceptionally(e);
    } finally {
      closeSocket();
      if (pid > 0) {
        if (isInTime && isFollowedByMore(request.verb())) {
          helpers.add();
        }
        collect(pid, isInTime);
      }
    }
  }

  /** Who gave up in the meantime takes no descriptors. */
  private void complete(Reply reply) {
    ResolverSockets sockets = reply.resolver();
    if ((!result.complete(reply) || isCancelled()) && sockets != null) {
      Libc.close(sockets.udp());
      Libc.close(sockets.tcp());
    }
  }

  /** Whose callers mostly have another wish soon. Those that are asked on a schedule are not among them, so that an idle server has no spare helper. */
  private static boolean isFollowedByMore(Verb verb) {
    return verb == Verb.CONTAINER_START || verb == Verb.CONTAINER_EXEC || verb == Verb.CONTAINER_REMOVE;
  }

  /** Hands the request to a helper that waits for one, else to a new one. @return its process */
  private int start() throws LibcException {
    try {
      SpareHelpers.Waiting spare = helpers.take();
      if (spare != null) {
        if (hand(spare)) {
          return spare.pid();
        }
        forget();
        SpareHelpers.discard(spare);
      }
      SpareHelpers.Waiting fresh = helpers.start();
      hand(fresh); // one that refuses before reading has its answer in the socket already
      return fresh.pid();
    } finally {
      for (int fd : fds) {
        Libc.close(fd);
      }
    }
  }

  /** @return false if it has ended, and so did not get the request */
  private boolean hand(SpareHelpers.Waiting helper) throws LibcException {
    open(helper.socket());
    try {
      PACKETS.get().send(helper.socket(), request.packet(), fds);
      return true;
    } catch (LibcException e) {
      if (!e.isBrokenPipe()) {
        throw e;
      }
      return false;
    }
  }

  private Reply answer(int pid) throws LibcException {
    Packets.Packet packet = receive();
    if (packet == null || packet.bytes().length == 0) {
      isSilent = true;
      throw new KernelException(ErrorKind.UNAVAILABLE, isCancelled() ? "the operation was cancelled" : "the helper ended without an answer (process " + pid + ")");
    }
    try {
      Reply reply = Reply.parse(packet.bytes(), request.verb());
      if (packet.fds().length == 2) {
        ResolverSockets sockets = new ResolverSockets(packet.fds()[0], packet.fds()[1]);
        isHandedOver = true;
        return reply.with(sockets);
      }
      return reply;
    } finally {
      if (!isHandedOver) {
        for (int fd : packet.fds()) {
          Libc.close(fd);
        }
      }
    }
  }

  private Packets.@Nullable Packet receive() throws LibcException {
    try {
      return PACKETS.get().receive(socket);
    } catch (LibcException e) {
      if (e.isConnectionReset()) { // it ended before it read the request
        return null;
      }
      throw e;
    }
  }

  private Reply late() {
    throw new KernelException(ErrorKind.UNAVAILABLE, "the helper did not answer " + Words.of(request.verb()) + " within " + request.verb().deadline().toSeconds() + " seconds");
  }

  private synchronized void open(int fd) {
    socket = fd;
    if (isCancelled) {
      Libc.shutdown(fd);
    }
  }

  private synchronized void forget() {
    socket = -1;
  }

  private synchronized void closeSocket() {
    if (socket >= 0) {
      Libc.close(socket);
      socket = -1;
    }
  }

  private synchronized boolean isCancelled() {
    return isCancelled;
  }

  /** Tells the helper to give up, by closing its socket. From any thread. */
  synchronized void cancel() {
    isCancelled = true;
    if (socket >= 0) {
      Libc.shutdown(socket);
    }
  }

  /** Takes the child's exit status. One that hangs is left to a thread of its own, so that the pool stays free. */
  private void collect(int pid, boolean isInTime) {
    if (isInTime && !isCancelled()) {
      int status = waitFor(pid);
      if (isSilent) {
        int signal = status & 0x7f;
        LOG.warnf("the helper (process %d) ended without an answer to %s: %s", pid, Words.of(request.verb()), signal == 0 ? "exit code " + (status >> 8 & 0xff) : "signal " + signal);
      }
      return;
    }
    Libc.kill(pid, SIGKILL); // works only until it has become root; then it gives up at its own deadline
    Thread collector = new Thread(() -> waitFor(pid), "helper-collector-" + pid);
    collector.setDaemon(true);
    collector.start();
  }

  private static int waitFor(int pid) {
    try {
      return Libc.waitFor(pid);
    } catch (LibcException e) {
      throw new IllegalStateException(e); // waitpid on a child of ours can only be interrupted, and that is handled
    }
  }
}
