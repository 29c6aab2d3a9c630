package dev.tallyman.audit;

import dev.tallyman.identity.Caller;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Append-only, hash-chained trail of who did what, by which way in. */
public interface AuditTrail {
  /** Writes a row in the caller's transaction if there is one, else in its own. Texts are neutralised (control characters, bidi marks). */
  void done(Caller caller, String action, String object, String detail);

  /** Writes a refused or failed attempt in a transaction of its own, so that it stays when the attempt's is rolled back. */
  void failed(Caller caller, String action, String object, Throwable why);

  /** Newest first. Administrators see all, others the rows of their team. */
  List<AuditRow> list(Caller caller, AuditFilter filter);

  /** What was done with one thing, in all teams unless the filter names some: whoever asks answers for who gets to see it. Found by reading the whole trail. */
  List<AuditRow> trace(TraceFilter filter);

  /** Checks the chain from its first row; absent if it holds, else what is wrong and where. */
  Optional<String> verify(Caller caller);

  /** @param before only rows with a lower id (paging); @param limit 1..1000 */
  record AuditFilter(
      @Nullable String account, @Nullable String action, @Nullable String object, @Nullable String way, @Nullable String outcome,
      java.time.@Nullable Instant since, java.time.@Nullable Instant until, @Nullable Long before, int limit) {
    public static AuditFilter newest(int limit) {
      return new AuditFilter(null, null, null, null, null, null, null, null, limit);
    }
  }

  /**
   * Each list is of alternatives and has at least one.
   *
   * @param objects beginnings of the object; @param details likewise
   * @param teams absent = all
   * @param limit 1..1000
   */
  record TraceFilter(List<String> actions, List<String> objects, List<String> details, @Nullable List<Long> teams, boolean isOldestFirst, int limit) {}

  /** @param outcome done, refused or failed; @param origin address or peer uid and pid; @param hash hex of this row's link in the chain */
  record AuditRow(
      long id, java.time.Instant at, String account, String team, String way, @Nullable String token, String origin, String action, String object, String outcome,
      String detail, String hash) {}
}
