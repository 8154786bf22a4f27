package dev.tutti.decoder.method.token;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.Tokenizer;
import dev.tutti.decoder.Utf8;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.VocabularyAligner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The set union of the members' pieces as raw bytes: every token moves onto the column of its
 * bytes, so a SentencePiece byte token and a byte-level letter meet where they mean the same byte.
 * All end tokens move onto one end column; other special tokens have no column. Columns are in the
 * order of their bytes (unsigned), the end last, so that ties are broken by text whatever the
 * members' ids.
 *
 * <p>A piece that a member does not have is re-encoded behind a neutral prefix, see {@link
 * Tokenizer#encodeBehind}; bytes that are no whole characters are written byte by byte.
 */
public final class UnionVocabulary implements VocabularyAligner {

  private final Pieces pieces;
  private final Tokenizer[] tokenizers;
  // [member][own token] -> column, -1 for none.
  private final int[][] columns;
  // [member][column] -> own token, -1 for none.
  private final int[][] ownTokens;
  // [member]: columns that the member lacks, re-encoded; filled as they turn up.
  private final List<Map<Integer, Optional<int[]>>> encoded = new ArrayList<>();

  private record Pieces(byte[][] bytes) implements Vocabulary {
    @Override
    public int size() {
      return bytes.length;
    }

    @Override
    public byte[] bytes(int token) {
      return bytes[token];
    }

    @Override
    public boolean isSpecial(int token) {
      return isEnd(token);
    }

    @Override
    public boolean isEnd(int token) {
      return token == bytes.length - 1;
    }
  }

  /** The union over these members' vocabularies. */
  public UnionVocabulary(List<TokenMember> members) {
    tokenizers = members.stream().map(TokenMember::tokenizer).toArray(Tokenizer[]::new);
    var sorted = new TreeMap<byte[], Integer>(Arrays::compareUnsigned);
    for (int m = 0; m < tokenizers.length; m++) {
      if (firstWithSameVocabulary(m) == m) {
        for (int t = 0; t < tokenizers[m].size(); t++) {
          if (hasText(tokenizers[m], t)) {
            sorted.putIfAbsent(tokenizers[m].bytes(t), 0);
          }
        }
      }
      encoded.add(new ConcurrentHashMap<>());
    }
    var bytes = sorted.keySet().toArray(new byte[sorted.size() + 1][]);
    bytes[sorted.size()] = new byte[0];
    pieces = new Pieces(bytes);
    var columnOf = new HashMap<Key, Integer>();
    for (int c = 0; c < bytes.length - 1; c++) {
      columnOf.put(new Key(bytes[c]), c);
    }
    columns = new int[tokenizers.length][];
    ownTokens = new int[tokenizers.length][];
    for (int m = 0; m < tokenizers.length; m++) {
      int twin = firstWithSameVocabulary(m);
      columns[m] = twin < m ? columns[twin] : columns(tokenizers[m], columnOf);
      ownTokens[m] = twin < m ? ownTokens[twin] : ownTokens(columns[m]);
    }
  }

  /** Bytes as a key. */
  private record Key(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private static boolean hasText(Vocabulary vocabulary, int token) {
    return !vocabulary.isSpecial(token)
        && !vocabulary.isEnd(token)
        && vocabulary.bytes(token).length > 0;
  }

  private int firstWithSameVocabulary(int member) {
    for (int m = 0; m < member; m++) {
      if (tokenizers[m].sameAs(tokenizers[member])) {
        return m;
      }
    }
    return member;
  }

  private int[] columns(Vocabulary vocabulary, Map<Key, Integer> columnOf) {
    var own = new int[vocabulary.size()];
    for (int t = 0; t < own.length; t++) {
      if (vocabulary.isEnd(t)) {
        own[t] = pieces.size() - 1;
      } else {
        own[t] = hasText(vocabulary, t) ? columnOf.get(new Key(vocabulary.bytes(t))) : -1;
      }
    }
    return own;
  }

  private int[] ownTokens(int[] columnsOfMember) {
    var own = new int[pieces.size()];
    Arrays.fill(own, -1);
    for (int t = 0; t < columnsOfMember.length; t++) {
      int column = columnsOfMember[t];
      if (column >= 0 && own[column] < 0) {
        own[column] = t;
      }
    }
    return own;
  }

  @Override
  public Vocabulary shared() {
    return pieces;
  }

  @Override
  public void align(int member, Distribution own, double[] aligned) {
    int[] column = columns[member];
    double[] p = own.probabilities();
    Arrays.fill(aligned, 0);
    for (int t = 0; t < column.length; t++) {
      if (column[t] >= 0) {
        aligned[column[t]] += p[t];
      }
    }
  }

  @Override
  public int shared(int member, int token) {
    return token < columns[member].length ? columns[member][token] : -1;
  }

  @Override
  public Optional<int[]> tokens(int member, int shared) {
    int own = ownTokens[member][shared];
    if (own >= 0) {
      return Optional.of(new int[] {own});
    }
    return encoded
        .get(member)
        .computeIfAbsent(shared, column -> tokens(member, pieces.bytes(column)));
  }

  @Override
  public Optional<int[]> tokens(int member, byte[] bytes) {
    if (Utf8.isText(bytes)) {
      Optional<int[]> ids =
          tokenizers[member].encodeBehind(new String(bytes, StandardCharsets.UTF_8));
      if (ids.isPresent()) {
        return ids;
      }
    }
    return byteByByte(member, bytes);
  }

  private Optional<int[]> byteByByte(int member, byte[] bytes) {
    var ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      int column =
          Arrays.binarySearch(
              pieces.bytes, 0, pieces.size() - 1, new byte[] {bytes[i]}, Arrays::compareUnsigned);
      ids[i] = column < 0 ? -1 : ownTokens[member][column];
      if (ids[i] < 0) {
        return Optional.empty();
      }
    }
    return Optional.of(ids);
  }
}
