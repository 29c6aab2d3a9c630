package dev.tallyman.container;

import dev.tallyman.container.Containers.ContainerFilter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Docker's filters of container lists: values of one key are alternatives (labels must all match), different keys must all match. */
final class Filters {
  private static final Set<String> STATES = Set.of("created", "running", "paused", "restarting", "removing", "exited", "dead", "removed");
  private static final Set<String> HEALTHS = Set.of("starting", "healthy", "unhealthy", "none");
  private static final int MAX_PATTERN_CHARS = 200;

  private final Function<String, Container> byReference;
  private final Function<String, Set<String>> imageIds;
  private final Function<String, String> networkIds;

  /**
   * @param byReference finds the container of before and since; throws if there is none
   * @param imageIds ids of an image, by reference, and of all that were made from it; none if it is not there
   * @param networkIds likewise for networks
   */
  Filters(Function<String, Container> byReference, Function<String, Set<String>> imageIds, Function<String, String> networkIds) {
    this.byReference = byReference;
    this.imageIds = imageIds;
    this.networkIds = networkIds;
  }

  /** @throws dev.tallyman.error.TallymanException INVALID for unknown keys and values */
  Predicate<Container> of(ContainerFilter filter) {
    Predicate<Container> all = each -> true;
    for (Map.Entry<String, List<String>> entry : filter.matches().entrySet()) {
      if (!entry.getValue().isEmpty()) {
        all = all.and(key(entry.getKey(), entry.getValue()));
      }
    }
    return all;
  }

  private Predicate<Container> key(String key, List<String> values) {
    return switch (key) {
      case "label" -> values.stream().map(Filters::label).reduce(each -> true, Predicate::and);
      case "label!" -> values.stream().map(Filters::label).map(Predicate::not).reduce(each -> true, Predicate::and);
      default -> values.stream().map(value -> value(key, value)).reduce(each -> false, Predicate::or);
    };
  }

  private Predicate<Container> value(String key, String value) {
    return switch (key) {
      case "id" -> each -> each.id().startsWith(value);
      case "name" -> name(value);
      case "status" -> status(value);
      case "exited" -> exited(value);
      case "ancestor" -> ancestor(value);
      case "before" -> before(byReference.apply(value).createdAt());
      case "since" -> since(byReference.apply(value).createdAt());
      case "network" -> network(value);
      case "publish" -> published(value);
      case "expose" -> exposed(value);
      case "health" -> health(value);
      case "is-task" -> isTask(value);
      case "volume" -> each -> each.mounts().stream().anyMatch(mount -> mount.name().equals(value) || mount.target().equals(value) || (!mount.source().isEmpty() && mount.source().equals(value)));
      case "isolation" -> each -> true; // of Windows; dockerd on Linux takes any value, and there is one way only
      case "until" -> before(Until.parse(value));
      default -> throw Refusal.invalid("invalid filter '" + key + "'");
    };
  }

  private static Predicate<Container> name(String pattern) {
    if (pattern.length() > MAX_PATTERN_CHARS) {
      throw Refusal.invalid("invalid filter 'name=" + pattern.substring(0, 20) + "…': it is too long");
    }
    try {
      Pattern regex = Pattern.compile(pattern.startsWith("/") ? pattern.substring(1) : pattern.replaceFirst("^\\^/", "^"));
      return each -> regex.matcher(new PatientText(each.name())).find();
    } catch (PatternSyntaxException e) {
      throw Refusal.invalid("invalid filter 'name=" + pattern + "': " + e.getDescription());
    }
  }

  private static Predicate<Container> status(String value) {
    if (!STATES.contains(value)) {
      throw Refusal.invalid("invalid filter 'status=" + value + "': invalid value for state (" + value + "): must be one of created, running, paused, restarting, removing, exited, dead");
    }
    return each -> each.state().word().equals(value);
  }

  private static Predicate<Container> exited(String value) {
    if (!value.matches("\\d{1,9}")) {
      throw Refusal.invalid("invalid filter 'exited=" + value + "'");
    }
    int code = Integer.parseInt(value);
    return each -> !each.state().isAlive() && each.finishedAt() != null && each.exitCode() == code;
  }

  private Predicate<Container> ancestor(String value) {
    Set<String> ids = imageIds.apply(value);
    return each -> each.image().equals(value) || ids.contains(each.imageId());
  }

  private static Predicate<Container> before(Instant at) {
    return each -> each.createdAt().isBefore(at);
  }

  private static Predicate<Container> since(Instant at) {
    return each -> each.createdAt().isAfter(at);
  }

  private Predicate<Container> network(String value) {
    String id = networkIds.apply(value);
    return each -> each.endpoints().stream().anyMatch(on -> on.networkId().equals(id) || on.networkName().equals(value)) || each.spec().networkMode().equals(value);
  }

  private static Predicate<Container> published(String value) {
    PortRange range = PortRange.parse("publish", value);
    return each -> each.ports().stream().anyMatch(port -> range.holds(port.protocol(), port.hostPort()));
  }

  private static Predicate<Container> exposed(String value) {
    PortRange range = PortRange.parse("expose", value);
    return each ->
        each.exposedPorts().stream().map(port -> port.split("/", 2)).anyMatch(port -> range.holds(port[1], Integer.parseInt(port[0])))
            || each.ports().stream().anyMatch(port -> range.holds(port.protocol(), port.containerPort()));
  }

  private static Predicate<Container> health(String value) {
    if (!HEALTHS.contains(value)) {
      throw Refusal.invalid("invalid filter 'health=" + value + "': invalid value for health (" + value + "): must be one of none, starting, healthy, unhealthy");
    }
    return each -> each.healthStatus().word().equals(value);
  }

  private static Predicate<Container> isTask(String value) {
    return switch (value) {
      case "true", "1" -> each -> false;
      case "false", "0" -> each -> true;
      default -> throw Refusal.invalid("invalid filter 'is-task=" + value + "'");
    };
  }

  private static Predicate<Container> label(String value) {
    int equals = value.indexOf('=');
    String name = equals < 0 ? value : value.substring(0, equals);
    return equals < 0 ? each -> each.labels().containsKey(name) : each -> value.substring(equals + 1).equals(each.labels().get(name));
  }

  /** @param protocol empty = tcp, as Docker reads it */
  private record PortRange(String protocol, int first, int last) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?:/(tcp|udp|sctp))?");

    static PortRange parse(String key, String text) {
      var matcher = TEXT.matcher(text);
      if (!matcher.matches()) {
        throw Refusal.invalid("invalid filter '" + key + "=" + text + "'");
      }
      int first = Integer.parseInt(matcher.group(1));
      return new PortRange(matcher.group(3) == null ? "tcp" : matcher.group(3), first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
    }

    boolean holds(String ofPort, int number) {
      return protocol.equals(ofPort) && number >= first && number <= last;
    }
  }

  /** Text that ends a matching which takes too many steps: a pattern from a client must not keep a processor busy. */
  private static final class PatientText implements CharSequence {
    private static final int MAX_STEPS = 200_000;

    private final String text;
    private int steps;

    PatientText(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++steps > MAX_STEPS) {
        throw Refusal.invalid("invalid filter 'name': the pattern takes too long");
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
