package dev.tallyman.log;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/** The table of places up to which output was forwarded. */
@Singleton
class ForwardStore {
  private final DataSource database;

  @Inject
  ForwardStore(DataSource database) {
    this.database = database;
  }

  Map<String, ForwardPlace> all() {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              try (Connection connection = database.getConnection();
                  PreparedStatement query = connection.prepareStatement("select container_id, file_begun, file_offset from log_forwarding");
                  ResultSet row = query.executeQuery()) {
                Map<String, ForwardPlace> found = new HashMap<>();
                while (row.next()) {
                  found.put(row.getString(1), new ForwardPlace(row.getLong(2), row.getLong(3)));
                }
                return found;
              }
            });
  }

  /** In one transaction. Those of containers that are gone for good are forgotten. */
  void save(Map<String, ForwardPlace> places) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              try (Connection connection = database.getConnection();
                  PreparedStatement update = connection.prepareStatement("update log_forwarding set file_begun = ?, file_offset = ? where container_id = ?");
                  PreparedStatement insert = connection.prepareStatement("insert into log_forwarding (file_begun, file_offset, container_id) values (?, ?, ?)")) {
                for (Map.Entry<String, ForwardPlace> each : places.entrySet()) {
                  if (write(update, each) == 0) {
                    write(insert, each);
                  }
                }
              } catch (SQLException e) {
                throw new IllegalStateException("the places up to which output was forwarded cannot be stored", e);
              }
            });
  }

  private static int write(PreparedStatement statement, Map.Entry<String, ForwardPlace> place) throws SQLException {
    statement.setLong(1, place.getValue().fileBegun());
    statement.setLong(2, place.getValue().offset());
    statement.setString(3, place.getKey());
    return statement.executeUpdate();
  }

  void forgetRemoved() {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              try (Connection connection = database.getConnection();
                  PreparedStatement delete = connection.prepareStatement("delete from log_forwarding f where exists (select 1 from containers c where c.id = f.container_id and c.removed_at is not null)")) {
                delete.executeUpdate();
              } catch (SQLException e) {
                throw new IllegalStateException("the table of forwarded output cannot be read", e);
              }
            });
  }
}
