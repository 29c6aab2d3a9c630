package dev.tallyman.build.dockerfile;

import org.jspecify.annotations.Nullable;

/**
 * {@code RUN --mount}, its variables expanded. What a type does not know is refused by {@link Instruction.Run#mounts(Expander)}.
 *
 * @param from stage, image or named context; empty: the build's context
 * @param id of a cache, secret or agent socket; empty when not given
 * @param sizeBytes of a tmpfs; 0: no bound given
 * @param sharing of a cache; null when not given, which means shared
 * @param env the variable a secret is put into; empty: named as the secret; null: no variable
 * @param mode permission bits of a secret, socket or cache
 */
public record RunMount(
    Type type, String from, String source, String target, boolean isReadOnly, long sizeBytes, String id, @Nullable Sharing sharing,
    boolean isRequired, @Nullable String env, @Nullable Integer mode, @Nullable Long uid, @Nullable Long gid) {

  /** What is mounted. */
  public enum Type { BIND, CACHE, TMPFS, SECRET, SSH }

  /** Who may use a cache at the same time. */
  public enum Sharing { SHARED, PRIVATE, LOCKED }
}
