package io.smartedit.editor.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A part's {@code config.json}; what it lacks is answered by the caller's default. */
public final class ConfigFile {

  private static final long MAX_BYTES = 1L << 20;
  private static final int MAX_NUMBER = 1 << 20;

  private final String name;
  private final JsonNode root;

  private ConfigFile(String name, JsonNode root) {
    this.name = name;
    this.root = root;
  }

  /** Reads a file; one that does not exist is empty. */
  public static ConfigFile read(Path path) {
    LfsPointer.refuse(path);
    if (!Files.exists(path)) {
      return new ConfigFile(path.toString(), MissingNode.getInstance());
    }
    try {
      if (Files.size(path) > MAX_BYTES) {
        throw new CheckpointException(path + ": larger than " + MAX_BYTES + " bytes");
      }
      return new ConfigFile(path.toString(), new ObjectMapper().readTree(path.toFile()));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(path + ": not JSON", e);
    } catch (IOException e) {
      throw new CheckpointException(path + ": cannot be read", e);
    }
  }

  /** All of it; missing where the file is. */
  JsonNode root() {
    return root;
  }

  /** The object under a key, or this one where there is none. */
  public ConfigFile within(String key) {
    return root.path(key).isObject() ? new ConfigFile(name, root.path(key)) : this;
  }

  /** The object under a key; empty where there is none. */
  public ConfigFile section(String key) {
    return new ConfigFile(name, root.path(key));
  }

  /** A whole number from 1 to a million. */
  public int integer(String key, int otherwise) {
    JsonNode node = root.path(key);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    return checked(key, node);
  }

  public double number(String key, double otherwise) {
    JsonNode node = root.path(key);
    return node.isNumber() ? node.asDouble() : otherwise;
  }

  public String text(String key, String otherwise) {
    JsonNode node = root.path(key);
    return node.isTextual() ? node.asText() : otherwise;
  }

  public List<Integer> integers(String key, List<Integer> otherwise) {
    JsonNode node = root.path(key);
    if (!node.isArray()) {
      return otherwise;
    }
    List<Integer> values = new ArrayList<>();
    for (JsonNode item : node) {
      values.add(checked(key, item));
    }
    return values;
  }

  public List<String> texts(String key, List<String> otherwise) {
    JsonNode node = root.path(key);
    if (!node.isArray()) {
      return otherwise;
    }
    List<String> values = new ArrayList<>();
    node.forEach(item -> values.add(item.asText()));
    return values;
  }

  @Override
  public String toString() {
    return name;
  }

  private int checked(String key, JsonNode node) {
    if (!node.isIntegralNumber() || node.asLong() < 1 || node.asLong() > MAX_NUMBER) {
      throw new CheckpointException(
          name + ": " + key + " is " + node + ", must be a whole number from 1 to " + MAX_NUMBER);
    }
    return node.asInt();
  }
}
