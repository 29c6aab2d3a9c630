package dev.tallyman.app;

import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.jboss.logging.Logger;

/**
 * Keeps the inventory's file from growing without end. Each commit adds a chunk of what it changed, and what it replaced in older chunks is
 * garbage. H2 collects that in the thread that also writes late commits, which there is none of with {@code WRITE_DELAY=0}. So it is asked to,
 * in small parts: what still lives in mostly dead chunks is written anew with the next commit, and their room is used again after H2's
 * retention time (45 s). The file gets no smaller while the server runs.
 */
@Singleton
class InventoryUpkeep {
  private static final Logger LOG = Logger.getLogger(InventoryUpkeep.class);
  /** A store with a larger part of live pages is left alone. */
  private static final int LEAST_LIVE_PERCENT = 60;
  /** Written at a time, and so about as long as commits wait. Mostly dead chunks of ten times that and more become free by it. */
  private static final int PART_BYTES = 1 << 20;
  private static final int MOST_PARTS = 8;

  private final DataSource database;

  @Inject
  InventoryUpkeep(DataSource database) {
    this.database = database;
  }

  @Scheduled(every = "2s", identity = "inventory-upkeep", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void collect() {
    try (Connection connection = database.getConnection()) {
      SessionLocal session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
      MVStore store = session.getDatabase().getStore().getMvStore();
      int part = 0;
      while (part < MOST_PARTS && store.compact(LEAST_LIVE_PERCENT, PART_BYTES)) {
        store.commit();
        part++;
      }
    } catch (SQLException e) {
      LOG.warnf("the inventory's file was not looked after: %s", e.getMessage());
    }
  }
}
