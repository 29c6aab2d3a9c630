package dev.tallyman.kernel.libc;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** Signatures of glibc on 64-bit Linux. Public because JNR implements it in a class loader of its own. */
@SuppressWarnings({"checkstyle:MethodName", "PMD.MethodNamingConventions"})
public interface LibC {
  int socketpair(int domain, int type, int protocol, @Out int[] fds);

  int pipe2(@Out int[] fds, int flags);

  int close(int fd);

  int shutdown(int fd, int how);

  int socket(int domain, int type, int protocol);

  int connect(int fd, Pointer address, int length);

  @ssize_t
  long send(int fd, Pointer bytes, @size_t long length, int flags);

  int fcntl(int fd, int command, int argument);

  int poll(Pointer fds, long count, int timeoutMillis);

  int waitpid(int pid, @Out int[] status, int options);

  int kill(int pid, int signal);

  @ssize_t
  long sendmsg(int fd, Pointer message, int flags);

  @ssize_t
  long recvmsg(int fd, Pointer message, int flags);

  @ssize_t
  long read(int fd, Pointer buffer, @size_t long length);

  @ssize_t
  long write(int fd, Pointer buffer, @size_t long length);

  int posix_spawn(@Out int[] pid, @In Pointer path, Pointer fileActions, Pointer attributes, Pointer argv, Pointer envp);

  int posix_spawn_file_actions_init(Pointer actions);

  int posix_spawn_file_actions_destroy(Pointer actions);

  int posix_spawn_file_actions_addopen(Pointer actions, int fd, Pointer path, int flags, int mode);

  int posix_spawn_file_actions_adddup2(Pointer actions, int fd, int newFd);

  int posix_spawn_file_actions_addclosefrom_np(Pointer actions, int from);

  int posix_spawnattr_init(Pointer attributes);

  int posix_spawnattr_setflags(Pointer attributes, short flags);

  int posix_spawnattr_setsigmask(Pointer attributes, Pointer set);

  int posix_spawnattr_setsigdefault(Pointer attributes, Pointer set);

  int sigemptyset(Pointer set);

  int sigfillset(Pointer set);

  long sysconf(int name);

  Pointer strerror(int number);
}
