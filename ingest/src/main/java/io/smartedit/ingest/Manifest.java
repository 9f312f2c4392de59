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
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Many requests, one JSON object a line; each line has its own verdict, in the same order, and a
 * bad one does not hold up the others. Requests under way and the length of a line are bounded.
 */
final class Manifest {

  private static final int MAX_LINE = 64 << 10;
  private static final int UNDER_WAY = 512;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Caller caller;
  private final RequestReader reader;
  private final Submissions submissions;
  private final Counter accepted;
  private final Counter refused;
  private final Deque<Verdict> verdicts = new ArrayDeque<>();

  /** A line's verdict: sent and to be confirmed, or refused. */
  private record Verdict(
      long line,
      @Nullable EditRequested request,
      @Nullable Future<?> sent,
      @Nullable Problem problem) {}

  Manifest(
      Caller caller,
      RequestReader reader,
      Submissions submissions,
      Counter accepted,
      Counter refused) {
    this.caller = caller;
    this.reader = reader;
    this.submissions = submissions;
    this.accepted = accepted;
    this.refused = refused;
  }

  void answer(InputStream lines, OutputStream answers) throws IOException {
    InputStream buffered = new BufferedInputStream(lines, 1 << 16);
    long number = 0;
    for (byte[] line = next(buffered); line != null; line = next(buffered)) {
      number++;
      if (!new String(line, StandardCharsets.UTF_8).isBlank()) {
        verdicts.add(verdict(number, line));
      }
      if (verdicts.size() >= UNDER_WAY) {
        write(answers);
      }
    }
    while (!verdicts.isEmpty()) {
      write(answers);
    }
    answers.flush();
  }

  private Verdict verdict(long number, byte[] line) {
    try {
      if (line.length > MAX_LINE) {
        throw new Problem(
            413, "content too large", "The line has more than " + MAX_LINE + " bytes.", null);
      }
      EditRequested request = caller.admit(reader.read(line, caller.usualTenant()));
      return new Verdict(number, request, submissions.send(request), null);
    } catch (Problem e) {
      return new Verdict(number, null, null, e);
    }
  }

  private void write(OutputStream answers) throws IOException {
    Verdict verdict = verdicts.remove();
    ObjectNode node = JSON.createObjectNode().put("line", verdict.line);
    Problem problem = verdict.problem;
    if (problem == null && verdict.sent != null && verdict.request != null) {
      try {
        Submissions.confirm(verdict.sent);
        node.put("status", 202).put("requestId", verdict.request.getRequestId());
        accepted.increment();
      } catch (Problem e) {
        problem = e;
      }
    }
    if (problem != null) {
      node.put("status", problem.status()).set("problem", problem.toJson());
      refused.increment();
    }
    answers.write(JSON.writeValueAsBytes(node));
    answers.write('\n');
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
