package dev.tallyman.kernel.helper;

import java.time.Duration;

/** Operations of the helper (tm_verb). */
enum Verb {
  PROBE(1),
  LAYER_UNPACK(2),
  LAYER_REMOVE(3),
  LAYER_LIST(4),
  CONTAINER_START(5),
  CONTAINER_EXEC(6),
  CONTAINER_SIGNAL(7),
  CONTAINER_FREEZE(8),
  CONTAINER_THAW(9),
  CONTAINER_LIMIT(10),
  CONTAINER_CLEAN(11),
  CONTAINER_REMOVE(12),
  CONTAINER_LIST(13),
  NETWORK_UP(14),
  NETWORK_DOWN(15),
  NETWORK_LIST(16),
  CONTAINER_EXPORT(17),
  CONTAINER_DIFF(18),
  CONTAINER_CHANGES(19),
  AUDIT_ANCHOR(20),
  CONTAINER_PREPARE(21),
  FILES_STAT(22),
  FILES_GET(23),
  FILES_PUT(24),
  CONTAINER_SIZE(25),
  VOLUME_CREATE(26),
  VOLUME_REMOVE(27),
  VOLUME_LIST(28),
  VOLUME_EXPORT(29),
  VOLUME_IMPORT(30),
  VOLUME_SIZE(31),
  NETWORK_CONNECT(32),
  NETWORK_DISCONNECT(33),
  NETWORK_RESOLVER(34),
  CONTAINER_SOCKETS(35);

  private final int number;

  Verb(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** What fails with one of these fails for a reason that people can act on, in the words of the helper. */
  boolean isAboutFiles() {
    return this == FILES_STAT || this == FILES_GET || this == FILES_PUT;
  }

  /** A value that one of these refuses is refused in words for people. */
  boolean saysWhatIsInvalid() {
    return isAboutFiles() || this == VOLUME_CREATE || this == VOLUME_IMPORT || this == CONTAINER_PREPARE;
  }

  boolean isStreaming() {
    return this == LAYER_UNPACK || this == CONTAINER_EXPORT || this == CONTAINER_DIFF || this == CONTAINER_CHANGES || this == VOLUME_EXPORT || this == VOLUME_IMPORT || this == FILES_GET || this == FILES_PUT;
  }

  /** The helper gives up by itself at its own deadline; a little more leaves it the time to say so. */
  Duration deadline() {
    return Duration.ofSeconds((isStreaming() ? Protocol.STREAM_DEADLINE_SECONDS : Protocol.DEADLINE_SECONDS) + 5L);
  }
}
