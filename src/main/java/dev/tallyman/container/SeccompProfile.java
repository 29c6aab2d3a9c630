package dev.tallyman.container;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.kernel.SyscallFilter;
import dev.tallyman.kernel.SyscallFilter.Comparison;
import dev.tallyman.kernel.SyscallFilter.Rule;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A seccomp profile in Docker's JSON form (github.com/moby/profiles, seccomp.go), read into what the helper takes. Names that only other
 * architectures have are passed over, as libseccomp does; a name that none has is an error, because a mistyped rule would protect nobody.
 */
final class SeccompProfile {
  private static final int MAX_CHARS = 262_144;
  /** What fits into the helper's field of 128 KiB. */
  private static final int MAX_BYTES = 131_000;

  private static final int RULE_BYTES = 16;
  private static final int COMPARISON_BYTES = 24;
  private static final int EPERM = 1;
  private static final int MAX_ERRNO = 4095;
  private static final ObjectMapper MAPPER =
      new ObjectMapper(JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(10).build()).build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** The kernel's SECCOMP_RET_ values; a number belongs into the lower half of ERRNO and TRACE. */
  private static final Map<String, Integer> ACTIONS =
      Map.of(
          "SCMP_ACT_KILL", 0, "SCMP_ACT_KILL_THREAD", 0, "SCMP_ACT_KILL_PROCESS", 0x80000000, "SCMP_ACT_TRAP", 0x00030000, "SCMP_ACT_ERRNO", 0x00050000, "SCMP_ACT_TRACE", 0x7ff00000,
          "SCMP_ACT_LOG", 0x7ffc0000, "SCMP_ACT_ALLOW", 0x7fff0000);

  private static final Map<String, Integer> OPERATORS =
      Map.of("SCMP_CMP_NE", 1, "SCMP_CMP_LT", 2, "SCMP_CMP_LE", 3, "SCMP_CMP_EQ", 4, "SCMP_CMP_GE", 5, "SCMP_CMP_GT", 6, "SCMP_CMP_MASKED_EQ", 7);

