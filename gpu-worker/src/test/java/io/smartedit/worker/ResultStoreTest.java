package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.editor.image.ImageCodec;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.store.InMemoryObjectStore;
import io.smartedit.store.ObjectName;
import io.smartedit.store.StoreException;
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

    EditResult result = results.store(encoded(job)).orElseThrow();

    assertThat(results.standing(job.taken())).contains(result);
    assertThat(result.getOutput()).isEqualTo("s3://edited/default/a.png");
    assertThat(results.resultOf("a", Fixtures.job("b").taken()))
        .contains(ObjectName.parse("s3://edited/default/a.png"));
  }

  @Test
  void theFirstResultStays() throws Exception {
    EditResult first = results.store(encoded(Fixtures.job("a"))).orElseThrow();

    assertThat(results.store(encoded(Fixtures.job("a")))).contains(first);
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

  @Test
  void aResultStandsOnceAllOfItsVariantsDo() throws Exception {
    EditSettings options = EditSettings.newBuilder().setVariants(2).build();
    EditRequested request = Fixtures.request("a").setOptions(options).build();
    Job job = Fixtures.job(request, 0, Attempts.NONE);
    assertThatThrownBy(() -> results.store(encoded(job, 0))).isInstanceOf(StoreException.class);
    assertThat(results.standing(job.taken())).isEmpty();

    assertThat(results.store(encoded(job, 1))).isEmpty();

    EditResult all = results.store(encoded(job, 0)).orElseThrow();
    assertThat(all.getVariants()).singleElement().matches(variant -> variant.getSeed() == 1);
    assertThat(results.standing(job.taken())).contains(all);
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
    return encoded(job, 0);
  }

  private static EncodedImage encoded(Job job, int variant) throws InterruptedException {
    ByteBudget.Lease lease = new ByteBudget(1 << 20).take(1);
    return new EncodedImage(
        job,
        variant,
        Fixtures.png(),
        ImageCodec.Format.PNG,
        8,
        8,
        "absent",
        Optional.empty(),
        Optional.empty(),
        lease);
  }
}
