package dev.tallyman.audit;

import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.audit.AuditTrail.AuditRow;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Audit", description = "Who did what, by which way in")
class AuditResource {
  private final AuditTrail audit;
  private final CurrentCaller caller;

  @Inject
  AuditResource(AuditTrail audit, CurrentCaller caller) {
    this.audit = audit;
    this.caller = caller;
  }

  /** @param next give it as {@code before} to get the page after this one; absent on the last */
  record Page(List<AuditRow> rows, @Nullable Long next) {}

  record Verdict(boolean isIntact, String detail) {}

  @GET
  @Operation(summary = "Rows of the trail, newest first", description = "action may end with * to match a beginning; object matches any part")
  public Page list(
      @QueryParam("account") @Nullable String account,
      @QueryParam("action") @Nullable String action,
      @QueryParam("object") @Nullable String object,
      @QueryParam("way") @Nullable String way,
      @QueryParam("outcome") @Nullable String outcome,
      @QueryParam("since") @Nullable String since,
      @QueryParam("until") @Nullable String until,
      @QueryParam("before") @Nullable String before,
      @QueryParam("limit") @DefaultValue("100") String limit) {
    int wanted = Given.number(limit, "limit", 100);
    AuditFilter filter =
        new AuditFilter(
            account, action, object, way, outcome, Given.instant(since, "since"), Given.instant(until, "until"), Given.id(before, "before"), wanted);
    List<AuditRow> rows = audit.list(caller.get(), filter);
    return new Page(rows, rows.size() < wanted ? null : rows.get(rows.size() - 1).id());
  }

  @GET
  @Path("/verify")
  @Operation(summary = "Checks that no row was changed, removed or put in", description = "For administrators; reads the whole trail")
  public Verdict verify() {
    Optional<String> fault = audit.verify(caller.get());
    return new Verdict(fault.isEmpty(), fault.orElse("every row follows from the one before it"));
  }
}
