package dev.tallyman.log;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.LogReceiver;
import dev.tallyman.container.RunListener;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.log.forward.Senders;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** One forwarder for each container with a log driver that forwards, from its start until all it wrote has arrived. */
@Singleton
class Forwarding implements RunListener {
  /** When the inventory is as the kernel is. */
  private static final int AFTER_CONTAINERS = 2500;
  /** Before it: how far it was is known when running containers are found again. */
  private static final int BEFORE_CONTAINERS = 1900;
  /** Forwarders that hold lines in memory at the same time: 32 of about half a MiB. */
  private static final int PERMITS = 32;

  private final Map<String, Forwarder> forwarders = new HashMap<>();
  private final Sandboxes sandboxes;
  private final Provider<Containers> containers;
  private final ForwardPlaces places;
  private final WaitingThreads threads;
  private final Forwarder.Surroundings around;
  private boolean isStopping;

  @Inject
  Forwarding(Sandboxes sandboxes, Provider<Containers> containers, ForwardPlaces places, WaitingThreads threads, LogWatch watches, ForwardTempo tempo, Senders senders) {
    this.sandboxes = sandboxes;
    this.containers = containers;
    this.places = places;
    this.threads = threads;
    this.around = new Forwarder.Surroundings(places, watches, threads, tempo, new Semaphore(PERMITS), senders::open);
  }

  void onLoad(@Observes @Priority(BEFORE_CONTAINERS) StartupEvent start) {
    places.load();
  }

  /** What ended while no server was there, or with lines that had not arrived. */
  void onStart(@Observes @Priority(AFTER_CONTAINERS) StartupEvent start) {
    for (Container each : containers.get().list(Caller.system(0, ""), Containers.ContainerFilter.all())) {
      if (each.startedAt() != null && !each.state().isAlive()) {
        ensure(each, true);
      }
    }
  }

  @Override
  public void began(Container container) {
    ensure(container, false);
  }

  /** Also of one that ended while no server was there to see it begin. */
  @Override
  public void ended(Container container) {
    ensure(container, true);
  }

  /** Under the lock, so that a forwarder which is about to end sees it. */
  @Override
  public synchronized void leaves(Container container) {
    if (container.startedAt() != null) {
      Forwarder forwarder = ensure(container, true);
      if (forwarder != null) {
        forwarder.leave();
      }
    }
    places.forget(container.id());
  }

  /** @return null for containers whose output stays here */
  private synchronized @Nullable Forwarder ensure(Container container, boolean hasEnded) {
    if (!LogReceiver.isForwarder(container.spec().logDriver()) || isStopping) {
      return null;
    }
    Forwarder known = forwarders.get(container.id());
    if (known != null) {
      known.setEnded(hasEnded);
      return known;
    }
    Forwarder made = new Forwarder(container, sandboxes.logs(container.id()), around);
    made.setEnded(hasEnded);
    forwarders.put(container.id(), made);
    threads.execute(() -> run(container.id(), made));
    return made;
  }

  private void run(String container, Forwarder forwarder) {
    try {
      do {
        forwarder.run();
      } while (goesOn(container, forwarder));
    } catch (RuntimeException | Error e) {
      drop(container);
      throw e;
    }
  }

  /** The container may have been started again, or removed, in the moment in which all was done. */
  private synchronized boolean goesOn(String container, Forwarder forwarder) {
    boolean goesOn = forwarder.isWanted() && !isStopping;
    if (!goesOn) {
      forwarders.remove(container);
    }
    return goesOn;
  }

  private synchronized void drop(String container) {
    forwarders.remove(container);
  }

  void onStop(@Observes ShutdownEvent stop) {
    synchronized (this) {
      isStopping = true;
      forwarders.values().forEach(Forwarder::stop);
    }
    places.save();
  }
}
