package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.editor.image.ImageCodec;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.store.InMemoryObjectStore;
import io.smartedit.store.ObjectName;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ResultStoreTest {

  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private final ResultStore results = new ResultStore(store, "edited");

  @BeforeEach
  void makeBucket() {
    store.ensureBucket("edited");
  }

  @Test
  void aResultStandsForItsRequest() throws Exception {
    Job job = Fixtures.job("a");
    assertThat(results.standing(job.taken())).isEmpty();

    EditResult result = results.store(encoded(job));

    assertThat(results.standing(job.taken())).contains(result);
    assertThat(result.getOutput()).isEqualTo("s3://edited/default/a.png");
    assertThat(results.resultOf("a", Fixtures.job("b").taken()))
        .contains(ObjectName.parse("s3://edited/default/a.png"));
  }

  @Test
  void theFirstResultStays() throws Exception {
    EditResult first = results.store(encoded(Fixtures.job("a")));

    assertThat(results.store(encoded(Fixtures.job("a")))).isEqualTo(first);
  }

  @Test
  void anotherEditUnderAUsedIdIsRefused() throws Exception {
    results.store(encoded(Fixtures.job("a")));
    EditRequested other = Fixtures.request("a").setInstruction("add a dog").build();
    Job second = Fixtures.job(other, 1, Attempts.NONE);

    assertThatThrownBy(() -> results.standing(second.taken()))
        .isInstanceOf(JobFailedException.class)
        .hasMessage("requestId a was used before for another edit");
    assertThatThrownBy(() -> results.store(encoded(second))).isInstanceOf(JobFailedException.class);
  }

  /** Else an edit that an older worker stored would be refused as another's after an upgrade. */
  @Test
  void theDigestOfARequestIsTheSameInEveryVersion() {
    EditRequested request = Fixtures.request("a").build();
    String asIn01 =
        "s3://pictures/a.png\nremove the cat\n"
            + "{\"steps\": null, \"guidance\": null, \"imageGuidance\": null, \"seed\": 0, "
            + "\"size\": null, \"fit\": \"SQUARE\", \"restore\": false, \"format\": \"PNG\", "
            + "\"prefix\": \"\"}";

    assertThat(RequestDigest.of(request)).isEqualTo(DigestUtils.sha256Hex(asIn01));
    EditSettings options = EditSettings.newBuilder().setSampler("ddim").build();
    assertThat(RequestDigest.of(Fixtures.request("a").setOptions(options).build()))
        .isNotEqualTo(RequestDigest.of(request));
  }

  private static EncodedImage encoded(Job job) throws InterruptedException {
    ByteBudget.Lease lease = new ByteBudget(1 << 20).take(1);
    return new EncodedImage(
        job, Fixtures.png(), ImageCodec.Format.PNG, 8, 8, "absent", Optional.empty(), lease);
  }
}
