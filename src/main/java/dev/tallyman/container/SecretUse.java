package dev.tallyman.container;

/**
 * A secret of a container; fixed at creation and stored as JSON.
 *
 * @param id of the secret; name the one it had
 * @param target name of the file in /run/secrets
 * @param mode permission bits
 */
public record SecretUse(String id, String name, String target, int uid, int gid, int mode) {}
