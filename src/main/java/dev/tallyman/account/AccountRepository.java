package dev.tallyman.account;

import dev.tallyman.identity.Role;
import io.quarkus.hibernate.orm.panache.PanacheRepository;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

@ApplicationScoped
class AccountRepository implements PanacheRepository<AccountEntity> {
  Optional<AccountEntity> byName(String name) {
    return find("name", name).firstResultOptional();
  }

  Optional<AccountEntity> byPeerUid(long uid) {
    return find("peerUid", uid).firstResultOptional();
  }

  List<AccountEntity> enabledAdministrators() {
    return list("role = ?1 and isDisabled = false order by id", Role.ADMINISTRATOR);
  }
}
