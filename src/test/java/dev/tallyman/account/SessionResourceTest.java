package dev.tallyman.account;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SessionResourceTest {
  @Inject TestAccounts accounts;
  @Inject AuditTrail audit;

  @Test
  void smoke() {
    accounts.adminToken();
    assertEquals("token.create", audit.list(accounts.admin(), AuditFilter.newest(5)).get(0).action());
    assertEquals(Optional.empty(), audit.verify(accounts.admin()));
  }
}
