package io.smartedit.editor.checkpoint;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pickle machine that can build strings, numbers, containers and tensors, and nothing else.
 *
 * <p>Every opcode and every constructor is on an allow-list; anything else ends the reading. No
 * class is ever looked up and no code of the pickle's choosing runs. Lengths are checked against
 * the bytes that are left, and the number of objects is limited, so that memory stays in proportion
 * to the input.
 */
final class RestrictedUnpickler {

  /** What a persistent id names: a storage of the archive. */
  record Storage(String type, String key, long elements) {}

  /** A tensor over a storage; sizes are as the pickle claims and not yet checked. */
  record PickledTensor(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

  private record Global(String name) {}

  private static final int MAX_OBJECTS = 2_000_000;
  private static final String REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String REBUILD_PARAMETER = "torch._utils._rebuild_parameter";
  private static final String ORDERED_DICT = "collections.OrderedDict";

  /** Python's None; a Java null would not fit the containers. */
  private static final Object NONE = new Object();

  private final ByteBuffer in;
  private List<Object> stack = new ArrayList<>();
  private final Deque<List<Object>> marks = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private RestrictedUnpickler(byte[] pickle) {
    in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The object that the pickle describes.
   *
   * @throws PickleException if the pickle is damaged or asks for anything not allowed
   */
  static Object load(byte[] pickle) {
    try {
      return new RestrictedUnpickler(pickle).run();
    } catch (BufferUnderflowException e) {
      throw new PickleException("pickle is cut off", e);
    } catch (IndexOutOfBoundsException | ClassCastException e) {
      throw new PickleException("pickle is damaged", e);
    }
  }

  /** A pickle that is damaged or not allowed. */
  static final class PickleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PickleException(String message) {
      super(message);
    }

    PickleException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private Object run() {
    for (int objects = 0; objects < MAX_OBJECTS; objects++) {
      int opcode = in.get() & 0xFF;
      if (opcode == '.') {
        return pop();
      }
      if (!containers(opcode) && !values(opcode) && !memory(opcode) && !calls(opcode)) {
        throw new PickleException("pickle opcode 0x" + Integer.toHexString(opcode) + " refused");
      }
    }
    throw new PickleException("pickle has more than " + MAX_OBJECTS + " operations");
  }

  private boolean values(int opcode) {
    switch (opcode) {
      case 0x80 -> in.get(); // PROTO
      case 0x95 -> in.getLong(); // FRAME
      case 'N' -> push(NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'J' -> push((long) in.getInt());
      case 'K' -> push((long) (in.get() & 0xFF));
      case 'M' -> push((long) (in.getShort() & 0xFFFF));
      case 'G' -> push(in.order(ByteOrder.BIG_ENDIAN).getDouble());
      case 0x8a -> push(longOf(in.get() & 0xFF));
      case 'X' -> push(text(in.getInt()));
      case 0x8c -> push(text(in.get() & 0xFF));
      default -> {
        return false;
      }
    }
    in.order(ByteOrder.LITTLE_ENDIAN);
    return true;
  }

  private boolean containers(int opcode) {
    switch (opcode) {
      case '}' -> push(new LinkedHashMap<>());
      case ']' -> push(new ArrayList<>());
      case ')' -> push(List.of());
      case '(' -> {
        marks.push(stack);
        stack = new ArrayList<>();
      }
      case 't' -> push(Collections.unmodifiableList(popMark()));
      case 0x85 -> push(tuple(1));
      case 0x86 -> push(tuple(2));
      case 0x87 -> push(tuple(3));
      case 'a' -> {
        Object item = pop();
        list(peek()).add(item);
      }
      case 'e' -> {
        List<Object> items = popMark();
        list(peek()).addAll(items);
      }
      case 's' -> put(tuple(2));
      case 'u' -> put(popMark());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean memory(int opcode) {
    switch (opcode) {
      case 'q' -> memo.put(in.get() & 0xFF, peek());
      case 'r' -> memo.put(in.getInt(), peek());
      case 0x94 -> memo.put(memo.size(), peek());
      case 'h' -> push(remembered(in.get() & 0xFF));
      case 'j' -> push(remembered(in.getInt()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean calls(int opcode) {
    switch (opcode) {
      case 'c' -> push(global(line(), line()));
      case 0x93 -> {
        String name = (String) pop();
        push(global((String) pop(), name));
      }
      case 'Q' -> push(storage(pop()));
      case 'R' -> {
        Object arguments = pop();
        push(call(pop(), arguments));
      }
      case 'b' -> pop(); // the state of an OrderedDict is metadata nobody needs
      default -> {
        return false;
      }
    }
    return true;
  }

  private static Global global(String module, String name) {
    String full = module + "." + name;
    boolean storageType = module.equals("torch") && name.endsWith("Storage");
    if (!storageType
        && !full.equals(REBUILD_TENSOR)
        && !full.equals(REBUILD_PARAMETER)
        && !full.equals(ORDERED_DICT)) {
      throw new PickleException("pickle asks for " + full + ", which is not allowed");
    }
    return new Global(full);
  }

  /** {@code ('storage', type, key, device, elements)}. */
  private static Storage storage(Object id) {
    List<Object> fields = list(id);
    if (fields.size() != 5 || !"storage".equals(fields.get(0))) {
      throw new PickleException("pickle has an unknown persistent id");
    }
    return new Storage(
        ((Global) fields.get(1)).name().substring("torch.".length()),
        (String) fields.get(2),
        (Long) fields.get(4));
  }

  private static Object call(Object function, Object arguments) {
    List<Object> values = list(arguments);
    return switch (((Global) function).name()) {
      case REBUILD_TENSOR ->
          new PickledTensor(
              (Storage) values.get(0),
              (Long) values.get(1),
              longs(values.get(2)),
              longs(values.get(3)));
      case REBUILD_PARAMETER -> values.get(0);
      case ORDERED_DICT -> new LinkedHashMap<>();
      default -> throw new PickleException("pickle calls a storage type");
    };
  }

  private void put(List<Object> pairs) {
    Object target = peek();
    if (!(target instanceof Map)) {
      throw new PickleException("pickle is damaged");
    }
    @SuppressWarnings("unchecked") // only this class makes maps, all with these types
    Map<Object, Object> map = (Map<Object, Object>) target;
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      if (!(pairs.get(i) instanceof String) && !(pairs.get(i) instanceof Long)) {
        throw new PickleException("pickle has a key that is neither text nor a number");
      }
      map.put(pairs.get(i), pairs.get(i + 1));
    }
  }

  private static List<Long> longs(Object tuple) {
    List<Long> values = new ArrayList<>();
    for (Object value : list(tuple)) {
      values.add((Long) value);
    }
    return values;
  }

  @SuppressWarnings("unchecked") // only this class makes lists, all of Object
  private static List<Object> list(Object value) {
    if (!(value instanceof List)) {
      throw new PickleException("pickle is damaged");
    }
    return (List<Object>) value;
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object pop() {
    return stack.remove(stack.size() - 1);
  }

  private Object peek() {
    return stack.get(stack.size() - 1);
  }

  private List<Object> popMark() {
    List<Object> items = stack;
    List<Object> outer = marks.poll();
    if (outer == null) {
      throw new PickleException("pickle is damaged");
    }
    stack = outer;
    return items;
  }

  private List<Object> tuple(int size) {
    List<Object> tail = stack.subList(stack.size() - size, stack.size());
    List<Object> items = Collections.unmodifiableList(new ArrayList<>(tail));
    tail.clear();
    return items;
  }

  private Object remembered(int index) {
    @Nullable Object value = memo.get(index);
    if (value == null) {
      throw new PickleException("pickle is damaged");
    }
    return value;
  }

  private String text(int length) {
    if (length < 0 || length > in.remaining()) {
      throw new PickleException("pickle claims a text of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (char c = (char) in.get(); c != '\n'; c = (char) in.get()) {
      line.append(c);
    }
    return line.toString();
  }

  private long longOf(int length) {
    if (length > 8) {
      throw new PickleException("pickle has an integer of " + length + " bytes");
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (in.get() & 0xFFL) << (8 * i);
    }
    int unused = 64 - 8 * length;
    return length == 0 ? 0 : value << unused >> unused;
  }
}
