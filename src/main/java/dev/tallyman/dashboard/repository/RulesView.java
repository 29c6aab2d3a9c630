package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.FilterValues;
import dev.tallyman.index.Repositories.Details;
import dev.tallyman.index.RepositoryRules.Laid;
import dev.tallyman.index.RetentionRule;
import dev.tallyman.index.RetentionRuns.Outcome;
import dev.tallyman.web.Given;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page with the rules of a repository shows.
 *
 * @param immutable names of immutable tags in the form
 * @param error why one of the forms was refused, in the reader's language; absent if none was
 * @param outcome of the rule in the form, when it was tried out
 */
record RulesView(Details details, Laid laid, String immutable, Retention form, @Nullable String error, @Nullable Outcome outcome) {
  /** A retention rule as it is typed: numbers may be none, names are parted by space or line ends. */
  record Retention(String keepLast, String keepPushedDays, String keepPulledDays, String keepTags) {
    static Retention of(@Nullable RetentionRule rule) {
      return rule == null
          ? new Retention("", "", "", "")
          : new Retention(text(rule.keepLast()), text(rule.keepPushedDays()), text(rule.keepPulledDays()), rule.keepTags() == null ? "" : String.join("\n", rule.keepTags()));
    }

    /** @throws dev.tallyman.error.TallymanException INVALID for what is no number */
    RetentionRule parsed() {
      return new RetentionRule(number(keepLast, "keepLast"), number(keepPushedDays, "keepPushedDays"), number(keepPulledDays, "keepPulledDays"), words(keepTags));
    }

    private static String text(@Nullable Integer number) {
      return number == null ? "" : number.toString();
    }

    private static @Nullable Integer number(String typed, String name) {
      return typed.isBlank() ? null : Integer.valueOf(Given.number(typed.strip(), name, 0));
    }
  }

  static RulesView of(Details details, Laid laid) {
    return new RulesView(details, laid, String.join("\n", laid.immutableTags()), Retention.of(laid.retention()), null, null);
  }

  static List<String> words(String typed) {
    return typed.isBlank() ? List.of() : Arrays.asList(typed.strip().split("[\\s,]+"));
  }

  static String path(String name) {
    return new FilterValues().with("name", name).link("/ui/repositories/rules", null);
  }

  public String repositoryPath() {
    return RepositoryView.path(details.name());
  }
}
