package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.dashboard.Shell;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Role;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The tab in which a further command is run in a container. */
@Page
@Blocking
@Path("/ui/containers/{id:[0-9a-f]+}/command")
public class CommandPages {
  private final CommandRunner runner;
  private final Lookup lookup;
  private final CurrentCaller caller;
  private final Shell shell;
  private final Answers answers;

  @Inject
  CommandPages(CommandRunner runner, Lookup lookup, CurrentCaller caller, Shell shell, Answers answers) {
    this.runner = runner;
    this.lookup = lookup;
    this.caller = caller;
    this.shell = shell;
    this.answers = answers;
  }

  @GET
  public TemplateInstance form(@RestPath String id) {
    caller.get().require(Role.MEMBER, "run a command in a container");
    return answers.page(Templates.command(detail(id), "", "", null));
  }

  @POST
  public TemplateInstance run(@RestPath String id, @RestForm @Nullable String command, @RestForm @Nullable String user) {
    String typed = command == null ? "" : command.strip();
    CommandResult result = result(id, typed, user == null ? "" : user.strip());
    if (answers.isPart()) {
      return answers.page(Templates.commandResult(result));
    }
    return answers.page(Templates.command(detail(id), typed, user == null ? "" : user.strip(), result));
  }

  private CommandResult result(String id, String command, String user) {
    try {
      return runner.run(caller.get(), id, command, user);
    } catch (TallymanException e) {
      return CommandResult.refused(command, answers.reason(e));
    }
  }

  private Detail detail(String id) {
    Container container = lookup.find(caller.get(), id);
    return new Detail(container, Actions.of(container, shell.canChange()), "command");
  }

  @CheckedTemplate(basePath = "container")
  static class Templates {
    static native TemplateInstance command(Detail detail, String command, String user, @Nullable CommandResult result);

    static native TemplateInstance commandResult(CommandResult result);
  }
}
