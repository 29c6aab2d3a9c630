package dev.tallyman.account;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;

@ApplicationScoped
class SessionRepository implements PanacheRepositoryBase<SessionEntity, String> {
  Optional<SessionEntity> valid(String secretHash, Instant now) {
    return find("from SessionEntity s join fetch s.account a join fetch a.team where s.secretHash = ?1 and s.expiresAt > ?2", secretHash, now).firstResultOptional();
  }

  void endAllOf(long account) {
    delete("account.id = ?1", account);
  }

  void removeExpired(Instant now) {
    delete("expiresAt <= ?1", now);
  }
}
