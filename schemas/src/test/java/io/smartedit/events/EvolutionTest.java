package io.smartedit.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.api.Test;

/** The law of {@code schemas/README.md}. */
final class EvolutionTest {

  private static final Path RELEASED = Path.of("src/test/resources/released");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** In the order in which they name one another. */
  private static final List<Schema> PRESENT =
      List.of(
          EditRequested.getClassSchema(),
          EditOutcome.getClassSchema(),
          EditCompleted.getClassSchema(),
          EditFailed.getClassSchema(),
          EditStatus.getClassSchema(),
          EditProgress.getClassSchema(),
          EditCancelled.getClassSchema(),
          EditMetrics.getClassSchema(),
          BatchCommand.getClassSchema(),
          EditAttempt.getClassSchema(),
          WorkerAnnounced.getClassSchema(),
          BatchCompleted.getClassSchema(),
          BatchLine.getClassSchema(),
          BatchStatus.getClassSchema(),
          AllowanceAsked.getClassSchema(),
          Paused.getClassSchema(),
          ModelWaiting.getClassSchema());

  @Test
  void everyReleasedSchemaReadsAndIsReadByThePresentOne() throws IOException {
    List<Path> versions = versions();

    assertThat(versions).isNotEmpty();
    for (Path version : versions) {
      List<Schema> released = parse(version);
      for (int i = 0; i < released.size(); i++) {
        assertThat(breaches(released.get(i), PRESENT.get(i).toString()))
            .as("%s", version)
            .isEmpty();
      }
    }
  }

  /** Without this the test above might pass whatever happens to a schema. */
  @Test
  void everyForbiddenChangeOfAnyFieldOfAnyEventIsNoticed() throws IOException {
    int changes = 0;
    for (Path version : versions()) {
      List<Schema> released = parse(version);
      for (int i = 0; i < released.size(); i++) {
        for (String forbidden : forbidden(released.get(i))) {
          assertThat(breaches(released.get(i), forbidden)).as(forbidden).isNotEmpty();
          changes++;
        }
      }
    }
    assertThat(changes).isGreaterThan(300);
  }

  /** What is wrong with a schema that follows another. */
  private static List<String> breaches(Schema old, String json) {
    List<String> breaches = new ArrayList<>();
    Schema young = new Schema.Parser().parse(json);
    for (boolean back : new boolean[] {true, false}) {
      SchemaCompatibility.SchemaPairCompatibility pair =
          SchemaCompatibility.checkReaderWriterCompatibility(
              back ? young : old, back ? old : young);
      if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
        breaches.add((back ? "cannot read old: " : "cannot be read by old: ") + pair);
      }
    }
    JsonNode tree = tree(json);
    each(tree(old.toString()), "record", record -> lost(record, tree, "fields", breaches));
    each(tree(old.toString()), "enum", symbols -> lost(symbols, tree, "symbols", breaches));
    return breaches;
  }

  /** Fields and symbols that a default would hide the loss of. */
  private static void lost(JsonNode old, JsonNode young, String part, List<String> breaches) {
    List<String> now = new ArrayList<>();
    each(
        young,
        old.path("type").asText(),
        type -> {
          if (type.path("name").equals(old.path("name"))) {
            type.path(part).forEach(member -> now.add(nameOf(member)));
          }
        });
    old.path(part)
        .forEach(
            member -> {
              if (!now.contains(nameOf(member))) {
                breaches.add(old.path("name").asText() + " has lost " + nameOf(member));
              }
            });
  }

  private static String nameOf(JsonNode member) {
    return member.isTextual() ? member.asText() : member.path("name").asText();
  }

  /** A schema with each of the changes that the law forbids. */
  private static List<String> forbidden(Schema schema) {
    List<String> changed = new ArrayList<>();
    JsonNode tree = tree(schema.toString());
    each(
        tree,
        "record",
        record -> {
          ArrayNode fields = (ArrayNode) record.path("fields");
          fields.addObject().put("name", "mutant").put("type", "string");
          changed.add(tree.toString());
          fields.remove(fields.size() - 1);
          for (JsonNode field : fields) {
            changes((ObjectNode) field, tree, changed);
          }
        });
    each(
        tree,
        "enum",
        type -> {
          ArrayNode symbols = (ArrayNode) type.path("symbols");
          JsonNode first = symbols.remove(0);
          ((ObjectNode) type).put("default", symbols.path(0).asText());
          changed.add(tree.toString());
          ((ObjectNode) type).remove("default");
          symbols.insert(0, first).add("MUTANT");
          if (!schema.toString().contains("\"default\":\"" + first.asText() + "\"")) {
            changed.add(tree.toString());
          }
          symbols.remove(symbols.size() - 1);
        });
    return changed.stream().filter(json -> isSchema(json)).toList();
  }

  private static void changes(ObjectNode field, JsonNode tree, List<String> changed) {
    String name = field.path("name").asText();
    changed.add(
        tree.toString().replace("\"name\":\"" + name + "\",\"type\"", "\"name\":\"x\",\"type\""));
    JsonNode type = field.path("type");
    JsonNode fallback = field.remove("default");
    field.putObject("type").put("type", "fixed").put("name", "Mutant").put("size", 3);
    changed.add(tree.toString());
    field.set("type", type);
    if (fallback != null) {
      field.set("default", fallback);
    }
  }

  /** A change that takes a type's definition away is refused by every parser, ours included. */
  private static boolean isSchema(String json) {
    try {
      new Schema.Parser().parse(json);
      return true;
    } catch (org.apache.avro.AvroRuntimeException e) {
      return false;
    }
  }

  private static void each(JsonNode node, String type, Consumer<JsonNode> action) {
    if (node.path("type").asText().equals(type)) {
      action.accept(node);
    }
    for (JsonNode child : node) {
      each(child, type, action);
    }
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<Path> versions() throws IOException {
    try (Stream<Path> versions = Files.list(RELEASED)) {
      return versions.sorted().toList();
    }
  }

  /** A version's schemas: the first of the present ones, for those that came later stand last. */
  private static List<Schema> parse(Path version) throws IOException {
    Schema.Parser parser = new Schema.Parser();
    List<Schema> schemas = new ArrayList<>();
    try (Stream<Path> files = Files.list(version)) {
      for (Schema present : PRESENT.subList(0, (int) files.count())) {
        schemas.add(parser.parse(Files.readString(version.resolve(present.getName() + ".avsc"))));
      }
    }
    return schemas;
  }
}
