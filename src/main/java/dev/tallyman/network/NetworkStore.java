package dev.tallyman.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Plain statements on the table {@code networks}, within the transaction of the calling thread. */
@Singleton
class NetworkStore {
  private static final ObjectMapper MAPPER = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final DataSource database;

  @Inject
  NetworkStore(DataSource database) {
    this.database = database;
  }

  /** @param team absent = every team's; @param subnet empty for none, host, models, and networks with IPv6 alone */
  record Row(String id, @Nullable Long team, String name, String driver, String subnet, String gateway, boolean isInternal, Instant createdAt, NetworkTraits traits) {
    boolean isBuiltIn() {
      return team == null;
    }

    /** A model of networks, and no network. */
    boolean isConfigOnly() {
      return traits.configuration() != null;
    }

    boolean hasAddresses() {
      return !subnets().isEmpty();
    }

    /** That of IPv4, or the one of IPv6 where it has that alone. */
    String subnets() {
      return subnet.isEmpty() ? traits.subnet6() : subnet;
    }
  }

  List<Row> all() {
    try (Connection connection = database.getConnection();
        PreparedStatement query =
            connection.prepareStatement("select id, team_id, name, driver, subnet, gateway, is_internal, created_at, traits from networks order by created_at, name");
        ResultSet rows = query.executeQuery()) {
      List<Row> found = new ArrayList<>();
      while (rows.next()) {
        found.add(
            new Row(
                rows.getString(1), rows.getObject(2, Long.class), rows.getString(3), rows.getString(4), rows.getString(5), rows.getString(6), rows.getBoolean(7),
                rows.getObject(8, OffsetDateTime.class).toInstant(), traits(rows.getString(9))));
      }
      return found;
    } catch (SQLException e) {
      throw failed("read", e);
    }
  }

  void add(Row row) {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("insert into networks (id, team_id, name, driver, subnet, gateway, is_internal, created_at, traits) values (?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, row.id());
      insert.setObject(2, row.team());
      insert.setString(3, row.name());
      insert.setString(4, row.driver());
      insert.setString(5, row.subnet());
      insert.setString(6, row.gateway());
      insert.setBoolean(7, row.isInternal());
      insert.setObject(8, row.createdAt().atOffset(ZoneOffset.UTC));
      insert.setString(9, json(row.traits()));
      insert.executeUpdate();
    } catch (SQLException e) {
      throw failed("write", e);
    }
  }

  void move(String id, String subnet, String gateway) {
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement("update networks set subnet = ?, gateway = ? where id = ?")) {
      update.setString(1, subnet);
      update.setString(2, gateway);
      update.setString(3, id);
      update.executeUpdate();
    } catch (SQLException e) {
      throw failed("write", e);
    }
  }

  void remove(String id) {
    try (Connection connection = database.getConnection();
        PreparedStatement delete = connection.prepareStatement("delete from networks where id = ?")) {
      delete.setString(1, id);
      delete.executeUpdate();
    } catch (SQLException e) {
      throw failed("write", e);
    }
  }

  /** Rows of earlier versions have none. */
  private static NetworkTraits traits(@Nullable String json) {
    try {
      return json == null ? NetworkTraits.none() : MAPPER.readValue(json, NetworkTraits.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the inventory holds a damaged network record", e);
    }
  }

  private static String json(NetworkTraits traits) {
    try {
      return MAPPER.writeValueAsString(traits);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record without cycles can be written", e);
    }
  }

  private static TallymanException failed(String attempted, SQLException cause) {
    return new TallymanException(ErrorKind.UNAVAILABLE, "cannot " + attempted + " the networks: the inventory is not available (disk full or damaged?); see the server's log", cause);
  }
}
