package io.smartedit.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.editor.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files were written by pyarrow 26, with the columns and types of the data sets' own. */
final class ParquetImagesTest {

  private static final Path FILES = Path.of("src/test/resources/parquet");

  @TempDir private Path folder = Path.of("");

  @Test
  void unpacksMagicBrush() throws IOException {
    Path file = FILES.resolve("magicbrush.parquet");
    List<Long> progress = new ArrayList<>();

    DataSet set = DataSet.open(ParquetImages.unpack(file, folder, progress::add));

    assertThat(progress).containsExactly(1L, 2L, 3L);
    assertThat(set.examples()).hasSize(3);
    Example.Edit second = (Example.Edit) set.examples().get(1);
    assertThat(second.instructions()).containsExactly("make it blue");
    assertThat(colour(second.image())).containsExactly(0, 128, 0);
    assertThat(colour(second.target())).containsExactly(0, 0, 255);
    assertThat(second.image().toString()).endsWith("0000002-source.png");
  }

  @Test
  void unpacksAFolderOnceAndAgainWhenAFileChanges() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Path file = data.resolve("train-0.parquet");
    Files.copy(FILES.resolve("instructpix2pix.parquet"), file);
    Path unpacked = folder.resolve("unpacked");
    List<Long> progress = new ArrayList<>();

    assertThat(ParquetImages.isAt(data)).isTrue();
    Path list = ParquetImages.unpack(data, unpacked, progress::add);
    assertThat(ParquetImages.unpack(data, unpacked, progress::add)).isEqualTo(list);
    assertThat(progress).containsExactly(1L);
    assertThat(Files.readString(list)).contains("turn it yellow");

    Files.copy(FILES.resolve("magicbrush.parquet"), data.resolve("train-1.parquet"));
    assertThatThrownBy(() -> ParquetImages.unpack(data, unpacked, progress::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("data");
  }

  @Test
  void refusesWhatIsNoParquetOrHasOtherColumns() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.parquet"), "PAR1 not really");
    assertThatThrownBy(() -> ParquetImages.unpack(broken, folder, rows -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broken.parquet");
    assertThat(ParquetImages.isAt(folder.resolve("a.jsonl"))).isFalse();
    Path texts = FILES.resolve("texts.parquet");
    assertThatThrownBy(() -> ParquetImages.unpack(texts, folder, rows -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("source_img")
        .hasMessageContaining("only [text]");
  }

  private static int[] colour(Path file) throws IOException {
    Image image = Example.read(file);
    return new int[] {image.rgb()[0] & 0xFF, image.rgb()[1] & 0xFF, image.rgb()[2] & 0xFF};
  }
}
