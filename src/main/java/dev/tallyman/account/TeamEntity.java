package dev.tallyman.account;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/** A team owns containers, images and networks. */
@Entity
@Table(name = "teams")
class TeamEntity {
  static final long DEFAULT = 1;

  @Id long id;

  @Column(nullable = false)
  String name = "";
}
