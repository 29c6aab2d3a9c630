package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.KernelProbe;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks the helper what the host allows; an answer is used for some seconds, so that health checks cost nothing. */
@ApplicationScoped
class HelperProbe implements KernelProbe {
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Helper helper;
  private @Nullable Answer last;

  HelperProbe(Helper helper) {
    this.helper = helper;
  }

  private record Answer(Map<String, String> facts, @Nullable String obstacle, long atNanos) {}

  @Override
  public Map<String, String> facts() {
    return answer().facts();
  }

  @Override
  public Optional<String> obstacle() {
    return Optional.ofNullable(answer().obstacle());
  }

  private synchronized Answer answer() {
    Answer known = last;
    if (known == null || System.nanoTime() - known.atNanos() > FRESH_NANOS) {
      known = ask();
      last = known;
    }
    return known;
  }

  private Answer ask() {
    try {
      Map<String, String> facts = facts(helper.call(Request.of(Verb.PROBE)).text(Tag.TEXT));
      return new Answer(facts, facts.get("obstacle"), System.nanoTime());
    } catch (KernelException e) {
      return new Answer(Map.of(), e.getMessage(), System.nanoTime());
    }
  }

  static Map<String, String> facts(String lines) {
    Map<String, String> facts = new LinkedHashMap<>();
    lines.lines().filter(line -> line.indexOf(' ') > 0).forEach(line -> facts.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)));
    return facts;
  }

  @Override
  public Optional<String> anchor(String head) {
    String before = helper.call(Request.of(Verb.AUDIT_ANCHOR).text(Tag.TEXT, head)).text(Tag.TEXT);
    return before.isEmpty() ? Optional.empty() : Optional.of(before);
  }
}
