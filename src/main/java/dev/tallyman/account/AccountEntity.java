package dev.tallyman.account;

import dev.tallyman.account.Accounts.Account;
import dev.tallyman.identity.Role;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An account; its password is kept as a bcrypt hash. */
@Entity
@Table(name = "accounts")
class AccountEntity {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  @Nullable Long id;

  @ManyToOne(optional = false)
  @JoinColumn(name = "team_id")
  TeamEntity team = new TeamEntity();

  @Column(nullable = false)
  String name = "";

  @Column(name = "password_hash", nullable = false)
  String passwordHash = "";

  @Enumerated(EnumType.STRING)
  @Column(nullable = false)
  Role role = Role.VIEWER;

  @Column(name = "is_disabled", nullable = false)
  boolean isDisabled;

  @Column(name = "must_change_password", nullable = false)
  boolean mustChangePassword;

  @Column(name = "peer_uid")
  @Nullable Long peerUid;

  @Column(name = "created_at", nullable = false)
  Instant createdAt = Instant.EPOCH;

  long id() {
    return id == null ? 0 : id;
  }

  Account shown() {
    return new Account(id(), name, role, team.name, isDisabled, mustChangePassword, peerUid, createdAt);
  }
}
