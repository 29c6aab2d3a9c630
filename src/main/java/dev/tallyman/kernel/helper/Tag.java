package dev.tallyman.kernel.helper;

import org.jspecify.annotations.Nullable;

/** Names of a packet's fields (tm_tag) with the form of their value. */
enum Tag {
  CONTAINER(1, Form.ID),
  LAYER(2, Form.ID),
  EXEC(3, Form.ID),
  NETWORK(4, Form.ID),
  JOIN_NETWORK_OF(5, Form.ID),
  AFTER(6, Form.ID),
  VOLUME(7, Form.ID),
  JOIN_PROCESSES_OF(8, Form.ID),
  MOUNT_LAYER(9, Form.ID),
  ARG(16, Form.TEXT),
  ENV(17, Form.TEXT),
  WORKDIR(18, Form.TEXT),
  USER(19, Form.TEXT),
  HOSTNAME(20, Form.TEXT),
  GROUP_ADD(21, Form.TEXT),
  HOSTS(22, Form.TEXT),
  RESOLV(23, Form.TEXT),
  CPUSET(24, Form.TEXT),
  SYSCTL(25, Form.TEXT),
  TMPFS(26, Form.TEXT),
  TEXT(27, Form.TEXT),
  STEP(28, Form.TEXT),
  DOMAINNAME(29, Form.TEXT),
  PATH(31, Form.TEXT),
  MASKED_NONE(30, Form.NUMBER),
  SECRET(38, Form.TEXT),
  CPUSET_MEMS(39, Form.TEXT),
  PREFIX(40, Form.NUMBER),
  SIGNAL(41, Form.NUMBER),
  NETWORK_MODE(42, Form.NUMBER),
  FLAGS(43, Form.NUMBER),
  PIDS_MAX(44, Form.NUMBER),
  CPU_SHARES(45, Form.NUMBER),
  LOG_FILES(46, Form.NUMBER),
  ADDRESS(47, Form.NUMBER),
  GATEWAY(48, Form.NUMBER),
  ERRNO(49, Form.NUMBER),
  NUMBER(50, Form.NUMBER),
  PID(51, Form.NUMBER),
  RUNNING(52, Form.NUMBER),
  MORE(53, Form.NUMBER),
  ROWS(54, Form.NUMBER),
  COLUMNS(55, Form.NUMBER),
  UMASK(56, Form.NUMBER),
  INTERNAL(57, Form.NUMBER),
  OOM_SCORE(58, Form.NUMBER),
  RESOLVER(61, Form.NUMBER),
  NAMESPACES(62, Form.NUMBER),
  SWAPPINESS(63, Form.NUMBER),
  FILE_FLAGS(59, Form.NUMBER),
  VOLUME_FLAGS(60, Form.NUMBER),
  MEMORY_MAX(64, Form.LONG),
  MEMORY_SWAP_MAX(65, Form.LONG),
  CPU_QUOTA(66, Form.LONG),
  CPU_PERIOD(67, Form.LONG),
  CAPABILITIES(68, Form.LONG),
  LOG_MAX(69, Form.LONG),
  SHM_SIZE(70, Form.LONG),
  BYTES(71, Form.LONG),
  COUNT(72, Form.LONG),
  STARTED_NS(73, Form.LONG),
  MEMORY_LOW(74, Form.LONG),
  REALTIME_PERIOD(76, Form.LONG),
  REALTIME_RUNTIME(77, Form.LONG),
  BLOCK_WEIGHT(78, Form.LONG),
  SIZE_LIMIT(79, Form.LONG),
  PORT(80, Form.RECORD),
  MAC(81, Form.RECORD),
  ULIMIT(82, Form.RECORD),
  MOUNT(83, Form.RECORD),
  NETWORK_OPTIONS(86, Form.RECORD),
  ENDPOINT(87, Form.RECORD),
  SOURCE(88, Form.RECORD),
  DEVICE(89, Form.RECORD),
  MASKED_PATH(90, Form.RECORD),
  READ_ONLY_PATH(91, Form.RECORD),
  DEVICE_RULE(92, Form.RECORD),
  BLOCK_LIMIT(93, Form.RECORD),
  SECCOMP(94, Form.RECORD),
  NETWORK6(95, Form.RECORD),
  ENDPOINT6(96, Form.RECORD),
  PORT6(97, Form.RECORD),
  SOURCE6(98, Form.RECORD),
  LAN(99, Form.RECORD),
  LINK_NAME(100, Form.RECORD),
  BRIDGE_NAME(101, Form.RECORD),
  LINK_SYSCTL(102, Form.RECORD);

  /** How a value is written. */
  enum Form {
    /** 64 characters of [0-9a-f]. */
    ID,
    /** UTF-8 without NUL. */
    TEXT,
    /** u32. */
    NUMBER,
    /** u64. */
    LONG,
    /** A layout of its own. */
    RECORD
  }

  private static final @Nullable Tag[] BY_NUMBER = new Tag[128];

  static {
    for (Tag each : values()) {
      BY_NUMBER[each.number] = each;
    }
  }

  private final int number;
  private final Form form;

  Tag(int number, Form form) {
    this.number = number;
    this.form = form;
  }

  int number() {
    return number;
  }

  Form form() {
    return form;
  }

  /** @throws MalformedReplyException for a number that the protocol does not know */
  static Tag of(int number) {
    Tag tag = number < 0 || number >= BY_NUMBER.length ? null : BY_NUMBER[number];
    if (tag == null) {
      throw new MalformedReplyException("unknown tag " + number);
    }
    return tag;
  }
}
