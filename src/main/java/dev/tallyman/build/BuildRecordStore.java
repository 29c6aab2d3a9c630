package dev.tallyman.build;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import dev.tallyman.image.Sql;
import io.agroal.api.AgroalDataSource;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Statements on the tables builds and build_output. Transactions belong to the callers. */
@Singleton
class BuildRecordStore {
  private static final String COLUMNS =
      "id, account, way, names, target, dockerfile, context, bases, outcome, error, image, started_at, ended_at, steps, cached, ref";

  /** Characters of the columns. */
  private static final int MOST_NAMES = 10_000;
  private static final int MOST_STAGES = 1_000_000;

  private final Sql sql;
  private final ObjectMapper json;

  @Inject
  BuildRecordStore(AgroalDataSource source, ObjectMapper json) {
    sql = new Sql(source);
    this.json = json;
  }

  record Unfinished(long team, String teamName, BuildRecord build) {}

  void begin(long team, BuildRecord row) {
    sql.update(
        "insert into builds (team_id, " + COLUMNS + ", stages) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", team, row.id(), row.account(), row.way(),
        String.join(" ", row.names()), row.target(), row.dockerfile(), row.context(), String.join(" ", row.bases()), row.outcome().name(), row.error(), row.image(), row.startedAt(),
        row.endedAt(), row.stepCount(), row.cachedCount(), row.ref(), text(row.stages()));
  }

  /** Does nothing for one that has ended already. @param most rows of the team that stay, the newest, beside those of builds that run */
  void end(long team, BuildRecord row, int most) {
    int ended = sql.update(
        "update builds set dockerfile = ?, context = ?, bases = ?, outcome = ?, error = ?, image = ?, ended_at = ?, steps = ?, cached = ?, stages = ? where team_id = ? and id = ? and outcome = 'RUNNING'",
        row.dockerfile(), row.context(), String.join(" ", row.bases()), row.outcome().name(), row.error(), row.image(), row.endedAt(), row.stepCount(), row.cachedCount(),
        text(row.stages()), team, row.id());
    if (ended == 0) {
      return;
    }
    Map<Integer, List<OutputPiece>> output = new TreeMap<>();
    row.stages().forEach(stage -> stage.steps().stream().filter(each -> !each.output().isEmpty()).forEach(each -> output.put(each.number(), each.output())));
    if (!output.isEmpty()) {
      sql.update("insert into build_output (build_id, output) values (?, ?)", row.id(), json(output));
    }
    sql.update(
        "delete from builds where team_id = ? and outcome <> 'RUNNING' and id in (select id from builds where team_id = ? order by started_at desc, id desc offset ? rows)", team, team,
        most);
  }

  void remove(long team, String id) {
    sql.update("delete from builds where team_id = ? and id = ?", team, id);
  }

  /** Of all teams: those that run, or did when the server died. */
  List<Unfinished> unfinished() {
    return sql.list(
        "select " + COLUMNS + ", team_id, (select name from teams where teams.id = team_id) from builds where outcome = 'RUNNING'",
        row -> new Unfinished(row.getLong(17), row.getString(18), row(row, List.of())));
  }

  /** Without what the steps wrote, which has a table of its own; as many stages as their column has room for. */
  private String text(List<StageRecord> stages) {
    StringJoiner kept = new StringJoiner(",", "[", "]");
    for (StageRecord each : stages) {
      String stage = json(withOutput(each, Map.of()));
      if (kept.length() + stage.length() + 1 > MOST_STAGES) {
        break;
      }
      kept.add(stage);
    }
    return kept.toString();
  }

  private static StageRecord withOutput(StageRecord stage, Map<Integer, List<OutputPiece>> output) {
    List<StepRecord> steps =
        stage.steps().stream()
            .map(each -> new StepRecord(each.number(), each.text(), each.startedAt(), each.endedAt(), each.isCached(), each.image(), each.isFailed(), output.get(each.number())))
            .toList();
    return new StageRecord(stage.index(), stage.name(), stage.base(), stage.needs(), steps);
  }

  private String json(Object value) {
    try {
      return json.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without their stages, the newest first. */
  List<BuildRecord> list(long team, int limit) {
    return sql.list("select " + COLUMNS + " from builds where team_id = ? order by started_at desc, id desc limit ?", row -> row(row, List.of()), team, limit);
  }

  Optional<BuildRecord> find(long team, String id) {
    return first("id = ?", team, id, true);
  }

  /** @param name an id, else a ref, of which the newest counts; @param hasOutput false: without what its commands wrote */
  Optional<BuildRecord> named(long team, String name, boolean hasOutput) {
    return first("id = ?", team, name, hasOutput).or(() -> first("ref = ? order by started_at desc, id desc limit 1", team, name, hasOutput));
  }

  private Optional<BuildRecord> first(String condition, long team, String value, boolean hasOutput) {
    String rest = hasOutput ? ", stages, output from builds left join build_output on build_id = id" : ", stages, null from builds";
    return sql.first(
        "select " + COLUMNS + rest + " where team_id = ? and " + condition,
        row -> row(row, stages(row.getString(17), row.getString(18))), team, value);
  }

  private List<StageRecord> stages(String text, @Nullable String output) {
    try {
      Map<Integer, List<OutputPiece>> written = output == null ? Map.of() : json.readValue(output, new TypeReference<Map<Integer, List<OutputPiece>>>() {});
      return json.readValue(text, new TypeReference<List<StageRecord>>() {}).stream().map(each -> withOutput(each, written)).toList();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the record of a build is damaged", e);
    }
  }

  private static BuildRecord row(ResultSet row, List<StageRecord> stages) throws SQLException {
    return new BuildRecord(
        row.getString(1), row.getString(2), row.getString(3), words(row.getString(4)), row.getString(5), row.getString(6), row.getString(7), words(row.getString(8)),
        Outcome.valueOf(row.getString(9)), row.getString(10), row.getString(11), row.getObject(12, OffsetDateTime.class).toInstant(),
        instant(row.getObject(13, OffsetDateTime.class)), row.getInt(14), row.getInt(15), stages, row.getString(16));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split(" ")).filter(each -> !each.isEmpty()).toList();
  }

  /** As many names, or ids of bases, as their column has room for. */
  static List<String> bounded(List<String> words) {
    List<String> kept = new ArrayList<>();
    int length = 0;
    for (String each : words) {
      length += each.length() + 1;
      if (length > MOST_NAMES) {
        break;
      }
      kept.add(each);
    }
    return kept;
  }
}
