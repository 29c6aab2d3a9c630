package dev.tallyman.account;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Role;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Makes the first administrator when there is no account. */
@ApplicationScoped
class FirstAccount {
  static final String NAME = "admin";
  private static final Logger LOG = Logger.getLogger(FirstAccount.class);

  private final AccountRepository accounts;
  private final AccountConfig config;

  @Inject
  FirstAccount(AccountRepository accounts, AccountConfig config) {
    this.accounts = accounts;
    this.config = config;
  }

  /** Early, so that every other start-up work finds an account. */
  void onStart(@Observes @jakarta.annotation.Priority(100) StartupEvent start) {
    if (QuarkusTransaction.requiringNew().call(accounts::count) > 0) {
      return;
    }
    Optional<String> given = firstPassword();
    if (given.isEmpty()) {
      LOG.warnf("account %s has no usable password: root can set one through the unix socket (PATCH /api/v1/accounts/%s)", NAME, NAME);
    }
    String hash = Passwords.hash(given.orElseGet(Secrets::random));
    QuarkusTransaction.requiringNew().run(() -> create(hash));
    LOG.infof("made the first account, %s", NAME);
  }

  private void create(String hash) {
    AccountEntity account = new AccountEntity();
    account.team = accounts.getEntityManager().getReference(TeamEntity.class, TeamEntity.DEFAULT);
    account.name = NAME;
    account.passwordHash = hash;
    account.role = Role.ADMINISTRATOR;
    account.mustChangePassword = true;
    account.createdAt = Instant.now();
    accounts.persist(account);
  }

  private Optional<String> firstPassword() {
    Path file = config.firstPasswordFile();
    try {
      String password = Files.readString(file).strip();
      Passwords.requireGood("use the first password in " + file, NAME, password);
      return Optional.of(password);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | TallymanException e) {
      LOG.warnf("the first password could not be used: %s", e.getMessage());
      return Optional.empty();
    }
  }
}
