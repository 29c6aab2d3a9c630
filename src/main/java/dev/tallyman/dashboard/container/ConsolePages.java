package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.dashboard.Shell;
import dev.tallyman.identity.Role;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestPath;

/** The tab with a terminal in a container. Its web socket: dashboard.live. */
@Page
@Blocking
@Path("/ui/containers/{id:[0-9a-f]+}/console")
public class ConsolePages {
  private final Lookup lookup;
  private final CurrentCaller caller;
  private final Shell shell;
  private final Answers answers;

  @Inject
  ConsolePages(Lookup lookup, CurrentCaller caller, Shell shell, Answers answers) {
    this.lookup = lookup;
    this.caller = caller;
    this.shell = shell;
    this.answers = answers;
  }

  @GET
  public TemplateInstance console(@RestPath String id) {
    caller.get().require(Role.MEMBER, "open a console in a container");
    Container container = lookup.find(caller.get(), id);
    return answers.page(Templates.console(new Detail(container, Actions.of(container, shell.canChange()), "console")));
  }

  @CheckedTemplate(basePath = "container")
  static class Templates {
    static native TemplateInstance console(Detail detail);
  }
}
