package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.composite.Box;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageHeader;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditSettings;
import io.smartedit.events.OutputFormat;
import io.smartedit.events.Region;
import io.smartedit.provenance.Source;
import io.smartedit.store.InMemoryObjectStore;
import io.smartedit.store.ObjectName;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EncodeStageTest {

  private static final int SIDE = 32;

  private final ByteBudget budget = new ByteBudget(64 << 20);
  private final Image source = noise(90, 70);
  private final Image roundTrip = Bicubic.resize(source, SIDE, SIDE);
  private final List<EncodedImage> encoded = new ArrayList<>();

  @Test
  void whatTheEditChangedIsLaidIntoTheSource() throws Exception {
    Job job = encode(Fixtures.request("a").build(), square(roundTrip, 8, 8, 12));

    Image result = ImageCodec.decode(encoded.get(0).bytes(), ImageLimits.DEFAULT);
    Box box = encoded.get(0).change().orElseThrow().box();
    for (int i = 0; i < 90 * 70; i++) {
      if (!box.contains(i % 90, i / 90)) {
        assertThat(result.rgb()[3 * i]).isEqualTo(source.rgb()[3 * i]);
      }
    }
    assertThat(result.sample(14 * 90 / SIDE, 14 * 70 / SIDE, 0)).isEqualTo(255);
    assertThat(job.source()).isNotNull();
  }

  @Test
  void nothingChangesOutsideTheRegionOfARequest() throws Exception {
    EditSettings options = EditSettings.newBuilder().setRegion(new Region(10, 20, 30, 10)).build();
    EditRequested request = Fixtures.request("a").setOptions(options).build();

    encode(request, square(roundTrip, 0, 0, SIDE - 1));

    Box box = encoded.get(0).change().orElseThrow().box();
    assertThat(box).isEqualTo(new Box(10, 20, 30, 10));
  }

  @ParameterizedTest
  @CsvSource({"PNG, png", "JPEG, jpeg", "WEBP, webp"})
  void resultsAreOfTheFormatThatWasAskedFor(OutputFormat format, String type) throws Exception {
    EditSettings options = EditSettings.newBuilder().setFormat(format).setQuality(80).build();
    encode(Fixtures.request("a").setOptions(options).build(), roundTrip);
    InMemoryObjectStore store = new InMemoryObjectStore();
    store.ensureBucket("edited");

    EditResult result = new ResultStore(store, "edited").store(encoded.get(0)).orElseThrow();

    byte[] bytes = store.read(ObjectName.parse(result.getOutput()), 1 << 20);
    assertThat(result.getOutput()).endsWith("." + (type.equals("jpeg") ? "jpg" : type));
    assertThat(ImageHeader.read(bytes, ImageLimits.DEFAULT).format()).isEqualToIgnoringCase(type);
    assertThat(encoded.get(0).format().mediaType()).isEqualTo("image/" + type);
  }

  @Test
  void anEditOfTheWholeImageIsSaidToBeTheModels() throws Exception {
    encode(Fixtures.request("a").build(), new Image(SIDE, SIDE, new byte[3 * SIDE * SIDE]));
    encode(Fixtures.request("b").build(), square(roundTrip, 8, 8, 12));

    assertThat(encoded.get(0).change().orElseThrow().share()).isEqualTo(1);
    assertThat(text(encoded.get(0))).contains("/trainedAlgorithmicMedia");
    assertThat(text(encoded.get(1))).contains("/compositeWithTrainedAlgorithmicMedia");
  }

  @Test
  void theEventAndWhatStandsSayWhatChanged() throws Exception {
    encode(Fixtures.request("a").build(), square(roundTrip, 8, 8, 12));
    InMemoryObjectStore store = new InMemoryObjectStore();
    store.ensureBucket("edited");
    ResultStore results = new ResultStore(store, "edited");

    EditResult first = results.store(encoded.get(0)).orElseThrow();
    EditResult again = results.standing(encoded.get(0).job().taken()).orElseThrow();

    assertThat(first.getChanged().getWidth())
        .isEqualTo(encoded.get(0).change().orElseThrow().box().width());
    assertThat(again).isEqualTo(first);
  }

  @Test
  void aSourceIsGivenBackWhenItsJobEnds() throws Exception {
    long before = budget.free();
    Job job = encode(Fixtures.request("a").build(), roundTrip);
    encoded.get(0).discard();

    assertThat(budget.free()).isLessThan(before);
    assertThat(job.moveTo(JobState.ANSWERED)).isTrue();
    assertThat(budget.free()).isEqualTo(before);
    assertThat(job.source()).isNull();
  }

  private Job encode(EditRequested request, Image edited) throws Exception {
    Job job = Fixtures.advance(Fixtures.job(request, 0, Attempts.NONE), JobState.ENCODING);
    byte[] png = ImageCodec.encode(source, ImageCodec.Format.PNG);
    job.keep(new KeptSource(png, null, budget.take(png.length)));
    PreparedRequest prepared =
        PreparedRequest.of(
            new EditRequest(source, "remove", EditOptions.DEFAULT), roundTrip, roundTrip);
    StagePool.Plan<DecodedEdit> plan =
        new EncodeStage("model", 1 << 20, Optional.empty(), encoded::add).plan(budget);
    DecodedEdit input =
        new DecodedEdit(
            job, prepared, Source.of("a.png", png, Clock.systemUTC()), List.of(edited), roundTrip);
    plan.step().run(input, budget.take(plan.bytes().applyAsLong(input)));
    return job;
  }

  private static String text(EncodedImage image) {
    return new String(image.bytes(), StandardCharsets.ISO_8859_1);
  }

  private static Image square(Image image, int left, int top, int side) {
    byte[] rgb = image.rgb().clone();
    Box box = new Box(left, top, side, side);
    for (int i = 0; i < image.width() * image.height(); i++) {
      for (int c = 0; c < 3 && box.contains(i % image.width(), i / image.width()); c++) {
        rgb[3 * i + c] = (byte) 255;
      }
    }
    return new Image(image.width(), image.height(), rgb);
  }

  private static Image noise(int width, int height) {
    Random random = new Random(4);
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (60 + random.nextInt(60));
    }
    return new Image(width, height, rgb);
  }
}
