package dev.tallyman.container;

import dev.tallyman.container.Cell.EarlyAttachment;
import dev.tallyman.container.Containers.Attachment;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** Joins clients to the streams of containers, also before these have any. */
@Singleton
class Attaching {
  private final Sandboxes sandboxes;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final WaitingThreads threads;

  @Inject
  Attaching(Sandboxes sandboxes, Ledger ledger, ContainerEvents events, WaitingThreads threads) {
    this.sandboxes = sandboxes;
    this.ledger = ledger;
    this.events = events;
    this.threads = threads;
  }

  Attachment attach(Caller caller, Cell cell, boolean wantsInput, boolean wantsOutput) {
    return cell.locked(
        () -> {
          Facts facts = cell.facts();
          CompletableFuture<MonitorConnection> connection = new CompletableFuture<>();
          switch (facts.state()) {
            case RUNNING -> connection.complete(connect(cell, wantsInput, wantsOutput));
            case CREATED, EXITED -> {
              EarlyAttachment early = new EarlyAttachment(wantsInput, wantsOutput, connection);
              cell.attachments.add(early);
            }
            case PAUSED -> throw Refusal.conflict("container " + facts.id() + " is paused, unpause the container before attach");
            case RESTARTING -> throw Refusal.conflict("container " + facts.id() + " is restarting, wait until the container is running");
            case REMOVING, REMOVED -> throw Refusal.absent(facts.id());
          }
          try {
            ledger.note(caller, facts, "attach", wantsInput ? "with input" : "output only");
          } catch (RuntimeException e) {
            cell.attachments.removeIf(each -> each.connection() == connection);
            connection.thenAccept(MonitorConnection::close);
            throw e;
          }
          events.publish(caller, facts, "attach");
          return new Attachment(cell.shown(), connection);
        });
  }

  private MonitorConnection connect(Cell cell, boolean wantsInput, boolean wantsOutput) {
    Future<?> recorded = cell.run == null ? CompletableFuture.completedFuture(null) : cell.run.recorded();
    MonitorConnection connection = new AttachedConnection(sandboxes.connect(cell.id), recorded);
    try {
      connection.subscribe(wantsOutput, wantsInput);
      return connection;
    } catch (IOException e) {
      connection.close();
      throw new TallymanException(ErrorKind.CONFLICT, "cannot attach to container " + cell.facts().name() + ": it has just ended", e);
    }
  }

  /** Those whose clients went away before the start. */
  void dropAbandoned(Cell cell) {
    cell.attachments.removeIf(each -> each.connection().isDone());
  }

  /** After the start; the container's output waits for the first of them. Under the cell's lock. */
  void connectAll(Cell cell) {
    for (EarlyAttachment early : take(cell)) {
      try {
        MonitorConnection connection = connect(cell, early.wantsInput(), early.wantsOutput());
        if (!early.connection().complete(connection)) {
          connection.close();
        }
      } catch (RuntimeException e) {
        early.connection().completeExceptionally(e);
      }
    }
  }

  void failAll(Cell cell, RuntimeException why) {
    for (EarlyAttachment early : take(cell)) {
      threads.execute(() -> early.connection().completeExceptionally(why));
    }
  }

  private static List<EarlyAttachment> take(Cell cell) {
    List<EarlyAttachment> taken = List.copyOf(cell.attachments);
    cell.attachments.clear();
    return taken;
  }
}
