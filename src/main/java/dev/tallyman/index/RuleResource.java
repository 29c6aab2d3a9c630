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
  private final RuleService rules;
  private final CurrentCaller caller;

  @Inject
  RuleResource(RuleService rules, CurrentCaller caller) {
    this.rules = rules;
    this.caller = caller;
  }

  /** @param name of the repository; @param immutableTags names of tags, * stands for any text; an empty list takes the rule away */
  record Change(@Nullable String name, @Nullable List<String> immutableTags) {}

  record Shown(String name, List<String> immutableTags) {}

  @GET
  @Operation(summary = "The rules of a repository", description = "immutableTags: once there, they are neither moved nor deleted")
  public Shown get(@QueryParam("name") @Nullable String name) {
    String repository = Address.requireName(Given.required(name, "name"));
    return shown(repository, rules.rules(caller.get(), repository));
  }

  @PATCH
  @Operation(summary = "Changes the rules of a repository", description = "Members of its team only. immutableTags: names of tags, * for any text; an empty list takes the rule away")
  public Shown change(@Nullable Change given) {
    var who = caller.get();
    Change change = Given.body(given);
    String name = Address.requireName(Given.required(change.name(), "name"));
    return shown(name, rules.change(who, name, new TagPatterns(Given.required(change.immutableTags(), "immutableTags"))));
  }

  private static Shown shown(String name, Rules rules) {
    return new Shown(name, rules.immutableTags().patterns());
  }
}
