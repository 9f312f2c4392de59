package io.smartedit.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The PromQL of {@code deploy}: rules and dashboards. */
final class DeployedQueries {

  static final Path RULES = Path.of("../deploy/alerts.yml");
  static final Path DASHBOARD = Path.of("../deploy/grafana/dashboards/smartedit.json");

  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "on", "ignoring", "bool", "offset", "by", "without");

  /** What a query may not take a metric's name from: texts, label matchers, ranges, label lists. */
  private static final Pattern NO_NAMES =
      Pattern.compile(
          "\"[^\"]*\"|\\{[^}]*}|\\[[^\\]]*]|\\b(?:by|without|on|ignoring)\\s*\\([^)]*\\)");

  /** A name that is no function's. */
  private static final Pattern NAME =
      Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*(?::[a-zA-Z0-9_]+)?\\b(?!\\s*\\()");

  private DeployedQueries() {}

  static JsonNode yaml(Path file) throws IOException {
    Object read = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
    return new ObjectMapper().valueToTree(read);
  }

  /** Metrics that queries name and services must serve; those that rules record are left out. */
  static Set<String> metrics() throws IOException {
    Set<String> names = new TreeSet<>();
    List<JsonNode> rules = yaml(RULES).findParents("expr");
    rules.forEach(rule -> names.addAll(names(rule.path("expr").asText())));
    new ObjectMapper()
        .readTree(DASHBOARD.toFile())
        .findValues("expr")
        .forEach(query -> names.addAll(names(query.asText())));
    rules.forEach(rule -> names.remove(rule.path("record").asText()));
    names.remove("up"); // Prometheus's own
    return names;
  }

  static Set<String> names(String query) {
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(NO_NAMES.matcher(query).replaceAll(" "));
    while (name.find()) {
      if (!WORDS.contains(name.group())) {
        names.add(name.group());
      }
    }
    return names;
  }
}
