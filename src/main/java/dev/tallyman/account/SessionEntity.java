package dev.tallyman.account;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;

/** A login that has not ended. */
@Entity
@Table(name = "sessions")
class SessionEntity {
  @Id
  @Column(name = "secret_hash")
  String secretHash = "";

  @ManyToOne(optional = false)
  @JoinColumn(name = "account_id")
  AccountEntity account = new AccountEntity();

  @Column(name = "created_at", nullable = false)
  Instant createdAt = Instant.EPOCH;

  @Column(name = "expires_at", nullable = false)
  Instant expiresAt = Instant.EPOCH;
}
