package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Plain statements on the current transaction's connection, or each in its own when there is none. */
public record Sql(DataSource source) {
  public interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  public <T> List<T> list(String statement, Row<T> row, @Nullable Object... values) {
    try (Connection connection = source.getConnection(); PreparedStatement prepared = connection.prepareStatement(statement)) {
      bind(prepared, values);
      try (ResultSet rows = prepared.executeQuery()) {
        List<T> found = new ArrayList<>();
        while (rows.next()) {
          found.add(row.of(rows));
        }
        return found;
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  public <T> Optional<T> first(String statement, Row<T> row, @Nullable Object... values) {
    return list(statement, row, values).stream().findFirst();
  }

  public int update(String statement, @Nullable Object... values) {
    try (Connection connection = source.getConnection(); PreparedStatement prepared = connection.prepareStatement(statement)) {
      bind(prepared, values);
      return prepared.executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** @return the new row's id */
  public long insert(String statement, @Nullable Object... values) {
    try (Connection connection = source.getConnection(); PreparedStatement prepared = connection.prepareStatement(statement, new String[] {"id"})) {
      bind(prepared, values);
      prepared.executeUpdate();
      try (ResultSet keys = prepared.getGeneratedKeys()) {
        keys.next();
        return keys.getLong(1);
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static void bind(PreparedStatement prepared, @Nullable Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      prepared.setObject(i + 1, value instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : value);
    }
  }

  private static TallymanException failed(SQLException e) {
    return new TallymanException(ErrorKind.INTERNAL, "the inventory of images could not be read or written", e);
  }
}
