package dev.tallyman.dashboard.container;

import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Links;
import dev.tallyman.dashboard.Page;
import dev.tallyman.dashboard.Shell;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The list of containers and its rows, which a live page asks for again when something happened. */
@Page
@Blocking
@Path("/ui/containers")
public class ContainerPages {
  private final Containers containers;
  private final Lookup lookup;
  private final CurrentCaller caller;
  private final Shell shell;
  private final Answers answers;

  @Inject
  ContainerPages(Containers containers, Lookup lookup, CurrentCaller caller, Shell shell, Answers answers) {
    this.containers = containers;
    this.lookup = lookup;
    this.caller = caller;
    this.shell = shell;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list(@RestQuery @Nullable String show, @RestQuery @Nullable String q) {
    return answers.page(Templates.list(find(show, q)));
  }

  @GET
  @Path("rows")
  public TemplateInstance rows(@RestQuery @Nullable String show, @RestQuery @Nullable String q) {
    return answers.page(Templates.rows(find(show, q)));
  }

  /** Its page has the id in the address, which stays when the name changes. */
  @GET
  @Path("{name:[A-Za-z0-9][A-Za-z0-9_.-]*}")
  public Response named(@RestPath String name) {
    return answers.to(Links.HOME + "/" + lookup.find(caller.get(), name).id());
  }

  private ContainerList find(@Nullable String show, @Nullable String query) {
    String shown = ContainerList.show(show);
    return ContainerList.of(shown, query, containers.list(caller.get(), ContainerList.filter(shown)), shell.canChange());
  }

  @CheckedTemplate(basePath = "container")
  static class Templates {
    static native TemplateInstance list(ContainerList list);

    static native TemplateInstance rows(ContainerList list);
  }
}
