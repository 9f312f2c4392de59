package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.smartedit.events.EditRequested;
import io.smartedit.service.Problem;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Many requests, one JSON object a line; each line has its own verdict, in the same order, and a
 * bad one does not hold up the others. Requests under way and the length of a line are bounded.
 *
 * <p>Once the broker does not take one in time, the lines that follow are not tried: each is
 * answered 503 at once, for to wait for every one of them would take days.
 */
final class Manifest {

  private static final int MAX_LINE = 64 << 10;
  private static final int UNDER_WAY = 512;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Kind kind;
  private final RequestReader reader;
  private final EditLimits limits;
  private final RequestPublisher publisher;
  private final Counter accepted;
  private final Counter refused;
  private final Deque<Verdict> verdicts = new ArrayDeque<>();
  private @Nullable Problem unavailable;
  private long taken;
  private long rejected;
  private long putOff;

  /** What the lines of a manifest become, and what is said when all are judged. */
  interface Kind {
    /** Whose requests they are. */
    Caller caller();

    /**
     * Makes a request of a line.
     *
     * @throws Problem that is the line's verdict
     */
    EditRequested request(RequestReader reader, byte[] line, long number);

    /** Whether a line that comes too early waits until it does not. */
    boolean isPatient();

    /** The last line of the answer, if any. */
    @Nullable ObjectNode end(Tally tally);
  }

  /**
   * How many lines were accepted, refused for good, and put off because something was away or the
   * caller asked too much.
   */
  record Tally(long accepted, long refused, long putOff) {}

  /**
   * A manifest whose requests have nothing to do with each other.
   *
   * @param tenant whose requests those are that do not say
   */
  record Loose(Caller caller, String tenant) implements Kind {
    @Override
    public EditRequested request(RequestReader reader, byte[] line, long number) {
      return caller.admit(reader.read(line, tenant));
    }

    @Override
    public boolean isPatient() {
      return false;
    }

    @Override
    public @Nullable ObjectNode end(Tally tally) {
      return null;
    }
  }

  /** Waits; is told off where the service ends meanwhile. */
  interface Pause {
    void rest(long seconds) throws IOException;
  }

  /** Takes verdicts, a JSON object and a line's end each; false where it is to end. */
  interface Verdicts {
    boolean write(byte[] lines);
  }

  /** A line's verdict: sent and to be confirmed, or refused. */
  private record Verdict(
      long line, @Nullable String requestId, @Nullable Future<?> sent, @Nullable Problem problem) {}

  Manifest(
      Kind kind,
      RequestReader reader,
      EditLimits limits,
      RequestPublisher publisher,
      Counter accepted,
      Counter refused) {
    this.kind = kind;
    this.reader = reader;
    this.limits = limits;
    this.publisher = publisher;
    this.accepted = accepted;
    this.refused = refused;
  }

  /** Judges all lines; hands on what is known before it waits for more of them. */
  void judge(InputStream lines, Verdicts answers, Pause pause) throws IOException {
    InputStream buffered = new BufferedInputStream(lines, 1 << 16);
    long number = 0;
    for (byte[] line = next(buffered); line != null; line = next(buffered)) {
      number++;
      if (!isBlank(line)) {
        verdicts.add(verdict(number, line, answers, pause));
      }
      boolean waits = buffered.available() == 0;
      boolean full = verdicts.size() >= UNDER_WAY;
      if ((waits || full) && !answer(waits ? 0 : UNDER_WAY / 2, answers)) {
        return;
      }
    }
    if (answer(0, answers)) {
      ObjectNode end = kind.end(new Tally(taken, rejected, putOff));
      if (end != null) {
        answers.write(line(end));
      }
    }
  }

  private static byte[] line(ObjectNode node) {
    return (node + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isBlank(byte[] line) {
    for (byte character : line) {
      if (character != ' ' && character != '\t' && character != '\r') {
        return false;
      }
    }
    return true;
  }

  /** Where a line waits, those before it are answered. */
  private Verdict verdict(long number, byte[] line, Verdicts answers, Pause pause)
      throws IOException {
    Verdict verdict = verdict(number, line);
    while (kind.isPatient() && verdict.problem != null && verdict.problem.status() == 429) {
      if (!answer(0, answers)) {
        throw new IOException("nobody reads the verdicts");
      }
      pause.rest(verdict.problem.retryAfter());
      verdict = verdict(number, line);
    }
    return verdict;
  }

  private Verdict verdict(long number, byte[] line) {
    if (unavailable != null) {
      return new Verdict(number, null, null, unavailable);
    }
    try {
      if (line.length > MAX_LINE) {
        throw new Problem(
            413, "content too large", "The line has more than " + MAX_LINE + " bytes.", null);
      }
      EditRequested request = kind.request(reader, line, number);
      limits.take(kind.caller());
      return new Verdict(number, request.getRequestId(), publisher.send(request), null);
    } catch (Problem e) {
      return new Verdict(number, null, null, noted(e));
    }
  }

  private Problem noted(Problem problem) {
    if (problem.status() == 503) {
      unavailable = problem;
    }
    return problem;
  }

  /** Hands on verdicts until no more than so many are left. */
  private boolean answer(int left, Verdicts answers) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    while (verdicts.size() > left) {
      lines.writeBytes(line(settled(verdicts.remove())));
    }
    return lines.size() == 0 || answers.write(lines.toByteArray());
  }

  private ObjectNode settled(Verdict verdict) {
    ObjectNode node = JSON.createObjectNode().put("line", verdict.line);
    Problem problem = verdict.problem;
    if (problem == null && verdict.sent != null) {
      try {
        RequestPublisher.confirm(verdict.sent);
        accepted.increment();
        taken++;
        return node.put("status", 202).put("requestId", verdict.requestId);
      } catch (Problem e) {
        problem = noted(e);
      }
    }
    if (problem != null) {
      refused.increment();
      boolean later = problem.status() == 503 || problem.status() == 429;
      putOff += later ? 1 : 0;
      rejected += later ? 0 : 1;
      node.put("status", problem.status()).set("problem", problem.toJson());
    }
    return node;
  }

  /** The next line, of which no more is kept than shows that it is too long. */
  private static byte @Nullable [] next(InputStream lines) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int read = lines.read();
    if (read < 0) {
      return null;
    }
    while (read >= 0 && read != '\n') {
      if (line.size() <= MAX_LINE) {
        line.write(read);
      }
      read = lines.read();
    }
    return line.toByteArray();
  }
}
