package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.index.Garbage;
import dev.tallyman.index.Garbage.Figures;
import dev.tallyman.index.Garbage.Wish;
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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** What teams keep in the Index; administrators limit it and collect the garbage. */
@Page
@Blocking
@Path("/ui/repositories/quotas")
public class QuotaPages {
  private static final String PATH = "/ui/repositories/quotas";

  private final TeamQuotas quotas;
  private final Garbage garbage;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  QuotaPages(TeamQuotas quotas, Garbage garbage, CurrentCaller caller, Answers answers) {
    this.quotas = quotas;
    this.garbage = garbage;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list() {
    return page(null, false);
  }

  private TemplateInstance page(@Nullable Figures garbage, boolean untagged) {
    return answers.page(Templates.quotas(quotas.list(caller.get()).stream().map(QuotaRow::new).toList(), garbage, untagged));
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

  /** Tells what would go. */
  @POST
  @Path("garbage/try")
  public Response tryCollecting(@RestForm @Nullable String untagged) {
    try {
      Figures figures = garbage.collect(caller.get(), new Wish(true, untagged != null, null));
      return Response.ok(page(figures, untagged != null).render(), MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).build();
    } catch (TallymanException e) {
      return answers.failed(PATH, answers.reason(e));
    }
  }

  @POST
  @Path("garbage")
  public Response collect(@RestForm @Nullable String untagged) {
    return answers.attempt(
        PATH,
        () -> {
          Figures gone = garbage.collect(caller.get(), new Wish(false, untagged != null, null));
          return answers.texts(IndexTexts.class).collected(gone.manifests(), gone.blobs(), new ByteSize(gone.freedBytes()).toString());
        });
  }

  @CheckedTemplate(basePath = "repository")
  static class Templates {
    static native TemplateInstance quotas(List<QuotaRow> rows, @Nullable Figures garbage, boolean untagged);
  }
}
