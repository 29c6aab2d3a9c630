package dev.tallyman.kernel.helper;

/** Numbers of native-helper/include/tallyman_protocol.h; ProtocolHeaderTest compares them. */
final class Protocol {
  static final int MAGIC = 0x594c4c54;
  static final int VERSION = 1;
  static final int HEADER_BYTES = 16;
  static final int FIELD_HEADER_BYTES = 8;
  static final int PACKET_MAX_BYTES = 262144;
  static final int FDS_MAX = 2;
  static final int ID_CHARS = 64;
  static final int SOCKET_FD = 3;
  static final int DEADLINE_SECONDS = 30;
  static final int STREAM_DEADLINE_SECONDS = 3600;

  static final int NETWORK_NONE = 0;
  static final int NETWORK_BRIDGE = 1;
  static final int NETWORK_JOIN = 2;
  static final int NETWORK_HOST = 3;

  static final int NETWORK_ISOLATED = 1;
  static final int NETWORK_NO_MASQUERADE = 2;

  static final int FLAG_TTY = 1;
  static final int FLAG_STDIN = 2;
  static final int FLAG_INIT = 4;
  static final int FLAG_READ_ONLY = 8;
  static final int FLAG_NO_NEW_PRIVILEGES = 16;
  static final int FLAG_SECCOMP_UNCONFINED = 32;
  static final int FLAG_HOLD = 64;
  static final int FLAG_PRIVILEGED = 128;
  static final int FLAG_STDIN_ONCE = 256;
  static final int FLAG_OOM_KILL_DISABLE = 512;
  static final int FLAG_LOG_NONE = 1024;

  static final int NAMESPACE_JOIN_PID = 1;
  static final int NAMESPACE_JOIN_IPC = 2;
  static final int NAMESPACE_IPC_NONE = 4;
  static final int NAMESPACE_HOST_UTS = 8;
  static final int NAMESPACE_HOST_CGROUP = 16;

  static final int BLOCK_WEIGHT = 0;
  static final int BLOCK_READ_BYTES = 1;
  static final int BLOCK_WRITE_BYTES = 2;
  static final int BLOCK_READ_OPERATIONS = 3;
  static final int BLOCK_WRITE_OPERATIONS = 4;

  static final int MOUNT_READ_ONLY = 1;
  static final int MOUNT_MAKE = 2;
  static final int MOUNT_RECURSIVE = 4;

  static final int VOLUME_FIRST = 1;

  static final int FILE_ENTRIES = 1;
  static final int FILE_CONTENT = 2;
  static final int FILE_KEEP_KIND = 4;
  static final int FILE_OVERWRITE = 8;

  static final int SOCKET_ID_CHARS = 24;
  static final int FRAME_HEADER_BYTES = 8;
  static final int FRAME_MAX_BYTES = 65536;
  static final int MONITOR_BACKLOG_BYTES = 1048576;
  static final int FRAME_STDIN = 0;
  static final int FRAME_STDOUT = 1;
  static final int FRAME_STDERR = 2;
  static final int FRAME_EXIT = 3;
  static final int FRAME_SUBSCRIBE = 4;
  static final int FRAME_STDIN_END = 5;
  static final int FRAME_RESIZE = 6;
  static final int FRAME_READY = 7;
  static final int SUBSCRIBE_OUTPUT = 1;
  static final int SUBSCRIBE_INPUT = 2;

  static final int LOG_HEADER_BYTES = 16;
  static final int LOG_CHUNK_MAX_BYTES = 65536;

  private Protocol() {}
}
