package dev.tallyman.secret;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/secrets")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Secrets", description = "Values that containers get as files in memory. Administrators make them, members use them; no answer has a value.")
class SecretResource {
  private final Secrets secrets;
  private final CurrentCaller caller;

  @Inject
  SecretResource(Secrets secrets, CurrentCaller caller) {
    this.secrets = secrets;
    this.caller = caller;
  }

  /** @param value text; @param data bytes in Base64; one of them */
  @Schema(name = "NewSecret")
  record New(@Nullable String name, @Nullable String value, @Nullable String data, @Nullable Map<String, String> labels) {
    /** Without the value. */
    @Override
    public String toString() {
      return "New " + name;
    }
  }

  /** As of {@link New}. */
  @Schema(name = "NewSecretValue")
  record Value(@Nullable String value, @Nullable String data) {
    /** Without the value. */
    @Override
    public String toString() {
      return "Value";
    }
  }

  /** @param users containers that have it, whether they run or not */
  @Schema(name = "SecretDetail")
  record Detail(Secret secret, List<Secrets.Users.User> users) {}

  @GET
  @Operation(summary = "Secrets of the team, by name, without their values")
  public List<Secret> list() {
    return secrets.list(caller.get());
  }

  @POST
  @Operation(summary = "Stores a secret", description = "value is a text, data the same as bytes in Base64: one of them, 1 to 512000 bytes. Administrators only.")
  @APIResponse(responseCode = "201", description = "stored", content = @Content(schema = @Schema(implementation = Secret.class)))
  public RestResponse<Secret> create(@Nullable New given) {
    Caller who = caller.get();
    New asked = Given.body(given);
    String name = Given.required(asked.name(), "name");
    Map<String, String> labels = asked.labels() == null ? Map.of() : asked.labels();
    if (labels.values().stream().anyMatch(Objects::isNull)) {
      throw new TallymanException(ErrorKind.INVALID, "an object in the body holds null");
    }
    Secret made = with(asked.value(), asked.data(), value -> secrets.create(who, name, value, labels));
    return RestResponse.ResponseBuilder.<Secret>created(URI.create("/api/v1/secrets/" + made.name())).entity(made).build();
  }

  /** Hands the value over and forgets it. */
  private static <T> T with(@Nullable String text, @Nullable String data, Function<byte[], T> work) {
    byte[] value = value(text, data);
    try {
      return work.apply(value);
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private static byte[] value(@Nullable String text, @Nullable String data) {
    if ((text == null) == (data == null)) {
      throw new TallymanException(ErrorKind.INVALID, "a secret has a 'value' (text) or 'data' (Base64): give one of them");
    }
    if (text != null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(data);
    } catch (IllegalArgumentException e) { // its message has a part of the value
      throw new TallymanException(ErrorKind.INVALID, "the field 'data' is not Base64");
    }
  }

  @GET
  @Path("/{name}")
  @Operation(summary = "One secret and who has it, without its value")
  public Detail inspect(@PathParam("name") String name) {
    return new Detail(secrets.inspect(caller.get(), name), secrets.users(caller.get(), name));
  }

  @PUT
  @Path("/{name}")
  @Operation(summary = "Gives a secret another value", description = "Containers that have it get the new value with their next start. Administrators only.")
  public Secret rotate(@PathParam("name") String name, @Nullable Value given) {
    Caller who = caller.get();
    Value asked = Given.body(given);
    return with(asked.value(), asked.data(), value -> secrets.rotate(who, name, value));
  }

  @DELETE
  @Path("/{name}")
  @Operation(summary = "Removes a secret", description = "Refused, with their names, while containers have it. Administrators only.")
  public void remove(@PathParam("name") String name) {
    secrets.remove(caller.get(), name);
  }
}
