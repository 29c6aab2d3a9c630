package dev.tallyman.engine.control;

import dev.tallyman.build.BuildRequest;
import dev.tallyman.build.ClientFiles;
import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.distribution.Login;
import dev.tallyman.engine.build.OwnPlatform;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The options of the Dockerfile frontend: each honoured, or refused with its name.
 *
 * @param sessions by folder, when it comes from another session than the rest
 * @param upload name of the archive that is the context; empty: it is a folder
 * @param contexts beside the first, by their names
 * @param imports of caches
 * @param asked a question about the Dockerfile; empty: it is to be built
 */
record Frontend(BuildRequest request, Map<String, String> sessions, String upload, Map<String, ContextOption> contexts, List<CacheOption> imports, String asked) {
  /** What the build checks say. */
  static final String LINT = "frontend.lint";
  static final String DOCKERFILE = "dockerfile.v0";
  static final String UPLOAD_HOST = "buildkit-session";
  private static final String ARGUMENT = "build-arg:";
  private static final String LABEL = "label:";
  private static final String SESSION = "local-sessionid:";
  private static final String NAMED = "context:";
  /** The address that clients make up for what they read from their standard input. */
  private static final String UPLOAD = "http://" + Frontend.UPLOAD_HOST + "/";
  /** What a client may say that this server must know: answers to requests other than builds, and contexts with names. */
  private static final Set<String> CAPABILITIES = Set.of("moby.buildkit.frontend.subrequests", "moby.buildkit.frontend.contexts", "moby.buildkit.frontend.inputs");
  /** Options of its frontend that BuildKit takes as arguments; all other arguments are the Dockerfile's. */
  private static final Set<String> DIRECTIVES =
      Set.of("BUILDKIT_SANDBOX_HOSTNAME", "BUILDKIT_DOCKERFILE_CHECK", "BUILDKIT_SYNTAX", "BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE");

  static Frontend read(String frontend, Map<String, String> attributes) {
    if (!frontend.equals(DOCKERFILE)) {
      String source = attributes.getOrDefault("source", "");
      throw Messages.unsupported("the frontend " + (source.isEmpty() ? frontend : source) + " (BUILDKIT_SYNTAX) is not run: this server reads Dockerfiles itself, others are");
    }
    Options options = new Options();
    attributes.forEach(options::take);
    return new Frontend(options.request(), options.sessions, options.upload, options.contexts, options.imports, options.asked);
  }

  private static final class Options {
    private final Map<String, String> arguments = new LinkedHashMap<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final Map<String, String> sessions = new LinkedHashMap<>();
    private final Map<String, ContextOption> contexts = new LinkedHashMap<>();
    private final List<CacheOption> imports = new ArrayList<>();
    private String dockerfile = "Dockerfile";
    private String target = "";
    private String network = "";
    private String upload = "";
    private String remote = "";
    private String asked = "";
    private boolean hasOwnDockerfile;
    private boolean usesCache = true;
    private Set<String> freshStages = Set.of();
    private boolean pulls;
    private long shmSize;
    private List<String> hosts = List.of();
    private List<Ulimit> ulimits = List.of();

    void take(String key, String value) {
      if (key.startsWith(ARGUMENT)) {
        argument(key.substring(ARGUMENT.length()), value);
      } else if (key.startsWith(LABEL)) {
        labels.put(key.substring(LABEL.length()), value);
      } else if (key.startsWith(SESSION)) {
        sessions.put(key.substring(SESSION.length()), value);
      } else if (key.startsWith(NAMED)) {
        String name = ContextOption.name(key.substring(NAMED.length()));
        contexts.put(name, ContextOption.parse(name, value));
      } else if (!key.startsWith("vcs:")) {
        // What is left out tells of a checkout and is for attestations only.
        option(key, value);
      }
    }

    private void argument(String name, String value) {
      if (DIRECTIVES.contains(name) || name.equals("BUILDKIT_MULTI_PLATFORM") && !isFalse(value)) {
        throw Messages.unsupported("the build argument " + name + " is");
      }
      arguments.put(name, value);
    }

