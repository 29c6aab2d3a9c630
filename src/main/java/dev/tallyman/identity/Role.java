package dev.tallyman.identity;

/** What an account may do within its team. Ordered: each role may do all that the ones before it may. */
public enum Role {
  /** Sees everything of its team, changes nothing. */
  VIEWER,
  /** Runs and removes containers and images of its team. */
  MEMBER,
  /** Everything, in every team, and accounts, tokens of others and the whole audit trail. */
  ADMINISTRATOR;

  public boolean includes(Role needed) {
    return ordinal() >= needed.ordinal();
  }
}
