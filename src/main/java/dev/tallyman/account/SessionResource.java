package dev.tallyman.account;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Way;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Doors;
import dev.tallyman.web.Given;
import dev.tallyman.web.SessionCookie;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Session", description = "Logging in and out")
class SessionResource {
  private final Accounts accounts;
  private final CurrentCaller caller;
  private final RoutingContext context;

  @Inject
  SessionResource(Accounts accounts, CurrentCaller caller, RoutingContext context) {
    this.accounts = accounts;
    this.caller = caller;
    this.context = context;
  }

  record Login(@Nullable String name, @Nullable String password) {}

  /** The session's secret is in the cookie only. */
  record LoggedIn(String name, Instant expiresAt, boolean mustChangePassword) {}

  record Me(long id, String name, String role, String team, String way, @Nullable String token, boolean mustChangePassword) {}

  record NewPassword(@Nullable String oldPassword, @Nullable String newPassword) {}

  @POST
  @Path("/session")
  @Operation(summary = "Logs in; the answer sets the session's cookie", description = "429 with Retry-After after too many wrong tries")
  public LoggedIn login(@Nullable Login login) {
    String name = Given.required(Given.body(login).name(), "name");
    Accounts.Session session = accounts.login(name, Given.required(login.password(), "password"), Way.REST, Doors.originOf(context.request()));
    SessionCookie.set(context, session.id(), session.expiresAt());
    return new LoggedIn(name, session.expiresAt(), session.mustChangePassword());
  }

  @DELETE
  @Path("/session")
  @Operation(summary = "Logs out")
  public void logout() {
    Caller who = caller.get();
    SessionCookie.read(context).ifPresent(id -> accounts.logout(who, id));
    SessionCookie.clear(context);
  }

  @GET
  @Path("/me")
  @Operation(summary = "Who the server thinks is asking")
  public Me me() {
    Caller who = caller.get();
    return new Me(who.account(), who.accountName(), who.role().name(), who.teamName(), who.way().name(), who.token(), caller.mustChangePassword());
  }

  @PUT
  @Path("/me/password")
  @Operation(summary = "Changes the caller's own password", description = "Ends all sessions of the account, this one included")
  public void changePassword(@Nullable NewPassword passwords) {
    Caller who = caller.get();
    String old = Given.required(Given.body(passwords).oldPassword(), "oldPassword");
    accounts.changePassword(who, old, Given.required(passwords.newPassword(), "newPassword"));
    SessionCookie.clear(context);
  }
}
