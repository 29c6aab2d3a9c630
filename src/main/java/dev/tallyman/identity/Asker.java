package dev.tallyman.identity;

import org.jspecify.annotations.Nullable;

/**
 * To whom belongs what is open between requests: sessions, builds that run, what is counted. An account, and apart from it each of the containers whose programs
 * speak for it: whoever gets into one of them is not to meet what the account itself has open.
 */
public record Asker(long account, @Nullable String container) {}
