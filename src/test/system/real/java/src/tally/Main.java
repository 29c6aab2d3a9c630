package tally;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

final class Main {
  private Main() {}

  public static void main(String[] arguments) throws IOException {
    Ledger ledger = new Ledger();
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      in.lines().filter(line -> !line.isBlank()).map(Entry::parse).forEach(ledger::add);
    }
    ledger.sums().forEach((account, sum) -> System.out.println(account + " " + sum));
  }
}
