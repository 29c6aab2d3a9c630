package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.index.RepositorySearch;
import dev.tallyman.web.OwnAddress;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** {@code docker search}: in this server's own Index, which is the one that an unqualified term means here. */
@Singleton
class SearchEndpoints implements EngineEndpoints {
  private static final int USUAL_LIMIT = 25;
  private static final int MAX_LIMIT = 100;

  private final RepositorySearch repositories;
  private final OwnAddress own;

  @Inject
  SearchEndpoints(RepositorySearch repositories, OwnAddress own) {
    this.repositories = repositories;
    this.own = own;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/images/search", this::search);
  }

  private Answer search(Exchange exchange) {
    Query query = exchange.query();
    Integer given = query.numberOrNull("limit");
    int limit = given == null ? USUAL_LIMIT : given;
    if (limit < 1 || limit > MAX_LIMIT) {
      throw invalid("limit " + limit + " is outside the range of [1, " + MAX_LIMIT + "]");
    }
    Filters filters = query.filters("is-automated", "is-official", "stars");
    // All three are read before any decides, so that a wrong one is told in any case.
    boolean wantsOfficial = isWanted(filters, "is-official");
    boolean wantsAutomated = isWanted(filters, "is-automated");
    boolean wantsStars = wantsStars(filters);
    String term = withoutOwnAddress(query.text("term").strip());
    ArrayNode rows = Json.array();
    if (wantsOfficial || wantsAutomated || wantsStars) {
      // Nothing here is official, built by a service or starred.
      return Answer.ok(rows);
    }
    for (RepositorySearch.Found each : repositories.search(exchange.caller(), term, limit)) {
      rows.addObject().put("description", each.description()).put("is_official", false).put("is_automated", false).put("name", each.name()).put("star_count", 0);
    }
    return Answer.ok(rows);
  }

  /** What comes before the first slash is an address if it has a dot or a colon, or is localhost: as docker reads it. */
  private String withoutOwnAddress(String term) {
    if (term.contains("://")) {
      throw invalid("invalid repository name: a term to search for has no scheme");
    }
    int slash = term.indexOf('/');
    String first = slash < 0 ? "" : term.substring(0, slash);
    boolean isAddress = first.contains(".") || first.contains(":") || first.equals("localhost");
    if (isAddress && !own.isOurs(first)) {
      throw new TallymanException(ErrorKind.UNSUPPORTED, "cannot search another registry: this server searches its own Index only; leave out the address before the first slash");
    }
    String rest = isAddress ? term.substring(slash + 1) : term;
    if (rest.isEmpty()) {
      throw invalid("the term to search for is missing");
    }
    return rest;
  }

  private static boolean isWanted(Filters filters, String name) {
    if (filters.all(name).size() > 1) {
      throw invalid("invalid filter '" + name + "': it takes one value");
    }
    return Boolean.TRUE.equals(filters.flag(name));
  }

  private static boolean wantsStars(Filters filters) {
    boolean wants = false;
    for (String each : filters.all("stars")) {
      if (!each.matches("\\d{1,9}")) {
        throw invalid("invalid filter 'stars': it must be a whole number");
      }
      wants |= Integer.parseInt(each) > 0;
    }
    return wants;
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
