package io.smartedit.worker;

import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.events.Priority;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A job in the device and its edits, one for every variant that is wanted. */
record BatchMember(PreparedEdit prepared, List<ImageEditor.Edit> edits) implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BatchMember.class);

  Job job() {
    return prepared.job();
  }

  Priority priority() {
    return prepared.priority();
  }

  /** Edits of the same kind can share a call. */
  String kind() {
    return prepared.request().kind();
  }

  /** What a step of one of its edits costs. */
  double pixels() {
    Image working = prepared.request().working();
    return (double) working.width() * working.height();
  }

  boolean isDone() {
    return edits.stream().allMatch(ImageEditor.Edit::isDone);
  }

  /** Steps that all its edits have done. */
  int step() {
    return edits.stream().mapToInt(ImageEditor.Edit::step).min().orElse(0);
  }

  int steps() {
    return edits.get(0).steps();
  }

  /** Its images, once its edits are done. */
  DecodedEdit decode() {
    StageTimes times = job().times();
    long begin = times.begin();
    PreparedRequest request = prepared.request();
    List<Image> images = edits.stream().map(ImageEditor.Edit::decode).toList();
    Image roundTrip = request.options().composite() ? edits.get(0).roundTrip() : null;
    times.add(StageTimes.Timed.DEVELOPED, begin);
    edits.forEach(edit -> times.hit(edit.cacheHits()));
    return new DecodedEdit(job(), request, prepared.source(), images, roundTrip);
  }

  /** Frees the edits' memory, each whatever became of the others. */
  @Override
  public void close() {
    for (ImageEditor.Edit edit : edits) {
      try {
        edit.close();
      } catch (RuntimeException e) {
        LOG.error("an edit's memory could not be freed", e);
      }
    }
  }
}
