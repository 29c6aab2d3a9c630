package dev.tallyman.dashboard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditPagesTest {
  @Inject TestAccounts accounts;
  @Inject AuditTrail trail;

  private Caller admin;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    admin = accounts.caller(Role.ADMINISTRATOR);
    visitor = Visitor.with(accounts.sessionOf(admin));
  }

  @Test
  void saysWhoDidWhatByWhichWayIn() {
    Document page = visitor.page("/ui/audit?account=" + admin.accountName() + "&action=login");

    assertEquals(1, page.select("table.audit tbody tr").size());
    String row = page.selectFirst("table.audit tbody tr").text();
    assertTrue(row.contains("login") && row.contains("done") && row.contains("browser") && row.contains("127.0.0.1"), row);
    assertEquals(admin.accountName(), page.selectFirst("input[name=account]").val());
  }

  @Test
  void turnsPages() {
    for (int i = 0; i < 60; i++) {
      trail.done(admin, "test.page", "object " + i, "<script>alert(1)</script>");
    }

    Document first = visitor.page("/ui/audit?action=test.page&account=" + admin.accountName());
    Document second = visitor.page(first.selectFirst("a[rel=next]").attr("href"));

    assertEquals(50, first.select("table.audit tbody tr").size());
    assertEquals(10, second.select("table.audit tbody tr").size());
    assertNull(second.selectFirst("a[rel=next]"));
    assertTrue(second.text().contains("object 0"));
    assertEquals(0, first.select("main script").size());
  }

  @Test
  void filtersByDayAndLeavesOutNonsense() {
    assertNotNull(visitor.page("/ui/audit?from=2000-01-01&to=2000-01-02").selectFirst(".empty"));
    assertNotNull(visitor.page("/ui/audit?from=yesterday&to=%00&before=-1").selectFirst("table.audit"));
  }

  @Test
  void verifiesTheChain() {
    Document page = visitor.postAndFollow("/ui/audit/verify");

    assertNotNull(page.selectFirst(".notice"));
  }

  @Test
  void offersViewersNoVerification() {
    assertNull(Visitor.with(accounts.session(Role.VIEWER)).page("/ui/audit").selectFirst("form[action$=/verify]"));
  }
}
