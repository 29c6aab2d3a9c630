package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.Moment;
import dev.tallyman.container.Containers.ProcessTable;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.dashboard.Shell;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The tabs of one container. */
@Page
@Blocking
@Path("/ui/containers/{id:[0-9a-f]+}")
public class DetailPages {
  private final Containers containers;
  private final Lookup lookup;
  private final CurrentCaller caller;
  private final Shell shell;
  private final Answers answers;

  @Inject
  DetailPages(Containers containers, Lookup lookup, CurrentCaller caller, Shell shell, Answers answers) {
    this.containers = containers;
    this.lookup = lookup;
    this.caller = caller;
    this.shell = shell;
    this.answers = answers;
  }

  @GET
  public TemplateInstance overview(@RestPath String id) {
    return answers.page(Templates.overview(detail(id, "overview")));
  }

  /** The line with state and buttons, asked for again when something happened. */
  @GET
  @Path("head")
  public TemplateInstance head(@RestPath String id) {
    return answers.page(Templates.head(detail(id, "overview")));
  }

  /** What the health check said last, asked for again while the page is open. */
  @GET
  @Path("health")
  public TemplateInstance health(@RestPath String id) {
    return answers.page(Templates.health(lookup.find(caller.get(), id)));
  }

  @GET
  @Path("config")
  public TemplateInstance config(@RestPath String id) {
    return answers.page(Templates.config(detail(id, "config")));
  }

  @GET
  @Path("processes")
  public TemplateInstance processes(@RestPath String id) {
    Detail detail = detail(id, "processes");
    return answers.page(Templates.processes(detail, table(detail.c())));
  }

  @GET
  @Path("processes/table")
  public TemplateInstance processTable(@RestPath String id) {
    return answers.page(Templates.processTable(table(detail(id, "processes").c())));
  }

  @GET
  @Path("history")
  public TemplateInstance history(@RestPath String id) {
    Detail detail = detail(id, "history");
    List<Moment> moments = containers.timeline(caller.get(), detail.c().id());
    return answers.page(Templates.history(detail, moments.stream().sorted((a, b) -> b.at().compareTo(a.at())).toList()));
  }

  private Detail detail(String id, String tab) {
    Container container = lookup.find(caller.get(), id);
    return new Detail(container, Actions.of(container, shell.canChange()), tab);
  }

  /** Null for a container that has no processes now. */
  private @Nullable ProcessTable table(Container container) {
    if (!container.state().isAlive()) {
      return null;
    }
    try {
      return containers.top(caller.get(), container.id(), "-ef");
    } catch (TallymanException e) {
      // It may have ended since it was looked up; the page then says that nothing runs.
      if (e.kind() == ErrorKind.CONFLICT || e.kind() == ErrorKind.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  @CheckedTemplate(basePath = "container")
  static class Templates {
    static native TemplateInstance overview(Detail detail);

    static native TemplateInstance head(Detail detail);

    static native TemplateInstance health(Container c);

    static native TemplateInstance config(Detail detail);

    static native TemplateInstance processes(Detail detail, @Nullable ProcessTable table);

    static native TemplateInstance processTable(@Nullable ProcessTable table);

    static native TemplateInstance history(Detail detail, List<Moment> moments);
  }
}
