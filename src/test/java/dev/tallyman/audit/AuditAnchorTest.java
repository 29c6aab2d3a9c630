package dev.tallyman.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.kernel.KernelProbe;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditAnchorTest {
  @Inject TestAccounts accounts;
  @Inject AuditTrail audit;
  @Inject AuditStore store;
  @Inject AuditChain chain;
  @Inject PendingRows pending;
  @Inject DataSource database;

  private final RootLog log = new RootLog();
  private AuditAnchor anchor;

  @BeforeEach
  void makeAnchor() {
    anchor = new AuditAnchor(store, log, pending);
    audit.done(accounts.admin(), "test.anchor", "thing", "");
  }

  @AfterEach
  void forgetTheMismatch() throws SQLException {
    // The report is a row like any other; taken away at the chain's end, so that other tests find a whole chain.
    try (var connection = database.getConnection(); var statement = connection.createStatement()) {
      statement.executeUpdate("delete from audit where id >= (select coalesce(min(id), 9999999) from audit where action = 'audit.anchor')");
    }
    chain.forget();
  }

  @Test
  void copiesTheEndOfTheChainWhenItMoved() {
    anchor.copy();
    anchor.copy();

    Link end = store.head();
    assertEquals(List.of(end.id() + " " + end.hash()), log.lines);
    audit.done(accounts.admin(), "test.anchor", "thing", "");
    assertEquals(Optional.empty(), anchor.fault());
    assertEquals(2, log.lines.size());
  }

  @Test
  void findsAChainThatWasReplacedAsAWhole() {
    log.lines.add(store.head().id() + " " + "ab".repeat(32));

    anchor.copy();

    assertTrue(anchor.fault().orElseThrow().contains("helper's log"));
    assertTrue(store.hasRow(AuditAnchor.ACTION, "failed"), "the finding stays");
  }

  @Test
  void findsAChainThatWasCutAtItsEnd() {
    log.lines.add((store.head().id() + 100) + " " + "ab".repeat(32));

    anchor.copy();

    assertTrue(anchor.fault().isPresent());
  }

  private static final class RootLog implements KernelProbe {
    final List<String> lines = new ArrayList<>();

    @Override
    public Map<String, String> facts() {
      return Map.of();
    }

    @Override
    public Optional<String> obstacle() {
      return Optional.empty();
    }

    @Override
    public Optional<String> anchor(String head) {
      Optional<String> before = lines.isEmpty() ? Optional.empty() : Optional.of(lines.get(lines.size() - 1));
      lines.add(head);
      return before;
    }
  }
}
