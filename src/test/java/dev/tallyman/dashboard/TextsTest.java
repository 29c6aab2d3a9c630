package dev.tallyman.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.dashboard.event.EventTexts;
import dev.tallyman.dashboard.account.AccountTexts;
import dev.tallyman.dashboard.audit.AuditTexts;
import dev.tallyman.dashboard.container.ContainerTexts;
import dev.tallyman.dashboard.container.CreateTexts;
import dev.tallyman.dashboard.container.FileTexts;
import dev.tallyman.dashboard.container.LifeTexts;
import dev.tallyman.dashboard.image.BuildTexts;
import dev.tallyman.dashboard.image.ImageTexts;
import dev.tallyman.dashboard.network.NetworkTexts;
import dev.tallyman.dashboard.repository.RepositoryTexts;
import dev.tallyman.dashboard.secret.SecretTexts;
import dev.tallyman.dashboard.system.SystemTexts;
import dev.tallyman.dashboard.volume.VolumeTexts;
import io.quarkus.qute.i18n.MessageBundle;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Chinese says as much as English: every text, with every placeholder. */
class TextsTest {
  static Stream<Class<?>> bundles() {
    return Stream.of(Texts.class, ContainerTexts.class, CreateTexts.class, FileTexts.class, LifeTexts.class, ImageTexts.class, BuildTexts.class, NetworkTexts.class, VolumeTexts.class, EventTexts.class, AuditTexts.class, AccountTexts.class, SecretTexts.class, RepositoryTexts.class, SystemTexts.class);
  }

  @ParameterizedTest
  @MethodSource("bundles")
  void everyTextIsThereInChinese(Class<?> bundle) throws IOException {
    Set<String> english = Arrays.stream(bundle.getDeclaredMethods()).map(Method::getName).collect(Collectors.toCollection(TreeSet::new));

    Set<String> chinese = lines(bundle).stream().map(line -> line.substring(0, line.indexOf('='))).collect(Collectors.toCollection(TreeSet::new));

    assertEquals(english, chinese);
  }

  @ParameterizedTest
  @MethodSource("bundles")
  void everyPlaceholderIsThereInChinese(Class<?> bundle) throws IOException {
    for (String line : lines(bundle)) {
      String name = line.substring(0, line.indexOf('='));
      Method method = Arrays.stream(bundle.getDeclaredMethods()).filter(each -> each.getName().equals(name)).findFirst().orElseThrow();
      for (Parameter parameter : method.getParameters()) {
        assertEquals(true, line.contains("{" + parameter.getName() + "}"), line);
      }
    }
  }

  private static Set<String> lines(Class<?> bundle) throws IOException {
    Path file = Path.of("src/main/resources/messages", bundle.getAnnotation(MessageBundle.class).value() + "_zh.properties");
    return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).collect(Collectors.toCollection(TreeSet::new));
  }
}
