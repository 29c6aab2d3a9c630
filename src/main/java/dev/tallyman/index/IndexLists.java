package dev.tallyman.index;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.index.IndexStore.ManifestRow;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Answers that are lists, page by page: tags, the catalog, referrers. */
@ApplicationScoped
class IndexLists {
  private static final int MAX_PAGE = 1000;
  private static final int REFERRERS_PAGE = 200;

  /** Clients take 4 MiB; annotations make referrers large. */
  private static final int REFERRERS_CHARACTERS = 3 << 20;

  private final ManifestService manifests;

  @Inject
  IndexLists(ManifestService manifests) {
    this.manifests = manifests;
  }

  Response tags(RoutingContext context, Visitor visitor, String name) {
    return page(context, "tags", new JsonObject().put("name", name), (after, limit) -> manifests.tags(visitor, name, after, limit));
  }

  Response catalog(RoutingContext context, Visitor visitor) {
    return page(context, "repositories", new JsonObject(), (after, limit) -> manifests.catalog(visitor, after, limit));
  }

  private static Response page(RoutingContext context, String field, JsonObject answer, BiFunction<String, Integer, List<String>> source) {
    int limit = limit(context.request().getParam("n"));
    String last = context.request().getParam("last");
    // One more tells whether there is a next page.
    List<String> found = source.apply(last == null ? "" : last, limit + 1);
    List<String> shown = found.subList(0, Math.min(limit, found.size()));
    Response.ResponseBuilder built = json(answer.put(field, new JsonArray(shown)), "application/json");
    if (found.size() > limit && limit > 0) {
      built.header("Link", "<" + context.request().path() + "?n=" + limit + "&last=" + encoded(shown.get(shown.size() - 1)) + ">; rel=\"next\"");
    }
    return built.build();
  }

  Response referrers(RoutingContext context, Visitor visitor, String name, String reference) {
    String type = context.request().getParam("artifactType");
    String wanted = type == null || type.isEmpty() ? null : type;
    List<ManifestRow> found = manifests.referrers(visitor, name, new ContentDigest(reference), wanted, after(context.request().getParam("after")), REFERRERS_PAGE);
    JsonArray shown = new JsonArray();
    int characters = 0;
    int count = 0;
    while (count < found.size() && characters < REFERRERS_CHARACTERS) {
      JsonObject descriptor = descriptor(found.get(count));
      characters += descriptor.encode().length();
      if (count == 0 || characters < REFERRERS_CHARACTERS) {
        shown.add(descriptor);
        count++;
      }
    }
    JsonObject index = new JsonObject().put("schemaVersion", 2).put("mediaType", "application/vnd.oci.image.index.v1+json").put("manifests", shown);
    Response.ResponseBuilder built = json(index, "application/vnd.oci.image.index.v1+json");
    if (wanted != null) {
      built.header("OCI-Filters-Applied", "artifactType");
    }
    if (count < found.size() || found.size() == REFERRERS_PAGE) {
      String filter = wanted == null ? "" : "&artifactType=" + encoded(wanted);
      built.header("Link", "<" + context.request().path() + "?after=" + found.get(count - 1).id() + filter + ">; rel=\"next\"");
    }
    return built.build();
  }

  private JsonObject descriptor(ManifestRow row) {
    JsonObject descriptor = new JsonObject().put("mediaType", row.mediaType()).put("digest", row.digest()).put("size", row.bytes());
    if (row.artifactType() != null) {
      descriptor.put("artifactType", row.artifactType());
    }
    JsonNode annotations = ManifestDocument.parse(manifests.bytes(row), row.mediaType()).annotations();
    return annotations == null ? descriptor : descriptor.put("annotations", new JsonObject(annotations.toString()));
  }

  private static Response.ResponseBuilder json(JsonObject body, String type) {
    return Response.ok(body.encode()).type(type);
  }

  private static int limit(@Nullable String n) {
    if (n == null) {
      return MAX_PAGE;
    }
    if (!n.matches("\\d{1,9}")) {
      throw IndexException.invalid("PAGINATION_NUMBER_INVALID", "n must be a number");
    }
    return Math.min(MAX_PAGE, Integer.parseInt(n));
  }

  private static long after(@Nullable String after) {
    return after != null && after.matches("\\d{1,18}") ? Long.parseLong(after) : 0;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
