package io.smartedit.standalone.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.smartedit.standalone.local.RegisteredSchema.Reference;
import io.smartedit.standalone.local.RegisteredSchema.SchemaText;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** Registered schemas and levels, kept in a topic and known by heart. Thread-safe. */
final class SchemaLog implements AutoCloseable {

  private static final JsonMapper SORTED =
      JsonMapper.builder()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private final SchemaTopic topic;
  private final List<RegisteredSchema> entries;
  private final Map<String, CompatibilityLevel> levels;

  SchemaLog(SchemaTopic topic) {
    this.topic = topic;
    SchemaTopic.Contents contents = topic.read();
    entries = contents.schemas();
    levels = contents.levels();
  }

  synchronized Set<String> subjects(boolean deleted) {
    Set<String> names = new TreeSet<>();
    listed(deleted).forEach(entry -> names.add(entry.subject()));
    return names;
  }

  synchronized List<RegisteredSchema> all(boolean deleted) {
    return listed(deleted).toList();
  }

  synchronized RegisteredSchema byId(int id) {
    return entries.stream()
        .filter(entry -> entry.id() == id)
        .findFirst()
        .orElseThrow(() -> RegistryRefusal.noSchema("Schema " + id));
  }

  /** Under which subjects a schema is registered. */
  synchronized List<RegisteredSchema> places(int id, boolean deleted) {
    RegisteredSchema known = byId(id);
    return listed(deleted).filter(entry -> entry.id() == known.id()).toList();
  }

  synchronized List<RegisteredSchema> versions(String subject, boolean deleted) {
    List<RegisteredSchema> versions = of(subject, deleted);
    if (versions.isEmpty()) {
      throw RegistryRefusal.noSubject(subject);
    }
    return versions;
  }

  /** {@code -1} is the latest. */
  synchronized RegisteredSchema version(String subject, int version, boolean deleted) {
    List<RegisteredSchema> versions = versions(subject, deleted);
    if (version == -1) {
      return versions.get(versions.size() - 1);
    }
    return versions.stream()
        .filter(entry -> entry.version() == version)
        .findFirst()
        .orElseThrow(() -> RegistryRefusal.noVersion(version));
  }

  synchronized List<Integer> referrers(String subject, int version) {
    RegisteredSchema referred = version(subject, version, false);
    return listed(false)
        .filter(entry -> refers(entry, referred))
        .map(RegisteredSchema::id)
        .toList();
  }

  private static boolean refers(RegisteredSchema entry, RegisteredSchema referred) {
    return entry.references().stream()
        .anyMatch(
            reference ->
                reference.subject().equals(referred.subject())
                    && reference.version() == referred.version());
  }

  synchronized RegisteredSchema find(
      String subject, SchemaText given, boolean normalize, boolean deleted) {
    SchemaText wanted = canonical(given, normalize);
    return versions(subject, deleted).stream()
        .filter(entry -> isSame(entry, wanted, normalize))
        .findFirst()
        .orElseThrow(() -> RegistryRefusal.noSchema("Schema"));
  }

  private static boolean isSame(RegisteredSchema entry, SchemaText wanted, boolean normalize) {
    return entry.isSame(wanted)
        || (normalize
            && normalized(entry.schema()).equals(wanted.text())
            && entry.references().equals(wanted.references()));
  }

  /** The schema's entry under the subject, made where it is new. */
  synchronized RegisteredSchema register(String subject, SchemaText given, boolean normalize) {
    SchemaText wanted = canonical(given, normalize);
    List<RegisteredSchema> versions = of(subject, false);
    for (RegisteredSchema entry : versions) {
      if (isSame(entry, wanted, normalize)) {
        return entry;
      }
    }
    if (!level(subject).allows(parse(wanted), schemas(versions))) {
      throw RegistryRefusal.incompatible(subject);
    }
    int id =
        entries.stream()
            .filter(entry -> entry.isSame(wanted))
            .map(RegisteredSchema::id)
            .findFirst()
            .orElse(1 + entries.stream().mapToInt(RegisteredSchema::id).max().orElse(0));
    int version =
        1 + of(subject, true).stream().mapToInt(RegisteredSchema::version).max().orElse(0);
    RegisteredSchema entry =
        new RegisteredSchema(subject, version, id, wanted.text(), wanted.references(), false);
    topic.append(entry);
    entries.add(entry);
    return entry;
  }

  /**
   * Whether a schema could be registered.
   *
   * @param version to compare with, {@code -1} for the latest; all where there is none
   */
  synchronized boolean isCompatible(
      String subject, @Nullable Integer version, SchemaText given, boolean normalize) {
    Schema schema = parse(canonical(given, normalize));
    List<RegisteredSchema> before =
        version == null ? of(subject, false) : List.of(version(subject, version, false));
    return level(subject).allows(schema, schemas(before));
  }

