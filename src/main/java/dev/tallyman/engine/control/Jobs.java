package dev.tallyman.engine.control;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.engine.grpc.Invocation;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Asker;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The jobs that there are. A job is its account's: to all others it is not there, whatever they know of its ref. */
@Singleton
class Jobs {
  private static final int MOST_OF_ONE = 32;
  /** Whoever watches a job asks for it beside the job itself, and may come late. */
  private static final Duration AFTERLIFE = Duration.ofSeconds(10);

  private final WaitingThreads threads;
  private final Duration wait;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Key, Job> open = new HashMap<>();

  private record Key(Asker asker, String ref) {}

  /** @param wait for a job that is asked for: clients open it at the same time */
  @Inject
  Jobs(WaitingThreads threads, @ConfigProperty(name = "tallyman.engine.session-wait", defaultValue = "20s") Duration wait) {
    this.threads = threads;
    this.wait = wait;
  }

  /** @param session of the client. @throws TallymanException ALREADY_EXISTS, or EXHAUSTED when the account has too many */
  Job open(Caller caller, String ref, String session) {
    Key key = new Key(caller.asker(), ref);
    lock.lock();
    try {
      if (open.containsKey(key)) {
        throw new TallymanException(ErrorKind.ALREADY_EXISTS, "there is a build " + ref + " already");
      }
      if (open.keySet().stream().filter(each -> each.asker().equals(caller.asker())).count() >= MOST_OF_ONE) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "cannot build: as many builds as are allowed run already; try again later");
      }
      Job job = new Job(wait, session);
      open.put(key, job);
      changed.signalAll();
      return job;
    } finally {
      lock.unlock();
    }
  }

  /** The account's job of that ref; absent: there is none by now. */
  @Nullable Job peek(Caller caller, String ref) {
    lock.lock();
    try {
      return open.get(new Key(caller.asker(), ref));
    } finally {
      lock.unlock();
    }
  }

  /** The account's job of that ref; it is waited for. @throws TallymanException NOT_FOUND */
  Job find(Invocation call, String ref) {
    Key key = new Key(call.caller().asker(), ref);
    call.window().whenClosed(this::wake);
    long left = wait.toNanos();
    lock.lock();
    try {
      while (!open.containsKey(key)) {
        if (left <= 0 || call.window().isClosed()) {
          throw new TallymanException(ErrorKind.NOT_FOUND, "there is no build " + ref);
        }
        left = changed.awaitNanos(left);
      }
      return open.get(key);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TallymanException(ErrorKind.UNAVAILABLE, "interrupted while waiting for a build", e);
    } finally {
      lock.unlock();
    }
  }

  /** A result of one of the caller's jobs that is there. @throws TallymanException NOT_FOUND */
  Result result(Caller caller, ResultReference reference) {
    Job job;
    lock.lock();
    try {
      job = open.get(new Key(caller.asker(), reference.job()));
    } finally {
      lock.unlock();
    }
    Result result = job == null ? null : job.result(reference.id());
    if (result == null) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "the target that this build stands on is not being built");
    }
    return result;
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** It has ended; whoever watches it may still come, unless the client is gone. */
  void end(Invocation call, String ref, Job job) {
    job.end();
    Key key = new Key(call.caller().asker(), ref);
    if (call.window().isClosed()) {
      remove(key, job);
    } else {
      threads.after(AFTERLIFE, () -> remove(key, job));
    }
  }

  /** Whoever watched it does so no more. */
  void watched(Caller caller, String ref, Job job) {
    if (job.queue.isEnded()) {
      remove(new Key(caller.asker(), ref), job);
    }
  }

  private void remove(Key key, Job job) {
    lock.lock();
    try {
      open.remove(key, job);
    } finally {
      lock.unlock();
    }
  }
}
