package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.index.TeamQuotas;
import dev.tallyman.unit.ByteSize;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** What teams keep in the Index; administrators limit it. */
@Page
@Blocking
@Path("/ui/repositories/quotas")
public class QuotaPages {
  private static final String PATH = "/ui/repositories/quotas";

  private final TeamQuotas quotas;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  QuotaPages(TeamQuotas quotas, CurrentCaller caller, Answers answers) {
    this.quotas = quotas;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list() {
    return answers.page(Templates.quotas(quotas.list(caller.get()).stream().map(QuotaRow::new).toList()));
  }

  /** @param limit empty = none any more */
  @POST
  public Response set(@RestForm @Nullable String team, @RestForm @Nullable String limit) {
    String which = Given.required(team, "team");
    boolean isNone = limit == null || limit.isBlank();
    return answers.attempt(
        PATH,
        () -> {
          quotas.change(caller.get(), which, isNone ? null : Long.valueOf(ByteSize.parse(limit).bytes()));
          IndexTexts texts = answers.texts(IndexTexts.class);
          return isNone ? texts.limitLifted(which) : texts.limitSet(which);
        });
  }

  @CheckedTemplate(basePath = "repository")
  static class Templates {
    static native TemplateInstance quotas(List<QuotaRow> rows);
  }
}
