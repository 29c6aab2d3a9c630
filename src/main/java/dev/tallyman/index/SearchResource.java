package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.Failures;
import io.smallrye.common.annotation.Blocking;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** What is left of version 1 of Docker's registry API: the search, for which dockerd and podman ask a registry by {@code docker search HOST/TERM} to this day. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
class SearchResource {
  private static final int MAX_RESULTS = 100;
  private static final Address NOWHERE = new Address(Address.Kind.NONE, "", "");

  private final RoutingContext context;
  private final Visitors visitors;
  private final RepositorySearch repositories;
  private final IndexConfig config;

  @Inject
  SearchResource(RoutingContext context, Visitors visitors, RepositorySearch repositories, IndexConfig config) {
    this.context = context;
    this.visitors = visitors;
    this.repositories = repositories;
    this.config = config;
  }

  /** Clients ask before they search. A standalone registry is one that takes Basic credentials itself. */
  @GET
  @Path("_ping")
  @Operation(hidden = true)
  public Response ping() {
    return Response.ok("true").header("X-Docker-Registry-Version", "0.6.3").header("X-Docker-Registry-Standalone", "true").build();
  }

  @GET
  @Path("search")
  @Operation(hidden = true)
  public Response search(@QueryParam("q") @DefaultValue("") String term, @QueryParam("n") @DefaultValue("25") int limit) {
    try {
      if (limit < 1 || limit > MAX_RESULTS) {
        throw IndexException.invalid("PAGINATION_NUMBER_INVALID", "n must be a number from 1 to " + MAX_RESULTS);
      }
      Visitor visitor = visitors.of(context.request());
      if (visitor.isAnonymous() && !config.anonymousReading()) {
        throw new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "log in to search this registry");
      }
      if (visitor.robot() != null) {
        throw new IndexException(ErrorKind.DENIED, "DENIED", "a robot does not search: it knows what it was made for");
      }
      List<JsonObject> found = repositories.search(visitor.caller(), term, limit).stream().map(SearchResource::shown).toList();
      return Response.ok(new JsonObject().put("query", term).put("num_results", found.size()).put("results", new JsonArray(found)).encode()).build();
    } catch (TallymanException e) {
      return failure(e);
    } catch (RuntimeException e) {
      TallymanException known = Failures.known(e);
      if (known == null) {
        throw e;
      }
      return failure(known);
    }
  }

  /** These clients send Basic credentials and know of no tokens. */
  private Response failure(TallymanException failure) {
    Response answer = IndexAnswers.failure(failure, context.request(), NOWHERE);
    return answer.getStatus() == 401 ? Response.fromResponse(answer).header("WWW-Authenticate", null).header("WWW-Authenticate", "Basic realm=\"Tallyman\"").build() : answer;
  }

  private static JsonObject shown(RepositorySearch.Found found) {
    return new JsonObject(Map.of("name", found.name(), "description", found.description(), "star_count", 0, "is_official", false, "is_automated", false, "is_trusted", false));
  }
}
