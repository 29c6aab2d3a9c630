package dev.tallyman.account;

import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

@ApplicationScoped
class TokenRepository implements PanacheRepository<TokenEntity> {
  Optional<TokenEntity> bySecretHash(String secretHash) {
    return find("from TokenEntity t join fetch t.account a join fetch a.team where t.secretHash = ?1", secretHash).firstResultOptional();
  }

  List<TokenEntity> of(long account) {
    return list("account.id = ?1 order by id", account);
  }

  boolean isNameTaken(long account, String name) {
    return count("account.id = ?1 and name = ?2", account, name) > 0;
  }
}
