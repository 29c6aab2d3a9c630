package dev.tallyman.error;

/** Closed list of why a request cannot be carried out; every edge turns a kind into its own status in one exhaustive switch. */
public enum ErrorKind {
  /** The named object does not exist, or the caller may not know that it does. */
  NOT_FOUND,
  /** A name or id is taken. */
  ALREADY_EXISTS,
  /** The request itself is wrong and will never work as it stands. */
  INVALID,
  /** The object is in a state that does not allow this now. */
  CONFLICT,
  /** Nobody is logged in, or the credentials are wrong. */
  UNAUTHENTICATED,
  /** The caller is known but has no right to do this, or the host's policy forbids it. */
  DENIED,
  /** A limit is reached: quota, disk, ids, addresses, requests per minute. */
  EXHAUSTED,
  /** The body is larger than the way in accepts. */
  TOO_LARGE,
  /** A part that is needed is not there now; trying again later may help. */
  UNAVAILABLE,
  /** A known option that this server does not offer. */
  UNSUPPORTED,
  /** Our own fault. */
  INTERNAL
}
