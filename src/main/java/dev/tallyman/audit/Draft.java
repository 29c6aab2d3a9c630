package dev.tallyman.audit;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A row that has no place in the chain yet. Texts are neutral and fit their columns; the time has microseconds, as the database does. */
record Draft(
    Instant at, String account, long teamId, String team, String way, @Nullable String token, String origin, String action, String object, String outcome, String detail) {
  /** In UTF-16 units, as the column. */
  static final int MAX_OBJECT = 300;

  static Draft of(Instant now, Caller caller, String action, String object, String outcome, String detail) {
    return new Draft(
        now.truncatedTo(ChronoUnit.MICROS),
        NeutralText.of(caller.accountName(), 64),
        caller.team(),
        NeutralText.of(caller.teamName(), 64),
        caller.way().name().toLowerCase(Locale.ROOT),
        caller.token() == null ? null : NeutralText.of(caller.token(), 64),
        NeutralText.of(caller.origin().toString(), 100),
        NeutralText.of(action, 64),
        NeutralText.of(object, MAX_OBJECT),
        outcome,
        NeutralText.of(detail, 4000));
  }
}