  private static final Set<String> OF_PROFILE = Set.of("defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "syscalls");
  private static final Set<String> OF_RULE = Set.of("name", "names", "action", "errnoRet", "errno", "args", "comment", "includes", "excludes");
  private static final Set<String> OF_CONDITION = Set.of("caps", "arches", "minKernel");
  private static final Set<String> OF_COMPARISON = Set.of("index", "value", "valueTwo", "op");

  private final long capabilities;
  private final String kernel;
  private final List<Rule> rules = new ArrayList<>();
  private int bytes;

  private SeccompProfile(long capabilities, String kernel) {
    this.capabilities = capabilities;
    this.kernel = kernel;
  }

  /**
   * @param capabilities bit set of the container's, which rules may be tied to
   * @throws dev.tallyman.error.TallymanException INVALID for what is no profile
   */
  static SyscallFilter read(String json, long capabilities) {
    return new SeccompProfile(capabilities, System.getProperty("os.version", "0.0")).compile(json);
  }

  private SyscallFilter compile(String json) {
    if (json.length() > MAX_CHARS) {
      throw failed("it is longer than " + MAX_CHARS + " characters");
    }
    JsonNode profile;
    try {
      profile = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw failed(e.getOriginalMessage());
    }
    requireKnown(profile, OF_PROFILE, "profile");
    if (present(profile, "architectures") && present(profile, "archMap")) {
      throw failed("both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'");
    }
    int otherwise = action(profile, "defaultAction", "defaultErrnoRet");
    for (JsonNode each : array(profile, "syscalls")) {
      readRule(each, otherwise);
    }
    return new SyscallFilter(otherwise, rules);
  }

  private void readRule(JsonNode rule, int otherwise) {
    requireKnown(rule, OF_RULE, "rule");
    List<String> names = new ArrayList<>(texts(rule, "names"));
    if (present(rule, "name")) {
      if (!names.isEmpty()) {
        throw failed("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");
      }
      names.add(text(rule, "name"));
    }
    int action = action(rule, "action", "errnoRet");
    List<List<Comparison>> alternatives = alternatives(rule);
    boolean isMeant = applies(rule.get("includes"), true) && applies(rule.get("excludes"), false);
    for (String name : names) {
      Integer number = SystemCalls.number(name);
      if (number == null) {
        throw failed("there is no system call " + Refusal.quoted(name));
      }
      if (isMeant && number != SystemCalls.ELSEWHERE && action != otherwise) {
        alternatives.forEach(each -> add(new Rule(number, action, each)));
      }
    }
  }

  private void add(Rule rule) {
    bytes += RULE_BYTES + rule.comparisons().size() * COMPARISON_BYTES;
    if (bytes > MAX_BYTES) {
      throw failed("it has too many rules");
    }
    rules.add(rule);
  }

  /** Comparisons hold together, unless two are about one argument: then each is a rule of its own, as runc has it. */
  private static List<List<Comparison>> alternatives(JsonNode rule) {
    List<Comparison> all = new ArrayList<>();
    Set<Integer> arguments = new HashSet<>();
    for (JsonNode each : array(rule, "args")) {
      requireKnown(each, OF_COMPARISON, "argument");
      Integer operator = OPERATORS.get(text(each, "op"));
      if (operator == null) {
        throw failed("there is no operator " + Refusal.quoted(text(each, "op")));
      }
      all.add(new Comparison(number(each, "index", 5).intValue(), operator, unsigned(each, "value"), unsigned(each, "valueTwo")));
      arguments.add(all.get(all.size() - 1).argument());
      if (all.size() > 64) {
        throw failed("a rule has more than 64 arguments");
      }
    }
    return arguments.size() == all.size() ? List.of(all) : all.stream().map(List::of).toList();
  }

  private boolean applies(@Nullable JsonNode condition, boolean isIncluding) {
    if (condition == null || condition.isNull()) {
      return true;
    }
    requireKnown(condition, OF_CONDITION, "condition");
    List<String> caps = texts(condition, "caps");
    List<String> arches = texts(condition, "arches");
    boolean hasKernel = present(condition, "minKernel");
    if (isIncluding) {
      return caps.stream().allMatch(this::hasCapability) && (arches.isEmpty() || arches.contains(SystemCalls.ARCHITECTURE)) && (!hasKernel || isKernel(text(condition, "minKernel")));
    }
    return caps.stream().noneMatch(this::hasCapability) && !arches.contains(SystemCalls.ARCHITECTURE) && !(hasKernel && isKernel(text(condition, "minKernel")));
  }

  private boolean hasCapability(String name) {
    return (Capabilities.bit(name) & capabilities) != 0;
  }

  private boolean isKernel(String least) {
    if (!least.matches("\\d{1,4}\\.\\d{1,4}")) {
      throw failed("minKernel is not a version: " + Refusal.quoted(least));
    }
    int[] wanted = version(least);
    int[] here = version(kernel);
    return here[0] > wanted[0] || (here[0] == wanted[0] && here[1] >= wanted[1]);
  }

  private static int[] version(String text) {
    String[] parts = text.split("[^0-9]+", 3);
    return new int[] {Integer.parseInt(parts[0]), parts.length > 1 && !parts[1].isEmpty() ? Integer.parseInt(parts[1]) : 0};
  }

  private static int action(JsonNode node, String name, String errno) {
    String word = text(node, name);
    if (word.equals("SCMP_ACT_NOTIFY")) {
      throw failed("SCMP_ACT_NOTIFY is not supported: nobody listens for notifications");
    }
    Integer action = ACTIONS.get(word);
    if (action == null) {
      throw failed("there is no action " + Refusal.quoted(word));
    }
    if (!word.equals("SCMP_ACT_ERRNO") && !word.equals("SCMP_ACT_TRACE")) {
      return action;
    }
    return action | (present(node, errno) ? number(node, errno, MAX_ERRNO).intValue() : EPERM);
  }

  private static void requireKnown(JsonNode node, Set<String> names, String what) {
    if (!node.isObject()) {
      throw failed("a " + what + " must be an object");
    }
    node.properties().forEach(each -> {
      if (!names.contains(each.getKey()) && present(node, each.getKey())) {
        throw failed("the field " + Refusal.quoted(each.getKey()) + " of a " + what + " is not supported");
      }
    });
  }

  private static boolean present(JsonNode node, String name) {
    JsonNode value = node.get(name);
    return value != null && !value.isNull() && !(value.isContainerNode() && value.isEmpty()) && !(value.isTextual() && value.textValue().isEmpty());
  }

  private static String text(JsonNode node, String name) {
    JsonNode value = node.get(name);
    if (value == null || !value.isTextual()) {
      throw failed("the field " + Refusal.quoted(name) + " must be a text");
    }
    return value.textValue();
  }

  private static Iterable<JsonNode> array(JsonNode node, String name) {
    if (!present(node, name)) {
      return List.of();
    }
    if (!node.get(name).isArray()) {
      throw failed("the field " + Refusal.quoted(name) + " must be an array");
    }
    return node.get(name);
  }

  private static List<String> texts(JsonNode node, String name) {
    List<String> all = new ArrayList<>();
    for (JsonNode each : array(node, name)) {
      if (!each.isTextual()) {
        throw failed("the field " + Refusal.quoted(name) + " must be an array of texts");
      }
      all.add(each.textValue());
    }
    return all;
  }

  private static BigInteger number(JsonNode node, String name, long most) {
    JsonNode value = node.get(name);
    if (value == null || value.isNull()) {
      return BigInteger.ZERO;
    }
    if (!value.isIntegralNumber() || value.bigIntegerValue().signum() < 0 || (most >= 0 && value.bigIntegerValue().compareTo(BigInteger.valueOf(most)) > 0)) {
      throw failed("the field " + Refusal.quoted(name) + " is not a number, or out of range");
    }
    return value.bigIntegerValue();
  }

  private static long unsigned(JsonNode node, String name) {
    BigInteger value = number(node, name, -1);
    if (value.bitLength() > Long.SIZE) {
      throw failed("the field " + Refusal.quoted(name) + " has more than 64 bits");
    }
    return value.longValue();
  }

  private static dev.tallyman.error.TallymanException failed(String why) {
    return Refusal.invalid("decoding seccomp profile failed: " + why);
  }
}
