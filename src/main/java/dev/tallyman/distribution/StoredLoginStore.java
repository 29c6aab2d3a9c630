package dev.tallyman.distribution;

import dev.tallyman.distribution.StoredLogins.StoredLogin;
import dev.tallyman.image.Sql;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The table registry_logins. Passwords come and go sealed. */
@Singleton
class StoredLoginStore {
  private final Sql sql;

  @Inject
  StoredLoginStore(DataSource database) {
    this.sql = new Sql(database);
  }

  record Row(StoredLogin login, byte[] sealed) {}

  List<StoredLogin> of(long account) {
    return sql.list("select registry, user_name, stored_at, sealed from registry_logins where account_id = ? order by registry", StoredLoginStore::row, account).stream().map(Row::login).toList();
  }

  Optional<Row> find(long account, String registry) {
    return sql.first("select registry, user_name, stored_at, sealed from registry_logins where account_id = ? and registry = ?", StoredLoginStore::row, account, registry);
  }

  /** Whether no account has any. */
  boolean isEmpty() {
    return sql.first("select 1 from registry_logins limit 1", row -> true).isEmpty();
  }

  void put(long account, Row row) {
    remove(account, row.login().registry());
    sql.update(
        "insert into registry_logins (account_id, registry, user_name, sealed, stored_at) values (?, ?, ?, ?, ?)", account, row.login().registry(), row.login().user(),
        Base64.getEncoder().encodeToString(row.sealed()), row.login().storedAt());
  }

  /** @return whether there was one */
  boolean remove(long account, String registry) {
    return sql.update("delete from registry_logins where account_id = ? and registry = ?", account, registry) > 0;
  }

  private static Row row(ResultSet row) throws SQLException {
    StoredLogin login = new StoredLogin(row.getString(1), row.getString(2), row.getObject(3, OffsetDateTime.class).toInstant());
    return new Row(login, Base64.getDecoder().decode(row.getString(4)));
  }
}
