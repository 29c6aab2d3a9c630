package dev.tallyman.account;

import dev.tallyman.account.Accounts.Token;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A secret for programs, acting as its account. */
@Entity
@Table(name = "tokens")
class TokenEntity {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  @Nullable Long id;

  @ManyToOne(optional = false)
  @JoinColumn(name = "account_id")
  AccountEntity account = new AccountEntity();

  @Column(nullable = false)
  String name = "";

  @Column(name = "secret_hash", nullable = false)
  String secretHash = "";

  @Column(name = "created_at", nullable = false)
  Instant createdAt = Instant.EPOCH;

  @Column(name = "expires_at")
  @Nullable Instant expiresAt;

  @Column(name = "last_used_at")
  @Nullable Instant lastUsedAt;

  Token shown() {
    return new Token(id == null ? 0 : id, name, createdAt, expiresAt, lastUsedAt);
  }
}