    private void option(String key, String value) {
      switch (key) {
        case "filename" -> dockerfile = value.isEmpty() ? "Dockerfile" : value;
        case "target" -> target = value;
        case "no-cache" -> {
          usesCache = !value.isEmpty();
          freshStages = parts(value).stream().map(each -> each.strip().toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
        }
        case "image-resolve-mode" -> pulls = pulls(value);
        case "platform" -> OwnPlatform.require(value);
        case "force-network-mode" -> network = network(value);
        case "add-hosts" -> hosts = hosts(value);
        case "shm-size" -> shmSize = number("shm-size", value);
        case "ulimit" -> ulimits = ulimits(value);
        case "context" -> context(value);
        case "cache-imports" -> imports.addAll(CacheOption.list(value));
        case "cache-from" -> parts(value).forEach(each -> imports.add(CacheOption.ofImage(each)));
        case "requestid" -> asked = asked(value);
        case "frontend.caps" -> capabilities(value);
        case "dockerfilekey" -> {
          refuseUnless(value.equals(ClientFiles.DOCKERFILE), "a Dockerfile from the folder " + value + " is");
          hasOwnDockerfile = true;
        }
        case "contextkey" -> refuseUnless(value.equals(ClientFiles.CONTEXT), "a context from the folder " + value + " is");
        case "multi-platform" -> refuseUnless(isFalse(value), "an image for several platforms is");
        default -> refuse(key, value);
      }
    }

    private static void refuse(String key, String value) {
      if (key.startsWith("attest:")) {
        throw Messages.unsupported("an attestation (--attest, --provenance, --sbom) is");
      }
      if (key.equals("cgroup-parent")) {
        throw Messages.unsupported("the option cgroup-parent (--cgroup-parent) of a client's own choice is: the server chooses the control group of each RUN, others are");
      }
      throw Messages.unsupported("the option " + key + " of the Dockerfile frontend is");
    }

    private static void refuseUnless(boolean isGood, String what) {
      if (!isGood) {
        throw Messages.unsupported(what);
      }
    }

    private static boolean isFalse(String value) {
      return Set.of("", "0", "f", "false").contains(value.toLowerCase(Locale.ROOT));
    }

    private void context(String address) {
      if (address.startsWith(UPLOAD)) {
        upload = address.substring(UPLOAD.length());
        refuseUnless(upload.matches("[A-Za-z0-9]{1,64}"), "a context of this name is");
      } else if (GitAddress.isOtherTransport(address)) {
        throw GitAddress.otherTransport(address);
      } else {
        remote = address;
      }
    }

    private static String asked(String request) {
      refuseUnless(request.isEmpty() || request.equals(LINT), "the request " + request + " (--call) is");
      return request;
    }

    private static boolean pulls(String mode) {
      return switch (mode) {
        case "pull" -> true;
        case "", "default", "local" -> false;
        default -> throw Messages.invalid("invalid image-resolve-mode: " + mode);
      };
    }

    private static String network(String mode) {
      return switch (mode) {
        case "", "sandbox" -> "";
        case "none", "host" -> mode;
        default -> throw Messages.invalid("invalid network mode " + mode);
      };
    }

    private static List<String> parts(String list) {
      return Arrays.stream(list.split(",")).filter(each -> !each.isEmpty()).toList();
    }

    private static List<String> hosts(String list) {
      return parts(list).stream().map(each -> each.replaceFirst("=", ":")).toList();
    }

    private static void capabilities(String list) {
      for (String each : parts(list)) {
        String plain = each.endsWith("+forward") ? each.substring(0, each.length() - "+forward".length()) : each;
        refuseUnless(CAPABILITIES.contains(plain), "the frontend's capability " + plain + " is");
      }
    }

    private static long number(String name, String text) {
      if (!text.matches("\\d{1,18}")) {
        throw Messages.invalid("invalid value \"" + text + "\" for " + name + ": it must be a whole number");
      }
      return Long.parseLong(text);
    }

    private static List<Ulimit> ulimits(String list) {
      return parts(list).stream().map(each -> {
        String[] sides = each.split("[=:]", -1);
        if (sides.length < 2 || sides.length > 3 || !sides[1].matches("-?\\d{1,18}") || !sides[sides.length - 1].matches("-?\\d{1,18}")) {
          throw Messages.invalid("invalid ulimit " + each + ": it must be NAME=SOFT:HARD");
        }
        return new Ulimit(sides[0], Long.parseLong(sides[1]), Long.parseLong(sides[sides.length - 1]));
      }).toList();
    }

    BuildRequest request() {
      refuseUnless(remote.isEmpty() || !hasOwnDockerfile, "a Dockerfile of the client's own for a context that lies elsewhere is");
      return new BuildRequest(
          "", dockerfile, List.of(), arguments, labels, target, usesCache, pulls, false, true, network, hosts, Limits.none(), shmSize, ulimits, domain -> Login.nobody())
          .from(remote).withFreshStages(freshStages);
    }
  }
}