  synchronized List<Integer> delete(String subject, boolean permanently) {
    List<RegisteredSchema> versions = versions(subject, true);
    boolean any = versions.stream().anyMatch(entry -> !entry.deleted());
    if (permanently && any) {
      throw RegistryRefusal.subjectNotDeleted(subject);
    }
    if (!permanently && !any) {
      throw RegistryRefusal.subjectDeleted(subject);
    }
    List<RegisteredSchema> gone =
        versions.stream().filter(entry -> permanently || !entry.deleted()).toList();
    gone.forEach(entry -> requireUnreferenced(entry));
    gone.forEach(entry -> remove(entry, permanently));
    return gone.stream().map(RegisteredSchema::version).toList();
  }

  synchronized int delete(String subject, int version, boolean permanently) {
    RegisteredSchema entry = version(subject, version, version != -1);
    if (permanently && !entry.deleted()) {
      throw RegistryRefusal.versionNotDeleted(subject, entry.version());
    }
    if (!permanently && entry.deleted()) {
      throw RegistryRefusal.versionDeleted(subject, entry.version());
    }
    requireUnreferenced(entry);
    remove(entry, permanently);
    return entry.version();
  }

  private void requireUnreferenced(RegisteredSchema entry) {
    if (listed(false).anyMatch(other -> refers(other, entry))) {
      throw RegistryRefusal.referenced(entry.subject(), entry.version());
    }
  }

  private void remove(RegisteredSchema entry, boolean permanently) {
    int at = entries.indexOf(entry);
    if (permanently) {
      topic.remove(entry);
      entries.remove(at);
      return;
    }
    RegisteredSchema deleted = entry.softlyDeleted();
    topic.append(deleted);
    entries.set(at, deleted);
  }

  /** Of a subject, or of all where it has none of its own. */
  synchronized CompatibilityLevel level(String subject) {
    CompatibilityLevel own = levels.get(subject);
    return own != null ? own : level();
  }

  synchronized CompatibilityLevel ownLevel(String subject) {
    CompatibilityLevel own = levels.get(subject);
    if (own == null) {
      throw RegistryRefusal.noOwnLevel(subject);
    }
    return own;
  }

  synchronized CompatibilityLevel level() {
    return levels.getOrDefault(SchemaTopic.EVERY_SUBJECT, CompatibilityLevel.BACKWARD);
  }

  /**
   * @param level none where the subject shall have no own any more
   */
  synchronized void setLevel(String subject, @Nullable CompatibilityLevel level) {
    topic.append(subject, level);
    if (level == null) {
      levels.remove(subject);
    } else {
      levels.put(subject, level);
    }
  }

  @Override
  public void close() {
    topic.close();
  }

  private Stream<RegisteredSchema> listed(boolean deleted) {
    return entries.stream().filter(entry -> deleted || !entry.deleted());
  }

  private List<RegisteredSchema> of(String subject, boolean deleted) {
    return listed(deleted).filter(entry -> entry.subject().equals(subject)).toList();
  }

  private List<Schema> schemas(List<RegisteredSchema> versions) {
    return versions.stream()
        .map(entry -> parse(new SchemaText(entry.schema(), entry.references())))
        .toList();
  }

  /** As it is kept: without white space and other things that do not count. */
  private SchemaText canonical(SchemaText given, boolean normalize) {
    Schema schema = parse(given);
    // Written out by Avro it would hold what it refers to.
    String text = given.references().isEmpty() ? schema.toString() : compact(given.text());
    return new SchemaText(normalize ? normalized(text) : text, given.references());
  }

  private static String compact(String text) {
    return tree(text, JsonNode.class).toString();
  }

  /** With the properties of every part in one order. */
  private static String normalized(String text) {
    try {
      return SORTED.writeValueAsString(tree(text, Object.class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was read as JSON is JSON", e);
    }
  }

  private static <T> T tree(String text, Class<T> type) {
    try {
      return SORTED.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw RegistryRefusal.invalidSchema("it is not JSON");
    }
  }

  /**
   * @throws RegistryRefusal for whatever Avro makes of it
   */
  private Schema parse(SchemaText given) {
    try {
      Schema.Parser parser = new Schema.Parser();
      addReferences(given.references(), parser, new HashSet<>());
      return parser.parse(given.text());
    } catch (RegistryRefusal e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) { // Avro throws more kinds than it declares
      throw RegistryRefusal.invalidSchema(
          String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }

  private void addReferences(List<Reference> references, Schema.Parser parser, Set<String> added) {
    for (Reference reference : references) {
      if (!added.add(reference.subject() + " " + reference.version())) {
        continue;
      }
      RegisteredSchema referred =
          of(reference.subject(), true).stream()
              .filter(entry -> entry.version() == reference.version())
              .findFirst()
              .orElseThrow(
                  () ->
                      RegistryRefusal.invalidSchema(
                          "no schema reference found for subject \""
                              + reference.subject()
                              + "\" and version "
                              + reference.version()));
      addReferences(referred.references(), parser, added);
      parser.parse(referred.schema());
    }
  }
}
