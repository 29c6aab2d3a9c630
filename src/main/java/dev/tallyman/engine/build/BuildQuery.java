package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.build.BuildRequest;
import dev.tallyman.build.CacheUse;
import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.distribution.Login;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parameters of {@code POST /build}: each honoured, or refused with the reason. */
final class BuildQuery {
  /** The version that BuildKit's clients ask for. */
  static final String KIT = "2";
  /** The remote whose files come by a session. */
  static final String LOCAL = "client-session";
  /** The argument by which clients of BuildKit's form want an image that carries its steps; others say so apart from the arguments. */
  private static final String INLINE_CACHE = "BUILDKIT_INLINE_CACHE";
  private static final String LOGINS = "X-Registry-Config";

  private BuildQuery() {}

  static BuildRequest read(Exchange exchange) {
    Query query = exchange.query();
    refuse(query, exchange.version());
    Map<String, Login> logins = Login.ofConfigHeader(exchange.header(LOGINS));
    String dockerfile = query.text("dockerfile");
    Map<String, String> arguments = texts(query, "buildargs", "build args");
    String inline = arguments.getOrDefault(INLINE_CACHE, "");
    boolean isInline = query.text("version").equals(KIT) && (inline.equals("1") || inline.equalsIgnoreCase("true"));
    return new BuildRequest(
        query.text("buildid"), dockerfile.isEmpty() ? "Dockerfile" : dockerfile, query.all("t").stream().filter(each -> !each.isEmpty()).toList(), arguments,
        texts(query, "labels", "labels"), query.text("target"), !query.flag("nocache"), query.flag("pull"), !query.flag("rm", true), query.flag("forcerm"),
        network(query.text("networkmode")), query.all("extrahosts").stream().flatMap(each -> List.of(each.split(",")).stream()).filter(each -> !each.isEmpty()).toList(), limits(query),
        number(query, "shmsize"), ulimits(query), domain -> logins.getOrDefault(domain, Login.nobody()))
        .from(query.text("remote").equals(LOCAL) ? "" : query.text("remote"))
        .withCaches(new CacheUse(List.of(), List.of(), isInline));
  }

  private static void refuse(Query query, ApiVersion version) {
    boolean isKit = query.text("version").equals(KIT);
    if (!isKit && !query.text("version").isEmpty() && !query.text("version").equals("1")) {
      throw new TallymanException(ErrorKind.INVALID, "invalid version \"" + query.text("version") + "\" of the builder: it must be 1 or 2");
    }
    String remote = query.text("remote");
    if (remote.equals(LOCAL) && !isKit) {
      throw new TallymanException(ErrorKind.INVALID, "the remote " + LOCAL + " is for version=2 of the builder");
    }
    if (query.flag("squash")) {
      throw unsupported("--squash is not supported by this server: use a stage and COPY --from it");
    }
    if (!version.isBefore(40) && !isEmpty(query.text("outputs"))) {
      throw unsupported("--output is not supported by this server: build an image and docker cp or docker export what you need");
    }
    if (!query.text("cgroupparent").isEmpty()) {
      throw unsupported("--cgroup-parent is not supported by this server, which chooses the control group of each RUN");
    }
    if (!query.text("isolation").isEmpty() && !query.text("isolation").equals("default")) {
      throw new TallymanException(ErrorKind.INVALID, "invalid isolation: " + query.text("isolation"));
    }
    if (!isEmpty(query.text("securityopt"))) {
      throw unsupported("--security-opt is not supported by this server for builds");
    }
    if (!query.text("cpusetmems").isEmpty() && !query.text("cpusetmems").matches("[0-9,-]+")) {
      throw new TallymanException(ErrorKind.INVALID, "invalid value for cpusetmems");
    }
    OwnPlatform.require(version.isBefore(32) ? "" : query.text("platform"));
  }

  /** Of a list in JSON. */
  private static boolean isEmpty(String list) {
    return list.isEmpty() || list.equals("null") || list.equals("[]");
  }

  private static TallymanException unsupported(String message) {
    return new TallymanException(ErrorKind.UNSUPPORTED, message);
  }

  private static String network(String mode) {
    return mode.equals("default") ? "" : mode;
  }

  private static Limits limits(Query query) {
    return new Limits(
        number(query, "memory"), number(query, "memswap"), 0, 0, number(query, "cpuquota"), number(query, "cpuperiod"), number(query, "cpushares"), query.text("cpusetcpus"),
        new FineLimits(query.text("cpusetmems"), null, 0, 0, 0, List.of()), false);
  }

  private static long number(Query query, String name) {
    String text = query.text(name);
    if (!text.isEmpty() && !text.matches("-?\\d{1,18}")) {
      throw new TallymanException(ErrorKind.INVALID, "invalid value \"" + text + "\" for parameter " + name + ": it must be a whole number");
    }
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  /** @param what dockerd calls it */
  private static JsonNode json(Query query, String name, String what) {
    String text = query.text(name);
    return Json.parse(text.isEmpty() ? "null" : text, "error reading " + what);
  }

  /** Null as a value means that the client has none: as if it were not there. */
  private static Map<String, String> texts(Query query, String name, String what) {
    JsonNode node = json(query, name, what);
    if (!node.isNull() && !node.isObject()) {
      throw new TallymanException(ErrorKind.INVALID, "the parameter " + name + " must be a JSON object of texts");
    }
    Map<String, String> texts = new LinkedHashMap<>();
    node.fieldNames().forEachRemaining(each -> {
      if (node.path(each).isTextual()) {
        texts.put(each, node.path(each).textValue());
      } else if (!node.path(each).isNull()) {
        throw new TallymanException(ErrorKind.INVALID, "the parameter " + name + " must be a JSON object of texts");
      }
    });
    return texts;
  }

  private static List<Ulimit> ulimits(Query query) {
    JsonNode node = json(query, "ulimits", "ulimit settings");
    List<Ulimit> limits = new ArrayList<>();
    for (JsonNode each : node) {
      if (!each.path("Name").isTextual() || !each.path("Soft").isIntegralNumber() || !each.path("Hard").isIntegralNumber()) {
        throw new TallymanException(ErrorKind.INVALID, "the parameter ulimits must be a JSON array of objects with Name, Soft and Hard");
      }
      limits.add(new Ulimit(each.path("Name").textValue(), each.path("Soft").longValue(), each.path("Hard").longValue()));
    }
    return limits;
  }
}
