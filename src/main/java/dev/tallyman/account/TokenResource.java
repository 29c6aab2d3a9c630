package dev.tallyman.account;

import dev.tallyman.account.Accounts.NewToken;
import dev.tallyman.account.Accounts.Token;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
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

@Path("/api/v1/tokens")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Tokens", description = "Secrets for programs: the docker CLI over HTTP, scripts, monitoring")
class TokenResource {
  private final Accounts accounts;
  private final CurrentCaller caller;

  @Inject
  TokenResource(Accounts accounts, CurrentCaller caller) {
    this.accounts = accounts;
    this.caller = caller;
  }

  /** @param expiresAt RFC 3339; absent = it does not expire */
  record Wanted(@Nullable String name, @Nullable String expiresAt) {}

  @GET
  @Operation(summary = "The caller's tokens, without their secrets")
  public List<Token> list() {
    return accounts.tokens(caller.get());
  }

  @POST
  @Operation(summary = "Creates a token; its secret is shown this once", description = "Not with a token: one that leaked could renew itself for ever")
  @APIResponse(responseCode = "201", description = "created", content = @Content(schema = @Schema(implementation = NewToken.class)))
  public RestResponse<NewToken> create(@Nullable Wanted wanted) {
    var who = caller.get();
    String name = Given.required(Given.body(wanted).name(), "name");
    NewToken made = accounts.createToken(who, name, Given.instant(wanted.expiresAt(), "expiresAt"));
    return RestResponse.ResponseBuilder.<NewToken>created(URI.create("/api/v1/tokens/" + made.id())).entity(made).build();
  }

  @DELETE
  @Path("/{id}")
  @Operation(summary = "Revokes a token at once")
  public void revoke(@PathParam("id") String id) {
    var who = caller.get();
    if (!id.matches("\\d{1,18}")) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "cannot revoke token " + id + ": there is no such token");
    }
    accounts.revokeToken(who, Long.parseLong(id));
  }
}
