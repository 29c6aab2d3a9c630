package dev.tallyman.engine.session;

import dev.tallyman.build.BuildSecrets;
import dev.tallyman.build.ClientFiles;
import dev.tallyman.distribution.Login;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Asker;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The sessions that are open. A session is its account's: to all others it is not there, whatever they know of its id. */
@Singleton
public class Sessions {
  private static final int MOST = 256;
  private static final int MOST_OF_ONE = 32;
  private static final int LONGEST_ID = 128;

  private final SessionConfig config;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Key, Place> places = new HashMap<>();

  @Inject
  Sessions(SessionConfig config) {
    this.config = config;
  }

  private record Key(Asker asker, String id) {}

  /**
   * Takes a place before the connection is a session's, so that whoever comes second with an id is told.
   *
   * @throws TallymanException INVALID for an id that is none, CONFLICT when it is there, EXHAUSTED when there are too many
   */
  Place claim(Caller caller, String id) {
    if (id.isEmpty() || id.length() > LONGEST_ID || !id.chars().allMatch(each -> each > 0x20 && each < 0x7f)) {
      throw new TallymanException(ErrorKind.INVALID, "the session's id must have 1 to " + LONGEST_ID + " visible characters");
    }
    Place place = new Place(new Key(caller.asker(), id));
    lock.lock();
    try {
      if (places.containsKey(place.key)) {
        throw new TallymanException(ErrorKind.CONFLICT, "session " + id + " already exists");
      }
      long own = places.keySet().stream().filter(each -> each.asker().equals(caller.asker())).count();
      if (places.size() >= MOST || own >= MOST_OF_ONE) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "cannot open a session: as many as are allowed are open; try again later");
      }
      places.put(place.key, place);
      return place;
    } finally {
      lock.unlock();
    }
  }

  /** Of one session: empty from the claim until its connection is one, gone when that ends. */
  final class Place {
    private final Key key;
    private @Nullable SessionConnection connection;

    private Place(Key key) {
      this.key = key;
    }

    /** The session is there once its client answers. */
    void fill(SessionConnection filling) {
      filling.whenGreeted(() -> greet(filling));
      filling.whenClosed(this::free);
    }

    private void greet(SessionConnection greeted) {
      lock.lock();
      try {
        connection = greeted;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void free() {
      lock.lock();
      try {
        places.remove(key, this);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * What the client of a session offers. Clients open it beside their first request, so it is waited for.
   *
   * @throws TallymanException NOT_FOUND when the account has no such session
   */
  public Client client(Caller caller, String id) {
    Key key = new Key(caller.asker(), id);
    long left = config.sessionWait().toNanos();
    lock.lock();
    try {
      while (true) {
        Place place = places.get(key);
        if (place != null && place.connection != null) {
          return new Client(place.connection);
        }
        if (left <= 0) {
          throw new TallymanException(ErrorKind.NOT_FOUND, "no active session for " + id);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TallymanException(ErrorKind.UNAVAILABLE, "interrupted while waiting for a session", e);
    } finally {
      lock.unlock();
    }
  }

  /** The client at the other end of a session. */
  public static final class Client {
    private final SessionConnection connection;

    private Client(SessionConnection connection) {
      this.connection = connection;
    }

    public ClientFiles files() {
      return new DiffCopy(connection);
    }

    /** By domain of a registry. */
    public Function<String, Login> logins() {
      return new SessionLogins(connection);
    }

    public BuildSecrets secrets() {
      return new SessionSecrets(connection);
    }

    /** An archive that the client reads from its standard input. @param host and path of the address that it made up for it */
    public InputStream upload(String host, String path) throws IOException {
      return CallBytes.upload(connection, host, path);
    }

    /** A folder of the client in the layout of OCI. @param id under which it offers it */
    public SessionStore store(String id) {
      return new SessionStore(connection, id);
    }

    /** Takes the files of a result. @param isArchive as one tar, else one by one into a folder */
    public SessionTarget target(boolean isArchive) {
      return new SessionTarget(connection, isArchive);
    }
  }
}
