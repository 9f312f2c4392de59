package io.smartedit.service;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's settings, all read and checked together when it starts.
 *
 * <p>They come from a properties file, then from environment variables ({@code SMARTEDIT_} and the
 * name in capitals, dots and dashes as underscores), then from the command line; the later wins. A
 * name that is not declared is refused with the nearest one that is; a former name is accepted with
 * a warning that says the new one. Immutable.
 */
public final class Settings {

  /** Whatever follows is handed to every Kafka client as it is: TLS, SASL and the like. */
  public static final String KAFKA_CLIENT = "kafka.client.";

  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);
  private static final String ENVIRONMENT = "SMARTEDIT_";

  private final Map<String, Object> values;
  private final Map<String, String> kafkaClient;

  private Settings(Map<String, Object> values, Map<String, String> kafkaClient) {
    this.values = values;
    this.kafkaClient = kafkaClient;
  }

  /**
   * Reads settings.
   *
   * @param given by name
   * @throws SettingsException naming everything that is wrong, one line each
   */
  public static Settings read(List<Setting<?>> declared, Map<String, String> given) {
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, String> kafkaClient = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    Map<String, String> named = named(declared, given, problems);
    for (String name : named.keySet()) {
      if (name.startsWith(KAFKA_CLIENT)) {
        kafkaClient.put(name.substring(KAFKA_CLIENT.length()), named.getOrDefault(name, ""));
      } else if (declared.stream().noneMatch(setting -> setting.name().equals(name))) {
        problems.add(name + " is no setting; did you mean " + nearest(declared, name) + "?");
      }
    }
    for (Setting<?> setting : declared) {
      if (setting.isRetired() && named.containsKey(setting.name())) {
        LOG.info("the setting {} is not used any more", setting.name());
      }
      String text = named.getOrDefault(setting.name(), setting.fallback());
      if (text == null) {
        problems.add(setting.name() + " is missing: " + setting.meaning());
        continue;
      }
      try {
        values.put(setting.name(), setting.parser().apply(text));
      } catch (IllegalArgumentException e) {
        String shown = setting.secret() ? "(not shown)" : "'" + text + "'";
        problems.add(setting.name() + " is " + shown + ", " + e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
    return new Settings(values, kafkaClient);
  }

  /** Given settings by the names they have now. */
  private static Map<String, String> named(
      List<Setting<?>> declared, Map<String, String> given, List<String> problems) {
    Map<String, String> named = new TreeMap<>();
    given.forEach(
        (name, text) -> {
          String before = named.put(current(declared, name), text);
          if (before != null && !before.equals(text)) {
            problems.add(current(declared, name) + " is given twice, also by its former name");
          }
        });
    return named;
  }

  /** What a setting is called now. */
  private static String current(List<Setting<?>> declared, String name) {
    for (Setting<?> setting : declared) {
      if (setting.formerNames().contains(name)) {
        LOG.warn("the setting {} is now called {}", name, setting.name());
        return setting.name();
      }
    }
    return name;
  }

  private static List<String> names(Setting<?> setting) {
    List<String> names = new ArrayList<>(setting.formerNames());
    names.add(setting.name()); // the later wins
    return names;
  }

  /**
   * Collects what is given, not yet checked.
   *
   * @param file a properties file, or none
   * @param arguments {@code name=value} each
   */
  public static Map<String, String> given(
      List<Setting<?>> declared,
      @Nullable Path file,
      Map<String, String> environment,
      List<String> arguments)
      throws IOException {
    Map<String, String> given = new TreeMap<>();
    if (file != null) {
      Properties properties = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        properties.load(reader);
      }
      properties
          .stringPropertyNames()
          .forEach(n -> given.put(current(declared, n), properties.getProperty(n)));
    }
    for (Setting<?> setting : declared) {
      for (String name : names(setting)) {
        String value = environment.get(variable(name));
        if (value != null) {
          given.put(current(declared, name), value);
        }
      }
    }
    String clientVariables = variable(KAFKA_CLIENT);
    environment.forEach(
        (variable, value) -> {
          if (variable.startsWith(clientVariables)) {
            String name = variable.substring(clientVariables.length()).toLowerCase(Locale.ROOT);
            given.put(KAFKA_CLIENT + name.replace('_', '.'), value);
          }
        });
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw new SettingsException(List.of("'" + argument + "' is not of the form name=value"));
      }
      given.put(current(declared, argument.substring(0, equals)), argument.substring(equals + 1));
    }
    return given;
  }

  /** The environment variable of a setting. */
  public static String variable(String name) {
    return ENVIRONMENT + name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** A declared setting's value. */
  @SuppressWarnings("unchecked") // its own parser made it
  public <T> T get(Setting<T> setting) {
    Object value = values.get(setting.name());
    if (value == null) {
      throw new IllegalArgumentException(setting.name() + " was not declared");
    }
    return (T) value;
  }

  /** Settings of every Kafka client, by Kafka's names. */
  public Map<String, String> kafkaClient() {
    return Map.copyOf(kafkaClient);
  }

  /** The declared settings as a Markdown table, for the manual. */
  public static String table(List<Setting<?>> declared) {
    StringBuilder table = new StringBuilder("| setting | default | meaning |\n|---|---|---|\n");
    for (Setting<?> setting : declared) {
      if (setting.isRetired()) {
        continue;
      }
      String fallback = setting.fallback();
      table
          .append("| `")
          .append(setting.name())
          .append("` | ")
          .append(fallback == null ? "required" : fallback.isEmpty() ? "" : "`" + fallback + "`")
          .append(" | ")
          .append(setting.meaning())
          .append(" |\n");
    }
    return table.toString();
  }

  private static String nearest(List<Setting<?>> declared, String name) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return declared.stream()
        .map(Setting::name)
        .min(Comparator.comparing(candidate -> distance.apply(candidate, name)))
        .orElse("nothing");
  }
}
