package dev.tallyman.index;

import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/repositories/rules")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Repositories")
class RuleResource {
  private final RepositoryRules rules;
  private final CurrentCaller caller;

  @Inject
  RuleResource(RepositoryRules rules, CurrentCaller caller) {
    this.rules = rules;
    this.caller = caller;
  }

  /** @param name of the repository; @param immutableTags names of tags, * stands for any text; an empty list takes the rule away; @param retention likewise with nothing in it */
  record Change(@Nullable String name, @Nullable List<String> immutableTags, @Nullable RetentionRule retention) {}

  /** @param retention absent = every tag stays */
  record Shown(String name, List<String> immutableTags, @Nullable RetentionRule retention) {}

  @GET
  @Operation(summary = "The rules of a repository", description = "immutableTags: once there, they are neither moved nor deleted. retention: a tag that none of its conditions keeps goes, every day or by POST /api/v1/repositories/retention")
  public Shown get(@QueryParam("name") @Nullable String name) {
    String repository = Address.requireName(Given.required(name, "name"));
    return shown(repository, rules.laid(caller.get(), repository));
  }

  @PATCH
  @Operation(summary = "Changes the rules of a repository", description = "Members of its team only; what is absent stays. immutableTags, keepTags: names of tags, * for any text. An empty list, or a retention with nothing in it, takes the rule away")
  public Shown change(@Nullable Change given) {
    var who = caller.get();
    Change change = Given.body(given);
    String name = Address.requireName(Given.required(change.name(), "name"));
    if (change.immutableTags() == null && change.retention() == null) {
      throw IndexException.invalid("UNSUPPORTED", "cannot change the rules of " + name + ": give immutableTags or retention");
    }
    return shown(name, rules.lay(who, name, change.immutableTags(), change.retention()));
  }

  private static Shown shown(String name, RepositoryRules.Laid laid) {
    return new Shown(name, laid.immutableTags(), laid.retention());
  }
}
