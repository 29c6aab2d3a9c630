package tally;

import java.math.BigDecimal;

record Entry(String account, BigDecimal amount) {
  /** @throws IllegalArgumentException when the line is not "account amount" */
  static Entry parse(String line) {
    String[] words = line.strip().split("\\s+");
    if (words.length != 2) {
      throw new IllegalArgumentException("not an account and an amount: " + line);
    }
    return new Entry(words[0], new BigDecimal(words[1]));
  }
}
