package dev.tallyman.engine.control;

import dev.tallyman.engine.grpc.ProtoReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants of a Solve: who reads the Dockerfile, and what becomes of the result.
 *
 * @param ref name of the job, by which its progress is asked for and its gateway called
 * @param session id of the session from which files come
 * @param frontend empty: what is to be built comes through the gateway
 * @param caches beside the team's own
 * @param export absent: nothing but the cache keeps the result
 */
record SolveWish(String ref, String session, String frontend, Map<String, String> attributes, Caches caches, @Nullable Export export) {
  private static final int LONGEST_REF = 128;
  private static final String HOST_NETWORK = "network.host";
  private static final String OWN_DEFINITION = "a build definition (LLB) of the client's own is";

  /** As the request itself has them; the frontend may name the same imports. */
  record Caches(List<CacheOption> imports, List<CacheOption> exports) {
    private static Caches none() {
      return new Caches(new ArrayList<>(), new ArrayList<>());
    }

    private void read(ProtoReader options) throws IOException {
      for (int field = options.next(); field != 0; field = options.next()) {
        switch (field) {
          case 2 -> imports.add(CacheOption.ofImage(options.text()));
          case 4 -> exports.add(CacheOption.read(options.message()));
          case 5 -> imports.add(CacheOption.read(options.message()));
          default -> throw Messages.unsupported("the export of a build cache in the form of 2018 is");
        }
      }
    }
  }

  /** @param type of the exporter */
  record Export(String type, Map<String, String> attributes) {}

  static SolveWish read(ProtoReader request) throws IOException {
    String ref = "";
    boolean isDefined = false;
    String session = "";
    String frontend = "";
    String oldType = "";
    Map<String, String> oldAttributes = new LinkedHashMap<>();
    Map<String, String> attributes = new LinkedHashMap<>();
    List<Export> exports = new ArrayList<>();
    Caches caches = Caches.none();
    for (int field = request.next(); field != 0; field = request.next()) {
      switch (field) {
        case 1 -> ref = request.text();
        case 2 -> {
          Messages.refuseUnlessEmpty(request.message(), OWN_DEFINITION);
          isDefined = true;
        }
        case 3 -> oldType = request.text();
        case 4 -> Messages.entry(request.message(), oldAttributes);
        case 5 -> session = request.text();
        case 6 -> frontend = request.text();
        case 7 -> Messages.entry(request.message(), attributes);
        case 8 -> caches.read(request.message());
        case 9 -> entitlement(request.text());
        case 10 -> throw Messages.unsupported("inputs of a frontend (contexts made of other targets) are");
        // A wish not to be recorded: what a team builds is.
        case 11 -> request.skip();
        case 12 -> Messages.refuseUnlessEmpty(request.message(), "a source policy is");
        case 13 -> exports.add(export(request.message()));
        case 14 -> refuse(request, "an exporter of the session is");
        case 16 -> refuse(request, "a version of compatibility is");
        case 17 -> refuse(request, "a proxy network is");
        default -> throw Messages.unsupported("field " + field + " of a build request is");
      }
    }
    if (ref.isEmpty() || ref.length() > LONGEST_REF || !ref.chars().allMatch(each -> each > 0x20 && each < 0x7f)) {
      throw Messages.invalid("the ref of a build must have 1 to " + LONGEST_REF + " visible characters");
    }
    if (isDefined && frontend.isEmpty()) {
      // That of nothing at all. Without one the client would be waited for, to build by the gateway.
      throw Messages.unsupported(OWN_DEFINITION);
    }
    // Before anything is waited for.
    CacheOption.check(caches.imports(), caches.exports());
    if (exports.isEmpty() && !oldType.isEmpty()) {
      exports.add(new Export(oldType, oldAttributes));
    }
    if (exports.size() > 1) {
      throw Messages.unsupported("more than one output (--output) of a build is");
    }
    return new SolveWish(ref, session, frontend, attributes, caches, exports.isEmpty() ? null : exports.get(0));
  }

  private static void refuse(ProtoReader request, String what) throws IOException {
    if (request.number() != 0) {
      throw Messages.unsupported(what);
    }
  }

  /** The network of the host is the policy's to allow, as for every container. */
  private static void entitlement(String name) {
    if (!name.equals(HOST_NETWORK)) {
      throw Messages.unsupported("the entitlement " + name + " (--allow) is");
    }
  }

  private static Export export(ProtoReader exporter) throws IOException {
    String type = "";
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int field = exporter.next(); field != 0; field = exporter.next()) {
      switch (field) {
        case 1 -> type = exporter.text();
        case 2 -> Messages.entry(exporter.message(), attributes);
        default -> exporter.skip();
      }
    }
    return new Export(type, attributes);
  }
}
