package dev.tallyman.kernel.helper;

/** Outcome of an operation (tm_status). */
enum Status {
  OK,
  PROTOCOL,
  PRIVILEGE,
  POLICY_FILE,
  DENIED,
  ABSENT,
  EXISTS,
  BUSY,
  INVALID,
  EXHAUSTED,
  COMMAND,
  KERNEL,
  ARCHIVE;

  private static final Status[] ALL = values();

  /** @throws MalformedReplyException for a number that the protocol does not know */
  static Status of(int number) {
    if (number < 0 || number >= ALL.length) {
      throw new MalformedReplyException("unknown status " + number);
    }
    return ALL[number];
  }

  int number() {
    return ordinal();
  }
}
