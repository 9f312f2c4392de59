package io.smartedit.training.mini;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes CLIP's {@code vocab.json} and {@code merges.txt} for a closed world: merges are learned
 * until every word is one token.
 *
 * <p>Byte-pair encoding, Sennrich et al. 2016, algorithm 1; the last letter of a word carries
 * {@code </w>}.
 */
final class BytePairFiles {

  private static final String END_OF_WORD = "</w>";

  private final List<List<String>> words = new ArrayList<>();
  private final Map<String, Integer> vocabulary = new LinkedHashMap<>();
  private final List<String> merges = new ArrayList<>();

  private BytePairFiles(Collection<String> texts) {
    for (String text : texts) {
      List<String> letters = new ArrayList<>();
      text.chars().forEach(letter -> letters.add(String.valueOf((char) letter)));
      letters.forEach(this::addToken);
      letters.set(letters.size() - 1, letters.get(letters.size() - 1) + END_OF_WORD);
      letters.forEach(this::addToken);
      words.add(letters);
    }
  }

  /**
   * @param words in lower case
   * @return tokens, the begin and the end of a text, which come last, included
   */
  static int write(Path folder, Collection<String> words) throws IOException {
    BytePairFiles files = new BytePairFiles(words);
    Optional<Pair> next = files.mostFrequent();
    while (next.isPresent()) {
      files.merge(next.get());
      next = files.mostFrequent();
    }
    files.addToken("<|startoftext|>");
    files.addToken("<|endoftext|>");
    Files.createDirectories(folder);
    new ObjectMapper().writeValue(folder.resolve("vocab.json").toFile(), files.vocabulary);
    Files.write(folder.resolve("merges.txt"), files.merges);
    return files.vocabulary.size();
  }

  private record Pair(String first, String second) {}

  private void addToken(String token) {
    vocabulary.putIfAbsent(token, vocabulary.size());
  }

  /**
   * The first in the alphabet of those that are equally frequent, so that a run can be repeated.
   */
  private Optional<Pair> mostFrequent() {
    Map<Pair, Integer> counts =
        new TreeMap<>(Comparator.comparing(Pair::first).thenComparing(Pair::second));
    for (List<String> word : words) {
      for (int i = 0; i + 1 < word.size(); i++) {
        counts.merge(new Pair(word.get(i), word.get(i + 1)), 1, Integer::sum);
      }
    }
    Optional<Pair> best = Optional.empty();
    int most = 0;
    for (Map.Entry<Pair, Integer> entry : counts.entrySet()) {
      if (entry.getValue() > most) {
        most = entry.getValue();
        best = Optional.of(entry.getKey());
      }
    }
    return best;
  }

  private void merge(Pair pair) {
    merges.add(pair.first() + " " + pair.second());
    addToken(pair.first() + pair.second());
    for (List<String> word : words) {
      for (int i = 0; i + 1 < word.size(); i++) {
        if (word.get(i).equals(pair.first()) && word.get(i + 1).equals(pair.second())) {
          word.set(i, pair.first() + pair.second());
          word.remove(i + 1);
        }
      }
    }
  }
}
