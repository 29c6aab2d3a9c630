package dev.tallyman.account;

import dev.tallyman.account.Accounts.Account;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Role;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/accounts")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Accounts", description = "Changed by administrators; everybody else sees the own one")
class AccountResource {
  private final Accounts accounts;
  private final CurrentCaller caller;

  @Inject
  AccountResource(Accounts accounts, CurrentCaller caller) {
    this.accounts = accounts;
    this.caller = caller;
  }

  record NewAccount(@Nullable String name, @Nullable String password, @Nullable Role role) {}

  /** Absent fields stay as they are. @param peerUid user id on the unix socket that is this account; -1 for none */
  record Change(@Nullable Role role, @Nullable String password, @Nullable Boolean isDisabled, @Nullable Long peerUid) {}

  @GET
  @Operation(summary = "All accounts that the caller may see, by name")
  public List<Account> list() {
    return accounts.list(caller.get());
  }

  @POST
  @Operation(summary = "Creates an account")
  @APIResponse(responseCode = "201", description = "created", content = @Content(schema = @Schema(implementation = Account.class)))
  public RestResponse<Account> create(@Nullable NewAccount given) {
    var who = caller.get();
    String name = Given.required(Given.body(given).name(), "name");
    Account made = accounts.create(who, name, Given.required(given.password(), "password"), Given.required(given.role(), "role"));
    return RestResponse.ResponseBuilder.<Account>created(URI.create("/api/v1/accounts/" + made.name())).entity(made).build();
  }

  @GET
  @Path("/{name}")
  @Operation(summary = "One account")
  public Account get(@PathParam("name") String name) {
    return accounts.list(caller.get()).stream()
        .filter(account -> account.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "cannot show account " + name + ": there is no such account"));
  }

  @PATCH
  @Path("/{name}")
  @Operation(summary = "Changes an account", description = "A new role or password, and disabling, end its sessions at once. peerUid -1 takes the user id away.")
  public Account change(@PathParam("name") String name, @Nullable Change given) {
    var who = caller.get();
    Change change = Given.body(given);
    return accounts.update(who, name, change.role(), change.password(), change.isDisabled(), change.peerUid());
  }

  @DELETE
  @Path("/{name}")
  @Operation(summary = "Removes an account with its sessions and tokens", description = "What it made stays with its team; the trail keeps its name.")
  public void remove(@PathParam("name") String name) {
    accounts.remove(caller.get(), name);
  }
}
