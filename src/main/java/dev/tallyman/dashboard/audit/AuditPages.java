package dev.tallyman.dashboard.audit;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.audit.AuditTrail.AuditRow;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;

/** The audit trail, newest first, page by page. */
@Page
@Blocking
@Path("/ui/audit")
public class AuditPages {
  private final AuditTrail trail;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  AuditPages(AuditTrail trail, CurrentCaller caller, Answers answers) {
    this.trail = trail;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list(@BeanParam AuditForm form) {
    // One row more than is shown tells whether there are older ones.
    List<AuditRow> found = trail.list(caller.get(), form.filter(AuditForm.PAGE_ROWS + 1));
    boolean hasOlder = found.size() > AuditForm.PAGE_ROWS;
    List<AuditRow> rows = hasOlder ? found.subList(0, AuditForm.PAGE_ROWS) : found;
    return answers.page(Templates.list(form.show(hasOlder ? rows.get(rows.size() - 1).id() : null), rows));
  }

  @POST
  @Path("verify")
  public Response verify() {
    Optional<String> fault = trail.verify(caller.get());
    AuditTexts texts = answers.texts(AuditTexts.class);
    return fault.map(what -> answers.failed("/ui/audit", texts.broken(what))).orElseGet(() -> answers.done("/ui/audit", texts.whole()));
  }

  @CheckedTemplate(basePath = "audit")
  static class Templates {
    static native TemplateInstance list(AuditForm.Shown form, List<AuditRow> rows);
  }
}
