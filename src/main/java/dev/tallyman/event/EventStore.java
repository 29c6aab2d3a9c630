package dev.tallyman.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The table of events. Each method is a transaction of its own, unless the calling thread has one. */
@Singleton
class EventStore {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<Map<String, String>> ATTRIBUTES = new TypeReference<>() {};
  private static final String COLUMNS = "select id, happened_nanos, type, action, object_id, team_id, attributes from events ";
  private static final int MAX_ACTION_CHARS = 4000;
  private static final int MAX_ID_CHARS = 1000;
  private static final int MAX_ATTRIBUTE_CHARS = 1_000_000;

  private final DataSource database;

  @Inject
  EventStore(DataSource database) {
    this.database = database;
  }

  /** @return 0 if there is none */
  long last() throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement("select max(id) from events");
        ResultSet row = query.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  void add(List<Event> events) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("insert into events (id, happened_nanos, type, action, object_id, team_id, attributes) values (?, ?, ?, ?, ?, ?, ?)")) {
      for (Event each : events) {
        insert.setLong(1, each.sequence());
        insert.setLong(2, nanos(each.at()));
        insert.setString(3, each.type());
        insert.setString(4, cut(each.action(), MAX_ACTION_CHARS));
        insert.setString(5, cut(each.id(), MAX_ID_CHARS));
        insert.setLong(6, each.team());
        insert.setString(7, json(each.attributes()));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }

  /** Attributes that do not fit are left out: they are labels of a size that nobody reads in an event. */
  private static String json(Map<String, String> attributes) {
    try {
      String json = MAPPER.writeValueAsString(attributes);
      return json.length() <= MAX_ATTRIBUTE_CHARS ? json : "{}";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts can be written", e);
    }
  }

  static long nanos(Instant at) {
    try {
      return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
    } catch (ArithmeticException e) {
      return at.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** The next ones after a sequence, oldest first, below another. */
  List<Event> page(Instant from, @Nullable Instant until, long after, long below, int limit) throws SQLException {
    return query(
        COLUMNS + "where happened_nanos >= ? and happened_nanos <= ? and id > ? and id < ? order by id fetch first " + limit + " rows only", nanos(from),
        until == null ? Long.MAX_VALUE : nanos(until), after, below);
  }

  List<Event> newest(long below, int limit) throws SQLException {
    return query(COLUMNS + "where id < ? order by id desc fetch first " + limit + " rows only", below);
  }

  private List<Event> query(String statement, long... values) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement(statement)) {
      for (int i = 0; i < values.length; i++) {
        query.setLong(i + 1, values[i]);
      }
      try (ResultSet rows = query.executeQuery()) {
        List<Event> found = new ArrayList<>();
        while (rows.next()) {
          found.add(event(rows));
        }
        return found;
      }
    }
  }

  private static Event event(ResultSet row) throws SQLException {
    long nanos = row.getLong(2);
    Instant at = Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
    try {
      return new Event(row.getString(3), row.getString(4), row.getString(5), row.getLong(6), MAPPER.readValue(row.getString(7), ATTRIBUTES), at, row.getLong(1));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the history holds a damaged event", e);
    }
  }

  /** Forgets all but the newest ones, and what is too old. */
  void prune(int kept, Instant oldest) throws SQLException {
    try (Connection connection = database.getConnection()) {
      long limit = 0;
      try (PreparedStatement query = connection.prepareStatement("select id from events order by id desc offset " + kept + " rows fetch first 1 rows only");
          ResultSet row = query.executeQuery()) {
        limit = row.next() ? row.getLong(1) : 0;
      }
      try (PreparedStatement delete = connection.prepareStatement("delete from events where id <= ? or happened_nanos < ?")) {
        delete.setLong(1, limit);
        delete.setLong(2, nanos(oldest));
        delete.executeUpdate();
      }
    }
  }
}
