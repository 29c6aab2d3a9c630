package dev.tallyman.account;

import dev.tallyman.identity.Caller;
import org.jspecify.annotations.Nullable;

/** Secrets of programs that are no accounts: made, stored and checked as tokens are. */
public interface ProgramSecrets {
  /** @param secret for its owner alone, shown once; @param hash to be stored */
  record Made(String secret, String hash) {}

  /** @param prefix tells people and scanners what it is, e.g. {@code tlr_} */
  Made make(String prefix);

  /**
   * A wrong secret is in the trail as a refused {@code login}, and slows down further tries with the name or from its address, as wrong passwords do. A right one
   * is never held up: it cannot be guessed, and others' tries shall not lock its owner out.
   *
   * @param claimed whom the secret would stand for
   * @param hash what is stored; absent if there is no such program
   * @throws dev.tallyman.error.TallymanException UNAUTHENTICATED, alike for a wrong secret and for none that could be right; EXHAUSTED while tries have to wait
   */
  void check(Caller claimed, @Nullable String hash, String secret);
}
